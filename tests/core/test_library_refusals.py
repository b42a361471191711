"""Whatever is refused, and for whatever reason: no file, no row, no charge is left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.core.errors import FileRefused, GatewayError, InvalidInput, QuotaExceeded, StoreUnavailable
from gateway.core.library import Added
from gateway.core.records import Owner
from gateway.settings import Settings
from gateway.store.disk import DiskBlobs
from gateway.store.opening import Opened
from tests.core.drawing import drawn
from tests.journeys.folder import snapshot

AddImage = Callable[..., Added]
Refused = Callable[..., GatewayError]
PICTURE = drawn("PNG", 640, 480)
LARGE = drawn("BMP", 800, 600)  # larger than what waits in memory


@pytest.fixture
def refused(add_image: AddImage, settings: Settings) -> Refused:
    """refused(data=…) is the refusal; it fails the test when the refused upload left anything."""
    add_image(data=drawn("GIF", 64, 48))

    def add(**facts: object) -> GatewayError:
        before = snapshot(settings.data)
        with pytest.raises(GatewayError) as refusal:
            add_image(**facts)
        assert snapshot(settings.data) == before
        return refusal.value

    return add


def test_it_works(add_image: AddImage, settings: Settings) -> None:
    before = snapshot(settings.data)
    add_image(data=LARGE)
    assert snapshot(settings.data) != before


def test_an_empty_file(refused: Refused) -> None:
    assert refused(data=b"").code == "FILE_EMPTY"


@pytest.mark.parametrize("data", [b"hello", b"\0" * 2_000_000, b"<html>", b"%PDF-1.7\n" * 9])
def test_a_file_that_is_no_picture(refused: Refused, data: bytes) -> None:
    assert isinstance(refused(data=data, filename="cat.png"), FileRefused)


@pytest.mark.parametrize("data", [PICTURE[:500], LARGE[: len(LARGE) // 2], drawn("JPEG")[:300]])
def test_a_picture_cut_short(refused: Refused, data: bytes) -> None:
    assert refused(data=data).code == "FILE_BROKEN"


def test_a_format_that_is_off(refused: Refused, opened: Opened) -> None:
    opened.library.intake.disabled_formats = ("bmp",)
    refusal = refused(data=LARGE)
    assert (refusal.code, refusal.meta) == ("FORMAT_OFF", {"format": "bmp"})


def test_a_picture_with_too_many_pixels(refused: Refused, opened: Opened) -> None:
    intake = opened.library.intake
    intake.families = replace(intake.families, limits=replace(intake.families.limits, max_pixels=640 * 480 - 1))
    assert refused(data=PICTURE).code == "LIMIT_EXCEEDED"


@pytest.mark.parametrize("expiration", ["tomorrow", "-600", "P0D", "pt5m", "P9999Y", "\ud83d"])
def test_an_expiration_that_is_none(refused: Refused, expiration: str) -> None:
    refusal = refused(data=PICTURE, expiration=expiration)
    assert isinstance(refusal, InvalidInput)
    assert repr(expiration) in refusal.message


def test_an_expiration_that_is_none_for_a_duplicate(refused: Refused, add_image: AddImage) -> None:
    add_image(data=PICTURE)
    assert isinstance(refused(data=PICTURE, expiration="tomorrow"), InvalidInput)


def test_a_width_larger_than_the_picture(refused: Refused) -> None:
    assert refused(data=PICTURE, resize_width=641).code == "WIDTH_TOO_LARGE"


@pytest.fixture
def limited(opened: Opened) -> Owner:
    return opened.owners.add("limited", quota_bytes=len(PICTURE) + 100)


def test_a_file_over_the_quota(refused: Refused, limited: Owner, opened: Opened) -> None:
    refusal = refused(data=LARGE, owner=limited, tags=("never seen",), resize_width=700)
    assert isinstance(refusal, QuotaExceeded)
    assert refusal.meta["limit"] == len(PICTURE) + 100
    assert opened.owners.named("limited") == limited


def test_the_next_file_when_the_quota_is_used(refused: Refused, add_image: AddImage, limited: Owner) -> None:
    add_image(data=PICTURE, owner=limited)
    refusal = refused(owner=limited)
    assert isinstance(refusal, QuotaExceeded)
    assert "Storage quota reached" in refusal.message


def test_the_same_file_again_needs_no_quota(add_image: AddImage, limited: Owner) -> None:
    add_image(data=PICTURE, owner=limited)
    assert add_image(data=PICTURE, owner=limited).is_duplicate


def test_removing_makes_room_for_the_next(opened: Opened, add_image: AddImage, limited: Owner) -> None:
    opened.library.remove(add_image(data=PICTURE, owner=limited).media)
    add_image(data=PICTURE, owner=limited)


def test_a_catalog_that_is_busy(refused: Refused, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> None:
        raise StoreUnavailable("The catalog is busy.")

    monkeypatch.setattr(opened.catalog, "add_media", busy)
    assert refused(data=LARGE).code == "STORE_UNAVAILABLE"


def test_a_disk_that_is_full(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert refused(data=LARGE).code == "STORE_UNAVAILABLE"


def test_an_interruption(
    add_image: AddImage, opened: Opened, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    before = snapshot(settings.data)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(opened.catalog, "add_media", interrupted)
        add_image(data=PICTURE)
    assert snapshot(settings.data) == before


def test_the_limit_of_a_file(opened: Opened, settings: Settings) -> None:
    assert isinstance(opened.blobs, DiskBlobs)
    before = snapshot(settings.data)
    upload = opened.blobs.receive(1_500_000)
    with pytest.raises(FileRefused):
        for _ in range(20):
            upload.write(b"x" * 100_000)
    upload.discard()
    assert snapshot(settings.data) == before
