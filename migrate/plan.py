"""What is to become of an item before its bytes are looked at: a verdict at once, or a place in the work.

Reads the catalog and never writes it, so that a dry run decides as the real one will."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from gateway.core.moving import STAND_IN, Address, Origin, Site
from gateway.core.shortids import decode, encode
from migrate.bringing import Bringing, in_catalog
from migrate.items import Absent, Item, Verdict
from migrate.outcome import Outcome

ABSENT: dict[str, Verdict] = {
    "unreadable": "failed", "another-owner": "rejected", "unreadable-line": "rejected", "not-an-address": "rejected",
    "outside": "rejected",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalog says about a batch of items, read at once."""

    targets: dict[str, Origin]  # by the key of the item
    here: set[str]  # the ids that are media of ours
    addresses: dict[str, list[Address]]  # by path


class Planner:
    def __init__(self, bringing: Bringing) -> None:
        self.bringing = bringing
        self.options = bringing.options
        self.catalog = bringing.catalog
        self.rivals = [site for site in bringing.catalog.sites() if self.may_be_confused_with(site)]

    def may_be_confused_with(self, site: Site) -> bool:
        """Two sites whose addresses only their hosts could tell apart, when these are the same or not known."""
        mine = self.bringing.site
        is_other = site.kind != STAND_IN and site.id not in {one.id for one in self.bringing.sites}
        return is_other and (not mine.url or not site.url or urlsplit(mine.url).hostname == urlsplit(site.url).hostname)

    def look_up(self, batch: Sequence[Item]) -> Known:
        wanted: dict[str, dict[str, str]] = {}
        for item in batch:
            for origin in self.bringing.origins_in(item):
                wanted.setdefault(origin.site, {})[origin.key] = item.key
        targets: dict[str, Origin] = {}
        for site_id, keys in wanted.items():
            for key, record in self.catalog.origins(site_id, "media", list(keys)).items():
                targets[keys[key]] = record
        ids = {one.target_id for one in targets.values() if one.target_id} | {one.id for one in batch if one.id}
        addresses: dict[str, list[Address]] = {}
        paths = list({address.path for item in batch for address in item.addresses})
        for start in range(0, len(paths), 500):
            for address in self.catalog.addresses_at(paths[start : start + 500]):
                addresses.setdefault(address.path, []).append(address)
        return Known(targets, self.catalog.media_ids(sorted(ids)) if ids else set(), addresses)

    def decide(self, item: Item, known: Known) -> Outcome | None:
        """None for what is to be imported."""
        return (
            self.already(item, known) or self.left_out(item) or self.without_bytes(item) or self.clashing(item, known)
        )

    def already(self, item: Item, known: Known) -> Outcome | None:
        origin = known.targets.get(item.key)
        if origin and origin.target_id and origin.target_id in known.here:
            return outcome(item, self.earlier(item, origin, origin.target_id), media_id=origin.target_id)
        if origin:
            return outcome(item, "skipped", "deleted: it was imported before, and deleted here since")
        if item.id and item.id in known.here:
            return outcome(item, "already-imported", media_id=item.id)
        return None

    def earlier(self, item: Item, origin: Origin, media_id: str) -> Verdict:
        """Also of what this very run wrote and could not tell before it was cut off: its own records have its time."""
        if origin.run_id != self.bringing.run_id:
            return "already-imported"
        media = self.catalog.media(media_id)
        is_own = item.updated_at or (media and media.updated_at >= in_catalog(self.bringing.now))
        return "imported" if is_own else "duplicate"

    def left_out(self, item: Item) -> Outcome | None:
        if item.skip:
            return outcome(item, "skipped", item.skip)
        if self.options.only and not fnmatchcase(item.name, self.options.only):
            return outcome(item, "skipped", f"only: its name does not match {self.options.only}")
        if self.options.since and item.created_at and item.created_at < self.options.since:
            return outcome(item, "skipped", f"since: it is of {item.created_at:%Y-%m-%d}")
        return None

    def without_bytes(self, item: Item) -> Outcome | None:
        if not isinstance(item.content, Absent):
            return None
        return outcome(
            item, ABSENT.get(item.content.reason, "missing"), f"{item.content.reason}: {item.content.detail}"
        )

    def without_clashes(self, item: Item, known: Known) -> Item:
        """A folder that nobody said was on the web has addresses only by guess: where one is taken, it has none."""
        site = self.bringing.site
        if site.url or site.kind == "chevereto" or not (taken := self.taken(item, known)):
            return item
        free = tuple(address for address in item.addresses if address.path not in taken)
        notes = tuple(f"address: {path} {belongs(rival)}" for path, rival in taken.items())
        return replace(item, addresses=free, notes=item.notes + notes)

    def taken(self, item: Item, known: Known) -> dict[str, Site]:
        """Those of its addresses that another site has, where nothing could tell whose is meant."""
        rivals = {site.id: site for site in self.rivals}
        return {
            address.path: rivals[other.site_id]
            for address in item.addresses
            for other in known.addresses.get(address.path, ())
            if other.site_id in rivals
        }

    def clashing(self, item: Item, known: Known) -> Outcome | None:
        rivals = {site.id: site for site in self.rivals}
        for path, rival in self.taken(item, known).items():
            return outcome(item, "rejected", f"address-taken: {path} {belongs(rival)}")
        for site in rivals.values():
            if self.bringing.site.salt and site.salt and (short := self.short_id_in(site, item)):
                return outcome(item, "rejected", f"address-taken: the short id {short} {belongs(site)}")
        return None

    def short_id_in(self, site: Site, item: Item) -> str | None:
        """Its short id, when that names something on the other site, too."""
        mine = self.bringing.site
        assert mine.salt and site.salt
        for origin in self.bringing.origins_in(item):
            if origin.site == mine.id and origin.key.isdecimal():
                short = encode(int(origin.key), mine.salt, mine.padding)
                number = str(decode(short, site.salt, site.padding))
                if number in self.catalog.origins(site.id, "media", [number]):
                    return short
        return None


def belongs(site: Site) -> str:
    return f"belongs to {site.name}, imported before. With --old-url for both sites their host names tell them apart."


def outcome(item: Item, verdict: Verdict, reason: str | None = None, media_id: str | None = None) -> Outcome:
    return Outcome(item.key, item.name, verdict, reason, media_id, item.size_bytes or 0, item.notes)
