"""What goes: deleted, past its time, abandoned on the way in, or without a record."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta

import pytest

from gateway.core.errors import NotFound, StoreUnavailable
from gateway.core.library import Added, Swept
from gateway.core.records import Media, Owner
from gateway.settings import Settings
from gateway.store.disk import DiskBlobs
from gateway.store.opening import Opened
from tests.conftest import FrozenClock
from tests.contract.samples import a_media, a_token
from tests.core.drawing import drawn
from tests.journeys.folder import known, stored

AddImage = Callable[..., Added]
GRACE = timedelta(days=1)


def is_gone(opened: Opened, added: Added) -> bool:
    """Whether the library knows nothing of it any more, by whatever way it is asked."""
    asked: list[Callable[[], object]] = [
        lambda: opened.library.get(added.media.id),
        lambda: opened.library.with_delete_token(added.media.id, added.delete_token),
    ]
    found = [opened.library.file_entry(added.media.id) is not None]
    for ask in asked:
        try:
            ask()
            found.append(True)
        except NotFound:
            found.append(False)
    assert len(set(found)) == 1
    return not found[0]


@pytest.fixture
def age(settings: Settings, clock: FrozenClock) -> Callable[..., None]:
    """age(hours=25) makes every file look as if it was last written so long ago."""

    def set_back(**duration: float) -> None:
        time = (clock.now() - timedelta(**duration)).timestamp()
        for path in settings.data.rglob("*"):
            if path.is_file() and not path.name.startswith("catalog"):
                os.utime(path, (time, time))

    return set_back


def put_orphan(opened: Opened, owner: Owner) -> Media:
    """Files without a record: what a crash between the two leaves."""
    opened.blobs.put({(media := a_media(owner)).blob(): b"main", media.blob("th"): b"thumbnail"})
    return media


def test_it_works(opened: Opened, add_image: AddImage, settings: Settings, alice: Owner) -> None:
    one, two = add_image(data=drawn("PNG", 640, 480), tags=("cat",)), add_image()
    assert len(stored(settings.data)) == 5
    opened.library.remove(one.media)
    assert is_gone(opened, one) and not is_gone(opened, two)
    assert set(stored(settings.data)) == set(two.media.blobs())
    owner = opened.owners.named("alice")
    assert (owner.storage_used_bytes, owner.media_count) == (two.media.size_bytes, 1)


def test_what_was_removed_cannot_be_removed_again(opened: Opened, add_image: AddImage) -> None:
    media = add_image().media
    opened.library.remove(media)
    with pytest.raises(NotFound):
        opened.library.remove(media)


def test_a_file_lost_before_is_no_reason_to_fail(opened: Opened, add_image: AddImage) -> None:
    added = add_image()
    opened.blobs.delete([added.media.blob()])
    opened.library.remove(added.media)
    assert is_gone(opened, added)


def test_a_busy_catalog_leaves_the_files(
    opened: Opened, add_image: AddImage, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> bool:
        raise StoreUnavailable("The catalog is busy.")

    added = add_image()
    monkeypatch.setattr(opened.catalog, "remove_media", busy)
    with pytest.raises(StoreUnavailable):
        opened.library.remove(added.media)
    assert set(stored(settings.data)) == set(added.media.blobs())
    assert not is_gone(opened, added)


@pytest.mark.parametrize("token", ["", "guess", "0" * 48, "\ud83d", "%"])
def test_a_wrong_delete_token_finds_nothing(opened: Opened, add_image: AddImage, token: str) -> None:
    added, other = add_image(), add_image()
    for wrong in (token, other.delete_token, added.delete_token.upper(), added.delete_token + " "):
        with pytest.raises(NotFound):
            opened.library.with_delete_token(added.media.id, wrong)
    with pytest.raises(NotFound):
        opened.library.with_delete_token("\ud83d", added.delete_token)


# expiry


def test_it_is_gone_at_the_moment_of_expiry(opened: Opened, add_image: AddImage, clock: FrozenClock) -> None:
    added, lasting = add_image(expiration="PT5M"), add_image()
    clock.advance(minutes=5, milliseconds=-1)
    assert not is_gone(opened, added)
    clock.advance(milliseconds=1)
    assert is_gone(opened, added)
    assert not is_gone(opened, lasting)


def test_the_expired_count_until_they_are_swept(
    opened: Opened, add_image: AddImage, clock: FrozenClock, settings: Settings
) -> None:
    added, lasting = add_image(expiration="PT5M"), add_image(expiration="PT6M")
    clock.advance(minutes=5)
    usage = opened.library.usage()
    assert (usage.media_count, usage.expired_waiting) == (2, 1)
    assert set(added.media.blobs()) < set(stored(settings.data))
    assert opened.library.sweep(GRACE) == Swept(expired=1, incoming=0, orphans=0)
    usage = opened.library.usage()
    assert (usage.media_count, usage.media_bytes, usage.expired_waiting) == (1, lasting.media.size_bytes, 0)
    assert set(stored(settings.data)) == set(lasting.media.blobs())


def test_a_sweep_that_finds_nothing_does_nothing(opened: Opened, add_image: AddImage, settings: Settings) -> None:
    added = add_image(expiration="PT5M")
    before = stored(settings.data)
    assert opened.library.sweep(GRACE) == Swept(0, 0, 0)
    assert stored(settings.data) == before == known(settings.data)
    assert not is_gone(opened, added)


def test_any_number_of_expired_files_is_swept_at_once(opened: Opened, alice: Owner, clock: FrozenClock) -> None:
    for _ in range(230):
        opened.catalog.add_media(a_media(alice, expires_at=clock.now()), a_token(), reuse=False)
    assert opened.library.sweep_expired() == 230
    assert opened.library.usage().media_count == 0


# what was left behind


def test_uploads_that_never_finished_are_swept_after_the_grace(
    opened: Opened, settings: Settings, age: Callable[..., None]
) -> None:
    upload = opened.blobs.receive(5_000_000)
    upload.write(b"x" * 2_000_000)
    age(hours=23)
    assert opened.library.sweep(GRACE) == Swept(0, 0, 0)
    age(hours=25)
    assert opened.library.sweep(GRACE) == Swept(0, incoming=1, orphans=0)
    assert list((settings.data / "incoming").iterdir()) == []
    upload.discard()


def test_files_without_a_record_are_set_aside_after_the_grace(
    opened: Opened, add_image: AddImage, settings: Settings, alice: Owner, age: Callable[..., None]
) -> None:
    added, orphan = add_image(), put_orphan(opened, alice)
    before = stored(settings.data)
    age(hours=23)
    assert opened.library.sweep(GRACE) == Swept(0, 0, 0)
    assert stored(settings.data) == before
    age(hours=25)
    assert opened.library.sweep(GRACE) == Swept(0, 0, orphans=2)
    assert set(stored(settings.data)) == set(added.media.blobs())
    lost = {path.name: path.read_bytes() for path in (settings.data / "lost+found").iterdir()}
    assert lost == {orphan.blob(): b"main", orphan.blob("th"): b"thumbnail"}
    assert opened.library.sweep(GRACE) == Swept(0, 0, 0)


def test_what_a_crash_while_deleting_leaves_is_set_aside_later(
    opened: Opened, add_image: AddImage, settings: Settings, age: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(names: object) -> None:
        raise KeyboardInterrupt

    added = add_image()
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(DiskBlobs, "delete", lambda self, names: crash(names))
        opened.library.remove(added.media)
    assert is_gone(opened, added)
    age(hours=25)
    assert opened.library.sweep(GRACE) == Swept(0, 0, orphans=2)
    assert stored(settings.data) == {}


def test_any_number_of_files_is_looked_through(
    opened: Opened, add_image: AddImage, alice: Owner, age: Callable[..., None]
) -> None:
    added = [add_image() for _ in range(3)]
    opened.blobs.put({a_media(alice).blob(): b"main" for _ in range(1_100)})
    age(hours=25)
    assert opened.library.sweep_orphans(opened.clock.now() - GRACE) == 1_100
    assert not any(is_gone(opened, one) for one in added)
