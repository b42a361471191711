"""What a catalog promises about sums: they change with what they count, and never differ from it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gateway.core.changes import Changes
from gateway.core.errors import QuotaExceeded
from gateway.core.moving import Arrived
from gateway.core.plans import Plan
from gateway.core.ports import Catalog
from gateway.core.records import Kind, Owner
from gateway.core.totals import Tally, Totals, Uploads
from tests.contract.conftest import OpenCatalog
from tests.contract.samples import NOW, a_media, a_token, an_album, at_once

TODAY = NOW.date()
IMAGE: tuple[Kind, ...] = ("image",)


def test_it_works(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    for kind, is_public, size in (("image", True, 1), ("image", True, 2), ("image", False, 4), ("video", True, 8)):
        catalog.add_media(a_media(alice, kind=kind, is_public=is_public, size_bytes=size), a_token(), reuse=False)
    totals = catalog.totals(alice.id)
    assert totals == Totals(
        (Tally("image", False, 1, 4), Tally("image", True, 2, 3), Tally("video", True, 1, 8)),
    )
    assert (totals.number(), totals.size_bytes()) == (4, 15)
    assert (totals.number(IMAGE), totals.size_bytes(IMAGE)) == (3, 7)
    assert (totals.number(is_public=False), totals.number(("video", "audio"), True)) == (1, 1)
    assert catalog.totals(bob.id) == Totals()


def test_what_is_removed_does_not_count(catalog: Catalog, alice: Owner) -> None:
    catalog.add_media(media := a_media(alice), a_token(), reuse=False)
    catalog.remove_media(media.id, NOW)
    assert catalog.totals(alice.id) == Totals()


def test_what_arrives_and_is_taken_back_counts(catalog: Catalog, alice: Owner) -> None:
    media = [a_media(alice, size_bytes=5), a_media(alice, size_bytes=6, kind="audio"), a_media(alice, size_bytes=7)]
    catalog.add_arrived([Arrived(one) for one in media])
    assert catalog.totals(alice.id) == Totals((Tally("audio", True, 1, 6), Tally("image", True, 2, 12)))
    catalog.withdraw_media([media[0].id, media[1].id])
    assert catalog.totals(alice.id) == Totals((Tally("image", True, 1, 7),))


def test_hiding_moves_it_to_the_private_ones(catalog: Catalog, alice: Owner) -> None:
    catalog.add_media(media := a_media(alice), a_token(), reuse=False)
    catalog.change_media(media.id, Changes(is_public=False), NOW)
    assert catalog.totals(alice.id) == Totals((Tally("image", False, 1, 1000),))
    catalog.change_media(media.id, Changes(is_public=False), NOW)
    assert catalog.totals(alice.id) == Totals((Tally("image", False, 1, 1000),))


def test_a_duplicate_does_not_count(catalog: Catalog, alice: Owner) -> None:
    catalog.add_media(media := a_media(alice), a_token(), reuse=False)
    catalog.add_media(a_media(alice, sha256=media.sha256), a_token(), reuse=True)
    assert catalog.totals(alice.id).number() == 1
    assert catalog.uploads(alice.id, TODAY) == Uploads(1, 1)


def test_many_at_once_leave_the_right_sums(open_catalog: OpenCatalog, alice: Owner) -> None:
    handles = [open_catalog(), open_catalog()]
    old = [a_media(alice, size_bytes=10) for _ in range(20)]
    for media in old:
        handles[0].add_media(media, a_token(), reuse=False)

    def work(number: int) -> None:
        catalog = handles[number % 4 // 2]
        if number % 2:
            catalog.change_media(old[number // 2].id, Changes(is_public=False), NOW)
        else:
            catalog.remove_media(old[number // 2].id, NOW)

    assert at_once(40, work) == [None] * 40
    assert handles[0].totals(alice.id) == Totals()
    assert not handles[0].recount()


def test_a_recount_finds_nothing_wrong(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    catalog.add_album(album := an_album(alice))
    catalog.add_media(media := a_media(alice, album_id=album.id), a_token(), reuse=False)
    catalog.add_media(gone := a_media(bob, kind="video"), a_token(), reuse=False)
    catalog.remove_media(gone.id, NOW)
    catalog.change_media(media.id, Changes(is_public=False, album_id=None), NOW)
    before = catalog.totals(alice.id), catalog.owners(), catalog.albums()
    assert not catalog.recount()
    assert (catalog.totals(alice.id), catalog.owners(), catalog.albums()) == before


# uploads by day and month


def test_uploads_count_on_their_day(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    for day in (31, 30, 30, 0):
        at = NOW.replace(day=1) + timedelta(days=day)
        catalog.add_media(a_media(alice, updated_at=at, created_at=NOW - timedelta(days=900)), a_token(), reuse=False)
    assert catalog.uploads(alice.id, date(2026, 12, 1)) == Uploads(2, 2)
    assert catalog.uploads(alice.id, date(2026, 12, 2)) == Uploads(1, 3)
    assert catalog.uploads(alice.id, date(2026, 11, 30)) == Uploads(0, 1)
    assert catalog.uploads(bob.id, date(2026, 12, 1)) == Uploads(0, 0)


def test_a_removed_upload_was_an_upload(catalog: Catalog, alice: Owner) -> None:
    catalog.add_media(media := a_media(alice), a_token(), reuse=False)
    catalog.remove_media(media.id, NOW)
    assert catalog.uploads(alice.id, TODAY) == Uploads(1, 1)


def test_what_was_imported_is_no_upload(catalog: Catalog, alice: Owner) -> None:
    catalog.add_arrived([Arrived(a_media(alice))])
    assert catalog.uploads(alice.id, TODAY) == Uploads(0, 0)


# plans


@pytest.mark.parametrize(
    ("kind", "type"), [("image", "img_storage"), ("video", "video_storage"), ("audio", "audio_storage")]
)
def test_a_plan_limits_the_bytes_of_a_kind(catalog: Catalog, alice: Owner, kind: str, type: str) -> None:
    plan = Plan("small", **{f"{kind}_bytes": 1_500})
    first = a_media(alice, kind=kind)
    assert catalog.add_media(first, a_token(), reuse=False, plan=plan) is None
    with pytest.raises(QuotaExceeded, match="quota") as refused:
        catalog.add_media(media := a_media(alice, kind=kind), a_token(), reuse=False, plan=plan)
    assert refused.value.meta == {"type": type, "used": 1_000, "limit": 1_500, "needed": 1_000}
    assert catalog.media(media.id) is None
    assert catalog.uploads(alice.id, TODAY) == Uploads(1, 1)
    catalog.remove_media(first.id, NOW)
    assert catalog.add_media(media, a_token(), reuse=False, plan=plan) is None


def test_another_kind_has_room_of_its_own(catalog: Catalog, alice: Owner) -> None:
    plan = Plan("small", image_bytes=0, video_bytes=1_000)
    assert catalog.add_media(a_media(alice, kind="video"), a_token(), reuse=False, plan=plan) is None
    with pytest.raises(QuotaExceeded):
        catalog.add_media(a_media(alice), a_token(), reuse=False, plan=plan)


@pytest.mark.parametrize("period", ["day", "month"])
def test_a_plan_limits_uploads(catalog: Catalog, alice: Owner, period: str) -> None:
    plan = Plan("small", **{f"uploads_per_{period}": 2})
    for _ in range(2):
        catalog.add_media(a_media(alice), a_token(), reuse=False, plan=plan)
    with pytest.raises(QuotaExceeded, match="quota") as refused:
        catalog.add_media(a_media(alice), a_token(), reuse=False, plan=plan)
    assert refused.value.meta == {"type": f"uploads_per_{period}", "used": 2, "limit": 2, "needed": 1}
    later = NOW + timedelta(days=1 if period == "day" else 30)
    assert catalog.add_media(a_media(alice, updated_at=later), a_token(), reuse=False, plan=plan) is None


def test_many_at_once_cannot_pass_a_plan(open_catalog: OpenCatalog, alice: Owner) -> None:
    handles = [open_catalog(), open_catalog()]
    plan = Plan("small", image_bytes=10_000, uploads_per_day=7)
    media = [a_media(alice) for _ in range(30)]
    results = at_once(
        30, lambda number: handles[number % 2].add_media(media[number], a_token(), reuse=False, plan=plan)
    )
    assert results.count(None) == 7
    assert sum(isinstance(result, QuotaExceeded) for result in results) == 23
