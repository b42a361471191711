"""Signed links: they open one file for a while, whoever has them, and no other file and no longer."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode

import pytest
from flask.testing import FlaskClient

from gateway.core.library import Added
from gateway.core.records import Media
from gateway.store.opening import Opened
from tests.conftest import FrozenClock, draw
from tests.old_host import OldHost

Add = Callable[..., Added]
PICTURE = draw(600, 400, "JPEG", quality=95)


@pytest.fixture
def media(add_image: Add) -> Media:
    return add_image(data=PICTURE, filename="cat.jpg", is_public=False).media


@pytest.fixture
def query(opened: Opened, media: Media) -> str:
    """What signs the picture for a minute."""
    return signed(opened, media)


def signed(opened: Opened, media: Media, variant: str = "", seconds: int = 60) -> str:
    signature = opened.signing.sign(media.id, seconds, variant)
    return urlencode({"sig": signature.sig, "exp": signature.exp})


def test_it_works(client: FlaskClient, media: Media, query: str) -> None:
    answer = client.get(f"/{media.id}.jpg?{query}")

    assert (answer.status_code, answer.data) == (200, PICTURE)
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_all_that_is_made_of_the_picture_is_open(client: FlaskClient, media: Media, query: str) -> None:
    path = f"/{media.id}.jpg?{query}"

    assert client.get(path, headers={"Accept": "image/webp"}).mimetype == "image/webp"
    assert client.get(f"{path}&w=100&fmt=png").mimetype == "image/png"
    assert client.get(path, headers={"Range": "bytes=0-9"}).data == PICTURE[:10]
    assert client.get(path, headers={"If-None-Match": "*"}).status_code == 304
    assert client.head(path).status_code == 200


def test_its_renditions_have_signatures_of_their_own(
    client: FlaskClient, opened: Opened, media: Media, query: str
) -> None:
    assert client.get(f"/{media.id}.th.jpg?{query}").status_code == 403
    thumb = signed(opened, media, "th")
    assert client.get(f"/{media.id}.th.jpg?{thumb}").status_code == 200
    assert client.get(f"/{media.id}.md.jpg?{thumb}").status_code == 403
    assert client.get(f"/{media.id}.jpg?{thumb}").status_code == 403


def test_it_ends(client: FlaskClient, media: Media, query: str, clock: FrozenClock) -> None:
    clock.advance(seconds=59)
    assert client.get(f"/{media.id}.jpg?{query}").status_code == 200
    clock.advance(seconds=1)
    assert client.get(f"/{media.id}.jpg?{query}").status_code == 403


def test_it_is_good_at_an_old_path(client: FlaskClient, media: Media, old: OldHost, query: str) -> None:
    old.media(7, media, "/images/cat.jpg", mime="image/jpeg")

    assert client.get(f"/images/cat.jpg?{query}").data == PICTURE
    assert client.get("/images/cat.jpg?sig=x&exp=1").status_code == 403


def test_another_file_is_not_opened(client: FlaskClient, add_image: Add, query: str) -> None:
    other = add_image(is_public=False).media

    assert client.get(f"/{other.id}.png?{query}").status_code == 403


def test_another_installation_signs_otherwise(client: FlaskClient, opened: Opened, media: Media) -> None:
    opened.signing.__dict__["secret"] = b"x" * 32
    foreign = signed(opened, media)
    del opened.signing.__dict__["secret"]

    assert client.get(f"/{media.id}.jpg?{foreign}").status_code == 403


def test_a_later_end_cannot_be_claimed(client: FlaskClient, media: Media, query: str) -> None:
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    later = urlencode(asked | {"exp": int(asked["exp"]) + 1})

    assert client.get(f"/{media.id}.jpg?{later}").status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "sig=",
        "sig=x",
        "sig=x&exp=",
        "sig=x&exp=99999999999",
        "sig=%FF&exp=99999999999",
        "sig=%00&exp=%00",
        "sig=x&exp=-1",
        "sig=x&exp=1e99",
        "sig=x&exp=" + "9" * 5000,
        "sig=\u00e9&exp=99999999999",
        "&".join(["sig=x"] * 100),
    ],
)
def test_a_signature_that_is_none_is_403(client: FlaskClient, media: Media, query: str) -> None:
    assert client.get(f"/{media.id}.jpg?{query}").status_code == 403


def test_an_end_alone_is_no_signature(client: FlaskClient, media: Media) -> None:
    assert client.get(f"/{media.id}.jpg?exp=99999999999").status_code == 401


def test_the_key_of_its_owner_is_enough(client: FlaskClient, media: Media, alice_key: str) -> None:
    answer = client.get(f"/{media.id}.jpg?sig=x&exp=1", headers={"Authorization": f"Bearer {alice_key}"})

    assert answer.status_code == 200


def test_a_link_is_enough_whatever_the_key(client: FlaskClient, media: Media, query: str, bob_key: str) -> None:
    for key in (bob_key, "nonsense"):
        answer = client.get(f"/{media.id}.jpg?{query}", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 200


def test_a_public_file_needs_none_and_minds_none(client: FlaskClient, add_image: Add) -> None:
    media = add_image().media

    assert client.get(f"/{media.id}.png?sig=x&exp=1").status_code == 200
