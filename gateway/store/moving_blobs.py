"""Files on their way from one store to another: looked for in the new place first, then in the old one.

What arrives goes into the new place; what is deleted goes from both. An upload in pieces that was begun in the old
place is taken along by the piece that comes next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

from gateway.core.claiming import Expected
from gateway.core.pieces import Arriving
from gateway.core.ports import Blob, BlobStore, Upload


class MovingArriving:
    """In the hands of whoever has it in the new place: nobody else looks for it in the old one."""

    def __init__(self, new: Arriving, old: Callable[[], AbstractContextManager[Arriving]]) -> None:
        self.new = new
        self.old = old

    def resume(self, size: int) -> bool:
        return self.new.resume(size) or self.bring(size)

    def bring(self, size: int) -> bool:
        with self.old() as old:
            if not old.resume(size):
                return False
            self.new.resume(0)
            for block in old.blocks():
                self.new.write(block)
            self.new.settle()
            old.drop()
            return True

    def write(self, block: bytes, /) -> int:
        return self.new.write(block)

    def settle(self) -> None:
        self.new.settle()

    def blocks(self) -> Iterator[bytes]:
        return self.new.blocks()

    def drop(self) -> None:
        self.new.drop()
        with self.old() as old:
            old.drop()


class MovingBlobs:
    def __init__(self, new: BlobStore, old: BlobStore) -> None:
        self.new = new
        self.old = old

    def claim(self, library: str, expected: Expected) -> None:
        self.new.claim(library, expected)

    def receive(self, limit_bytes: int) -> Upload:
        return self.new.receive(limit_bytes)

    def put(self, files: Mapping[str, Upload | bytes]) -> None:
        self.new.put(files)

    def adopt(self, files: Mapping[str, Path | bytes], *, link: bool) -> None:
        self.new.adopt(files, link=link)

    def settle(self) -> None:
        self.new.settle()

    def open(self, name: str, *, whole: bool = True) -> Blob | None:
        return self.new.open(name, whole=whole) or self.old.open(name, whole=whole)

    def link(self, name: str, seconds: int, headers: Mapping[str, str]) -> str | None:
        """None for what is not in the new place yet, which a link would not find there."""
        return self.new.link(name, seconds, headers) if self.new.size(name) is not None else None

    def size(self, name: str) -> int | None:
        size = self.new.size(name)
        return self.old.size(name) if size is None else size

    def delete(self, names: Sequence[str]) -> None:
        """The old one first: killed in between, nothing comes back that was gone from sight already."""
        self.old.delete(names)
        self.new.delete(names)

    def names(self) -> Iterator[tuple[str, int, datetime]]:
        yield from self.new.names()
        for name, size, changed_at in self.old.names():
            if self.new.size(name) is None:
                yield name, size, changed_at

    def sweep_incoming(self, before: datetime) -> int:
        return self.new.sweep_incoming(before) + self.old.sweep_incoming(before)

    def half_arrived(self, before: datetime) -> int:
        return self.new.half_arrived(before) + self.old.half_arrived(before)

    @contextmanager
    def arriving(self, session_id: str) -> Iterator[Arriving]:
        with self.new.arriving(session_id) as arriving:
            yield MovingArriving(arriving, lambda: self.old.arriving(session_id))

    def arriving_names(self, before: datetime) -> list[str]:
        return sorted({*self.new.arriving_names(before), *self.old.arriving_names(before)})

    def set_aside(self, names: Sequence[str]) -> None:
        self.new.set_aside(names)
        self.old.set_aside(names)

    def try_out(self) -> None:
        self.new.try_out()

    def probe(self) -> None:
        self.new.probe()
        self.old.probe()
