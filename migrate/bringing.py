"""What every part of an import needs: may it write, what is known already, and what is to be remembered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import islice
from typing import Protocol, TypeVar

from gateway.core.moving import Address, Origin, Site, Target
from gateway.core.ports import Catalog
from migrate.items import OldAddress, OldOrigin
from migrate.journal import Journal
from migrate.options import Options

T = TypeVar("T")


class Old(Protocol):
    @property
    def key(self) -> str: ...

    @property
    def id(self) -> str | int | None: ...

    @property
    def origins(self) -> tuple[OldOrigin, ...]: ...


K = TypeVar("K", bound=Old)


class Bringing:
    """Without `writes` nothing is written but the journal: the same code plans and does. Who has the `turn` is the only
    machine that looks for things and makes them."""

    def __init__(
        self, catalog: Catalog, journal: Journal, options: Options, sites: Sequence[Site], now: datetime, *,
        writes: bool, turn: Callable[[], AbstractContextManager[None]],
    ) -> None:  # fmt: skip
        self.catalog = catalog
        self.journal = journal
        self.options = options
        self.site = sites[0]
        self.sites = sites
        self.run_id = journal.run.id
        self.now = now
        self.writes = writes
        self.turn = turn
        self.notes: Counter[str] = Counter()
        self.planned: set[tuple[str, str]] = set()
        self.made: set[str] = set()

    def note(self, sentence: str) -> None:
        self.notes[sentence] += 1

    def adds(self, kind: Target, target_id: str, name: str) -> None:
        """Noted before it is done, so that an undo never misses what a crash left half told."""
        self.journal.add(kind, target_id, name)
        self.made.add(target_id)
        if not self.writes:
            self.planned.add((kind, name.casefold()))

    def is_planned(self, kind: Target, name: str) -> bool:
        return (kind, name.casefold()) in self.planned

    def origin(self, key: str) -> tuple[OldOrigin, ...]:
        return (OldOrigin(self.site.id, key),)

    def origins_in(self, old: Old) -> tuple[OldOrigin, ...]:
        """What has an id of its own, from an export, is known by that; all else by where it was."""
        return old.origins or (() if old.id else self.origin(old.key))

    def known(self, kind: Target, batch: Sequence[K]) -> dict[str, str | None]:
        """Where those of a batch that were brought before are now, by their keys; None for what is gone for good."""
        wanted: dict[str, dict[str, str]] = {}
        for old in batch:
            for origin in self.origins_in(old):
                wanted.setdefault(origin.site, {})[origin.key] = old.key
        found: dict[str, str | None] = {}
        for site_id, keys in wanted.items():
            for key, record in self.catalog.origins(site_id, kind, list(keys)).items():
                found[keys[key]] = record.target_id
        return found

    def lead(self, kind: Target, target_id: str, origins: Iterable[OldOrigin], addresses: Iterable[OldAddress]) -> None:
        """Old keys and addresses to what is here now."""
        if not self.writes:
            return
        if records := self.origins_of(kind, target_id, origins):
            self.catalog.add_origins(records)
        if paths := self.addresses_of(kind, target_id, addresses):
            if target_id not in self.made:
                self.remember(paths, target_id)
            self.catalog.add_addresses(paths)

    def remember(self, paths: Sequence[Address], target_id: str) -> None:
        """Those that are new, for an undo: what they lead to was here before this run, and stays."""
        known = {(one.path, one.site_id) for one in self.catalog.addresses_at([one.path for one in paths])}
        new = [one for one in paths if (one.path, one.site_id) not in known]
        self.journal.lead("address", [f"{one.site_id} {one.path}" for one in new], target_id)

    def origins_of(self, kind: Target, target_id: str | None, origins: Iterable[OldOrigin]) -> tuple[Origin, ...]:
        return tuple(Origin(one.site, kind, one.key, target_id, self.run_id) for one in origins)

    def addresses_of(self, kind: Target, target_id: str, addresses: Iterable[OldAddress]) -> tuple[Address, ...]:
        return tuple(
            Address(one.path, one.site or self.site.id, kind, target_id, one.variant, one.mime)  # type: ignore[arg-type]
            for one in addresses
        )


def in_batches(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while batch := list(islice(items, size)):
        yield batch


def in_catalog(time: datetime) -> datetime:
    """As the catalog keeps it, to the millisecond."""
    return time.replace(microsecond=time.microsecond // 1000 * 1000)
