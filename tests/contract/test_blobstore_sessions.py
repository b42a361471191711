"""What a store promises of uploads that come in pieces: nothing promised is lost, and one writes at a time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.core.errors import Conflict
from gateway.core.ids import new_id
from gateway.core.ports import BlobStore

ALWAYS = datetime(9000, 1, 1, tzinfo=UTC)


@pytest.fixture
def write(blobs: BlobStore) -> Callable[..., str]:
    """write(b"one", b"two") keeps the bytes of a session, and gives its id."""

    def keep(*pieces: bytes, session_id: str = "") -> str:
        session_id = session_id or new_id()
        size = 0
        for piece in pieces:
            with blobs.arriving(session_id) as arriving:
                assert arriving.resume(size)
                size += arriving.write(piece)
                arriving.settle()
        return session_id

    return keep


def read(blobs: BlobStore, session_id: str) -> bytes:
    with blobs.arriving(session_id) as arriving:
        return b"".join(arriving.blocks())


def test_pieces_follow_each_other(blobs: BlobStore, write: Callable[..., str]) -> None:
    assert read(blobs, write(b"one", b"", b"two", b"three" * 1_000_000)) == b"onetwo" + b"three" * 1_000_000


def test_what_was_never_promised_is_dropped(blobs: BlobStore, write: Callable[..., str]) -> None:
    id = write(b"promised, and more")
    with blobs.arriving(id) as arriving:
        assert arriving.resume(8)
        arriving.write(b"!")
        arriving.settle()
    assert read(blobs, id) == b"promised!"


def test_what_is_lost_is_said(blobs: BlobStore, write: Callable[..., str]) -> None:
    id = write(b"four")
    with blobs.arriving(id) as arriving:
        assert not arriving.resume(5)
        assert arriving.resume(4)


def test_one_at_a_time(blobs: BlobStore, write: Callable[..., str]) -> None:
    id, other = write(b"one"), write(b"other")
    with blobs.arriving(id):
        with pytest.raises(Conflict), blobs.arriving(id):
            pass
        assert read(blobs, other) == b"other"
    assert read(blobs, id) == b"one"


def test_whoever_fails_holds_nobody_up(blobs: BlobStore, write: Callable[..., str]) -> None:
    id = write(b"one")
    with pytest.raises(RuntimeError), blobs.arriving(id):
        raise RuntimeError
    assert read(blobs, id) == b"one"


def test_dropping_leaves_nothing(blobs: BlobStore, write: Callable[..., str]) -> None:
    id = write(b"one")
    with blobs.arriving(id) as arriving:
        arriving.drop()
        arriving.drop()
    assert blobs.arriving_names(ALWAYS) == []
    assert read(blobs, id) == b""


def test_names(blobs: BlobStore, write: Callable[..., str]) -> None:
    ids = {write(b"one"), write(b"two")}
    assert set(blobs.arriving_names(datetime.now(UTC) + timedelta(hours=1))) == ids
    assert blobs.arriving_names(datetime.now(UTC) - timedelta(hours=1)) == []


def test_sweeping_what_is_incoming_leaves_sessions(blobs: BlobStore, write: Callable[..., str]) -> None:
    id = write(b"one")
    assert blobs.sweep_incoming(ALWAYS) == 0
    assert read(blobs, id) == b"one"


def test_they_are_no_stored_files(blobs: BlobStore, write: Callable[..., str]) -> None:
    write(b"one")
    assert list(blobs.names()) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "x" * 22, "x" * 20 + "/", "ü" * 21])
def test_only_ids_are_names(blobs: BlobStore, name: str) -> None:
    with pytest.raises(ValueError, match="no id of a session"), blobs.arriving(name):
        pass


WRITER = """
import sys
from pathlib import Path
from gateway.store.disk import DiskBlobs
from gateway.store.places import S3Place
from gateway.store.sqlite import SqliteCatalog

folder, id, *place = sys.argv[1:]
blobs = DiskBlobs(Path(folder))
if place:
    from gateway.store.s3 import S3Blobs
    blobs = S3Blobs(S3Place(*place), Path(folder, "elsewhere"), SqliteCatalog(Path(folder, "catalog.db")).alone)
with blobs.arriving(id) as arriving:
    arriving.resume(0)
    arriving.write(b"promised")
    arriving.settle()
    arriving.write(b" and not promised")
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_another_process_that_is_killed_holds_nobody_up(blobs: BlobStore, tmp_path: Path) -> None:
    id, place = new_id(), getattr(blobs, "place", None)
    command = [sys.executable, "-c", WRITER, str(tmp_path), id, *(astuple(place)[:4] if place else ())]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        assert process.stdout and process.stdout.readline() == b"ready\n"
        with pytest.raises(Conflict), blobs.arriving(id):
            pass
        process.kill()
    with blobs.arriving(id) as arriving:
        assert arriving.resume(8)
        assert b"".join(arriving.blocks()) == b"promised"
