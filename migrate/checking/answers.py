"""The old addresses of one item: does each of them answer with the right thing, or with nothing where it must?"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Literal

from gateway.core.errors import FileRefused
from gateway.core.formats.registry import SNIFF_BYTES, sniff
from gateway.core.records import Media, Variant
from migrate.checking.asking import Answer
from migrate.checking.contents import is_converted
from migrate.checking.findings import Plain
from migrate.checking.oldpaths import renditions
from migrate.checking.standing import Standing, is_page_of
from migrate.items import Item, OldAddress

Visibility = Literal["listed", "open", "locked", "hidden"]  # "open" to those who have the address

REFUSALS = (401, 403, 404)
SHARED = "Addresses that several files of the source claim: the first one has it"
MERGED = "Renditions that are those of the equal file theirs was merged with"
REDRAWN = "Renditions that were drawn anew, because the old ones were no pictures of the right format"


class CheckAnswers:
    def __init__(self, standing: Standing, *, reads_all: bool) -> None:
        self.standing = standing
        self.asker = standing.asker
        self.findings = standing.findings
        self.reads_all = reads_all
        self.tags: set[str] = set()

    def check(self, item: Item, media: Media, visibility: Visibility, *, is_merged: bool = False) -> None:
        for address in item.addresses:
            if address.mime or address.variant:
                self.file(item, media, address)
            else:
                self.either(item, media, address, visibility)
        if item.is_public:
            for address, variant in renditions(item):
                self.rendition(item, media, address, None if is_merged else item.renditions[variant])
        self.pages(item, media, visibility)
        if visibility == "listed":
            self.tag_pages(item, media)

    # files

    def file(self, item: Item, media: Media, address: OldAddress) -> None:
        reads = self.reads_all and item.is_public
        answer = self.asker.file(self.standing.host_of(address), address.path, reads=reads)
        if not self.is_file(answer, item, media, address):
            expected = f"{media.size_bytes} bytes of {mime_of(item, media, address)}" if item.is_public else "nothing"
            self.differ(item, address.path, expected, answer)

    def is_file(self, answer: Answer, item: Item, media: Media, address: OldAddress) -> bool:
        if not item.is_public:
            return answer.status in REFUSALS
        if answer.status != 200:
            return False
        if address.variant:
            return answer.length == media.rendition_bytes(as_variant(address.variant))
        is_whole = answer.sha256 in (None, media.sha256) and answer.length == media.size_bytes
        return is_whole and answer.mime == mime_of(item, media, address)

    def either(self, item: Item, media: Media, address: OldAddress, visibility: Visibility) -> None:
        """What is written down without a type may be a file, or have led to a page."""
        host = self.standing.host_of(address)
        answer = self.asker.file(host, address.path, reads=False)
        if self.is_shared(media, address):
            self.findings.note(SHARED, item.name)
        elif answer.status == 200 and answer.mime != "text/html":
            self.file(item, media, address)
        elif item.is_public or answer.status not in REFUSALS:
            self.page(item, media, host, address.path, visibility)

    def is_shared(self, media: Media, address: OldAddress) -> bool:
        site = address.site or self.standing.site.id
        found = [one for one in self.standing.catalog.addresses_at([address.path]) if one.site_id == site]
        return any(one.target_id != media.id for one in found)

    def rendition(self, item: Item, media: Media, address: OldAddress, old: Path | None) -> None:
        answer = self.asker.file(self.standing.host_of(address), address.path, reads=self.reads_all)
        if answer.status != 200 or not answer.mime.startswith("image/"):
            return self.differ(item, address.path, "a picture", answer)
        if not old:
            return self.findings.note(MERGED, item.name)
        with suppress(OSError):  # gone since
            if not self.is_equal(answer, old):
                self.changed(item, media, address, answer, old)

    def is_equal(self, answer: Answer, old: Path) -> bool:
        if self.reads_all:
            return answer.sha256 == hashlib.sha256(old.read_bytes()).hexdigest()
        return answer.length == old.stat().st_size

    def changed(self, item: Item, media: Media, address: OldAddress, answer: Answer, old: Path) -> None:
        if is_of_type(old, answer.mime) and not is_converted(item, media):
            self.differ(item, address.path, f"the {old.stat().st_size} bytes of {old.name}", answer)
        else:
            self.findings.note(REDRAWN, item.name)

    # pages

    def pages(self, item: Item, media: Media, visibility: Visibility) -> None:
        for origin in self.standing.origins_of(item, item.id):
            if paths := self.standing.paths.get(origin.site):
                for path in paths.of_media(origin.key, media.kind, media.title or ""):
                    self.page(item, media, paths.host, path, visibility)
        self.page(item, media, self.standing.paths[self.standing.site.id].host, native_path(media), visibility)

    def page(self, item: Item, media: Media, host: str, path: str, visibility: Visibility) -> None:
        wanted = None if visibility == "hidden" else media.id
        self.standing.expect_page("item", item.name, host, path, wanted, is_locked=visibility == "locked")

    def tag_pages(self, item: Item, media: Media) -> None:
        """Once for each tag, when something that everybody may see has it."""
        paths = self.standing.paths[self.standing.site.id]
        for tag in set(media.tags) - self.tags:
            self.tags.add(tag)
            answer = self.asker.page(paths.host, f"/tag/{tag}")
            if not is_page_of(answer, tag):
                self.differ(item, f"/tag/{tag}", "the page of the tag", answer)

    def differ(self, item: Item, path: str, expected: str, answer: Answer) -> None:
        found = f"{answer.status}" if answer.status != 200 else f"{answer.length} bytes of {answer.mime}"
        self.findings.differ("item", item.name, f"address {path}", Plain(expected), Plain(found))


def mime_of(item: Item, media: Media, address: OldAddress) -> str:
    """The old one; what is kept in another format is sent as what it is now."""
    return media.mime if is_converted(item, media) else address.mime or media.mime


def is_of_type(file: Path, mime: str) -> bool:
    with open(file, "rb") as opened, suppress(FileRefused):
        return sniff(opened.read(SNIFF_BYTES)).mime == mime
    return False


def as_variant(name: str) -> Variant:
    return "th" if name == "th" else "md" if name == "md" else "fr"


def native_path(media: Media) -> str:
    return f"/{media.kind}/{media.id}"
