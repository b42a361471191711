"""Where else the stored bytes of a file can be had, once it is settled that whoever asks may have them.

A server in front sends them from the folder, the store by a link that is good for a moment, or a public place that
holds all of them those that everybody may have. Drawings are sent by us alone: their policy is in our headers, and a
server or store may lose it on the way. So is what is not in the store: a rendition that is yet to be made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gateway.core.ports import BlobStore
from gateway.core.records import FileEntry, Variant, rendition_mime
from gateway.urls import origin_of
from gateway.web.sending import PRIVATE, PUBLIC
from gateway.web.visibility import is_open

# Whoever was sent to the public place asks us again after so long, and then may be refused.
SHORTLY = "public, max-age=60"


@dataclass(frozen=True, slots=True)
class Place:
    """`keeping` tells for how long the way there may be remembered."""

    url: str
    keeping: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """`media_url` is the address of the folder of stored files, or empty."""

    blobs: BlobStore
    sendfile: Literal["direct", "x-accel", "redirect"] = "direct"
    accel_prefix: str = ""
    media_url: str = ""
    link_life: int = 300

    def place(self, entry: FileEntry, variant: Variant | None, mime: str, method: str) -> Place | None:
        """None when we send the bytes ourselves. We answer whoever wants no bytes at all."""
        name = entry.blob(variant)
        is_public = bool(self.media_url) and is_open(entry) and mime == own_type(entry, variant)
        if method != "GET" or entry.extension == "svg" or not (is_public or self.sendfile == "redirect"):
            return None
        if variant and self.blobs.size(name) is None:
            return None
        if is_public:
            return Place(f"{self.media_url.rstrip('/')}/{name[:2]}/{name}", SHORTLY)
        headers = {"Content-Type": mime, "Cache-Control": PUBLIC if is_open(entry) else PRIVATE}
        url = self.blobs.link(name, self.link_life, headers)
        return Place(url, PRIVATE) if url else None

    def origins(self) -> list[str]:
        """Where people are sent for bytes, for the pages that show them."""
        link = self.blobs.link("AAAAAAAAAAA.jpg", self.link_life, {}) if self.sendfile == "redirect" else None
        return [origin_of(url) for url in (self.media_url, link) if url]

    def accel(self, entry: FileEntry, variant: Variant | None) -> str | None:
        """The path at which the server in front finds the file."""
        name = entry.blob(variant)
        return (
            f"{self.accel_prefix}{name[:2]}/{name}" if self.sendfile == "x-accel" and entry.extension != "svg" else None
        )


def own_type(entry: FileEntry, variant: Variant | None) -> str:
    return rendition_mime(entry.kind, entry.mime) if variant else entry.mime
