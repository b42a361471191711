"""A file that a list or a link names, found only inside the folder it was promised to be in."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from migrate.items import Absent

# Of a POSIX system or of Windows; plain texts, because a list names a hundred thousand of them.
ABSOLUTE = re.compile(r"/|\\\\|[A-Za-z]:[\\/]")
UPWARDS = re.compile(r"(^|/)\.\.(/|$)")


def find_inside(root: Path, named: str) -> Path | Absent:
    """A readable file that `named`, relative to `root`, leads to. `root` is resolved already."""
    if ABSOLUTE.match(named):
        return Absent("outside", f"{named} is an absolute path: files are looked for in {root} only.")
    for spelling in spellings(named):
        if UPWARDS.search(spelling):
            return Absent("outside", f"{named} leads out of {root}, where files are looked for.")
        path = os.path.join(root, spelling)
        try:
            real = os.path.realpath(path, strict=True)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError) as error:
            return Absent("unreadable", f"{path} cannot be read: {error}")
        return judge(path, real, root)
    return Absent("no-file", f"There is no {root / named}.")


def judge(path: str, real: str, root: Path) -> Path | Absent:
    if not os.path.join(real, "").startswith(os.path.join(root, "")):
        return Absent("outside", f"{path} is a link to {real}, outside of {root}.")
    if not os.path.isfile(real):
        return Absent("no-file", f"{path} is no file.")
    if not os.access(real, os.R_OK):
        return Absent("unreadable", f"{path} may not be read by this user.")
    return Path(path)


def spellings(named: str) -> Iterator[str]:
    """As it is first; then as Windows and a Mac may have meant it: lists travel further than disks."""
    yield named
    forward = named.replace("\\", "/")
    for spelling in dict.fromkeys(
        (forward, unicodedata.normalize("NFC", forward), unicodedata.normalize("NFD", forward))
    ):
        if spelling != named:
            yield spelling
