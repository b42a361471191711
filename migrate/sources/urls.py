"""A list of addresses, one on each line, with a title behind a tab where there is one."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from urllib.parse import urldefrag

from gateway.core.titles import clean
from migrate.items import (
    Absent,
    AtUrl,
    Gone,
    Item,
    OldAddress,
    OldAlbum,
    OldCategory,
    OldKey,
    OldOrigin,
    OldOwner,
    OldSite,
)  # fmt: skip
from migrate.sources.addresses import file_name, old_path, split_address, without_user
from migrate.sources.seen import Seen
from migrate.sources.textlines import text_lines


class UrlsSource:
    """Each host in the list is a site of its own: two of them may have different files at the same path."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.notes: Counter[str] = Counter()
        digest = hashlib.sha256(os.fsencode(file.resolve())).hexdigest()
        self.site = OldSite(f"urls-{digest[:12]}", "urls", file.name)
        next(text_lines(file), None)  # whatever is wrong with the file as a whole is told now

    @cached_property
    def seen(self) -> tuple[int, list[str]]:
        """How many items there are, and the hosts, as addresses."""
        count, hosts = 0, dict[str, None]()
        for _, text, _ in self.lines(self.notes):
            count += 1
            try:
                hosts[host_of(text)] = None
            except ValueError:
                continue
        return count, list(hosts)

    def lines(self, notes: Counter[str] | None = None) -> Iterator[tuple[int, str, str]]:
        for number, line in text_lines(self.file, notes):
            text, _, title = line.strip().partition("\t")
            if text and not text.startswith("#"):
                yield number, text.strip(), title.strip()

    def sites(self) -> list[OldSite]:
        hosts = self.seen[1]
        return [self.site, *(OldSite(site_id(host), "urls", host.partition("://")[2], host) for host in hosts)]

    def owners(self) -> Iterator[OldOwner]:
        yield from ()

    def categories(self) -> Iterator[OldCategory]:
        yield from ()

    def albums(self) -> Iterator[OldAlbum]:
        yield from ()

    def keys(self) -> Iterator[OldKey]:
        yield from ()

    def gone(self) -> Iterator[Gone]:
        yield from ()

    def count(self) -> int:
        return self.seen[0]

    def items(self) -> Iterator[Item]:
        seen = Seen()
        for number, text, title in self.lines():
            key = f"line {number}"
            try:
                parts = split_address(text)
            except ValueError as error:
                yield Item(key, clean(without_user(text)), Absent("not-an-address", f"line {number}: {error}"), key)
                continue
            url = without_user(urldefrag(text).url)
            if first := seen.before(url, number):
                rule = f"duplicate-line: Line {first} has the same address."
                yield Item(key, url, AtUrl(url), file_name(parts), skip=rule)
                continue
            yield Item(
                key=url,
                name=url,
                content=AtUrl(url),
                filename=file_name(parts),
                title=title or None,
                addresses=(OldAddress(old_path(url), site=site_id(host_of(url))),),
                origins=(OldOrigin(self.site.id, url),),
            )

    def close(self) -> None:
        """The file is opened anew for each reading."""


def host_of(url: str) -> str:
    """With its scheme and port, in small letters."""
    parts = split_address(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def site_id(host: str) -> str:
    return f"urls-{hashlib.sha256(host.encode()).hexdigest()[:12]}"
