"""The part of the catalog that a check asks. Its promises are those of `ports.Catalog`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from gateway.core.moving import Target
from gateway.core.records import Media


@dataclass(frozen=True, slots=True)
class Structure:
    """The newest step of the schema, and a sentence for each damage of the database itself."""

    schema: str
    damage: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WrongSum:
    """What is kept of a record beside what it is: number of media, and their bytes where these are kept too."""

    of: Literal["owner", "album"]
    id: str
    name: str
    kept: tuple[int, ...]
    counted: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """`number` rows of `table` say in `column` that they belong to `id`, of which `target` knows nothing."""

    table: str
    column: str
    target: str
    id: str
    number: int


class CheckedRows(Protocol):
    def structure(self, *, thorough: bool) -> Structure:
        """`thorough` also compares each index with its table, which reads all there is."""
        ...

    def try_out(self) -> None:
        """Raises `CatalogDamaged` when a look at each page tells that much."""
        ...

    def media_after(self, after: str, limit: int) -> list[Media]:
        """By id, without their tags, expired ones too."""
        ...

    def media_among(self, ids: Sequence[str]) -> list[Media]:
        """Those of `ids` that are here, without their tags, expired ones too."""
        ...

    def wrong_sums(self) -> list[WrongSum]:
        """Nothing is changed: `recount` does that."""
        ...

    def broken_references(self) -> list[Broken]: ...

    def targets_among(self, kind: Target, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that are records of this kind, or were media until they were deleted."""
        ...

    def unsearchable(self, ids: Sequence[str]) -> set[str]:
        """The media among `ids` of which the search by text knows something else than they say."""
        ...

    def note_again(self, ids: Sequence[str]) -> None:
        """From now on the search by text knows of these what they say."""
        ...
