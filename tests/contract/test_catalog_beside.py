"""What a catalog promises about the media next to another one, and how long one stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.core.listing import Place
from gateway.core.ports import Catalog
from gateway.core.records import Media, Owner
from gateway.core.search import Query
from tests.contract.samples import NOW, a_media, a_token, an_album, minutes

CASES: list[dict[str, Any]] = [
    {},
    {"kinds": ("image",)},
    {"kinds": ("video", "audio")},
    {"is_public": False},
    {"is_public": True, "kinds": ("image",)},
    {"tag": "cat"},
    {"tag": "cat", "is_public": True},
    {"album_id": "album"},
    {"album_id": "album", "kinds": ("video",)},
    {"is_expiring": True},
]


def keep(catalog: Catalog, media: Media) -> Media:
    catalog.add_media(media, a_token(), reuse=False)
    return media


@pytest.fixture
def many(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    """Of every sort, several of them at the very same moment; and some of bob's in between."""
    catalog.add_album(an_album(alice, id="album"))
    for at in range(48):
        kind = ("image", "video", "audio")[at % 3]
        facts: dict[str, Any] = {
            "kind": kind,
            "is_public": at % 4 != 0,
            "tags": ("cat",) if at % 5 < 2 else (),
            "album_id": "album" if at % 2 else None,
            "expires_at": NOW + minutes(at - 6) if at % 7 < 3 else None,
            "created_at": NOW - minutes(at // 4),
        }
        keep(catalog, a_media(alice, **facts))
        keep(catalog, a_media(bob, **{**facts, "album_id": None}))


@pytest.mark.parametrize("asked", CASES, ids=str)
def test_it_is_what_the_list_shows_before_it(catalog: Catalog, alice: Owner, many: None, asked: dict[str, Any]) -> None:
    query = Query(alice.id, **asked)
    listed = catalog.search(query, None, NOW, 100)
    assert len(listed) > 2
    for at, media in enumerate(listed):
        expected = listed[at - 1].id if at else None
        assert catalog.newer(query, Place(media.created_at, media.id), NOW) == expected


def test_before_nothing_there_is_nothing(catalog: Catalog, alice: Owner) -> None:
    assert catalog.newer(Query(alice.id), Place(NOW, "x"), NOW) is None
    assert catalog.newer(Query(alice.id, tag="never"), Place(NOW, "x"), NOW) is None


# how long it stays


def test_it_stays_until_then_or_for_ever(catalog: Catalog, alice: Owner) -> None:
    media = keep(catalog, a_media(alice))
    later = NOW + minutes(5)
    for moment in (NOW + minutes(90), NOW + minutes(30), None):
        assert catalog.set_expiry(media.id, moment, later)
        assert catalog.media(media.id) == replace(media, expires_at=moment, updated_at=later)
    assert [one.id for one in catalog.changes(alice.id, (), None, NOW, 9)] == [media.id]


def test_what_is_over_is_swept(catalog: Catalog, alice: Owner) -> None:
    media = keep(catalog, a_media(alice))
    catalog.set_expiry(media.id, NOW + minutes(1), NOW)
    assert [one.id for one in catalog.expired(NOW + minutes(1), 9)] == [media.id]


def test_nothing_is_said_about_what_is_gone(catalog: Catalog) -> None:
    assert not catalog.set_expiry("gone", None, NOW)
