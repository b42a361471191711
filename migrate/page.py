"""One page about a move, for those whose pictures moved: what came, what is missing, and where each old link leads.

It is a single file that loads nothing, and it says nothing that strangers must not know: no place on a disk, no private
file, album or profile. The list of addresses is data, drawn a hundred at a time: with 100,000 of them the file has some
10 MB, opens at once, and is searched while one types. It is written as a stream.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from typing import IO

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gateway.core.ports import Catalog
from gateway.urls import Urls
from migrate.addresses import AddressMap, Way, host
from migrate.items import VERDICTS, Verdict
from migrate.journal import Journal
from migrate.outcome import Outcome
from migrate.report import came_along
from migrate.words import harmless

NAMED = 200  # of each group, so that the page stays one
MEANING: dict[Verdict, str] = {
    "imported": "came over",
    "already-imported": "were here before",
    "duplicate": "had the same bytes as another file of their owner, and share its page",
    "skipped": "were left out on purpose, such as those whose time was over",
    "missing": "had no file any more at the old place",
    "rejected": "could not be taken, as the file is damaged or of a kind that is not shown here",
    "failed": "met an error, and will be tried again",
}
WHY = {
    "no-file": "Listed at the old place, and the file was not there",
    "gone": "Not at its old address any more",
    "external": "Kept on another server, and not fetched",
    "not-fetched": "Its old address did not give it",
    "host": "Its old address may not be fetched from yet",
    "unreadable": "The file could not be read",
    "file-empty": "The file has nothing in it",
    "file-unknown": "No picture, video or sound, whatever its name says",
    "file-broken": "The file is damaged",
    "file-too-big": "The file is larger than files may be here",
    "limit-exceeded": "The picture is larger than pictures may be here",
    "format-unsupported": "Of a kind that is not taken here",
    "format-unreadable": "Of a kind that cannot be read here",
    "format-off": "Of a kind that is switched off here",
    "unreadable-line": "Listed in a line that could not be read",
    "not-an-address": "Listed with an address that is none",
    "outside": "Listed at a place outside of what was to move",
    "another-owner": "Listed twice, for two owners",
    "twice": "Listed twice",
    "checksum": "Moved as it was found, which is not as it was when it was uploaded",
    "metadata": "Moved without something that was written down for it, which could not be read",
    "address-taken": "The old address belongs to another site that moved here",
}


@dataclass(slots=True)
class Group:
    """Items with one and the same trouble. Only the first have their names shown."""

    why: str
    count: int = 0
    names: list[str] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.names)

    def add(self, name: str) -> None:
        self.count += 1
        if len(self.names) < NAMED:
            self.names.append(harmless(name))


def write_page(journal: Journal, catalog: Catalog | None, urls: Urls, out: IO[str]) -> None:
    """Without a catalog, as after a dry run into nothing, there are no addresses to tell of."""
    summary = journal.summary()
    addresses = AddressMap(journal, catalog, datetime.now(UTC)) if catalog and not summary.run.is_dry else None
    environment = Environment(loader=PackageLoader("migrate"), autoescape=True, undefined=StrictUndefined)
    environment.trim_blocks = environment.lstrip_blocks = True
    style, script = asset("report.css"), asset("report.js")
    site = addresses.site if addresses else None
    stream = environment.get_template("report.html").generate(
        site=site.name if site else None,
        run=summary.run,
        policy=policy(style, script),
        style=Markup(style),
        script=Markup(script),
        verdicts=[(verdict, summary.verdicts.get(verdict, 0), MEANING[verdict]) for verdict in VERDICTS],
        found=summary.found,
        here=sum(summary.verdicts.get(verdict, 0) for verdict in ("imported", "already-imported", "duplicate")),
        gone=sum(summary.verdicts.get(verdict, 0) for verdict in ("missing", "rejected", "failed")),
        left=summary.verdicts.get("skipped", 0),
        came=came_along(summary.added),
        groups=groups(journal),
        bases=embedded({"old": host(site), "new": urls.base}),
        rows=rows(addresses.ways()) if addresses else None,
    )
    out.writelines(stream)


def asset(name: str) -> str:
    return files("migrate").joinpath("templates", name).read_text("utf-8")


def policy(style: str, script: str) -> str:
    """Nothing acts in the page but what it was made with."""
    sources = f"default-src 'none'; style-src {fingerprint(style)}; script-src {fingerprint(script)}"
    return f"{sources}; base-uri 'none'; form-action 'none'"


def fingerprint(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def groups(journal: Journal) -> list[Group]:
    """The largest first."""
    found: dict[str, Group] = {}
    for outcome in journal.outcomes(attention=True):
        word = trouble(outcome)
        found.setdefault(word, Group(WHY.get(word, word.replace("-", " ").capitalize()))).add(outcome.name)
    return sorted(found.values(), key=lambda group: -group.count)


def trouble(outcome: Outcome) -> str:
    """The word in front of its reason. What stands behind it may name places on this machine."""
    return (*outcome.losses, outcome.reason or "")[0].partition(":")[0]


def rows(ways: Iterator[Way]) -> Iterator[Markup]:
    mark = Markup("")
    for way in ways:
        yield mark + embedded([*way.old, way.new])
        mark = Markup(",\n")


def embedded(value: object) -> Markup:
    """JSON that cannot end the element it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))
