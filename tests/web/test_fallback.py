"""Old file addresses while the old host still has what is not here: it is asked once, and its answer stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.core.fallback import ASKING_AS
from gateway.core.library import Added
from gateway.settings import Legacy, Settings
from gateway.store.opening import Opened, open_data
from tests.asked_host import AskedHost, asked_host
from tests.conftest import Client, FrozenClock, draw, free_port
from tests.old_host import move_in

PATH = "/images/2026/11/21/cat.png"
PICTURE = draw(600, 400, seed=5)


@pytest.fixture
def there() -> Iterator[AskedHost]:
    with asked_host() as host:
        host.files[PATH] = PICTURE
        yield host


@pytest.fixture
def settings(settings: Settings, there: AskedHost) -> Settings:
    return replace(settings, legacy=Legacy(fallback_url=there.url))


def test_it_works(client: FlaskClient, there: AskedHost) -> None:
    first = client.get(PATH)
    assert (first.status_code, first.mimetype, first.data) == (200, "image/png", PICTURE)
    assert first.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    there.files.clear()
    again = client.get(PATH)
    assert (again.status_code, again.data) == (200, PICTURE)
    assert first.headers["ETag"] == again.headers["ETag"]
    assert there.asked.count(PATH) == 1


def test_the_first_request_may_be_any(client: FlaskClient, there: AskedHost) -> None:
    there.files["/b.png"] = there.files["/c.png"] = PICTURE
    head = client.head(PATH)
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(PICTURE)))
    part = client.get("/b.png", headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.data) == (206, PICTURE[5:10])
    assert client.get("/c.png?w=9&token=1").data == PICTURE
    assert not any("?" in path for path in there.asked)


def test_a_thumbnail_is_the_old_one(client: FlaskClient, there: AskedHost) -> None:
    thumb = there.files[PATH.replace(".png", ".th.png")] = draw(160, 160, seed=6)
    for _ in range(2):
        assert client.get(PATH.replace(".png", ".th.png")).data == thumb
    there.files.clear()
    assert client.get(PATH).data == PICTURE


def test_the_old_type_is_sent(client: FlaskClient, there: AskedHost) -> None:
    there.files["/x/lie.png"] = draw(format="WEBP")
    for _ in range(2):
        assert client.get("/x/lie.png").mimetype == "image/png"


@pytest.mark.parametrize("asked", ["/Gr%C3%BC%C3%9Fe%20%2B.png", "/x/a%2520b.png"])
def test_what_is_asked_for_is_asked_for_as_it_came(client: FlaskClient, there: AskedHost, asked: str) -> None:
    there.files[asked] = PICTURE
    for _ in range(2):
        assert client.get(asked).data == PICTURE
    assert there.asked.count(asked) == 1


def test_a_name_in_the_letters_of_old_servers_stays_one(client: FlaskClient, there: AskedHost) -> None:
    there.files["/Gr%FC%DFe.png"] = PICTURE
    for _ in range(2):
        assert client.get("/", environ_overrides={"PATH_INFO": "/Gr\xfc\xdfe.png"}).data == PICTURE
    assert there.asked.count("/Gr%FC%DFe.png") == 1


def test_names_as_long_as_ids_come_too(client: FlaskClient, there: AskedHost) -> None:
    there.files["/photo-of-cat.png"] = PICTURE
    assert client.get("/photo-of-cat.png").data == PICTURE
    assert client.get("/photo-of-dog.png").status_code == 404


def test_what_is_nowhere_is_404(client: FlaskClient, there: AskedHost) -> None:
    for path in ("/images/dog.png", "/images/dog.th.png"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
    assert there.asked == ["/images/dog.png", "/images/dog.th.png"]


def test_what_is_no_picture_is_404(client: FlaskClient, there: AskedHost) -> None:
    there.files[PATH] = b"<!DOCTYPE html><script>alert(1)</script>"
    assert client.get(PATH).status_code == 404


def test_what_is_too_large_is_404(there: AskedHost, settings: Settings, clock: FrozenClock) -> None:
    legacy = replace(settings.legacy, fallback_max_size=len(PICTURE) - 1)
    opened = open_data(changed := replace(settings, legacy=legacy), clock)
    assert Client(create_app(changed, opened)).get(PATH).status_code == 404
    opened.close()


def test_trouble_there_is_503(client: FlaskClient, there: AskedHost) -> None:
    there.status = 502
    answer = client.get(PATH)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert answer.headers["Cache-Control"] == "no-store"
    there.status = None
    assert client.get(PATH).status_code == 200


def test_a_host_that_is_off_is_503(settings: Settings, clock: FrozenClock) -> None:
    opened = open_data(changed := replace(settings, legacy=Legacy(f"http://127.0.0.1:{free_port()}")), clock)
    for path in (PATH, "/photo-of-cat.png"):
        answer = Client(create_app(changed, opened)).get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    opened.close()


def test_it_may_send_on_but_not_into_this_network(client: FlaskClient, there: AskedHost) -> None:
    with asked_host() as inside:
        inside.files[PATH] = PICTURE
        there.status, there.headers = 302, {"Location": inside.url + PATH}
        assert client.get(PATH).status_code == 404
        assert inside.asked == []


def test_it_may_send_on_to_itself(client: FlaskClient, there: AskedHost) -> None:
    asked: list[str] = []

    def answer(path: str) -> tuple[int, bytes]:
        asked.append(path)
        there.headers = {} if path == "/real.png" else {"Location": f"{there.url}/real.png"}
        return (200, PICTURE) if path == "/real.png" else (302, b"")

    there.answer = answer  # type: ignore[method-assign]
    assert client.get("/moved.png").data == PICTURE
    assert asked[:2] == ["/moved.png", "/real.png"]


# what it is not asked for


@pytest.mark.parametrize(
    "path",
    ["/", "/image/cat.abc", "/album/x.abc", "/somebody", "/old/pic.html", "/api/1/cat.png", "/static/none.png",
     "/tools/picgate.sxcu", "/x/..%2f..%2fcat.txt"],
)  # fmt: skip
def test_pages_and_our_own_are_not_asked_for(client: FlaskClient, there: AskedHost, path: str) -> None:
    client.get(path)
    assert there.asked == []


def test_nothing_but_get_and_head_asks(client: FlaskClient, there: AskedHost) -> None:
    assert [client.open(PATH, method=method).status_code for method in ("POST", "DELETE", "PUT")] == [404] * 3
    assert there.asked == []


def test_what_is_here_is_not_asked_for(
    client: FlaskClient, opened: Opened, there: AskedHost, add_image: Callable[..., Added]
) -> None:
    here, gone, deleted = (add_image().media for _ in range(3))
    old = move_in(opened.catalog)
    old.media(7, here, PATH)
    old.media(8, gone, "/gone.png")
    opened.library.remove(gone)
    opened.library.remove(deleted)
    assert client.get(PATH).status_code == 200
    assert client.get(f"/{here.id}.png").status_code == 200
    assert client.get("/gone.png").status_code == 410
    assert client.get(f"/{deleted.id}.png").status_code == 404
    assert there.asked == []


def test_our_own_pages_come_first(client: FlaskClient, opened: Opened, there: AskedHost) -> None:
    opened.library.add_category("Red", "red.png")
    there.files["/category/red.png"] = PICTURE
    assert client.get("/category/red.png").mimetype == "text/html"
    assert there.asked == []


def test_a_stand_in_that_was_deleted_here_is_gone(client: FlaskClient, opened: Opened, there: AskedHost) -> None:
    client.get(PATH)
    [address] = opened.catalog.addresses_at([PATH])
    opened.library.remove(opened.library.get(address.target_id))
    asked = len(there.asked)
    assert client.get(PATH).status_code == 410
    assert len(there.asked) == asked


def test_two_that_fall_back_on_each_other_come_to_an_end(client: FlaskClient, there: AskedHost) -> None:
    agents = {"User-Agent": ASKING_AS}
    assert client.get(PATH, headers=agents).status_code == 404
    assert client.get("/photo-of-cat.png", headers=agents).status_code == 404
    assert there.asked == []
    client.get(PATH)
    assert client.get(PATH, headers=agents).status_code == 200


def test_without_the_setting_nobody_is_asked(settings: Settings, clock: FrozenClock, there: AskedHost) -> None:
    opened = open_data(changed := replace(settings, legacy=Legacy()), clock)
    assert opened.fallback is None
    assert Client(create_app(changed, opened)).get(PATH).status_code == 404
    assert there.asked == []
    opened.close()


@pytest.mark.parametrize(
    ("folder", "public", "asked"), [("/pics", "", "/pics/a.png"), ("/pics/", "/img", "/pics/a.png"), ("", "", "/a.png")]
)
def test_either_may_be_in_a_folder(
    settings: Settings, clock: FrozenClock, there: AskedHost, folder: str, public: str, asked: str
) -> None:
    there.files[asked] = PICTURE
    server = replace(settings.server, public_url=settings.public_url + public)
    changed: Any = replace(settings, server=server, legacy=Legacy(there.url + folder))
    opened = open_data(changed, clock)
    client = Client(create_app(changed, opened))
    for path in ("/a.png", "/x/../a.png"):
        assert client.get(path).data == PICTURE
    assert there.asked.count(asked) == 1
    opened.close()
