"""Files that are not public: their owner gets them, and nobody else learns anything about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.core.changes import Changes
from gateway.core.library import Added
from gateway.core.records import Media, Owner
from gateway.store.opening import Opened
from tests.conftest import draw
from tests.old_host import OldHost

Add = Callable[..., Added]
PICTURE = draw(600, 400, "JPEG", quality=95)
OLD_PATH = "/images/2026/11/21/cat.jpg"
PRIVATE = "private, no-store"

# What is asked for, and how: every way to the bytes.
WAYS: dict[str, tuple[str, dict[str, str]]] = {
    "original": ("/{id}.jpg", {}),
    "another extension": ("/{id}.png", {}),
    "thumbnail": ("/{id}.th.jpg", {}),
    "medium": ("/{id}.md.jpg", {}),
    "webp": ("/{id}.jpg", {"Accept": "image/webp"}),
    "resized": ("/{id}.jpg?w=100&fmt=png", {}),
    "a cache-buster": ("/{id}.jpg?v=2", {}),
    "range": ("/{id}.jpg", {"Range": "bytes=0-9"}),
    "ranges": ("/{id}.jpg", {"Range": "bytes=0-1,5-9"}),
    "a range out of it": ("/{id}.jpg", {"Range": "bytes=99999999-"}),
    "if changed": ("/{id}.jpg", {"If-None-Match": "*"}),
    "if changed since": ("/{id}.jpg", {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}),
    "old path": (OLD_PATH, {}),
    "old thumbnail": (OLD_PATH.replace(".jpg", ".th.jpg"), {}),
    "old range": (OLD_PATH, {"Range": "bytes=0-9"}),
    "old if changed": (OLD_PATH, {"If-None-Match": "*"}),
}


@pytest.fixture
def media(add_image: Add, old: OldHost) -> Media:
    media = add_image(data=PICTURE, filename="cat.jpg", is_public=False).media
    old.media(7, media, OLD_PATH, mime="image/jpeg")
    return media


def ask(client: FlaskClient, media: Media, way: str, method: str = "GET", **headers: str) -> Any:
    path, sent = WAYS[way]
    return client.open(path.format(id=media.id), method=method, headers=sent | headers)


@pytest.mark.parametrize("way", WAYS)
def test_it_works(client: FlaskClient, media: Media, alice_key: str, way: str) -> None:
    answer = ask(client, media, way, Authorization=f"Bearer {alice_key}")

    assert answer.status_code in (200, 206, 304, 416)
    if answer.status_code != 416:
        assert answer.headers["Cache-Control"] == PRIVATE


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("way", WAYS)
def test_without_a_key_it_is_401_and_tells_nothing(client: FlaskClient, media: Media, way: str, method: str) -> None:
    answer = ask(client, media, way, method)

    assert answer.status_code == 401
    assert answer.data == (b"Unauthorized\n" if method == "GET" else b"")
    assert (answer.headers["Cache-Control"], answer.headers["WWW-Authenticate"]) == ("no-store", "Bearer")
    for name in ("ETag", "Last-Modified", "Content-Range", "Accept-Ranges"):
        assert name not in answer.headers


@pytest.mark.parametrize("way", WAYS)
def test_with_the_key_of_somebody_else_it_is_403(client: FlaskClient, media: Media, bob_key: str, way: str) -> None:
    answer = ask(client, media, way, Authorization=f"Bearer {bob_key}")

    assert (answer.status_code, answer.data) == (403, b"Forbidden\n")
    assert "ETag" not in answer.headers


def test_the_header_of_old_tools_will_do(client: FlaskClient, media: Media, alice_key: str) -> None:
    assert ask(client, media, "original", **{"X-API-Key": alice_key}).data == PICTURE


@pytest.mark.parametrize("sent", ["Bearer nonsense", "Bearer", "Bearer sk_live_" + "x" * 32, "Basic YTpi", "x"])
def test_a_key_that_is_none_is_401(client: FlaskClient, media: Media, sent: str) -> None:
    assert ask(client, media, "original", Authorization=sent).status_code == 401


def test_a_revoked_key_is_401(client: FlaskClient, media: Media, alice_key: str, opened: Opened) -> None:
    opened.keys.revoke(opened.keys.all()[0].id)

    assert ask(client, media, "original", Authorization=f"Bearer {alice_key}").status_code == 401


@pytest.mark.parametrize(("scopes", "status"), [(["read"], 200), (["media.write"], 403), (["usage.read"], 403)])
def test_the_key_needs_to_read(
    client: FlaskClient, media: Media, opened: Opened, alice: Owner, scopes: Sequence[str], status: int
) -> None:
    key = opened.keys.issue(alice, "narrow", scopes)[1]

    assert ask(client, media, "original", Authorization=f"Bearer {key}").status_code == status


@pytest.mark.parametrize("way", ["original", "thumbnail", "webp", "resized", "old path"])
def test_a_switch_counts_from_the_next_request_on(
    client: FlaskClient, media: Media, opened: Opened, alice: Owner, way: str
) -> None:
    statuses = []
    for is_public in (True, False, True, False):
        opened.holdings.change(alice, media.id, Changes(is_public=is_public))
        statuses.append(ask(client, media, way).status_code)

    assert statuses == [200, 401, 200, 401]


def test_an_etag_that_was_seen_in_public_tells_nothing_later(
    client: FlaskClient, media: Media, opened: Opened, alice: Owner
) -> None:
    opened.holdings.change(alice, media.id, Changes(is_public=True))
    etag = ask(client, media, "original").headers["ETag"]
    opened.holdings.change(alice, media.id, Changes(is_public=False))

    assert client.get(f"/{media.id}.jpg", headers={"If-None-Match": etag}).status_code == 401


def test_a_wrong_wish_is_not_told_from_a_right_one(client: FlaskClient, media: Media) -> None:
    for query in ("w=0", "x=1", "w=9999"):
        assert client.get(f"/{media.id}.jpg?{query}").status_code == 401


def test_what_is_deleted_is_gone_for_its_owner_too(
    client: FlaskClient, media: Media, opened: Opened, alice: Owner, alice_key: str
) -> None:
    opened.holdings.remove(alice, media.id)

    assert ask(client, media, "original", Authorization=f"Bearer {alice_key}").status_code == 404
    assert ask(client, media, "old path", Authorization=f"Bearer {alice_key}").status_code == 410
