"""`allowedReferers`: which sites may show a public file."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from gateway.core.changes import Changes
from gateway.core.library import Added
from gateway.core.records import Media, Owner
from gateway.store.opening import Opened
from tests.conftest import PUBLIC_URL, draw
from tests.old_host import OldHost

Add = Callable[..., Added]
PICTURE = draw(600, 400, "JPEG", quality=95)
SITES = ("self", "example.org", "*.example.net")
OLD_PATH = "/images/cat.jpg"


@pytest.fixture
def media(add_image: Add, opened: Opened, alice: Owner, old: OldHost) -> Media:
    media = add_image(data=PICTURE, filename="cat.jpg").media
    old.media(7, media, OLD_PATH, mime="image/jpeg")
    return opened.holdings.change(alice, media.id, Changes(allowed_referers=SITES))


def status(client: FlaskClient, media: Media, referer: str | None, path: str = "/{id}.jpg", **headers: str) -> int:
    if referer is not None:
        headers |= {"Referer": referer}
    return client.get(path.format(id=media.id), headers=headers).status_code


@pytest.mark.parametrize(
    "referer",
    [
        "https://example.org/",
        "http://EXAMPLE.org:8443/page?x=1",
        "https://a.example.net/page",
        "https://b.a.example.net",
        f"{PUBLIC_URL}/image/x",
    ],
)
def test_it_works(client: FlaskClient, media: Media, referer: str) -> None:
    assert status(client, media, referer) == 200


@pytest.mark.parametrize(
    "referer",
    [
        None,
        "",
        "https://other.example/",
        "https://www.example.org/",
        "https://example.net/",
        "https://badexample.net/",
        "https://example.org.evil.example/",
        "https://evil.example/?https://example.org/",
        "https://example.org@evil.example/",
        "example.org",
        "about:blank",
        "https://[::1/",
        "https://self/",
    ],
)
def test_other_sites_and_no_site_are_403(client: FlaskClient, media: Media, referer: str | None) -> None:
    assert status(client, media, referer) == 403


@pytest.mark.parametrize("path", ["/{id}.th.jpg", "/{id}.md.jpg", "/{id}.jpg?w=50", OLD_PATH])
def test_it_holds_for_every_way_to_the_bytes(client: FlaskClient, media: Media, path: str) -> None:
    assert status(client, media, "https://example.org/", path) == 200
    assert status(client, media, "https://other.example/", path) == 403
    assert status(client, media, None, path, **{"If-None-Match": "*"}) == 403
    assert status(client, media, None, path, Range="bytes=0-9") == 403


def test_no_cache_keeps_it_for_other_sites(client: FlaskClient, media: Media) -> None:
    answer = client.get(f"/{media.id}.jpg", headers={"Referer": "https://example.org/"})

    assert answer.headers["Cache-Control"] == "private, no-store"


def test_an_empty_list_is_for_signed_links_alone(
    client: FlaskClient, media: Media, opened: Opened, alice: Owner
) -> None:
    opened.holdings.change(alice, media.id, Changes(allowed_referers=()))
    signature = opened.signing.sign(media.id, 60)
    query = urlencode({"sig": signature.sig, "exp": signature.exp})

    assert status(client, media, f"{PUBLIC_URL}/") == 403
    assert status(client, media, None, f"/{media.id}.jpg?{query}") == 200


def test_a_signed_link_opens_it_on_any_site(client: FlaskClient, media: Media, opened: Opened) -> None:
    signature = opened.signing.sign(media.id, 60)
    query = urlencode({"sig": signature.sig, "exp": signature.exp})

    assert status(client, media, "https://other.example/", f"/{media.id}.jpg?{query}") == 200


def test_its_owner_needs_no_site(client: FlaskClient, media: Media, alice_key: str, bob_key: str) -> None:
    assert status(client, media, None, Authorization=f"Bearer {alice_key}") == 200
    assert status(client, media, None, Authorization=f"Bearer {bob_key}") == 403


def test_null_is_no_restriction_again(client: FlaskClient, media: Media, opened: Opened, alice: Owner) -> None:
    opened.holdings.change(alice, media.id, Changes(allowed_referers=None))
    answer = client.get(f"/{media.id}.jpg")

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")


def test_a_private_file_is_not_opened_by_a_site(
    client: FlaskClient, media: Media, opened: Opened, alice: Owner
) -> None:
    opened.holdings.change(alice, media.id, Changes(is_public=False))

    assert status(client, media, "https://example.org/") == 401
