"""Users' avatars and backgrounds, which lie apart from everything else, and not always in the same folder."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from migrate.items import OldAddress
from migrate.sources.chevereto.install import Install
from migrate.sources.chevereto.settings import path_of

FOLDER = "content/images/users"
NO_PICTURE = "A user's avatar or background has no file."


class Pictures:
    def __init__(self, old: Install, found: Counter[str]) -> None:
        self.old = old
        self.found = found
        self.folders = [(folder, paths) for folder, paths in folders(old) if os.path.isdir(folder)]

    def find(self, user: int, filename: str | None) -> tuple[Path | None, tuple[OldAddress, ...]]:
        """Its file and its addresses; a background was also shown smaller, as `name.md.jpg`."""
        encoded, name = self.old.encoded(user), PurePosixPath(filename or "")
        if not filename or not encoded:
            return None, ()
        there = [
            (folder / encoded, [f"{path}/{encoded}" for path in paths])
            for folder, paths in self.folders
            if os.path.isfile(folder / encoded / name.name)
        ]
        if not there:
            self.found[NO_PICTURE] += 1
            return None, ()
        smaller = f"{name.stem}.md{name.suffix}"
        main = [OldAddress(f"{path}/{name.name}") for _, paths in there for path in paths]
        medium = [
            OldAddress(f"{path}/{smaller}", "md")
            for folder, paths in there
            if os.path.isfile(folder / smaller)
            for path in paths
        ]
        return there[0][0] / name.name, tuple(dict.fromkeys(main + medium))


def folders(old: Install) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Those of all users' pictures as the versions had them, the newest first, and their paths."""
    settings, layout = old.settings, old.layout
    if settings.assets_folder and settings.assets_url:
        for folder, _ in layout.folders.find(settings.assets_folder, settings.uploads):
            yield folder / FOLDER, (f"{path_of(settings.assets_url)}/{FOLDER}",)
    for start in ("_assets/", ""):
        yield layout.folders.uploads / start / FOLDER, layout.shown(f"{settings.uploads}/{start}{FOLDER}")
        yield layout.folders.root / start / FOLDER, layout.shown(f"{start}{FOLDER}")
