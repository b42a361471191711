"""Files in one folder, each named by its public address: `media/xK/xK9mR2pQ7vB.jpg`.

An upload is hashed while it is written to `incoming/`, on the same file system. Keeping it is: fsync the file, rename
it into `media/`, fsync the folder. Only after all that does anyone else hear of it.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from gateway.core.claiming import Expected, refuse_place
from gateway.core.errors import StoreUnavailable, TooBig
from gateway.core.ports import Blob, Upload
from gateway.store import arriving
from gateway.store.arriving import DiskArriving
from gateway.store.writing import open_raw, storage_errors, sync_folder, write_all

MARKER = "library"
NAME = re.compile(r"[A-Za-z0-9_-]{11,21}(\.(th|md|fr))?\.[a-z0-9]{2,5}")
IN_MEMORY_BYTES = 1_000_000


class DiskUpload:
    """Small bodies stay in memory, where they cost less; a larger one moves to its file as soon as it is one."""

    def __init__(self, path: str, limit_bytes: int) -> None:
        self.path = path
        self.limit_bytes = limit_bytes
        self.size = 0
        self.file: BinaryIO | None = BytesIO()
        self.in_memory = True
        self.sha256_hash = hashlib.sha256()
        self.md5_hash = hashlib.md5(usedforsecurity=False)

    def write(self, block: bytes, /) -> int:
        assert self.file
        self.size += len(block)
        if self.size > self.limit_bytes:
            raise TooBig(self.limit_bytes)
        if self.in_memory and self.size > IN_MEMORY_BYTES:
            self.move_to_file()
        self.sha256_hash.update(block)
        self.md5_hash.update(block)
        with storage_errors():
            write_all(self.file, block)
        return len(block)

    def move_to_file(self) -> None:
        assert isinstance(self.file, BytesIO)
        so_far = self.file.getvalue()
        with storage_errors():
            self.file, self.in_memory = open_raw(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, "w+b"), False
            write_all(self.file, so_far)

    def sha256(self) -> str:
        return self.sha256_hash.hexdigest()

    def md5(self) -> str:
        return self.md5_hash.hexdigest()

    def reader(self) -> BinaryIO:
        assert self.file
        self.file.seek(0)
        return self.file

    def settle(self) -> str:
        """The path of a file with these bytes, all of them on the disk."""
        assert self.file
        if self.in_memory:
            self.move_to_file()
        os.fsync(self.file.fileno())
        return self.path

    def discard(self) -> None:
        if self.file:
            self.file.close()
            if not self.in_memory:
                with suppress(FileNotFoundError):
                    os.unlink(self.path)
        self.file = None


class DiskBlobs:
    def __init__(self, folder: Path) -> None:
        self.media = folder / "media"
        self.incoming = folder / "incoming"
        self.lost = folder / "lost+found"
        self.folders: set[str] = set()  # known to be there and synced
        self.adopting: set[str] = set()  # known to be there
        self.is_claimed = False
        for place in (self.media, self.incoming):
            place.mkdir(parents=True, exist_ok=True)

    def claim(self, library: str, expected: Expected) -> None:
        marker = self.media / MARKER
        said = marker.read_text("utf-8", "replace").strip() if marker.exists() else None
        refuse_place(str(self.media), str(marker), said, library, expected=expected, blobs=self)
        if said is None:
            with storage_errors():
                part = self.incoming / f"{secrets.token_hex(12)}.part"
                with open_raw(str(part), os.O_WRONLY | os.O_CREAT | os.O_EXCL, "wb") as file:
                    write_all(file, f"{library}\n".encode())
                    os.fsync(file.fileno())
                os.rename(part, marker)
                sync_folder(str(self.media))
        self.is_claimed = True

    def path(self, name: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a stored file")
        return f"{self.media}/{name[:2]}/{name}"

    def receive(self, limit_bytes: int) -> DiskUpload:
        return DiskUpload(f"{self.incoming}/{secrets.token_hex(12)}.part", limit_bytes)

    def put(self, files: Mapping[str, Upload | bytes]) -> None:
        parts: list[tuple[str, str]] = []
        done: list[str] = []
        try:
            with storage_errors():
                for name, content in files.items():
                    target = self.path(name)
                    parts.append((self.settled(content), target))
                for folder in {os.path.dirname(target) for _, target in parts}:
                    self.make_folder(folder)
                for part, target in parts:
                    os.rename(part, target)
                    done.append(target)
                for folder in {os.path.dirname(target) for target in done}:
                    sync_folder(folder)
        except BaseException:
            for path in [*done, *(part for part, _ in parts)]:
                with suppress(OSError):
                    os.unlink(path)
            raise

    def settled(self, content: Upload | bytes) -> str:
        if isinstance(content, DiskUpload):
            return content.settle()
        assert isinstance(content, bytes)
        upload = self.receive(len(content))
        try:
            upload.write(content)
            path = upload.settle()
        except BaseException:
            upload.discard()
            raise
        assert upload.file
        upload.file.close()
        return path

    def adopt(self, files: Mapping[str, Path | bytes], *, link: bool) -> None:
        """Straight to its name: until a record speaks of it, half a file is one nobody claims, like any other."""
        with storage_errors():
            for name, content in files.items():
                target = self.path(name)
                if (folder := os.path.dirname(target)) not in self.adopting:
                    os.makedirs(folder, exist_ok=True)
                    self.adopting.add(folder)
                if isinstance(content, Path):
                    take_over(content, target, link)
                else:
                    with open_raw(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, "wb") as file:
                        write_all(file, content)

    def settle(self) -> None:
        with storage_errors():
            sync_file_system(str(self.media))

    def make_folder(self, folder: str) -> None:
        """Synced by each process that uses it: another one may have made it, and not have come to that yet."""
        with suppress(FileExistsError):
            os.mkdir(folder)
            self.folders.discard(folder)
        if folder not in self.folders:
            sync_folder(str(self.media))
            self.folders.add(folder)

    def open(self, name: str, *, whole: bool = True) -> Blob | None:
        path = self.path(name)
        try:
            file = open(path, "rb", buffering=0)  # noqa: SIM115 - the caller closes it
        except FileNotFoundError:
            self.refuse_absence()
            return None
        about = os.fstat(file.fileno())
        return Blob(file, about.st_size, datetime.fromtimestamp(int(about.st_mtime), UTC))

    def size(self, name: str) -> int | None:
        try:
            return os.stat(self.path(name)).st_size
        except FileNotFoundError:
            self.refuse_absence()
            return None

    def refuse_absence(self) -> None:
        """One file that is not there is lost; where the marker is not there either, a disk is not mounted."""
        if self.is_claimed and not (self.media / MARKER).exists():
            raise StoreUnavailable(f"The files are not in {self.media} just now. See that its disk is mounted.")

    def link(self, name: str, seconds: int, headers: Mapping[str, str]) -> str | None:
        return None

    def delete(self, names: Sequence[str]) -> None:
        for name in names:
            with suppress(FileNotFoundError):
                os.unlink(self.path(name))

    def names(self) -> Iterator[tuple[str, int, datetime]]:
        with os.scandir(self.media) as folders:
            for folder in folders:
                if folder.is_dir():
                    yield from named_in(folder.path)

    def sweep_incoming(self, before: datetime) -> int:
        swept = 0
        for path in left_behind(self.incoming, before):
            with suppress(FileNotFoundError):
                os.unlink(path)
                swept += 1
        return swept

    def half_arrived(self, before: datetime) -> int:
        return sum(1 for _ in left_behind(self.incoming, before))

    def arriving(self, session_id: str) -> AbstractContextManager[DiskArriving]:
        return arriving.opened(str(self.incoming), session_id)

    def arriving_names(self, before: datetime) -> list[str]:
        return arriving.names(str(self.incoming), before)

    def try_out(self) -> None:
        self.probe()

    def probe(self) -> None:
        """A folder that is not there is more likely a disk that is not mounted than one nobody needs."""
        for folder in (self.media, self.incoming):
            if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                raise StoreUnavailable(f"The folder {folder} is not there or cannot be written.")

    def set_aside(self, names: Sequence[str]) -> None:
        self.lost.mkdir(exist_ok=True)
        for name in names:
            with suppress(FileNotFoundError):
                os.rename(self.path(name), self.lost / name)


def left_behind(incoming: Path, before: datetime) -> Iterator[str]:
    for entry in os.scandir(incoming):
        with suppress(FileNotFoundError):
            if entry.stat().st_mtime < before.timestamp() and not entry.name.endswith(arriving.SUFFIX):
                yield entry.path


def named_in(folder: str) -> Iterator[tuple[str, int, datetime]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                if NAME.fullmatch(entry.name):
                    about = entry.stat()
                    yield entry.name, about.st_size, datetime.fromtimestamp(changed(about), UTC)


def changed(about: os.stat_result) -> float:
    """A file that is shared is as old as it was elsewhere; here it is as young as its link."""
    return max(about.st_mtime, about.st_ctime) if about.st_nlink > 1 else about.st_mtime


def take_over(source: Path, target: str, link: bool) -> None:
    if link:
        try:
            os.link(source, target)
            return
        except FileExistsError:  # what a run that was killed left behind
            os.unlink(target)
            os.link(source, target)
            return
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP):
                raise
    shutil.copyfile(source, target)


def sync_file_system(folder: str) -> None:
    """One call for thousands of files, where syncing each would take longer than copying it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(handle):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    except AttributeError:  # not on this system
        os.sync()
    finally:
        os.close(handle)
