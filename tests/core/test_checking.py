"""What a check finds, what it mends, and what it leaves alone: through the ports, whatever the stores are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.core.checking import originals
from gateway.core.checking.check import check
from gateway.core.checking.findings import MOST_LISTED, ORPHAN, TROUBLES, Finding, Report
from gateway.core.checking.premises import Premises
from gateway.core.errors import StoreUnavailable
from gateway.core.library import Added
from gateway.core.moving import Address, Origin
from gateway.core.records import Asset, Media, Owner
from gateway.settings import Storage
from gateway.store.opening import Opened
from gateway.store.sql.base import Sql
from tests.conftest import FrozenClock, draw
from tests.contract.samples import a_media, a_token, an_album, sha256

AddImage = Callable[..., Added]
STORES = ["sqlite-disk", "sqlite-s3", "postgres-disk", "postgres-s3"]


@pytest.fixture(params=STORES)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """Every catalog with every store of files."""
    here = Storage(str(tmp_path / "data"))
    if request.param == "sqlite-disk":
        return here
    elsewhere: Storage = request.getfixturevalue("storage_elsewhere")
    catalog, _, blobs = request.param.partition("-")
    return replace(
        here,
        catalog=elsewhere.catalog if catalog == "postgres" else "",
        blobs=elsewhere.blobs if blobs == "s3" else "",
    )


@pytest.fixture
def look(opened: Opened) -> Callable[..., Report]:
    """look(repairs=True, sample=1.0) is one check."""

    def run(**how: object) -> Report:
        now = opened.clock.now()
        return check(
            Premises(
                opened.catalog,
                opened.blobs,
                opened.library.cache,
                opened.derived,
                opened.sessions,
                now,
                now - opened.sweep_grace,
                **how,  # type: ignore[arg-type]
            )
        )

    return run


Look = Callable[..., Report]


@pytest.fixture
def photo(add_image: AddImage) -> Media:
    """Large enough for a medium."""
    return add_image(data=draw(1200, 900), title="Cat").media


def kinds(report: Report) -> list[tuple[str, str]]:
    return [(finding.trouble.kind, finding.name) for finding in report.listed]


def bytes_of(opened: Opened, name: str) -> bytes:
    blob = opened.blobs.open(name)
    assert blob
    with blob.file as file:
        return file.read()


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def execute(opened: Opened, *statements: str) -> None:
    assert isinstance(opened.catalog, Sql)
    with opened.catalog.transaction() as db:
        for sql in statements:
            db.execute(sql)


def test_a_library_in_use_is_clean(opened: Opened, alice: Owner, add_image: AddImage, photo: Media, look: Look) -> None:
    gone = add_image(tags=("holiday",)).media
    opened.catalog.add_addresses([Address("/old/1.png", "old", "media", gone.id)])
    opened.catalog.add_origins([Origin("old", "media", "1", gone.id, "run")])
    opened.catalog.add_album(an_album(alice, cover_id=gone.id))
    opened.library.remove(gone)
    report = look(sample=1.0)
    assert kinds(report) == []
    assert (report.media, report.files, report.read_files, report.left()) == (1, 3, 1, 0)
    assert report.read_bytes == photo.size_bytes


def test_an_empty_library_is_clean(look: Look) -> None:
    assert look(repairs=True, sample=1.0).listed == []


# files of records


def test_a_missing_file_is_found_and_its_record_stays(opened: Opened, photo: Media, look: Look) -> None:
    opened.blobs.delete([photo.blob()])
    assert kinds(look()) == [("file_missing", photo.blob())]
    assert kinds(look(repairs=True)) == [("file_missing", photo.blob())]
    assert opened.library.get(photo.id) == opened.catalog.media(photo.id)


def test_the_sentence_names_record_and_title(opened: Opened, photo: Media, look: Look) -> None:
    opened.blobs.delete([photo.blob()])
    [finding] = look().listed
    assert photo.id in finding.sentence and "(Cat)" in finding.sentence


def test_a_file_of_another_size_is_found_and_not_touched(opened: Opened, photo: Media, look: Look) -> None:
    opened.blobs.put({photo.blob(): b"half"})
    assert kinds(look(repairs=True)) == [("file_size", photo.blob())]
    assert bytes_of(opened, photo.blob()) == b"half"


def test_other_bytes_are_found_only_by_reading(opened: Opened, photo: Media, look: Look) -> None:
    opened.blobs.put({photo.blob(): flipped(bytes_of(opened, photo.blob()))})
    assert kinds(look()) == []
    assert kinds(look(sample=1.0, repairs=True)) == [("file_damaged", photo.blob())]


def test_a_sample_reads_some_and_says_how_many(
    add_image: AddImage, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(8):
        add_image()
    chances = iter([0.9, 0.04] * 8)
    monkeypatch.setattr("random.random", lambda: next(chances))
    report = look(sample=0.05)
    assert (report.media, report.read_files, report.sample) == (8, 4, 0.05)


def test_an_upload_of_the_same_content_heals_other_bytes(
    opened: Opened, photo: Media, add_image: AddImage, look: Look
) -> None:
    opened.blobs.put({photo.blob(): flipped(bytes_of(opened, photo.blob()))})
    again = add_image(data=draw(1200, 900))
    assert (again.media.id, again.is_duplicate) == (photo.id, True)
    assert kinds(look(sample=1.0)) == []


def test_what_cannot_be_healed_is_kept_as_a_new_record(opened: Opened, alice: Owner, add_image: AddImage) -> None:
    """It was converted when it came, and would come out as other bytes today."""
    data = draw(seed=7)
    first = a_media(alice, source_sha256=add_image(data=data, owner=opened.owners.add("bob")).media.sha256)
    opened.blobs.put({first.blob(): b"x" * 1000, first.blob("th"): b"y" * 100})
    opened.catalog.add_media(first, a_token(), reuse=False)
    again = add_image(data=data)
    assert not again.is_duplicate and again.media.id != first.id
    assert bytes_of(opened, first.blob()) == b"x" * 1000


def test_a_record_deleted_between_two_looks_misses_nothing(
    opened: Opened, photo: Media, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_first = opened.catalog.media_after

    def then_deleted(after: str, limit: int) -> list[Media]:
        found = at_first(after, limit)
        for media in found:
            opened.library.remove(media)
        return found

    monkeypatch.setattr(opened.catalog, "media_after", then_deleted)
    monkeypatch.setattr("gateway.core.checking.check.refuse_absence", lambda *_: None)
    assert kinds(look(sample=1.0)) == []


def test_an_avatar_that_is_missing_is_found(opened: Opened, alice: Owner, look: Look) -> None:
    asset = Asset("a" * 21, alice.id, "image/png", "png", 5, sha256("avatar"), opened.clock.now())
    opened.catalog.add_asset(asset)
    assert kinds(look()) == [("file_missing", asset.blob())]
    opened.blobs.put({asset.blob(): b"bytes"})
    assert kinds(look()) == []
    assert kinds(look(sample=1.0)) == [("file_damaged", asset.blob())]


# renditions


@pytest.mark.parametrize("content", [None, b"broken", b"\0"])
def test_a_rendition_is_made_anew(opened: Opened, photo: Media, look: Look, content: bytes | None) -> None:
    name = photo.blob("md")
    before = bytes_of(opened, name)
    if content is None:
        opened.blobs.delete([name])
    else:
        opened.blobs.put({name: content})
    kind = "rendition_missing" if content is None else "rendition_damaged"
    assert kinds(look()) == [(kind, name)]
    assert opened.blobs.size(name) == (None if content is None else len(content))
    report = look(repairs=True)
    assert [finding.is_mended for finding in report.listed] == [True]
    assert bytes_of(opened, name) == before
    assert kinds(look(sample=1.0)) == []


def test_a_rendition_of_the_right_size_that_is_no_picture_is_found_by_reading(
    opened: Opened, photo: Media, look: Look
) -> None:
    opened.blobs.put({photo.blob("th"): bytes(photo.thumb_bytes)})
    assert kinds(look()) == []
    assert kinds(look(sample=1.0, repairs=True)) == [("rendition_damaged", photo.blob("th"))]
    assert kinds(look(sample=1.0)) == []


def test_no_rendition_is_made_from_a_damaged_original(opened: Opened, photo: Media, look: Look) -> None:
    opened.blobs.put({photo.blob(): flipped(bytes_of(opened, photo.blob()))})
    opened.blobs.delete([photo.blob("th")])
    [finding] = look(repairs=True).listed
    assert (finding.is_mended, finding.obstacle) == (False, "its original is damaged or missing")
    assert opened.blobs.size(photo.blob("th")) is None


def test_a_rendition_nobody_makes_is_left_with_a_reason(opened: Opened, alice: Owner, look: Look) -> None:
    data = draw(64, 48)
    media = a_media(alice, size_bytes=len(data), sha256=opened_hash(opened, data), medium_bytes=9, thumb_bytes=0)
    opened.blobs.put({media.blob(): data})
    opened.catalog.add_media(media, a_token(), reuse=False)
    [finding] = look(repairs=True).listed
    assert finding.obstacle == "none is made of this file: it came with an import"


def opened_hash(opened: Opened, data: bytes) -> str:
    upload = opened.blobs.receive(len(data))
    upload.write(data)
    upload.discard()
    return upload.sha256()


def test_a_rendition_the_record_knows_nothing_of_is_noted(
    opened: Opened, photo: Media, clock: FrozenClock, look: Look
) -> None:
    opened.catalog.set_rendition(photo.id, "md", 0, (0, 0))
    assert kinds(look()) == []  # it may have been made just now
    clock.advance(days=2)
    assert kinds(look()) == [("rendition_unknown", photo.blob("md"))]
    assert look(repairs=True).left() == 0
    media = opened.library.get(photo.id)
    assert (media.medium_bytes, media.medium_width) == (photo.medium_bytes, photo.medium_width)


# files without a record


def test_an_old_file_without_a_record_is_set_aside(
    opened: Opened, alice: Owner, photo: Media, clock: FrozenClock, look: Look
) -> None:
    names = [a_media(alice).blob(), photo.blob().replace(".png", ".gif")]
    opened.blobs.put(dict.fromkeys(names, b"bytes"))
    young = look(repairs=True)
    assert (young.listed, young.young_files) == ([], 2)
    clock.advance(days=2)
    assert sorted(kinds(look())) == sorted(("orphan", name) for name in names)
    assert all(opened.blobs.size(name) == 5 for name in names)
    assert look(repairs=True).left() == 0
    assert [opened.blobs.size(name) for name in names] == [None, None]
    assert kinds(look(sample=1.0)) == []


def test_a_file_whose_record_is_written_meanwhile_is_no_orphan(
    opened: Opened, alice: Owner, clock: FrozenClock, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = a_media(alice, thumb_bytes=0, size_bytes=5)
    opened.blobs.put({media.blob(): b"bytes"})
    clock.advance(days=2)
    at_first = opened.catalog.media_among

    def then_written(ids: list[str]) -> list[Media]:
        found = at_first(ids)
        if not opened.catalog.media(media.id):
            opened.catalog.add_media(media, a_token(), reuse=False)
        return found

    monkeypatch.setattr(opened.catalog, "media_among", then_written)
    assert kinds(look(repairs=True)) == []
    assert opened.blobs.size(media.blob()) == 5


# what the catalog says of itself


def test_sums_that_drifted_are_counted_anew(opened: Opened, alice: Owner, photo: Media, look: Look) -> None:
    execute(
        opened,
        "UPDATE owners SET storage_used_bytes = 7",
        "UPDATE totals SET number = 0 WHERE kind = 'image'",
        "INSERT INTO totals SELECT id, 'video', 1, 2, 3 FROM owners",
    )
    report = look()
    assert [finding.trouble.kind for finding in report.listed] == ["sum_wrong"] * 3
    assert "alice is kept as 1 media of 7 bytes, and has 1 media of" in report.listed[0].sentence
    assert look(repairs=True).left() == 0
    assert kinds(look()) == []
    assert opened.owners.named("alice").storage_used_bytes == photo.size_bytes


def test_a_title_the_search_does_not_know_is_noted_anew(opened: Opened, photo: Media, look: Look) -> None:
    execute(opened, f"UPDATE media SET title = 'Dog' WHERE id = '{photo.id}'")
    assert kinds(look()) == [("search_stale", photo.id)]
    assert look(repairs=True).left() == 0
    assert kinds(look()) == []


@pytest.mark.parametrize("kind", ["media", "album", "owner", "category", "key", "asset"])
def test_what_leads_nowhere_is_found_and_stays(opened: Opened, look: Look, kind: str) -> None:
    opened.catalog.add_addresses([Address(f"/old/{kind}", "old", kind, "9")])  # type: ignore[arg-type]
    opened.catalog.add_origins([Origin("old", kind, "1", "9", "run")])  # type: ignore[arg-type]
    assert kinds(look(repairs=True)) == [("address_lost", f"/old/{kind}"), ("origin_lost", "9")]
    assert len(opened.catalog.addresses_to(["9"])) == len(opened.catalog.origins_to(["9"])) == 1


def test_what_leads_to_what_is_here_is_fine(opened: Opened, alice: Owner, photo: Media, look: Look) -> None:
    opened.catalog.add_album(album := an_album(alice))
    category = opened.catalog.add_category("Cats", "cats")
    targets = {"media": photo.id, "album": album.id, "owner": alice.id, "category": str(category.id)}
    opened.catalog.add_addresses([Address(f"/old/{kind}", "old", kind, id) for kind, id in targets.items()])  # type: ignore[arg-type]
    assert kinds(look()) == []


def test_an_album_in_an_album_that_is_gone_is_found(opened: Opened, alice: Owner, look: Look) -> None:
    opened.catalog.add_album(an_album(alice, parent_id="p" * 21))
    [finding] = look(repairs=True).listed
    assert finding.sentence == f"A row of albums says parent_id {'p' * 21}, which is not among the albums."


# left-overs


def test_media_past_their_time_are_the_sweepers(
    opened: Opened, add_image: AddImage, clock: FrozenClock, look: Look
) -> None:
    media = add_image(expiration="PT5M").media
    clock.advance(minutes=10)
    assert kinds(look()) == []
    clock.advance(days=2)
    assert kinds(look(repairs=True)) == [("expired_waiting", media.id)]
    opened.library.sweep(timedelta(days=1))
    assert kinds(look()) == []


def test_resumable_uploads_past_their_time_are_removed(
    opened: Opened, alice: Owner, clock: FrozenClock, look: Look
) -> None:
    session = opened.sessions.begin(alice, 100, "", None)
    assert kinds(look()) == []
    clock.advance(days=60)
    assert kinds(look()) == [("session_expired", session.id)]
    assert look(repairs=True).left() == 0
    assert opened.catalog.session(session.id) is None


def test_what_was_broken_off_is_removed(opened: Opened, clock: FrozenClock, look: Look) -> None:
    upload = opened.blobs.receive(4_000_000)
    upload.write(bytes(2_000_000))
    with opened.blobs.arriving("s" * 21) as arriving:
        arriving.resume(0)
        arriving.write(b"bytes")
        arriving.settle()
    assert kinds(look()) == []
    clock.advance(days=2)
    assert kinds(look()) == [("half_arrived", "s" * 21), ("half_arrived", "incoming")]
    assert look(repairs=True).left() == 0
    assert kinds(look()) == []
    upload.discard()


def test_cached_files_of_gone_media_are_dropped(opened: Opened, photo: Media, look: Look) -> None:
    for media_id in (photo.id, "gonegonegon"):
        opened.library.cache.put(f"{media_id}.auto.webp", b"bytes")
    assert kinds(look()) == [("cache_stale", "gonegonegon")]
    assert look(repairs=True).left() == 0
    assert opened.library.cache.names(photo.id) and not opened.library.cache.names("gonegonegon")


# when it is no use to look


def test_a_library_without_any_file_is_refused_and_not_listed(
    opened: Opened, alice: Owner, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(20):
        opened.catalog.add_media(a_media(alice), a_token(), reuse=False)
    with pytest.raises(StoreUnavailable, match="Not one of the first 20 files of this library is where it should be"):
        look(repairs=True)
    opened.blobs.put({opened.catalog.media_after("", 1)[0].blob(): b"bytes"})
    assert look().found["file_missing"] == 19


def test_more_than_can_be_listed_is_counted() -> None:
    report = Report()
    for number in range(MOST_LISTED + 5):
        report.add(Finding(ORPHAN, str(number), "…", is_mended=number == 0))
    assert (len(report.listed), report.found["orphan"], report.left()) == (
        MOST_LISTED,
        MOST_LISTED + 5,
        MOST_LISTED + 4,
    )


def test_every_kind_is_either_mended_or_left_for_a_reason() -> None:
    assert len({trouble.kind for trouble in TROUBLES}) == len(TROUBLES)
    for trouble in TROUBLES:
        assert bool(trouble.mends) != bool(trouble.leaves), trouble.kind
        assert trouble.advice.endswith(".") and trouble.heading[0].isupper()


def test_batches_do_not_grow_with_the_library(
    opened: Opened, add_image: AddImage, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = [add_image().media for _ in range(5)]
    opened.blobs.delete([media[3].blob()])
    asked: list[int] = []
    at_first = opened.catalog.media_after
    monkeypatch.setattr(opened.catalog, "media_after", lambda after, limit: asked.append(limit) or at_first(after, 2))
    assert kinds(look()) == [("file_missing", media[3].blob())]
    assert len(asked) == 5  # the sample, three pages and the end
    assert originals.LOOKING > 1
