"""Files that come with a history: their bytes stay, their old renditions are taken over, the rest is made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.arrivals import Arrival, Prepared, Preparing
from gateway.core.errors import FileRefused
from gateway.core.records import Variant
from gateway.settings import Settings
from gateway.store.opening import Opened, open_preparing
from tests.conftest import FrozenClock, draw
from tests.core import planting


@pytest.fixture
def preparing(settings: Settings, opened: Opened) -> Preparing:
    return open_preparing(settings)


@pytest.fixture
def arrival(tmp_path: Path, clock: FrozenClock) -> Arrival:
    (tmp_path / "old.png").write_bytes(draw(800, 600))
    return Arrival(tmp_path / "old.png", "old.png", clock.now())


def beside(arrival: Arrival, variant: Variant, data: bytes) -> Arrival:
    path = arrival.path.with_suffix(f".{variant}.png")
    path.write_bytes(data)
    return replace(arrival, renditions={**arrival.renditions, variant: path})


def stored(opened: Opened, prepared: Prepared, variant: Variant | None = None) -> bytes | None:
    name = prepared.blobs()[0] if not variant else f"{prepared.id}.{variant}.{prepared.extension}"
    blob = opened.blobs.open(name)
    if not blob:
        return None
    with blob.file as file:
        return file.read()


def test_it_works(preparing: Preparing, opened: Opened, arrival: Arrival) -> None:
    prepared = preparing.prepare(arrival)
    assert (prepared.kind, prepared.mime, prepared.width, prepared.height) == ("image", "image/png", 800, 600)
    assert stored(opened, prepared) == arrival.path.read_bytes()
    assert prepared.thumb_bytes == len(stored(opened, prepared, "th") or b"") > 0
    assert (prepared.medium_width, prepared.medium_height) == (500, 375)


def test_renditions_the_old_host_made_are_taken_over(preparing: Preparing, opened: Opened, arrival: Arrival) -> None:
    arrival = beside(beside(arrival, "th", draw(160, 160, seed=1)), "md", draw(600, 450, seed=2))
    prepared = preparing.prepare(arrival)
    assert stored(opened, prepared, "th") == draw(160, 160, seed=1)
    assert stored(opened, prepared, "md") == draw(600, 450, seed=2)
    assert (prepared.medium_width, prepared.medium_height) == (600, 450)


def test_only_what_is_missing_is_made(preparing: Preparing, opened: Opened, arrival: Arrival) -> None:
    prepared = preparing.prepare(beside(arrival, "th", draw(160, 160, seed=1)))
    assert stored(opened, prepared, "th") == draw(160, 160, seed=1)
    assert prepared.medium_width == 500
    assert len(stored(opened, prepared, "md") or b"") == prepared.medium_bytes > 0


@pytest.mark.parametrize("data", [b"no picture", b"", draw(160, 160, "JPEG")], ids=["text", "empty", "jpeg"])
def test_a_rendition_of_another_format_is_made_anew(
    preparing: Preparing, opened: Opened, arrival: Arrival, data: bytes
) -> None:
    prepared = preparing.prepare(beside(arrival, "th", data))
    assert (stored(opened, prepared, "th") or b"").startswith(b"\x89PNG")


@pytest.mark.parametrize("width", [100, 900])
def test_renditions_of_a_picture_that_was_replaced_since_are_kept(
    preparing: Preparing, opened: Opened, arrival: Arrival, width: int
) -> None:
    arrival.path.write_bytes(draw(width, 80))
    prepared = preparing.prepare(beside(beside(arrival, "th", draw(160, 160, seed=1)), "md", draw(500, 375, seed=2)))
    assert stored(opened, prepared, "th") == draw(160, 160, seed=1)
    assert stored(opened, prepared, "md") == draw(500, 375, seed=2)


def test_a_small_picture_stands_for_the_rendition_of_a_larger_one_of_another_format(
    preparing: Preparing, opened: Opened, arrival: Arrival
) -> None:
    arrival.path.write_bytes(small := draw(100, 80))
    prepared = preparing.prepare(
        beside(beside(arrival, "th", draw(160, 160, "JPEG")), "md", draw(500, 375, "JPEG", seed=2))
    )
    assert stored(opened, prepared, "md") == small
    assert (prepared.medium_width, prepared.medium_height, prepared.medium_bytes) == (100, 80, len(small))
    assert (stored(opened, prepared, "th") or b"").startswith(b"\x89PNG")


def test_where_a_photo_was_taken_stays_in_it(preparing: Preparing, opened: Opened, arrival: Arrival) -> None:
    """An upload would lose it. These bytes were public already, and are to be proven the same."""
    arrival.path.write_bytes(photo := planting.jpeg())
    assert stored(opened, preparing.prepare(arrival)) == photo


def test_linking_shares_the_file(preparing: Preparing, opened: Opened, settings: Settings, arrival: Arrival) -> None:
    prepared = preparing.prepare(replace(arrival, link=True))
    name = prepared.blobs()[0]
    assert (settings.data / "media" / name[:2] / name).samefile(arrival.path)


def test_a_dry_run_finds_out_the_same_and_keeps_nothing(preparing: Preparing, opened: Opened, arrival: Arrival) -> None:
    planned, done = preparing.prepare(replace(arrival, keeps=False)), preparing.prepare(arrival)
    assert replace(planned, id=done.id) == done
    assert stored(opened, planned) is None


def test_a_bitmap_is_kept_as_png_and_remembers_what_it_was(
    preparing: Preparing, opened: Opened, arrival: Arrival
) -> None:
    arrival.path.write_bytes(draw(80, 60, "BMP"))
    prepared = preparing.prepare(beside(arrival, "th", draw(160, 160, seed=1)))
    assert prepared.extension == "png"
    assert prepared.source_md5 and prepared.source_md5 != prepared.md5
    assert stored(opened, prepared, "th") != draw(160, 160, seed=1)


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "FILE_EMPTY"), (b"hello", "FILE_UNKNOWN"), (draw()[:60], "FILE_BROKEN")]
)
def test_what_is_no_whole_picture_is_refused(
    preparing: Preparing, opened: Opened, arrival: Arrival, data: bytes, code: str
) -> None:
    arrival.path.write_bytes(data)
    with pytest.raises(FileRefused) as refused:
        preparing.prepare(arrival)
    assert refused.value.code == code
    assert not list(opened.blobs.names())
