"""Uploading through the legacy door without a socket."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.app import create_app
from gateway.core.changes import Changes
from gateway.core.ids import new_id, new_image_id
from gateway.core.library import Added
from gateway.core.moving import Arrived
from gateway.core.records import Album, Media, Owner
from gateway.settings import Settings
from gateway.store.opening import Opened, open_data
from gateway.store.passwords import hash_password
from migrate.journal_files import FileJournals
from migrate.journal_tables import SharedJournals
from migrate.journals import Journals
from tests.conftest import Client, FrozenClock, draw
from tests.old_host import OldHost, move_in

Post = Callable[..., TestResponse]


@pytest.fixture
def post(client: FlaskClient, alice_key: str) -> Post:
    """post(title="Cat") uploads a picture as alice; source=…, key=… and path=… replace what it would send."""

    def send(path: str = "/api/1/upload", headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        fields = {"source": (io.BytesIO(draw()), "pic.png"), "key": alice_key} | fields
        return client.post(
            path, data={name: value for name, value in fields.items() if value is not None}, headers=headers
        )

    return send


@pytest.fixture
def client_with(settings: Settings, clock: FrozenClock) -> Iterator[Callable[..., tuple[FlaskClient, str]]]:
    """client_with(uploads={"duplicates": "keep"}) -> a client of a gateway with these settings, and a key for it."""
    opened = []

    def make(**sections: dict[str, Any]) -> tuple[FlaskClient, str]:
        changed = replace(
            settings, **{name: replace(getattr(settings, name), **keys) for name, keys in sections.items()}
        )
        opened.append(here := open_data(changed, clock))
        owner = here.owners.add(f"carol{len(opened)}", role="admin")
        return Client(create_app(changed, here)), here.keys.issue(owner, "test")[1]

    yield make
    for here in opened:
        here.close()


Send = Callable[..., Any]


@pytest.fixture
def send(post: Post) -> Send:
    """send(data, "clip.mp4", title="Cat") uploads a file as curl does by default, and gives the JSON of the answer."""

    def upload(data: bytes, filename: str, type: str = "application/octet-stream", **fields: Any) -> Any:
        return post(source=(io.BytesIO(data), filename, type), **fields).json

    return upload


@pytest.fixture
def old(opened: Opened) -> OldHost:
    """A Chevereto site that moved in: viewers at /i/, albums at /a/, users at the root."""
    return move_in(opened.catalog)


Hide = Callable[[Media], None]


@pytest.fixture
def hide(opened: Opened) -> Hide:
    """hide(media) makes it one that is not public, and changes nothing else about it."""

    def change(media: Media) -> None:
        assert opened.catalog.change_media(media.id, Changes(is_public=False), media.updated_at)

    return change


AddAlbum = Callable[..., Album]


@pytest.fixture
def add_album(opened: Opened, alice: Owner, clock: FrozenClock) -> AddAlbum:
    """add_album("Lake", privacy="link") makes an album of alice's, a minute after the one before."""

    def add(name: str = "Lake", *, owner: Owner = alice, password: str | None = None, **facts: Any) -> Album:
        clock.advance(minutes=1)
        if password is not None:
            facts |= {"privacy": "password", "password_hash": hash_password(password)}
        opened.catalog.add_album(album := Album(new_id(), owner.id, name, clock.now(), **facts))
        return album

    return add


Fill = Callable[..., list[Media]]


@pytest.fixture
def fill(opened: Opened, add_image: Callable[..., Added], clock: FrozenClock) -> Fill:
    """fill(130, album_id=album.id) adds as many records, the last one newest; only the first has files."""

    def add(number: int, **facts: Any) -> list[Media]:
        first = add_image(**facts).media
        copies = [
            replace(first, id=new_image_id(), title=f"No. {at}", created_at=clock.now() + timedelta(seconds=at))
            for at in range(1, number)
        ]
        opened.catalog.add_arrived([Arrived(media) for media in copies])
        return [first, *copies]

    return add


LATER = datetime(9999, 1, 1, tzinfo=UTC)


@pytest.fixture
def nothing_is_left(opened: Opened) -> Iterator[None]:
    yield
    assert opened.library.usage().media_count == 0
    assert list(opened.blobs.names()) == []
    assert (opened.blobs.sweep_incoming(LATER), opened.blobs.arriving_names(LATER)) == (0, [])


@contextmanager
def picture_server(**pages: bytes) -> Iterator[str]:
    """A loopback site: picture_server(cat=b"…") has /cat.png; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path.strip("/").removesuffix(".png"))
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def alice(opened: Opened) -> Owner:
    """Here she has a page of her own."""
    opened.owners.add("alice")
    opened.owners.publish("alice")
    return opened.owners.named("alice")


@pytest.fixture
def imports(settings: Settings, opened: Opened) -> Iterator[Journals]:
    """Where `migrate` keeps its journals."""
    if not settings.storage.catalog:
        yield FileJournals(settings.data / "imports")
        return
    yield SharedJournals(opened.catalog)
    with opened.catalog.transaction() as db:
        db.execute("DROP SCHEMA IF EXISTS imports CASCADE")
