"""POST /api/1/upload: what is asked for is what is kept."""

from __future__ import annotations

import io
import json
from datetime import timedelta

from flask.testing import FlaskClient

from gateway.core.records import Owner
from gateway.store.opening import Opened
from tests.conftest import FrozenClock, draw
from tests.web.conftest import Post


def test_it_works(post: Post, client: FlaskClient) -> None:
    answer = post()

    assert answer.status_code == 200
    image = answer.json["image"]
    assert (image["width"], image["height"], image["extension"]) == (64, 48, "png")
    assert client.get(image["url"]).data == draw()


def test_the_title_may_be_called_name_and_is_cut_to_100(post: Post) -> None:
    assert post(name="From name").json["image"]["title"] == "From name"
    assert post(title="Wins", name="loses", source=(io.BytesIO(draw(seed=1)), "a.png")).json["image"]["title"] == "Wins"
    assert post(title="T" * 150, source=(io.BytesIO(draw(seed=2)), "a.png")).json["image"]["title"] == "T" * 100


def test_without_a_title_the_file_name_is_one(post: Post) -> None:
    image = post(source=(io.BytesIO(draw()), "Holiday_Photo--01.final.png")).json["image"]

    assert image["title"] == "Holiday Photo 01.final"
    assert image["url_viewer"].startswith("https://img.example.org/image/Holiday-Photo-01.final.")


def test_php_empty_values_count_as_not_sent(post: Post) -> None:
    image = post(title="0", description="", nsfw="0", width="0", expiration="0", category_id="0").json["image"]

    assert (image["title"], image["description"], image["nsfw"]) == ("pic", None, 0)
    assert image["expiration_date_gmt"] is None
    assert image["category_id"] is None


def test_the_body_wins_over_the_query(post: Post) -> None:
    assert post("/api/1/upload/?title=query", title="body").json["image"]["title"] == "body"


def test_the_last_of_several_values_counts(client: FlaskClient, alice_key: str) -> None:
    data = {"source": (io.BytesIO(draw()), "a.png"), "key": alice_key, "title": ["first", "last"]}
    assert client.post("/api/1/upload", data=data).json["image"]["title"] == "last"


def test_tags_are_tidied_and_the_odd_ones_named_in_warnings(post: Post) -> None:
    answer = post(tags=f"cat, Big   Tree ,cat,Cat, a/b, c#d, ---, {'x' * 33}").json

    assert answer["image"]["tags_string"] == "cat, Big Tree, Cat"
    assert answer["image"]["tags"][1] == {
        "name": "Big Tree",
        "name_safe_html": "Big Tree",
        "url_key": "Big%20Tree",
        "url": "/tag/Big%20Tree",
    }
    assert [warning.split("'")[1] for warning in answer["warnings"]] == ["a/b", "c#d", "---", "x" * 33]


def test_a_photo_gets_its_camera_as_a_tag(post: Post) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Canon", "EOS 5D"
    photo = draw(format="JPEG", exif=exif)

    assert post(source=(io.BytesIO(photo), "p.jpg"), tags="x").json["image"]["tags_string"] == "x, Canon EOS 5D"


def test_an_own_album_takes_the_file(post: Post, opened: Opened, alice: Owner) -> None:
    album = opened.library.add_album(alice, "Holiday")
    answer = post(album_id=album.id).json

    assert "warnings" not in answer
    assert opened.library.get(answer["image"]["id_encoded"]).album_id == album.id


def test_a_foreign_album_is_left_out_with_a_warning(post: Post, opened: Opened, bob: Owner) -> None:
    album = opened.library.add_album(bob, "Private")
    answer = post(album_id=album.id).json

    assert opened.library.get(answer["image"]["id_encoded"]).album_id is None
    assert album.id in answer["warnings"][0]


def test_a_category_number_is_kept(post: Post, opened: Opened) -> None:
    known = opened.library.add_category("Nature", "nature")

    assert "warnings" not in (answer := post(category_id=str(known.id)).json)
    assert answer["image"]["category_id"] == known.id
    unknown = post(category_id="99", source=(io.BytesIO(draw(seed=1)), "a.png")).json
    assert unknown["image"]["category_id"] == 99
    assert "99" in unknown["warnings"][0]


def test_nsfw_is_one_or_nothing(post: Post) -> None:
    assert post(nsfw="1").json["image"]["nsfw"] == 1
    odd = post(nsfw="true", source=(io.BytesIO(draw(seed=1)), "a.png")).json
    assert odd["image"]["nsfw"] == 0
    assert "true" in odd["warnings"][0]


def test_width_stores_a_smaller_file(post: Post, client: FlaskClient) -> None:
    image = post(width="32.7").json["image"]

    assert (image["width"], image["height"]) == (32, 24)
    assert image["source_md5"] == image["source_checksum"] != image["md5"]
    assert len(client.get(image["url"]).data) == image["size"]
    assert post(width="abc").json["image"]["width"] == 64


def test_expiration_is_honoured_exactly(post: Post, client: FlaskClient, clock: FrozenClock) -> None:
    image = post(expiration="PT90S").json["image"]
    assert image["expiration_date_gmt"] == (clock.now() + timedelta(seconds=90)).strftime("%Y-%m-%d %H:%M:%S")

    clock.advance(seconds=89)
    assert client.get(image["url"]).status_code == 200
    clock.advance(seconds=1)
    assert client.get(image["url"]).status_code == client.get(image["thumb"]["url"]).status_code == 404
    assert client.get(image["url_viewer"]).status_code == 404


def test_use_file_date_is_for_admins(post: Post, opened: Opened) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0132] = "2019:07:04 10:11:12"
    admin = opened.keys.issue(opened.owners.add("root", role="admin"), "k")[1]

    def send(key: str | None, seed: int) -> dict[str, str]:
        source = (io.BytesIO(draw(format="JPEG", exif=exif, seed=seed)), "p.jpg")
        answer = post(source=source, use_file_date="1", **({"key": key} if key else {})).json
        return {"date": answer["image"]["date_gmt"], "warning": " ".join(answer.get("warnings", []))}

    assert send(admin, 1) == {"date": "2019-07-04 10:11:12", "warning": ""}
    assert send(None, 2)["date"] == "2026-11-21 12:00:00"
    assert "admin" in send(None, 3)["warning"]


def test_the_same_bytes_again_are_the_same_record_with_a_delete_link_of_its_own(
    post: Post, client: FlaskClient
) -> None:
    first, second = post(title="First").json["image"], post(title="Second").json["image"]

    assert first["id_encoded"] == second["id_encoded"]
    assert second["title"] == "First"
    assert first["delete_url"] != second["delete_url"]
    assert client.get(second["delete_url"]).status_code == 301
    assert client.get(first["delete_url"]).status_code == 404


def test_a_json_body_is_understood(client: FlaskClient, alice_key: str) -> None:
    from base64 import b64encode

    body = {"source": b64encode(draw()).decode(), "title": "JSON", "nsfw": True, "tags": ["a", "b"], "album_id": None}
    answer = client.post("/api/1/upload", data=json.dumps(body), content_type="application/json",
                         headers={"X-API-Key": alice_key})  # fmt: skip

    assert answer.status_code == 200
    image = answer.json["image"]
    assert (image["title"], image["nsfw"], image["tags_string"]) == ("JSON", 1, "a, b")


NAMES = {
    "/srv/bot/cache/x.cache": "x.cache",
    "截图é(2).png": "截图é(2).png",
    "shell.php": "shell.php",
    "-": "-",
    "file-upload[0]": "file-upload[0]",
    "%22q%22.png": '"q".png',
    "a" * 300 + ".png": "a" * 251 + ".png",
}


def test_names_are_kept_as_text_and_never_as_paths(post: Post) -> None:
    for seed, (sent, kept) in enumerate(NAMES.items()):
        image = post(source=(io.BytesIO(draw(seed=seed)), sent)).json["image"]
        assert image["original_filename"] == kept
        assert image["url"] == f"https://img.example.org/{image['id_encoded']}.png"
