"""A library that was filled in several runs, or in a part: what the proof makes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.settings import Settings
from gateway.store.opening import Opened
from migrate.items import OldAlbum
from migrate.verify import CannotVerify
from tests.conftest import FrozenClock
from tests.migrate.fakes import FakeSource
from tests.migrate.proving import SITE, THEN, Prover, picture, whole_site


@pytest.fixture
def prover(opened: Opened, settings: Settings) -> Prover:
    return Prover.of(opened, settings)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    (tmp_path / "old").mkdir()
    return tmp_path / "old"


def later(prover: Prover, clock: FrozenClock) -> Prover:
    """For another run into the same library."""
    clock.advance(hours=1)
    return Prover.of(prover.opened, prover.settings)


def left_out(prover: Prover, count: int, options: str) -> str:
    return f"run {prover.journal.run.id}: items: expected all, found {count} left out by {options}: import them, too"


# a part of it


def test_what_options_left_out_is_one_difference(prover: Prover, old: Path) -> None:
    source = FakeSource(
        [
            picture(old, 1, created_at=THEN),
            picture(old, 2, created_at=THEN, name="/images/two.jpg"),
            picture(old, 3, created_at=datetime(2010, 1, 1, tzinfo=UTC)),
            picture(old, 4, created_at=datetime(2010, 1, 1, tzinfo=UTC)),
        ],
        sites_there=[SITE],
    )
    options = {"only": "*.png", "since": datetime(2015, 1, 1, tzinfo=UTC)}
    prover.bring(source, **options)
    assert prover.differences(source, **options) == [left_out(prover, 3, "--only and --since")]
    verified = prover.hearing.verified
    assert verified and (verified.is_safe, verified.exit_code) == (False, 3)
    assert (verified.checked, verified.left_out) == (1, {"only": 1, "since": 2})


def test_what_is_beyond_the_limit_is_one_difference(prover: Prover, old: Path) -> None:
    source = FakeSource([picture(old, number) for number in range(1, 6)], sites_there=[SITE])
    prover.bring(source, limit=2)
    assert prover.differences(source, limit=2) == [left_out(prover, 3, "--limit")]


@pytest.mark.parametrize("options", [{"limit": 2}, {"only": "*1.png"}])
def test_what_another_run_brought_since_is_here(
    prover: Prover, old: Path, clock: FrozenClock, options: dict[str, object]
) -> None:
    site = whole_site(old)
    prover.bring(site, **options)
    second = later(prover, clock)
    second.bring(site)
    for one, how in ((prover, options), (second, {})):
        assert one.differences(site, read_data=True, **how) == []
        assert one.hearing.verified and one.hearing.verified.checked == 5


def test_what_another_run_brought_since_is_compared(prover: Prover, old: Path, clock: FrozenClock) -> None:
    source = FakeSource([picture(old, 1), picture(old, 2, title="Two")], sites_there=[SITE])
    prover.bring(source, limit=1)
    second = later(prover, clock)
    second.bring(source)
    prover.write("UPDATE media SET title = 'Other' WHERE id = ?", second.media_id("2"))
    assert prover.differences(source, limit=1) == ["item /images/pic2.png: title: expected 'Two', found 'Other'"]


def test_what_another_run_brought_and_was_deleted_since_is_no_difference(
    prover: Prover, old: Path, clock: FrozenClock
) -> None:
    source = FakeSource([picture(old, 1), picture(old, 2)], sites_there=[SITE])
    prover.bring(source, limit=1)
    second = later(prover, clock)
    second.bring(source)
    prover.opened.library.remove(prover.opened.library.get(second.media_id("2")))
    assert prover.prove(source, limit=1).differences == 0


def test_a_run_that_found_nothing_proves_nothing(prover: Prover) -> None:
    source = FakeSource(sites_there=[SITE])
    prover.bring(source)
    with pytest.raises(CannotVerify, match="found nothing"):
        prover.prove(source)


# merged


def twins(old: Path) -> FakeSource:
    """The same bytes under two names, and thumbnails that look alike and are not; the second is an album's cover."""
    first, second = picture(old, 1, title="One"), picture(old, 2, title="Two", album="1")
    second_file = old / "images" / "pic2.png"
    second_file.write_bytes((old / "images" / "pic1.png").read_bytes())
    return FakeSource([first, second], albums_there=[OldAlbum("1", "Open", cover="2")], sites_there=[SITE])


@pytest.mark.parametrize("read_data", [False, True])
def test_renditions_of_a_merged_file_are_those_of_the_one_it_is_now(prover: Prover, old: Path, read_data: bool) -> None:
    source = twins(old)
    thumbs = [(old / "images" / f"pic{number}.th.png").read_bytes() for number in (1, 2)]
    assert thumbs[0] != thumbs[1]
    prover.bring(source, duplicates="merge")
    assert prover.importer.verdicts() == {"1": "imported", "2": "duplicate"}
    assert prover.differences(source, read_data=read_data) == []
    prover.stored("1").write_bytes(b"something else")
    assert any("pic2.png: address /images/pic2.png" in line for line in prover.differences(source))


def test_files_that_were_merged_by_an_earlier_run_are_merged_still(
    prover: Prover, old: Path, clock: FrozenClock
) -> None:
    source = twins(old)
    prover.bring(source, duplicates="merge")
    second = later(prover, clock)
    second.bring(source)
    assert second.importer.verdicts() == {"1": "already-imported", "2": "already-imported"}
    assert second.differences(source, read_data=True) == []


# covers


def test_a_cover_that_comes_in_a_later_run_is_the_cover(prover: Prover, old: Path, clock: FrozenClock) -> None:
    album = OldAlbum("1", "Open", cover="2")
    source = FakeSource(
        [picture(old, 1, album="1"), picture(old, 2, album="1")], albums_there=[album], sites_there=[SITE]
    )
    prover.bring(source, limit=1)
    assert prover.opened.library.albums()[0].cover_id is None
    second = later(prover, clock)
    second.bring(source)
    assert prover.opened.library.albums()[0].cover_id == second.media_id("2")
    assert second.differences(source) == []


def test_a_cover_that_somebody_chose_stays(prover: Prover, old: Path, clock: FrozenClock) -> None:
    album = OldAlbum("1", "Open", cover="2")
    source = FakeSource(
        [picture(old, 1, album="1"), picture(old, 2, album="1")], albums_there=[album], sites_there=[SITE]
    )
    prover.bring(source, limit=1)
    [here] = prover.opened.library.albums()
    prover.opened.catalog.set_album_cover(here.id, first := prover.media_id("1"))
    later(prover, clock).bring(source)
    assert prover.opened.library.albums()[0].cover_id == first


def test_a_cover_that_was_deleted_here_is_none(prover: Prover, old: Path, clock: FrozenClock) -> None:
    album = OldAlbum("1", "Open", cover="1")
    source = FakeSource([picture(old, 1, album="1")], albums_there=[album], sites_there=[SITE])
    prover.bring(source)
    prover.opened.library.remove(prover.opened.library.get(prover.media_id("1")))
    prover.write("UPDATE albums SET cover_id = NULL")
    later(prover, clock).bring(source)
    assert prover.opened.library.albums()[0].cover_id is None
