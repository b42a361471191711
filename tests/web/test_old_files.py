"""Files at the paths they had on the host they came from: the same bytes under the same type, and nothing else new."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from gateway.app import create_app
from gateway.core.ids import new_id
from gateway.core.library import Added
from gateway.core.records import Asset, Media, Owner
from gateway.settings import Settings
from gateway.store.opening import Opened
from tests.conftest import Client, FrozenClock, draw
from tests.media import film, sound
from tests.old_host import OldHost, move_in
from tests.web.conftest import Hide, Send

Add = Callable[..., Added]
PICTURE = draw(600, 400, seed=5)
PATH = "/images/2026/11/21/cat.png"


@pytest.fixture
def media(add_image: Add, old: OldHost) -> Media:
    media = add_image(data=PICTURE).media
    old.media(7, media, PATH, mime="image/png")
    return media


def test_it_works(client: FlaskClient, media: Media) -> None:
    answer, native = client.get(PATH), client.get(f"/{media.id}.png")
    assert (answer.status_code, answer.data) == (200, PICTURE)
    different = {name for name, value in answer.headers if native.headers.get(name) != value}
    assert different == {"X-Request-Id"}


def test_head_ranges_and_conditions_work(client: FlaskClient, media: Media) -> None:
    etag = client.get(PATH).headers["ETag"]
    head = client.head(PATH)
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(PICTURE)))
    part = client.get(PATH, headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.data) == (206, PICTURE[5:10])
    assert client.get(PATH, headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("variant", ["th", "md"])
def test_renditions_are_found_beside_it(client: FlaskClient, media: Media, variant: str) -> None:
    answer = client.get(PATH.replace(".png", f".{variant}.png"))
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert answer.data == client.get(f"/{media.id}.{variant}.png").data


def test_a_rendition_that_was_not_brought_is_made(client: FlaskClient, opened: Opened, media: Media) -> None:
    opened.blobs.delete([media.blob("th")])
    answer = client.get(PATH.replace(".png", ".th.png"))
    assert Image.open(io.BytesIO(answer.data)).size == (320, 320)


def test_a_rendition_such_files_never_had_is_404(client: FlaskClient, media: Media) -> None:
    assert client.get(PATH.replace(".png", ".fr.jpeg")).status_code == 404


@pytest.mark.parametrize(("data", "name", "variants"), [(film, "mp4", ("th", "md", "fr")), (sound, "mp3", ("th",))])
def test_the_stills_of_films_and_sounds_are_jpegs(
    client: FlaskClient, send: Send, opened: Opened, old: OldHost, data: Any, name: str, variants: Sequence[str]
) -> None:
    url = send(data(name), f"clip.{name}")["image"]["url"]
    media = opened.library.get(url.rpartition("/")[2].partition(".")[0])
    old.media(7, media, f"/v/clip.{name}", mime=media.mime)
    assert client.get(f"/v/clip.{name}").mimetype == media.mime
    stored = [variant for variant in variants if media.has(variant)]  # type: ignore[arg-type]
    for variant in stored:
        for extension in ("jpeg", "jpg"):
            answer = client.get(f"/v/clip.{variant}.{extension}")
            assert (answer.status_code, answer.mimetype, answer.data[:2]) == (200, "image/jpeg", b"\xff\xd8")
    assert name != "mp4" or "fr" in stored


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("/a b.png", "/a%20b.png"),
        ("/a b.png", "/a+b.png"),
        ("/a b.png", "/a%2520b.png"),
        ("/a+b.png", "/a+b.png"),
        ("/a+b.png", "/a%2Bb.png"),
        ("/100%.png", "/100%25.png"),
        ("/ü/世界.png", "/%C3%BC/%E4%B8%96%E7%95%8C.png"),
        ("/ü.png", "/u%CC%88.png"),
        ("/u\u0308.png", "/%C3%BC.png"),
        ("/x/a.png", "/x//a.png"),
        ("/x/a.png", "/x////a.png"),
        ("/x/a.png", "/x/./y/../a.png"),
        ("/IMG_1.JPG", "/IMG_1.JPG"),
        ("/a.png", "/a.png?x=1&w=0&format=nonsense"),
        ("/album/1.jpg", "/album/1.jpg"),
        ("/image/cat.jpg", "/image/cat.jpg"),
        ("/tag/red.webp", "/tag/red.webp"),
        ("/twelve-signs.png", "/twelve-signs.png"),
    ],
)
def test_any_spelling_is_understood(client: FlaskClient, add_image: Add, old: OldHost, stored: str, asked: str) -> None:
    old.media(7, add_image(data=PICTURE).media, stored)
    answer = client.get(asked)
    assert (answer.status_code, answer.data) == (200, PICTURE)
    assert client.get(asked.replace(".", "-.", 1)).status_code == 404


def test_a_name_in_the_letters_of_old_servers_is_understood(client: FlaskClient, add_image: Add, old: OldHost) -> None:
    old.media(7, add_image(data=PICTURE).media, "/Grüße.png")
    assert client.get("/", environ_overrides={"PATH_INFO": "/Gr\xfc\xdfe.png"}).data == PICTURE


def test_the_old_type_is_sent(client: FlaskClient, add_image: Add, old: OldHost) -> None:
    media = add_image(data=draw(format="WEBP")).media
    old.media(7, media, "/lie.png", mime="image/png")
    assert client.get("/lie.png").headers["Content-Type"] == "image/png"
    assert client.get("/lie.th.png").headers["Content-Type"] == "image/png"
    assert client.get(f"/{media.id}.webp").headers["Content-Type"] == "image/webp"


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml", "image/heic", "video/mp4", "image/png\r\nX: y", ""])
def test_a_type_these_bytes_cannot_have_is_not_sent(
    client: FlaskClient, add_image: Add, old: OldHost, mime: str
) -> None:
    old.media(7, add_image().media, "/a.png", mime=mime)
    assert client.get("/a.png").headers["Content-Type"] == "image/png"


def test_a_drawing_keeps_its_policy(client: FlaskClient, send: Send, opened: Opened, old: OldHost) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    old.media(7, opened.library.get(send(svg, "a.svg")["image"]["name"]), "/a.svg", mime="image/png")
    for path in ("/a.svg", "/a.th.svg"):
        answer = client.get(path)
        assert answer.mimetype == "image/svg+xml"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_no_webp_stands_in_for_it(client: FlaskClient, add_image: Add, old: OldHost) -> None:
    data = draw(600, 400, "PNG", seed=9)
    media = add_image(data=data).media
    old.media(7, media, "/a.png")
    accept = {"Accept": "image/webp"}
    assert client.get(f"/{media.id}.png", headers=accept).mimetype == "image/webp"
    answer = client.get("/a.png", headers=accept)
    assert (answer.mimetype, answer.data) == ("image/png", data)


def test_what_is_not_public_stays_so(
    client: FlaskClient, media: Media, hide: Hide, alice_key: str, bob_key: str
) -> None:
    hide(media)
    assert client.get(PATH).status_code == 401
    assert client.get(PATH, headers={"X-API-Key": bob_key}).status_code == 403
    answer = client.get(PATH, headers={"X-API-Key": alice_key})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")


def test_an_album_with_a_password_leaves_its_files_alone(
    client: FlaskClient, add_image: Add, add_album: Callable[..., Any], old: OldHost
) -> None:
    old.media(7, add_image(album_id=add_album(password="secret").id).media, "/a.png")
    assert client.get("/a.png").status_code == 200


def test_what_was_deleted_is_gone(client: FlaskClient, opened: Opened, media: Media) -> None:
    opened.library.remove(media)
    for path in (PATH, PATH.replace(".png", ".th.png")):
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (410, "text/plain")
        assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(f"/{media.id}.png").status_code == 404


def test_what_is_past_its_time_is_404(client: FlaskClient, add_image: Add, old: OldHost, clock: FrozenClock) -> None:
    old.media(7, add_image(expiration="60").media, "/a.png")
    assert client.get("/a.png").status_code == 200
    clock.advance(seconds=60)
    assert client.get("/a.png").status_code == 404


def test_what_never_was_is_404(client: FlaskClient, media: Media) -> None:
    assert client.get("/images/2026/11/21/dog.png").status_code == 404
    assert client.get("/images/2026/11/21/cat.gif").status_code == 404
    assert client.get("/AAAAAAAAAAA.png").status_code == 404


def test_nothing_but_get_and_head_is_forwarded(client: FlaskClient, media: Media) -> None:
    assert [client.open(PATH, method=method).status_code for method in ("POST", "DELETE", "PUT")] == [404] * 3


def test_our_own_addresses_come_first(client: FlaskClient, add_image: Add, old: OldHost) -> None:
    one, other = add_image(data=PICTURE).media, add_image().media
    old.media(7, other, f"/{one.id}.png", "/static/icon.svg", "/api/1/cat.png", "/oembed")
    assert client.get(f"/{one.id}.png").data == PICTURE
    assert b"<svg" in client.get("/static/icon.svg").data
    assert client.get("/api/1/cat.png").mimetype == "application/json"
    assert client.get("/oembed").status_code == 400


def test_the_host_tells_two_sites_apart(client: FlaskClient, opened: Opened, media: Media, add_image: Add) -> None:
    other = draw(seed=77)
    move_in(opened.catalog, "second").media(7, add_image(data=other).media, PATH)
    assert client.get(PATH, headers={"Host": "second.example:8080"}).data == other
    assert client.get(PATH, headers={"Host": "old.example"}).data == PICTURE
    assert client.get(PATH).data == PICTURE


def test_avatars_are_where_they_were(client: FlaskClient, opened: Opened, alice: Owner, old: OldHost) -> None:
    data = draw(80, 80)
    asset = Asset(new_id(), alice.id, "image/png", "png", len(data), "0" * 64, alice.created_at)
    opened.blobs.put({asset.blob(): data})
    opened.catalog.add_asset(asset)
    old.address("asset", asset.id, "/content/images/users/NT/av_1.png")
    answer = client.get("/content/images/users/NT/av_1.png")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, data, "image/png")


def test_a_file_without_an_ending_is_sent_where_it_was(client: FlaskClient, opened: Opened, add_image: Add) -> None:
    folder = move_in(opened.catalog, "folder", kind="folder", url=None, salt=None, routes={})
    folder.media(1, add_image(data=PICTURE).media, "/photos/IMG_1")
    answer = client.get("/photos/IMG_1")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PICTURE, "image/png")
    assert client.get("/photos/IMG_1", headers={"Range": "bytes=0-3"}).status_code == 206
    assert client.head("/photos/IMG_1").data == b""


@pytest.mark.sqlite_disk_only("nginx reads the folder of files")
def test_behind_nginx_the_front_server_is_told_which_file(settings: Settings, opened: Opened, media: Media) -> None:
    files = replace(settings.files, sendfile="x-accel")
    client = Client(create_app(replace(settings, files=files), opened))
    assert client.get(PATH).headers["X-Accel-Redirect"] == f"/_media/{media.id[:2]}/{media.id}.png"


def test_a_file_costs_one_more_read_and_a_native_one_none(
    client: FlaskClient, opened: Opened, media: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get(PATH)  # which sites there are is looked up once
    reads: list[str] = []
    read = opened.catalog.rows  # type: ignore[attr-defined]
    monkeypatch.setattr(opened.catalog, "rows", lambda sql, *values, db=None: reads.append(sql) or read(sql, *values))
    client.get(f"/{media.id}.png")
    native, reads[:] = len(reads), []
    client.get(PATH)
    assert (native, len(reads)) == (1, 2)
