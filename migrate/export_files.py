"""Files of the store, copied or linked to the folder of an export; those of an earlier export are kept as they are."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from gateway.core.ports import Blob, BlobStore
from gateway.store.disk import NAME, DiskBlobs
from migrate.export_lines import FILES, file_path

BLOCK = 1 << 20
NO_LINK = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP)


class ExportFiles:
    """With `link`, and where the file system can, a file is shared with the store and takes no room."""

    def __init__(self, folder: Path, blobs: BlobStore, *, link: bool) -> None:
        self.folder = folder
        self.blobs = blobs
        self.link = link

    def bring(self, name: str) -> int | None:
        """Its size; None when the store has no such file."""
        blob = self.blobs.open(name)
        if not blob:
            return None
        target = self.folder / file_path(name)
        with blob.file:
            if not is_same(target, blob):
                target.parent.mkdir(parents=True, exist_ok=True)
                if not self.linked(name, target):
                    copy(blob, target)
        return blob.size

    def linked(self, name: str, target: Path) -> bool:
        if not (self.link and isinstance(self.blobs, DiskBlobs)):
            return False
        target.unlink(missing_ok=True)
        try:
            os.link(self.blobs.path(name), target)
        except OSError as error:
            if error.errno not in NO_LINK:
                raise
            return False
        return True

    def remove_strangers(self, known: Callable[[list[str]], set[str]]) -> None:
        """What an earlier export left, and the library has no more: a deleted picture is not to live on here. Only
        files with names of ours are touched. `known` tells which of some ids there are."""
        for folder, names in self.left_behind():
            ids = {name.partition(".")[0] for name in names}
            kept = known(sorted(ids))
            for name in names:
                if name.partition(".")[0] not in kept or name.endswith(".part"):
                    os.unlink(folder / name)

    def left_behind(self) -> Iterator[tuple[Path, list[str]]]:
        """Folder by folder: each holds the files of few ids."""
        with suppress(FileNotFoundError):
            for entry in sorted(os.scandir(self.folder / FILES), key=lambda entry: entry.name):
                if entry.is_dir(follow_symlinks=False):
                    names = os.listdir(entry.path)
                    yield Path(entry.path), [name for name in names if NAME.fullmatch(name.removesuffix(".part"))]


def is_same(target: Path, blob: Blob) -> bool:
    """By size and time, as copies keep both; what a name once stood for never changes."""
    try:
        about = target.stat()
    except FileNotFoundError:
        return False
    return about.st_size == blob.size and int(about.st_mtime) == int(blob.modified_at.timestamp())


def copy(blob: Blob, target: Path) -> None:
    part = target.with_name(f"{target.name}.part")
    with open(part, "wb") as out:
        shutil.copyfileobj(blob.file, out, BLOCK)
    seconds = blob.modified_at.timestamp()
    os.utime(part, (seconds, seconds))
    os.replace(part, target)
