"""R19 to R21, R24 and R25: shared content, sources that stay as they are, names that lie, paths that lead out."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from gateway.core.arrivals import Arrival
from gateway.core.library import Added
from gateway.settings import Settings
from gateway.store.opening import Opened, open_preparing
from tests.conftest import Client, FrozenClock, LiveServer, draw
from tests.journeys.bare import head, say
from tests.web.conftest import client_with as client_with

pytestmark = pytest.mark.sqlite_disk_only("walks the folder")

PICTURE = draw()
GRACE = timedelta(days=1)


def test_r20_what_arrives_is_copied_and_its_source_left_alone(
    settings: Settings, opened: Opened, tmp_path: Path, clock: FrozenClock
) -> None:
    source = tmp_path / "old.png"
    source.write_bytes(PICTURE)
    source.chmod(0o400)
    before = source.stat()
    prepared = open_preparing(settings).prepare(Arrival(source, "old.png", clock.now()))
    after = source.stat()
    assert (after.st_nlink, after.st_mtime_ns, after.st_mode) == (1, before.st_mtime_ns, before.st_mode)
    source.unlink()
    blob = opened.blobs.open(prepared.blobs()[0])
    assert blob
    with blob.file as file:
        assert file.read() == PICTURE


@pytest.mark.parametrize("ending", ["deleted", "expired"])
def test_r21_content_of_two_records_stays_until_the_last_one_goes(
    client_with: Callable[..., tuple[FlaskClient, str]], clock: FrozenClock, ending: str
) -> None:
    client, key = client_with(uploads={"duplicates": "keep"})
    more = {"expiration": "PT5M"} if ending == "expired" else {}
    first, second = (
        client.post(
            "/api/1/upload",
            data={"source": (io.BytesIO(PICTURE), "a.png"), **fields},
            headers={"X-API-Key": key},
        ).json["image"]
        for fields in (more, {})
    )
    assert first["id_encoded"] != second["id_encoded"]
    if ending == "deleted":
        client.get(first["delete_url"])
    else:
        clock.advance(minutes=6)
    assert client.get(first["url"]).status_code == 404
    assert client.get(second["url"]).data == PICTURE
    assert client.get(second["thumb"]["url"]).status_code == 200
    client.get(second["delete_url"])
    assert client.get(second["url"]).status_code == 404


def test_r19_r21_what_was_deleted_is_not_what_we_have_already(
    opened: Opened, add_image: Callable[..., Added], clock: FrozenClock
) -> None:
    first = add_image(data=PICTURE)
    assert add_image(data=PICTURE).media.id == first.media.id
    opened.library.remove(opened.library.get(first.media.id))
    again = add_image(data=PICTURE)
    opened.library.sweep(GRACE)
    assert again.media.id != first.media.id
    assert hashlib.sha256(read(opened, again)).hexdigest() == again.media.sha256


def read(opened: Opened, added: Added) -> bytes:
    blob = opened.blobs.open(added.media.blob())
    assert blob
    with blob.file as file:
        return file.read()


HOSTILE_NAMES = [
    "../../../../hostile.png", "/etc/hostile.png", "C:\\..\\hostile.png", "..", ".", "a\r\nX-Injected: 1\r\n.png",
    "a\0.png", 'a";x=".png', "<img src=x onerror=1>.png", "{{7*7}}.png", "%s%n{0}.png", "CON.png", "a" * 5_000 + ".png",
    "a\u202egnp.exe", "\uff0f..\uff0fx.png", "\U0001f600.png", "=1+1.png", " . ", "a%0d%0aX-Injected: 1.png",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_r24_hostile_names_stay_texts(
    opened: Opened, client: FlaskClient, add_image: Callable[..., Added], tmp_path: Path, name: str
) -> None:
    before = set(tmp_path.rglob("*"))
    media = add_image(data=PICTURE, filename=name, title=name[:100]).media
    made = {path.name for path in set(tmp_path.rglob("*")) - before if path.is_file()}
    assert not [one for one in made if "hostile" in one or "passwd" in one]
    for path in (f"/{media.id}.png", f"/image/{media.id}", f"/oembed?url=https://img.example.org/image/{media.id}"):
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code == 200
        assert "X-Injected" not in answer.headers
        assert b"<img src=x" not in answer.data or answer.mimetype == "application/json"


OUT = [
    "/../../../../etc/passwd", "/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/images/..%2f..%2f..%2fetc%2fpasswd",
    "/..%5c..%5cetc%5cpasswd",
    "//etc/passwd", "/images//etc/passwd", "/%00", "/images/%00.png", "/%c0%ae%c0%ae/etc/passwd", "/%ff%fe.png",
    "/.env", "/.git/config", "/catalog.db", "/../catalog.db", "/static/../../../settings.py",
    "/static/%2e%2e/headers.py",
    "/static/..%5cheaders.py", "/docs/../../etc/passwd", "/a" * 8_000, "/" + "a" * 60_000,
    "/" + "../" * 400 + "etc/passwd",
    "/media/../catalog.db", "/%2fetc%2fpasswd.png", "/....//....//etc/passwd", "/\xff\xfe.png",
]  # fmt: skip


@pytest.mark.parametrize("path", OUT, ids=lambda path: path[:40])
def test_r25_no_path_leads_out(live_server: LiveServer, path: str) -> None:
    heard = say(live_server.url, head("Connection: close", method="GET", path=path))
    assert heard.status is None or 300 <= heard.status < 500, heard
    assert b"root:" not in heard.body and b"SQLite format" not in heard.body and b"import annotations" not in heard.body
    if heard.status and heard.status < 400:
        assert heard.headers["location"].startswith(("/", live_server.url)), heard
        assert not heard.headers["location"].startswith("//")


@pytest.mark.parametrize(
    "path", ["//evil.example/image/a", "//evil.example/%2e%2e", "/\\evil.example", "///evil.example/b"]
)
def test_r25_no_redirect_leads_to_another_host(client: Client, path: str) -> None:
    answer = client.get(path)
    location = answer.headers.get("Location", "")
    assert not location.startswith(("//", "/\\")) and "://evil" not in location
