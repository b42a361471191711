"""A source that lives in memory, for what is tested around the engine and not in a reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from migrate.items import (
    Absent,
    Gone,
    Item,
    OldAddress,
    OldAlbum,
    OldCategory,
    OldKey,
    OldOrigin,
    OldOwner,
    OldSite,
    OnDisk,
)  # fmt: skip
from tests.conftest import draw

SITE = OldSite("fake-site", "folder", "Fake", "https://old.example.org")


@dataclass
class FakeSource:
    """Yields what it was given. Without `knows_total` it cannot say beforehand how many items there are."""

    files: list[Item] = field(default_factory=list)
    people: list[OldOwner] = field(default_factory=list)
    albums_there: list[OldAlbum] = field(default_factory=list)
    categories_there: list[OldCategory] = field(default_factory=list)
    keys_there: list[OldKey] = field(default_factory=list)
    gone_there: list[Gone] = field(default_factory=list)
    sites_there: list[OldSite] = field(default_factory=lambda: [SITE])
    notes: Counter[str] = field(default_factory=Counter)
    knows_total: bool = True
    is_closed: bool = False

    def sites(self) -> list[OldSite]:
        return self.sites_there

    def owners(self) -> Iterator[OldOwner]:
        return iter(self.people)

    def categories(self) -> Iterator[OldCategory]:
        return iter(self.categories_there)

    def albums(self) -> Iterator[OldAlbum]:
        return iter(self.albums_there)

    def keys(self) -> Iterator[OldKey]:
        return iter(self.keys_there)

    def gone(self) -> Iterator[Gone]:
        return iter(self.gone_there)

    def count(self) -> int | None:
        return len(self.files) if self.knows_total else None

    def items(self) -> Iterator[Item]:
        return iter(self.files)

    def close(self) -> None:
        self.is_closed = True


def picture(folder: Path, name: str = "a.png", *, seed: int = 0, **facts: object) -> Item:
    """A small picture drawn into `folder`, as an item with one old address and one origin."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(draw(seed=seed))
    return item(name, OnDisk(path), **facts)


def lost(name: str, **facts: object) -> Item:
    """An item without a file."""
    return item(name, Absent("no-file", f"looked for {name}"), **facts)


def item(name: str, content: OnDisk | Absent, **facts: object) -> Item:
    given: dict[str, object] = {
        "key": name,
        "name": f"/{name}",
        "content": content,
        "filename": name,
        "addresses": (OldAddress(f"/{name}"),),
        "origins": (OldOrigin(SITE.id, name),),
    }
    return Item(**(given | facts))  # type: ignore[arg-type]
