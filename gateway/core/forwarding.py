"""The book of old addresses: what a path meant on the host it was written for.

Promises: an address that was written down beats one that is read by a site's rules; ids are read as leniently as the
old host read them. A file costs one indexed read. Whether what is meant may be seen is left to those who show it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote_plus

from gateway.core.moving import Address, Site
from gateway.core.old_sites import OldSites, host_and_folder
from gateway.core.ports import Catalog
from gateway.core.records import Album, Category, Media, Owner, Variant
from gateway.core.shortids import decode
from gateway.core.spellings import is_file_name, mains, one_slash, spellings

Kind = Literal["media", "album", "owner", "category", "tag"]

# These answered on every site, whatever names it had configured.
INTERNAL: dict[str, Kind] = {"image": "media", "video": "media", "audio": "media", "album": "album", "user": "owner"}
# Whatever they are asked for, these sites had no pages, and a file there may have any name.
ONLY_FILES = ("folder", "urls")
# At the top of a site whose viewers had no name in front these would be read as ids, like any word.
NOT_IDS = frozenset({"favicon.ico", "robots.txt", "sitemap.xml", "manifest.json", "ads.txt", "index.php"})


@dataclass(frozen=True, slots=True)
class OldFile:
    """The bytes of a media, one of its renditions, or an asset. `mime` is the type the old host sent, where known."""

    id: str
    variant: Variant | None
    mime: str | None


@dataclass(frozen=True, slots=True)
class OldPage:
    """`id` is that of the record here; of a tag, its name. With `delete_token` it is asked to be deleted."""

    kind: Kind
    id: str
    delete_token: str | None = None


@dataclass(frozen=True, slots=True)
class OldGone:
    """It was deleted there, before the move."""


Meaning = OldFile | OldPage | OldGone
Found = Media | Album | Owner | Category


class Book:
    def __init__(self, catalog: Catalog, root: str = "") -> None:
        """`root` is the path in front of every address of ours. The server in front has taken it off what is asked."""
        self.catalog = catalog
        self.sites = OldSites(catalog)
        self.root = root

    # files

    def file(self, host: str, path: str) -> OldFile | None:
        wanted: dict[str, Variant | None] = {}
        for form in self.forms(path):
            wanted.setdefault(form, None)
            for main, variant in mains(form):
                wanted.setdefault(main, variant)
        found = [one for one in self.catalog.addresses_at(list(wanted)) if leads_to_file(one, wanted[one.path])]
        best = self.sites.best(found, host, list(wanted))
        return OldFile(best.target_id, best.variant or wanted[best.path], best.mime) if best else None

    # pages

    def page(self, host: str, path: str, query: str = "") -> Meaning | None:
        return self.written(host, path, query) or self.read(host, path)

    def written(self, host: str, path: str, query: str) -> Meaning | None:
        """The very address, with what was asked of it or without."""
        forms = [form for one in self.forms(path) for form in (one, one.rstrip("/"))]
        asked = [f"{one}?{text}" for one in forms for text in questions(query)]
        return self.first(host, [*asked, *forms])

    def asked_at_root(self, host: str, query: str) -> Meaning | None:
        """`/?…`, where the path alone is ours."""
        return self.first(host, [f"{one}?{text}" for one in self.forms("/") for text in questions(query)])

    def first(self, host: str, paths: list[str]) -> Meaning | None:
        address = self.sites.best(self.catalog.addresses_at(list(dict.fromkeys(paths))), host, paths)
        if not address or address.kind == "key":
            return None
        if address.kind == "asset" or (address.kind == "media" and self.is_file(address)):
            return OldFile(address.target_id, address.variant, address.mime)
        return OldPage(address.kind, address.target_id)

    def is_file(self, address: Address) -> bool:
        """A site with pages named its files by what they are; all else that led to a media there was a page."""
        if address.variant or ("?" not in address.path and is_file_name(address.path)):
            return True
        site = self.sites.of(address)
        return site is not None and site.kind in ONLY_FILES

    def read(self, host: str, path: str) -> Meaning | None:
        """By the routes of the sites."""
        for site in self.sites.at(host):
            _, folder = host_and_folder(site)
            for form in self.rooted(one_slash(path)):
                if form.startswith(f"{folder}/"):
                    parts = form.removeprefix(folder).strip("/").split("/")
                    if meaning := self.read_at(site, folder, parts):
                        return meaning
        return None

    def read_at(self, site: Site, folder: str, parts: list[str]) -> Meaning | None:
        names = INTERNAL | {name: INTERNAL[kind] for kind, name in site.routes.items() if kind in INTERNAL}
        if folder and parts[0] == "tag" and len(parts) > 1:
            return OldPage("tag", parts[1])
        if parts[0] in names:
            kind, front, rest = names[parts[0]], f"{folder}/{parts[0]}", parts[1:]
        elif root := INTERNAL.get(site.routes.get("root", "")):
            kind, front, rest = root, folder, parts
        else:
            return None
        if not rest or not rest[0] or (front == folder and is_left_alone(rest[0])):
            return None
        if kind == "owner":
            return self.owner_at(site, f"{front}/{rest[0].casefold()}")
        return self.numbered(site, kind, rest)

    def owner_at(self, site: Site, path: str) -> OldPage | None:
        for address in self.catalog.addresses_at(spellings(path)):
            if address.kind == "owner" and address.site_id == site.id:
                return OldPage("owner", address.target_id)
        return None

    def numbered(self, site: Site, kind: Kind, rest: Sequence[str]) -> Meaning | None:
        """The id follows the last dot. What comes after it are pages about the same thing, or a delete link."""
        number = decode(rest[0].rpartition(".")[2], site.salt, site.padding) if site.salt else 0
        if not number or kind not in ("media", "album"):
            return None
        token = rest[2] if kind == "media" and rest[1:2] == ["delete"] and len(rest) == 3 else None
        origin = self.catalog.origins(site.id, "media" if kind == "media" else "album", [str(number)]).get(str(number))
        if not origin or (token and not origin.target_id):
            return None
        return OldPage(kind, origin.target_id, token) if origin.target_id else OldGone()

    # what is there

    def record(self, page: OldPage) -> Found | None:
        """None when it was here, and was deleted."""
        match page.kind:
            case "media":
                return self.catalog.media(page.id)
            case "album":
                return self.catalog.album(page.id)
            case "owner":
                return self.catalog.owner(page.id)
            case _:
                return self.catalog.category(int(page.id))

    def has_file(self, old: OldFile) -> bool:
        """Also when it is past its time."""
        return self.catalog.file_entry(old.id) is not None

    # spelling

    def forms(self, path: str) -> Iterator[str]:
        for one in self.rooted(path):
            yield from spellings(one)

    def rooted(self, path: str) -> Iterator[str]:
        if self.root:
            yield self.root + path
        yield path


def leads_to_file(address: Address, variant: Variant | None) -> bool:
    """`variant` is there when the path was guessed from that of a rendition: then it has to be that of a main file."""
    if variant:
        return address.kind == "media" and not address.variant
    return address.kind in ("media", "asset")


def questions(query: str) -> list[str]:
    """What follows the question mark, and its first part alone: others hang something of their own behind it."""
    parts = [query, query.partition("&")[0]] if query else []
    return list(dict.fromkeys(form for part in parts for form in (part, unquote_plus(part))))


def is_left_alone(name: str) -> bool:
    """The old host's web server looked for a file of such a name, and never asked the program for it."""
    return name.lower() in NOT_IDS or is_file_name(f"/{name}")
