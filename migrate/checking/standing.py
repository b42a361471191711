"""What every part of a proof needs: what the source calls a thing, what that is here, and whom to ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from gateway.core.moving import Target
from gateway.core.ports import Catalog
from gateway.core.records import Privacy
from gateway.settings import Settings
from gateway.store.opening import Opened
from migrate.bringing import Old
from migrate.checking.asking import Answer, Asker
from migrate.checking.findings import Findings, Plain
from migrate.checking.oldpaths import OldPaths
from migrate.items import OldAddress, OldOrigin, OldSite
from migrate.journal import Journal
from migrate.options import Options


@dataclass(frozen=True, slots=True)
class AlbumHere:
    id: str
    privacy: Privacy  # as it was at the source


@dataclass(slots=True)
class Standing:
    """`owners`, `albums` and `categories` are what the source's keys are here, filled as these are proven."""

    opened: Opened
    journal: Journal
    options: Options
    findings: Findings
    asker: Asker
    paths: dict[str, OldPaths]
    site: OldSite
    owners: dict[str, str] = field(default_factory=dict)
    albums: dict[str, AlbumHere] = field(default_factory=dict)
    categories: dict[str, int] = field(default_factory=dict)

    @classmethod
    def over(
        cls, sites: Sequence[OldSite], settings: Settings, opened: Opened, journal: Journal, options: Options,
        findings: Findings,
    ) -> Standing:  # fmt: skip
        host = urlsplit(settings.public_url).netloc
        paths = {site.id: OldPaths(site, host) for site in sites}
        return cls(opened, journal, options, findings, Asker(settings, opened), paths, sites[0])

    @property
    def catalog(self) -> Catalog:
        return self.opened.catalog

    @property
    def now(self) -> datetime:
        return self.opened.clock.now()

    def origins_of(self, old: Old, wanted_id: object = None) -> tuple[OldOrigin, ...]:
        """What has an id that was wanted here needs none."""
        return old.origins or (() if wanted_id else (OldOrigin(self.site.id, old.key),))

    def target_of(self, kind: Target, old: Old) -> str | None:
        """Where its origins lead."""
        for origin in self.origins_of(old):
            found = self.catalog.origins(origin.site, kind, [origin.key]).get(origin.key)
            if found and found.target_id:
                return found.target_id
        return None

    def host_of(self, address: OldAddress) -> str:
        return self.paths[address.site or self.site.id].host

    def expect_page(
        self, what: str, name: str, host: str, path: str, wanted: str | None, *, is_locked: bool = False
    ) -> None:
        """That it ends on the page whose path ends so; None for what is hidden from strangers. The path may have a
        question behind it, as addresses that are written down have."""
        front, _, query = path.partition("?")
        answer = self.asker.page(host, front, query)
        if is_locked:
            is_right, expected = answer.asks_password, "the question for a password"
        elif wanted is None:
            is_right, expected = answer.status == 404, "404"
        else:
            is_right, expected = is_page_of(answer, wanted), f"the page of {wanted}"
        if not is_right:
            self.findings.differ(what, name, f"address {path}", Plain(expected), Plain(answer))


def is_page_of(answer: Answer, wanted: str) -> bool:
    last = answer.path.rstrip("/").rpartition("/")[2]
    return (
        answer.status == 200
        and answer.mime == "text/html"
        and not answer.asks_password
        and wanted in (last, last.rpartition(".")[2])
    )
