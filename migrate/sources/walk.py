"""Walks a folder tree in a fixed order, one folder at a time, and says of everything it finds what it is.

It never leaves the tree and never runs in a circle: of links only those to files inside are followed. Memory holds the
names of one folder, and of the folders still to come.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from migrate.items import Absent
from migrate.sources.inside import find_inside

SYSTEM_FILES = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini"})
SYSTEM_FOLDERS = frozenset({"@eadir", "$recycle.bin", "system volume information", "__macosx"})

Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A folder, its `parts` counted from the root. `files` are regular ones, sorted by name. `aside` is what is not
    imported, each with its rule; with `trouble` the folder could not be read."""

    parts: Parts
    files: tuple[str, ...]
    aside: tuple[tuple[str, str], ...] = ()
    trouble: str | None = None


def walk(root: Path) -> Iterator[Listing]:
    """`root` is resolved."""
    waiting: list[Parts] = [()]
    while waiting:
        parts = waiting.pop()
        try:
            with os.scandir(root.joinpath(*parts)) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield Listing(parts, (), trouble=f"The folder cannot be read: {error.strerror}.")
            continue
        files, folders, aside = [], [], []
        for entry in found:
            if rule := rule_for(entry, root, parts):
                aside.append((entry.name, rule))
            elif entry.is_dir():
                folders.append(entry.name)
            else:
                files.append(entry.name)
        yield Listing(parts, tuple(files), tuple(aside))
        waiting.extend((*parts, name) for name in reversed(folders))


def rule_for(entry: os.DirEntry[str], root: Path, parts: Parts) -> str | None:
    """Why this is not imported, if it is not: one word, a colon, and a sentence."""
    name = entry.name.lower()
    if name in SYSTEM_FILES or name in SYSTEM_FOLDERS:
        return "system-file: It belongs to the system that kept the folder, not to the pictures."
    if name.startswith("."):
        return "hidden: Its name begins with a dot."
    if not entry.is_symlink():
        regular = entry.is_dir(follow_symlinks=False) or entry.is_file(follow_symlinks=False)
        return None if regular else "special: It is no regular file."
    if os.path.isdir(entry.path):  # which a link that leads in a circle is not
        return "link: It is a link to a folder, and these are not followed."
    target = find_inside(root, "/".join((*parts, entry.name)))
    return f"link: {target.detail}" if isinstance(target, Absent) else None
