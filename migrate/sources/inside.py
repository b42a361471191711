"""A file that a list or a link names, found only inside the folder it was promised to be in."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from migrate.items import Absent


def find_inside(root: Path, named: str) -> Path | Absent:
    """A readable file that `named`, relative to `root`, leads to. `root` is resolved already."""
    if PurePosixPath(named).is_absolute() or PureWindowsPath(named).is_absolute():
        return Absent("outside", f"{named} is an absolute path: files are looked for in {root} only.")
    for spelling in spellings(named):
        if ".." in PurePosixPath(spelling).parts:
            return Absent("outside", f"{named} leads out of {root}, where files are looked for.")
        path = root / spelling
        try:
            real = path.resolve(strict=True)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: links that lead in a circle
            return Absent("unreadable", f"{path} cannot be read: {error}")
        return judge(path, real, root)
    return Absent("no-file", f"There is no {root / named}.")


def judge(path: Path, real: Path, root: Path) -> Path | Absent:
    if not real.is_relative_to(root):
        return Absent("outside", f"{path} is a link to {real}, outside of {root}.")
    if not real.is_file():
        return Absent("no-file", f"{path} is no file.")
    if not os.access(real, os.R_OK):
        return Absent("unreadable", f"{path} may not be read by this user.")
    return path


def spellings(named: str) -> Iterator[str]:
    """As it is first; then as Windows and a Mac may have meant it: lists travel further than disks."""
    forward = named.replace("\\", "/")
    yield from dict.fromkeys(
        (named, forward, unicodedata.normalize("NFC", forward), unicodedata.normalize("NFD", forward))
    )
