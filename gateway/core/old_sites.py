"""Which of the imported sites an address belongs to.

Promises: the host that is asked decides, where a site was at that host: what it did not have, another one does not
supply. Only a site of which nobody said where it was answers at every host. Among equals the oldest is meant.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from gateway.core.moving import Address, Site
from gateway.core.ports import Catalog

FRESH = 1.0  # seconds for which sites are believed to be there still: another process may undo an import


class OldSites:
    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.known: dict[str, Site] = {}
        self.looked_at = -FRESH

    def all(self) -> list[Site]:
        """Oldest first."""
        self.looked_at = time.monotonic()
        sites = self.catalog.sites()
        self.known = {site.id: site for site in sites}
        return sites

    def of(self, address: Address) -> Site | None:
        """Without a look into the catalog, but for a site that was not there when it was last looked for."""
        if address.site_id not in self.known:
            self.all()
        return self.known.get(address.site_id)

    def is_host(self, host: str) -> bool:
        return any(is_at(site, host) for site in self.all())

    def at(self, host: str) -> list[Site]:
        """Those whose addresses count at this host."""
        return counting(self.all(), host)

    def best(self, found: Sequence[Address], host: str, paths: Sequence[str]) -> Address | None:
        """Of all that was found at `paths`, which are ordered by how much they are what was asked for."""
        is_stale = bool(found) and time.monotonic() - self.looked_at >= FRESH
        if is_stale or any(address.site_id not in self.known for address in found):
            self.all()
        sites = counting(list(self.known.values()), host)
        ranks = {site.id: rank for rank, site in enumerate(sites)}
        here = {site.id for site in sites if is_at(site, host)}
        return min(
            (one for one in found if one.site_id in ranks),
            key=lambda one: (one.site_id not in here, paths.index(one.path), ranks[one.site_id]),
            default=None,
        )


def counting(sites: list[Site], host: str) -> list[Site]:
    if here := [site for site in sites if is_at(site, host)]:
        return here + [site for site in sites if not host_and_folder(site)[0]]
    return sites


def is_at(site: Site, host: str) -> bool:
    """`host` as it stands in a request, with or without its port."""
    asked, _ = split(f"//{host}")
    return bool(asked) and host_and_folder(site)[0] == asked


def host_and_folder(site: Site) -> tuple[str, str]:
    return split(site.url or "")


@lru_cache(64)
def split(url: str) -> tuple[str, str]:
    """The host without its port, and `/gallery` for a site that was in a folder of it."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "", unquote(parts.path).rstrip("/")
    except ValueError:
        return "", ""
