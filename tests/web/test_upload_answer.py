"""The shape of an upload's answer: every key, its type and its order, in the three formats."""

from __future__ import annotations

import io
import json

from flask.testing import FlaskClient

from tests.conftest import FrozenClock, draw
from tests.web.conftest import Post

KEYS = """name extension size width height date date_gmt title tags description nsfw storage_mode checksum
source_checksum md5 source_md5 original_filename original_exifdata views category_id chain thumb_size medium_size
frame_size expiration_date_gmt likes is_animated is_approved is_360 duration type tags_string file id_encoded filename
mime url ratio size_formatted image {medium} thumb url_frame {no_medium} duration_time url_viewer path_viewer url_short
display_url display_width display_height views_label likes_label how_long_ago date_fixed_peer title_truncated
title_truncated_html is_use_loader display_title delete_url"""


def keys(*, has_medium: bool) -> list[str]:
    return KEYS.format(medium="medium" * has_medium, no_medium="medium" * (not has_medium)).split()


def test_it_works_for_a_small_picture(post: Post) -> None:
    answer = post()
    image = answer.json["image"]

    assert list(answer.json) == ["status_code", "success", "image", "status_txt"]
    assert answer.json["status_code"] == 200 and answer.json["status_txt"] == "OK"
    assert answer.json["success"] == {"message": "file uploaded", "code": 200}
    assert list(image) == keys(has_medium=False)
    assert image["medium"] == dict.fromkeys(("filename", "name", "mime", "extension", "url"))
    assert image["chain"] == 5
    assert image["display_url"] == image["url"]
    assert (image["display_width"], image["display_height"]) == (64, 48)


def test_it_works_for_a_wide_picture(post: Post, client: FlaskClient) -> None:
    image = post(source=(io.BytesIO(draw(1000, 500)), "Wide one.png")).json["image"]

    assert list(image) == keys(has_medium=True)
    assert image["chain"] == 7
    assert image["ratio"] == 2 and isinstance(image["ratio"], int)
    assert (image["display_url"], image["display_width"], image["display_height"]) == (
        image["medium"]["url"],
        "500",
        250,
    )
    for name in ("image", "medium", "thumb"):
        assert len(client.get(image[name]["url"]).data) == image[name]["size"]
    assert image["medium"]["filename"] == f"{image['name']}.md.png"
    assert image["thumb"]["name"] == f"{image['name']}.th"


def test_it_is_one_line_as_php_writes_it(post: Post) -> None:
    answer = post(title="Käse/Brot 😀")

    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert "\n" not in answer.text and '": ' not in answer.text
    assert '"title":"K\\u00e4se\\/Brot \\ud83d\\ude00"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store, no-cache, must-revalidate"


def test_dates_are_in_the_time_zone_of_the_site(client_with: object) -> None:
    client, key = client_with(chevereto={"time_zone": "America/Sao_Paulo"})  # type: ignore[operator]
    image = client.post("/api/1/upload", data={"key": key, "source": (io.BytesIO(draw()), "a.png")}).json["image"]

    assert (image["date"], image["date_gmt"]) == ("2026-11-21 09:00:00", "2026-11-21 12:00:00")


def test_how_long_ago_counts_the_largest_unit(post: Post, clock: FrozenClock) -> None:
    assert post().json["image"]["how_long_ago"] == "moments ago"
    clock.advance(seconds=1)
    assert post().json["image"]["how_long_ago"] == "1 second ago"
    clock.advance(days=15)
    assert post().json["image"]["how_long_ago"] == "2 weeks ago"


def test_a_long_title_is_shortened_and_escaped(post: Post) -> None:
    image = post(title="""<b>"Quotes" & 'more' of them all</b>""").json["image"]

    assert image["title_truncated"] == """<b>"Quotes" & 'more' of t..."""
    assert image["title_truncated_html"] == "&lt;b&gt;&quot;Quotes&quot; &amp; &#039;more&#039; of t..."
    assert image["display_title"] == image["title"]


def test_a_photo_answers_with_its_exif_as_text(post: Post) -> None:
    image = post(source=(io.BytesIO(draw(format="JPEG")), "p.jpg")).json["image"]
    exif = json.loads(image["original_exifdata"])

    assert (exif["FileName"], exif["width"], exif["COMPUTED"]["Height"]) == ("p.jpg", "64", "48")
    assert post().json["image"]["original_exifdata"] is None


def test_text_is_the_address_and_nothing_else(post: Post, client: FlaskClient) -> None:
    answer = post(format="txt")

    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert client.get(answer.text).status_code == 200
    assert answer.text == answer.text.strip()


def test_redirect_leads_to_the_viewer(post: Post, client: FlaskClient) -> None:
    answer = post(format="redirect", title="My Title")

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/image/My-Title.")
    assert answer.data == b""
    assert client.get(answer.headers["Location"]).status_code == 200


def test_an_unknown_format_is_json(post: Post) -> None:
    for format in ("xml", "TXT", "JSON", ""):
        assert post(format=format).json["status_code"] == 200


def test_imgbb_spelling_answers_in_its_shape(post: Post) -> None:
    answer = post(image="").json

    assert list(answer) == ["status_code", "status", "success", "data", "status_txt"]
    assert answer["status"] == 200
    assert list(answer["data"])[-1] == "id"
    assert answer["data"]["id"] == answer["data"]["id_encoded"]


def test_answers_never_repeat_a_host_a_request_claims(post: Post) -> None:
    answer = post(headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "ftp"})

    assert "evil" not in answer.text


def test_a_public_url_with_a_path_is_in_front_of_everything(client_with: object) -> None:
    client, key = client_with(server={"public_url": "https://example.org/pictures/"})  # type: ignore[operator]
    image = client.post("/api/1/upload", data={"key": key, "source": (io.BytesIO(draw()), "a.png")}).json["image"]

    assert image["url"] == f"https://example.org/pictures/{image['name']}.png"
    assert image["path_viewer"] == f"/pictures/image/a.{image['name']}"
