"""Uploads that come in pieces, and what goes wrong just when the last one has arrived."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.core.errors import NotFound, StoreUnavailable
from gateway.core.library import NewMedia
from gateway.core.pieces import Session
from gateway.core.records import Owner
from gateway.core.sessions import Appended, Piece
from gateway.settings import Settings
from gateway.store.opening import Opened
from tests.conftest import FrozenClock, draw

PICTURE = draw(seed=7)


@pytest.fixture
def session(opened: Opened, alice: Owner) -> Session:
    return opened.sessions.begin(alice, len(PICTURE), "", None)


def append(opened: Opened, owner: Owner, session: Session, data: bytes, offset: int) -> Appended:
    return opened.sessions.append(owner, session.id, Piece(offset, iter([data])), NewMedia(filename="cat.png"))


def fail(*_: Any, **__: Any) -> Any:
    raise StoreUnavailable("The disk is full.")


def test_it_works(opened: Opened, alice: Owner, session: Session) -> None:
    assert append(opened, alice, session, PICTURE[:100], 0).session.offset_bytes == 100
    done = append(opened, alice, session, PICTURE[100:], 100)
    assert done.added and done.added.media.sha256 == hashlib.sha256(PICTURE).hexdigest()
    assert opened.sessions.became(done.session) == done.added.media


def test_a_full_disk_at_the_end_costs_one_byte(
    opened: Opened, alice: Owner, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All has arrived, but it is not in the library: nobody is told that it is done."""
    with monkeypatch.context() as patched, pytest.raises(StoreUnavailable):
        patched.setattr(opened.blobs, "put", fail)
        append(opened, alice, session, PICTURE, 0)
    last = len(PICTURE) - 1
    assert opened.sessions.own(alice, session.id).offset_bytes == last
    done = append(opened, alice, session, PICTURE[last:], last)
    assert done.added and done.added.media.sha256 == hashlib.sha256(PICTURE).hexdigest()


def test_a_catalog_that_fails_after_the_end_finds_it_again(
    opened: Opened, alice: Owner, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a process that is killed between the two."""
    before = opened.catalog.change_session
    with monkeypatch.context() as patched, pytest.raises(StoreUnavailable):
        patched.setattr(opened.catalog, "change_session", lambda one: fail() if one.media_id else before(one))
        append(opened, alice, session, PICTURE, 0)
    last = len(PICTURE) - 1
    done = append(opened, alice, session, PICTURE[last:], last)
    assert done.added and done.added.is_duplicate
    assert opened.library.usage().media_count == 1


def test_blocks_that_end_in_an_error_leave_the_offset(opened: Opened, alice: Owner, session: Session) -> None:
    def broken() -> Iterator[bytes]:
        yield PICTURE[:100]
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError):
        opened.sessions.append(alice, session.id, Piece(0, broken()), NewMedia(filename=""))
    assert opened.sessions.settled(alice, session.id).offset_bytes == 0
    assert append(opened, alice, session, PICTURE, 0).added


def test_it_may_be_given_up_while_it_is_written(opened: Opened, alice: Owner, session: Session) -> None:
    """By the sweeper of another process whose clock is ahead."""

    def slowly() -> Iterator[bytes]:
        yield PICTURE[:100]
        opened.catalog.remove_session(session.id)

    with pytest.raises(NotFound):
        opened.sessions.append(alice, session.id, Piece(0, slowly()), NewMedia(filename=""))
    assert opened.blobs.arriving_names(opened.clock.now() + timedelta(days=9_999)) == []


def test_what_is_written_just_now_is_not_swept(
    opened: Opened, alice: Owner, session: Session, clock: FrozenClock
) -> None:
    append(opened, alice, session, PICTURE[:100], 0)
    clock.advance(days=2)
    with opened.blobs.arriving(session.id):
        assert opened.sessions.sweep_expired() == 0
    assert opened.sessions.sweep_expired() == 1


def test_what_a_killed_process_left_behind_is_swept(
    opened: Opened, alice: Owner, session: Session, settings: Settings, clock: FrozenClock
) -> None:
    append(opened, alice, session, PICTURE, 0)
    left = Path(settings.data, "incoming", f"{session.id}.session")
    left.write_bytes(PICTURE)
    assert opened.sessions.sweep_unclaimed(clock.now() + timedelta(days=9_999)) == 1
    assert not left.exists()
    assert opened.sessions.own(alice, session.id).media_id
