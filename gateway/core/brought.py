"""The part of the catalog that imports write, look up and take back. Its promises are those of `ports.Catalog`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gateway.core.errors import GatewayError
from gateway.core.moving import Address, Arrived, Leads, Origin, Site, Target
from gateway.core.records import Asset, Media, Tombstone


class Brought(Protocol):
    def add_site(self, site: Site) -> None:
        """Nothing changes when it is known already."""
        ...

    def sites(self) -> list[Site]:
        """Oldest first."""
        ...

    def add_origins(self, origins: Sequence[Origin]) -> None:
        """What is known already stays as it is."""
        ...

    def origins(self, site_id: str, kind: Target, keys: Sequence[str]) -> dict[str, Origin]:
        """By key; also of what was deleted since."""
        ...

    def origins_to(self, targets: Sequence[str]) -> list[Origin]: ...

    def origins_of(self, kind: Target, after: tuple[str, str], limit: int) -> list[Origin]:
        """Those with a target, by site and key, above `after`."""
        ...

    def origins_by_run(self, run_id: str, kind: Target, after: tuple[str, str], limit: int) -> list[Origin]:
        """Those with a target that this run added, by site and key."""
        ...

    def gone_origins(self, after: tuple[str, str, str], limit: int) -> list[Origin]:
        """Those without a target, by site, kind and key."""
        ...

    def add_addresses(self, addresses: Sequence[Address]) -> None:
        """Of one site a path belongs to whom it was given first."""
        ...

    def addresses_at(self, paths: Sequence[str]) -> list[Address]:
        """Of all sites."""
        ...

    def addresses_to(self, targets: Sequence[str]) -> list[Address]: ...

    def addresses_of(self, kind: Target, after: tuple[str, str], limit: int) -> list[Address]:
        """By path and site."""
        ...

    def tombstones(self, after: str, limit: int) -> list[Tombstone]:
        """By id."""
        ...

    def add_tombstones(self, tombstones: Sequence[Tombstone]) -> None: ...

    def tombstones_among(self, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that were deleted."""
        ...

    def add_asset(self, asset: Asset) -> None: ...

    def assets(self) -> list[Asset]: ...

    def add_arrived(self, batch: Sequence[Arrived]) -> list[GatewayError | None]:
        """All of them in one transaction, but those that may not be added: for each an error, or None. `Conflict`
        (`ALREADY_HERE`) for one of which an origin is known, or that has the id and the bytes of one that is here:
        however many machines bring the same, there is one record of it. What was to be in an album that was removed
        meanwhile is in none."""
        ...

    def export_media(self, after: str, limit: int) -> list[Arrived]:
        """Every media with an id above `after`, by id, expired ones too."""
        ...

    def arrived(self, ids: Sequence[str]) -> list[Arrived]:
        """Those of `ids` that are here, by id, expired ones too."""
        ...

    def withdraw_media(self, ids: Sequence[str]) -> list[Media]:
        """As if they had never been here: no tombstones, and nothing leads to them. Returns what was still there."""
        ...

    def withdraw(self, kind: Target, ids: Sequence[str | int]) -> set[str]:
        """Owners, albums and categories only when nothing is left in them. Returns what went."""
        ...

    def withdraw_leads(self, leads: Leads) -> None:
        """Just these, whatever they lead to stays."""
        ...

    def withdraw_site(self, site_id: str, run_id: str) -> None:
        """If this run brought it, and nothing leads to it any more."""
        ...
