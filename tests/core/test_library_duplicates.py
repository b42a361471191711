"""The same bytes again: reused, kept or refused, healed when a file was lost, and never mixed up."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest

from gateway.core.errors import Duplicate, NotFound, StoreUnavailable
from gateway.core.library import Added, NewMedia
from gateway.core.records import Media, Owner
from gateway.settings import Settings
from gateway.store.opening import Opened
from tests.contract.samples import at_once
from tests.core.drawing import drawn
from tests.journeys.folder import known, snapshot, stored

AddImage = Callable[..., Added]
PICTURE = drawn("PNG", 640, 480)


@pytest.fixture
def use(opened: Opened) -> Callable[[Literal["reuse", "keep", "refuse"]], None]:
    def set_duplicates(duplicates: Literal["reuse", "keep", "refuse"]) -> None:
        opened.library.duplicates = duplicates

    return set_duplicates


def file_of(settings: Settings, name: str) -> Path:
    return settings.data / "media" / name[:2] / name


def add_at_once(opened: Opened, owner: Owner, times: int) -> list[Added | Exception]:
    def add(number: int) -> Added:
        upload = opened.blobs.receive(1_000_000)
        try:
            upload.write(PICTURE)
            return opened.library.add(owner, upload, NewMedia(filename=f"{number}.png"))
        finally:
            upload.discard()

    return at_once(times, add)


def test_it_works(opened: Opened, add_image: AddImage, settings: Settings) -> None:
    first = add_image(data=PICTURE, title="first", tags=("cat",))
    before = snapshot(settings.data)
    again = add_image(data=PICTURE, title="again", tags=("dog",), description="other")
    assert (again.media, again.is_duplicate, again.warnings) == (first.media, True, ())
    after = snapshot(settings.data)
    assert (after.files, after.used_bytes) == (before.files, before.used_bytes)
    assert after.rows == before.rows | {"delete_tokens": 2}


def test_each_upload_has_a_delete_link_of_its_own(opened: Opened, add_image: AddImage) -> None:
    first, again = add_image(data=PICTURE), add_image(data=PICTURE)
    assert first.delete_token != again.delete_token
    for added in (first, again):
        assert opened.library.with_delete_token(first.media.id, added.delete_token) == first.media


def test_what_was_left_out_is_said_again(add_image: AddImage) -> None:
    add_image(data=PICTURE)
    assert add_image(data=PICTURE, album_id="unknown", tags=("a/b",)).warnings == (
        "Album 'unknown' is not one of yours; the file is in no album.",
        "Tag 'a/b' was left out: up to 32 characters, without , / or #.",
    )


def test_the_same_bytes_of_another_owner_are_no_duplicate(add_image: AddImage, bob: Owner) -> None:
    first, bobs = add_image(data=PICTURE), add_image(data=PICTURE, owner=bob)
    assert (bobs.is_duplicate, bobs.media.owner_id) == (False, bob.id)
    assert first.media.id != bobs.media.id


def test_what_was_deleted_is_no_duplicate(opened: Opened, add_image: AddImage) -> None:
    first = add_image(data=PICTURE)
    opened.library.remove(first.media)
    again = add_image(data=PICTURE)
    assert not again.is_duplicate
    assert again.media.id != first.media.id


def test_what_will_expire_is_not_reused(add_image: AddImage) -> None:
    expiring, lasting = add_image(data=PICTURE, expiration="PT5M"), add_image(data=PICTURE)
    assert not lasting.is_duplicate
    assert lasting.media.id != expiring.media.id
    assert lasting.media.expires_at is None


def test_an_upload_that_will_expire_reuses_nothing(add_image: AddImage) -> None:
    lasting, expiring = add_image(data=PICTURE), add_image(data=PICTURE, expiration="PT5M")
    again = add_image(data=PICTURE, expiration="PT5M")
    assert [expiring.is_duplicate, again.is_duplicate] == [False, False]
    assert len({lasting.media.id, expiring.media.id, again.media.id}) == 3


def test_an_upload_to_be_resized_reuses_nothing(add_image: AddImage) -> None:
    whole, small = add_image(data=PICTURE), add_image(data=PICTURE, resize_width=320)
    assert not small.is_duplicate
    assert (whole.media.width, small.media.width) == (640, 320)
    assert not add_image(data=PICTURE, resize_width=320).is_duplicate


def test_what_was_resized_is_not_reused_for_the_whole(add_image: AddImage) -> None:
    small, whole = add_image(data=PICTURE, resize_width=320), add_image(data=PICTURE)
    assert not whole.is_duplicate
    assert whole.media.width == 640
    assert add_image(data=PICTURE).media == whole.media != small.media


def test_what_was_converted_is_reused_for_what_was_sent_and_for_what_is_stored(
    opened: Opened, add_image: AddImage
) -> None:
    first = add_image(data=drawn("BMP", 64, 48))
    assert add_image(data=drawn("BMP", 64, 48)).media == first.media
    blob = opened.blobs.open(first.media.blob())
    assert blob
    with blob.file as file:
        assert add_image(data=file.read()).media == first.media


def test_the_same_bytes_sent_by_many_at_once_make_one_record(opened: Opened, alice: Owner, settings: Settings) -> None:
    results = [result for result in add_at_once(opened, alice, 12) if isinstance(result, Added)]
    assert len(results) == 12
    [media] = {result.media for result in results}
    assert sorted(result.is_duplicate for result in results) == [False] + [True] * 11
    assert all(opened.library.with_delete_token(media.id, result.delete_token) == media for result in results)
    assert stored(settings.data) == known(settings.data)
    assert opened.library.usage().media_bytes == len(PICTURE)


# keep and refuse


def test_duplicates_may_be_kept(
    add_image: AddImage, use: Callable[[str], None], settings: Settings, opened: Opened
) -> None:
    use("keep")
    first, again = add_image(data=PICTURE), add_image(data=PICTURE)
    assert not again.is_duplicate
    assert first.media.id != again.media.id
    assert opened.library.usage().media_bytes == 2 * len(PICTURE)
    assert stored(settings.data) == known(settings.data)


def test_duplicates_may_be_refused(
    add_image: AddImage, use: Callable[[str], None], settings: Settings, bob: Owner
) -> None:
    use("refuse")
    first = add_image(data=PICTURE)
    before = snapshot(settings.data)
    with pytest.raises(Duplicate) as refused:
        add_image(data=PICTURE)
    assert refused.value.meta == {"id": first.media.id}
    assert snapshot(settings.data) == before
    assert not add_image(data=PICTURE, owner=bob).is_duplicate


def test_of_many_at_once_all_but_one_are_refused(
    opened: Opened, alice: Owner, use: Callable[[str], None], settings: Settings
) -> None:
    use("refuse")
    results = add_at_once(opened, alice, 8)
    assert sum(isinstance(result, Added) for result in results) == 1
    assert sum(isinstance(result, Duplicate) for result in results) == 7
    assert stored(settings.data) == known(settings.data)
    assert opened.library.usage().media_count == 1


# healing


@pytest.fixture
def whole(add_image: AddImage, settings: Settings) -> Iterator[Media]:
    """Uploaded before; what a test damages must be whole in the end."""
    media = add_image(data=PICTURE).media
    files = {name: file_of(settings, name).read_bytes() for name in media.blobs()}
    assert len(files) == 3
    yield media
    assert {name: file_of(settings, name).read_bytes() for name in media.blobs()} == files
    assert set(stored(settings.data)) == set(files)


@pytest.mark.parametrize("lost", [["main"], ["th"], ["md"], ["main", "md"], ["main", "th", "md"]])
def test_r19_a_lost_file_comes_back(add_image: AddImage, whole: Media, settings: Settings, lost: list[str]) -> None:
    names = {"main": whole.blob(), "th": whole.blob("th"), "md": whole.blob("md")}
    for one in lost:
        file_of(settings, names[one]).unlink()
    again = add_image(data=PICTURE)
    assert (again.media, again.is_duplicate) == (whole, True)


def test_r19_a_lost_folder_comes_back(add_image: AddImage, whole: Media, settings: Settings) -> None:
    shutil.rmtree(file_of(settings, whole.blob()).parent)
    assert add_image(data=PICTURE).media == whole


@pytest.mark.parametrize("wrong", [b"", PICTURE[:-1], PICTURE + b"x"])
def test_r19_a_file_of_another_size_is_put_right(
    add_image: AddImage, whole: Media, settings: Settings, wrong: bytes
) -> None:
    file_of(settings, whole.blob()).write_bytes(wrong)
    file_of(settings, whole.blob("th")).write_bytes(b"x")
    assert add_image(data=PICTURE).media == whole


def test_healing_leaves_the_good_files_alone(add_image: AddImage, whole: Media, settings: Settings) -> None:
    file_of(settings, whole.blob("th")).unlink()
    before = file_of(settings, whole.blob()).stat().st_ino
    add_image(data=PICTURE)
    assert file_of(settings, whole.blob()).stat().st_ino == before


def test_healing_that_fails_takes_no_good_file_with_it(
    add_image: AddImage, whole: Media, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_of(settings, whole.blob("th")).unlink()
    rename = os.rename

    def failing(part: str, target: str) -> None:
        if target.endswith(".th.png"):
            raise OSError(28, "No space left on device")
        rename(part, target)

    with monkeypatch.context() as patch, pytest.raises(StoreUnavailable):
        patch.setattr(os, "rename", failing)
        add_image(data=PICTURE)
    assert file_of(settings, whole.blob()).read_bytes() == PICTURE
    add_image(data=PICTURE)


def test_a_duplicate_deleted_at_that_very_moment_is_asked_for_again(
    opened: Opened, add_image: AddImage, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = add_image(data=PICTURE)
    add_token = opened.catalog.add_delete_token

    def too_late(media_id: str, token_hash: str) -> bool:
        opened.library.remove(first.media)
        return add_token(media_id, token_hash)

    with monkeypatch.context() as patch, pytest.raises(NotFound, match="Send it again"):
        patch.setattr(opened.catalog, "add_delete_token", too_late)
        add_image(data=PICTURE)
    assert stored(settings.data) == {}
    assert not add_image(data=PICTURE).is_duplicate
