"""Under which addresses the old host showed a thing, besides those the source wrote down: worked out from its rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from gateway.core.records import Kind
from gateway.core.shortids import encode
from migrate.items import Item, OldAddress, OldSite, OnDisk

INTERNAL = ("image", "video", "audio", "album", "user")


class OldPaths:
    """Of one site. Without its salt it had no addresses but those that are written down."""

    def __init__(self, site: OldSite, host_here: str) -> None:
        self.site = site
        parts = urlsplit(site.url or "")
        self.host = parts.netloc or host_here
        self.folder = unquote(parts.path).rstrip("/")
        self.routes = {name: site.routes.get(name, name) for name in INTERNAL}

    def of_media(self, key: str, kind: Kind, title: str) -> Iterator[str]:
        yield from self.numbered(key, kind, title)

    def of_album(self, key: str, name: str) -> Iterator[str]:
        yield from self.numbered(key, "album", name)

    def numbered(self, key: str, kind: str, title: str) -> Iterator[str]:
        """With words in front and without, under the name the site had for it, and under the one all sites knew."""
        if not (self.site.salt and key.isdecimal() and int(key)):
            return
        short = encode(int(key), self.site.salt, self.site.padding)
        words = "-".join(re.findall(r"\w+", title))[:60]
        long = f"{words}.{short}" if words else short
        route = f"{self.folder}/{self.routes[kind]}"
        yield f"{route}/{long}"
        yield f"{route}/{short}"
        if self.routes[kind] != kind:
            yield f"{self.folder}/{kind}/{long}"
        if self.site.routes.get("root") == kind and short not in {*self.routes.values(), *INTERNAL}:
            yield f"{self.folder}/{long}"


def renditions(item: Item) -> Iterator[tuple[OldAddress, str]]:
    """The address of each rendition the old host had, beside that of its main file, and which one it is."""
    if not isinstance(item.content, OnDisk):
        return
    for address in item.addresses:
        path = PurePosixPath(address.path)
        if address.variant or path.name != item.content.path.name:
            continue
        for variant, file in item.renditions.items():
            yield OldAddress(str(path.with_name(file.name)), site=address.site), variant
