"""Disks of a test's own: small ones in memory, and images that can be copied while they are written to."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """`mount options… folder`, until it is left. Skips, with the reason, where nobody may mount."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk")
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def small_disk(folder: Path, size: str) -> AbstractContextManager[Path]:
    return mounted(folder, "-t", "tmpfs", "-o", f"size={size}", "tmpfs")


def remount(folder: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)


def make_image(file: Path, size: int) -> Path:
    """A disk with a file system on it that writes nothing but what it is told."""
    if not shutil.which("mkfs.ext4"):
        pytest.skip("mkfs.ext4 (of e2fsprogs) is not installed")
    with open(file, "wb") as image:
        image.truncate(size)
    lazy = "lazy_itable_init=0,lazy_journal_init=0"
    subprocess.run(["mkfs.ext4", "-q", "-F", "-E", lazy, str(file)], check=True)
    return file


def fill(folder: Path, leave: int = 0) -> Path:
    """A file that takes all the room there is, but for `leave` bytes."""
    ballast = folder / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        while (room := os.statvfs(folder)).f_bavail * room.f_frsize > leave:
            with suppress(OSError):  # somebody else took some of it just now
                taken = os.fstat(file.fileno()).st_size
                os.posix_fallocate(file.fileno(), taken, room.f_bavail * room.f_frsize - leave)
    return ballast
