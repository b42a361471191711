"""How many items are handed out at once: few while their files are slow, so that whoever watches sees them come and
whoever kills the run loses little; many while they are quick, because handing out costs something, too."""

from __future__ import annotations

from collections.abc import Iterator

from migrate.items import Item, OnDisk

MOST = 50
MOST_BYTES = 30_000_000  # or fewer, when they are large
MOMENT = 0.5  # seconds that a process should need for as many as it is given


class Pace:
    def __init__(self) -> None:
        self.items = 1

    def took(self, items: int, seconds: float) -> None:
        """One slow file makes the next batch small; quick ones make it grow step by step."""
        fitting = int(items * MOMENT / seconds) if seconds else MOST
        self.items = max(1, min(fitting, 2 * self.items, MOST))

    def loads(self, items: Iterator[Item]) -> Iterator[list[Item]]:
        load: list[Item] = []
        size = 0
        for item in items:
            load.append(item)
            size += weight(item)
            if len(load) >= self.items or size > MOST_BYTES:
                yield load
                load, size = [], 0
        if load:
            yield load


def weight(item: Item) -> int:
    if item.size_bytes is not None or not isinstance(item.content, OnDisk):
        return item.size_bytes or 0
    try:
        return item.content.path.stat().st_size
    except OSError:
        return 0
