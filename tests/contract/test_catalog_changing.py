"""What a catalog promises when a media is changed, and about hashes and secrets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.core.changes import Changes
from gateway.core.listing import Listing
from gateway.core.ports import Catalog
from gateway.core.records import Media, Owner
from gateway.core.search import Query
from tests.contract.conftest import OpenCatalog
from tests.contract.samples import NOW, ODD_TEXTS, a_media, a_token, an_album, at_once, minutes, sha256

SOON = NOW + minutes(1)


@pytest.fixture
def media(catalog: Catalog, alice: Owner) -> Media:
    catalog.add_media(media := a_media(alice, tags=("cat", "dog"), description="old"), a_token(), reuse=False)
    return media


def test_it_works(catalog: Catalog, alice: Owner, media: Media) -> None:
    catalog.add_album(album := an_album(alice))
    changes: dict[str, Any] = {
        "title": "Other",
        "description": None,
        "tags": ("dog", "elk"),
        "is_public": False,
        "is_nsfw": True,
        "album_id": album.id,
        "allowed_referers": ("self", "*.example.org"),
    }
    changed = catalog.change_media(media.id, Changes(**changes), SOON)
    assert changed == replace(media, updated_at=SOON, **changes)
    assert catalog.media(media.id) == changed
    entry = catalog.file_entry(media.id)
    assert entry and (entry.is_public, entry.allowed_referers) == (False, ("self", "*.example.org"))


@pytest.mark.parametrize(
    "changes",
    [
        Changes(title=None),
        Changes(description="new"),
        Changes(tags=()),
        Changes(is_public=False),
        Changes(is_nsfw=True),
        Changes(allowed_referers=()),
        Changes(allowed_referers=("example.org",)),
        Changes(),
    ],
    ids=str,
)
def test_what_is_not_given_stays(catalog: Catalog, media: Media, changes: Changes) -> None:
    given: dict[str, Any] = changes.given()
    assert catalog.change_media(media.id, changes, SOON) == replace(media, updated_at=SOON, **given)


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_any_text_is_kept(catalog: Catalog, media: Media, text: str) -> None:
    catalog.change_media(media.id, Changes(title=text, description=text), SOON)
    changed = catalog.media(media.id)
    assert changed and (changed.title, changed.description) == (text, text)


def test_no_referers_and_none_are_two_things(catalog: Catalog, media: Media) -> None:
    for patterns in ((), None, ("self",), None):
        changed = catalog.change_media(media.id, Changes(allowed_referers=patterns), SOON)
        assert changed and changed.allowed_referers == patterns


def test_what_is_gone_is_not_changed(catalog: Catalog, media: Media) -> None:
    catalog.remove_media(media.id, NOW)
    assert catalog.change_media(media.id, Changes(title="ghost"), SOON) is None
    assert catalog.media(media.id) is None


def test_tags_are_replaced_in_every_list(catalog: Catalog, alice: Owner, media: Media) -> None:
    changed = catalog.change_media(media.id, Changes(tags=("elk",)), SOON)
    for tag, found in (("elk", [changed]), ("cat", [])):
        listed = catalog.search(Query(alice.id, tag=tag), None, NOW, 9)
        assert [catalog.media(one.id) for one in listed] == found
        assert catalog.media_page(Listing("tag", tag), None, NOW, 9) == found


def test_albums_count_what_is_moved(catalog: Catalog, alice: Owner, media: Media) -> None:
    one, two = an_album(alice), an_album(alice)
    for album in (one, two):
        catalog.add_album(album)
    for target, counts in ((one.id, (1, 0)), (two.id, (0, 1)), (two.id, (0, 1)), (None, (0, 0))):
        catalog.change_media(media.id, Changes(album_id=target), SOON)
        found = catalog.album(one.id), catalog.album(two.id)
        assert tuple(album.media_count for album in found if album) == counts


def test_changes_made_at_once_are_made_one_by_one(open_catalog: OpenCatalog, alice: Owner, media: Media) -> None:
    handles = [open_catalog(), open_catalog()]
    names = [(f"tag {number}",) for number in range(16)]
    results = at_once(16, lambda number: handles[number % 2].change_media(media.id, Changes(tags=names[number]), SOON))
    assert [result.tags for result in results if isinstance(result, Media)] == names
    last = handles[0].media(media.id)
    assert last and last.tags in names


# hashes


def test_what_is_here_already_is_found_by_its_hash(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    catalog.add_media(as_sent := a_media(alice, tags=("cat",)), a_token(), reuse=False)
    converted = a_media(alice, source_sha256=sha256("as sent"))
    catalog.add_media(converted, a_token(), reuse=False)
    catalog.add_media(a_media(bob, sha256=sha256("bob's")), a_token(), reuse=False)
    asked = [as_sent.sha256, sha256("as sent"), converted.sha256, sha256("bob's"), sha256("nowhere")]
    assert catalog.existing(alice.id, asked) == {
        as_sent.sha256: as_sent,
        sha256("as sent"): converted,
        converted.sha256: converted,
    }


def test_a_resized_or_expiring_one_is_not_what_was_sent(catalog: Catalog, alice: Owner) -> None:
    sent = sha256("as sent")
    catalog.add_media(a_media(alice, source_sha256=sent, is_resized=True), a_token(), reuse=False)
    catalog.add_media(a_media(alice, sha256=sent, expires_at=SOON), a_token(), reuse=False)
    assert catalog.existing(alice.id, [sent]) == {}


def test_of_the_same_bytes_the_oldest_is_found(catalog: Catalog, alice: Owner) -> None:
    for minute in (5, 9, 7):
        media = a_media(alice, sha256=sha256("twin"), created_at=NOW - minutes(minute))
        catalog.add_media(media, a_token(), reuse=False)
    found = catalog.existing(alice.id, [sha256("twin")])[sha256("twin")]
    assert found == catalog.find_same(alice.id, sha256("twin"))
    assert found.created_at == NOW - minutes(9)


def test_no_hashes_are_no_media(catalog: Catalog, alice: Owner, media: Media) -> None:
    assert catalog.existing(alice.id, []) == {}


# secrets


def test_a_secret_is_made_once(open_catalog: OpenCatalog) -> None:
    handles = [open_catalog(), open_catalog()]
    made = at_once(8, lambda number: handles[number % 2].secret("signing"))
    assert len(set(map(str, made))) == 1
    assert isinstance(made[0], bytes) and len(made[0]) == 32
    assert handles[0].secret("another") != made[0]
