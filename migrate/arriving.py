"""From an item and what a process found in its file to a record of this library, with all that led to it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import cast

from gateway.core import tags
from gateway.core.arrivals import Arrival, Prepared
from gateway.core.errors import Conflict, GatewayError
from gateway.core.formats.registry import KNOWN_EXTENSIONS
from gateway.core.moving import STAND_IN, Arrived, Leads
from gateway.core.records import Media, Variant
from gateway.core.titles import MAX_TITLE, base_name, clean, title_from
from gateway.store.opening import Opened
from migrate.bringing import Bringing
from migrate.items import AtUrl, Item, OnDisk
from migrate.outcome import Outcome
from migrate.people import People
from migrate.places import Places
from migrate.plan import outcome
from migrate.working import Done, Job

NOT_MEDIA = "not-media: It is no picture, no video and no sound, by its name as by its content."
UNKNOWN = frozenset({"file-unknown", "file-empty"})
# What begins as a drawing may: packed, or with a mark-up. And of some documents the kind is known, and refused.
READ_AS_MEDIA = frozenset({"file-broken", "limit-exceeded", "format-unsupported"})
DOCUMENTS = frozenset({"gz", "htm", "html", "pdf", "ps", "tgz", "xhtml", "xml"})
# Whoever has these wants to hear that they did not come.
OTHER_MEDIA = frozenset({
    "3gp", "aac", "ai", "aiff", "arw", "cr2", "cr3", "dng", "eps", "flv", "ico", "j2k", "jp2", "jxl", "mpeg", "mpg",
    "nef", "orf", "psd", "raf", "raw", "rw2", "tif", "tiff", "wma", "wmv", "xcf",
})  # fmt: skip


class Arriving:
    def __init__(self, bringing: Bringing, opened: Opened, people: People, places: Places) -> None:
        self.bringing = bringing
        self.opened = opened
        self.catalog = opened.catalog
        self.people = people
        self.places = places

    def job(self, item: Item) -> Job:
        content = item.content
        assert isinstance(content, OnDisk | AtUrl)
        arrival = Arrival(
            path=content.path if isinstance(content, OnDisk) else Path(),
            filename=base_name(item.filename),
            arrived_at=item.created_at or self.bringing.now,
            renditions={cast(Variant, variant): path for variant, path in item.renditions.items()},
            id=item.id,
            width=item.width,
            height=item.height,
            duration=item.duration,
            link=self.bringing.options.link,
            keeps=self.bringing.writes,
        )
        return Job(item.key, arrival, content.url if isinstance(content, AtUrl) else None)

    def keep(self, batch: Sequence[tuple[Item, Done]]) -> list[Outcome]:
        """Files, then rows; and for each item what became of it."""
        outcomes, ready = [], []
        for item, done in batch:
            if done.error:
                outcomes.append(outcome(item, "failed", done.error))
            elif done.gone:
                outcomes.append(outcome(item, "missing", done.gone))
            elif done.refusal and self.bringing.site.kind == "folder" and is_no_media(item.filename, done.refusal):
                outcomes.append(outcome(item, "skipped", NOT_MEDIA))
            elif done.refusal:
                outcomes.append(outcome(item, "rejected", done.refusal))
            elif done.prepared and self.bringing.options.duplicates == "merge":
                with self.bringing.turn():  # between looking and adding nobody else may add the same
                    outcomes += self.merged(item, done.prepared) or self.kept([(item, done.prepared)])
            elif done.prepared:
                ready.append((item, done.prepared))
        return outcomes + self.kept(ready)

    def merged(self, item: Item, prepared: Prepared) -> list[Outcome]:
        """Into the record of the same owner that shows the same bytes, if there is one."""
        sha256 = prepared.source_sha256 or prepared.sha256
        same = self.catalog.find_same(self.people.of(item.owner), sha256)
        if not same or self.stand_ins_among([same.id]):
            return []
        if self.bringing.writes:
            self.opened.arrivals.drop(prepared)
            self.bringing.lead("media", same.id, self.bringing.origins_in(item), item.addresses)
            self.bringing.journal.lead("token", item.token_hashes, same.id)
            for token_hash in item.token_hashes:
                self.catalog.add_delete_token(same.id, token_hash)
        return [outcome(item, "duplicate", f"same-bytes: it is the file of {same.id}", media_id=same.id)]

    def kept(self, ready: Sequence[tuple[Item, Prepared]]) -> list[Outcome]:
        if not ready:
            return []
        arrived = [self.arrived(item, prepared) for item, prepared in ready]
        refusals: Sequence[GatewayError | None] = [None] * len(ready)
        if self.bringing.writes:
            refusals = self.opened.arrivals.keep(arrived)
            self.replace_stand_ins(arrived)
        return [
            self.what_became(item, prepared, one.media, refusal)
            for (item, prepared), one, refusal in zip(ready, arrived, refusals, strict=True)
        ]

    def what_became(self, item: Item, prepared: Prepared, media: Media, refusal: GatewayError | None) -> Outcome:
        if isinstance(refusal, Conflict):  # another machine was quicker, and this one was taken for gone
            here = self.bringing.known("media", [item]).get(item.key, item.id)
            return replace(told(item, prepared, media), media_id=here)
        if refusal:
            return outcome(item, "rejected", f"{refusal.code.lower().replace('_', '-')}: {refusal.message}")
        return told(item, prepared, media)

    def abandon(self, done: Sequence[Done]) -> None:
        """The files of a run that stops before their rows are written; but never those of a row that was."""
        left = [one.prepared for one in done if one.prepared and self.bringing.writes]
        for start in range(0, len(left), 500):
            batch = left[start : start + 500]
            with suppress(GatewayError):  # then the sweep finds them
                here = self.catalog.media_ids([prepared.id for prepared in batch])
                for prepared in batch:
                    if prepared.id not in here:
                        self.opened.arrivals.drop(prepared)

    def replace_stand_ins(self, arrived: Sequence[Arrived]) -> None:
        """A file that was fetched ahead, when somebody asked for it, has its real record now."""
        paths = [address.path for one in arrived for address in one.addresses]
        found = [address for address in self.catalog.addresses_at(paths) if address.site_id == STAND_IN]
        if found:
            replaced = self.stand_ins_among([address.target_id for address in found])
            self.catalog.withdraw_leads(Leads(addresses=tuple((address.path, STAND_IN) for address in found)))
            for media in self.catalog.withdraw_media(replaced):
                self.opened.library.drop_files(media)

    def stand_ins_among(self, ids: Sequence[str]) -> list[str]:
        """Those that are nothing else: what a guest uploaded since, too, is that upload now."""
        return [
            one.media.id
            for one in self.catalog.arrived(ids)
            if not one.token_hashes and not one.origins and {address.site_id for address in one.addresses} == {STAND_IN}
        ]

    def arrived(self, item: Item, prepared: Prepared) -> Arrived:
        media = self.media(item, prepared)
        addresses = [
            replace(address, mime=None if prepared.source_sha256 or address.mime == media.mime else address.mime)
            for address in self.bringing.addresses_of("media", media.id, item.addresses)
        ]
        origins = self.bringing.origins_of("media", media.id, self.bringing.origins_in(item))
        return Arrived(media, origins, tuple(addresses), item.token_hashes)

    def media(self, item: Item, prepared: Prepared) -> Media:
        filename = base_name(item.filename) or f"{prepared.id}.{prepared.extension}"
        title, description, exif_json = item.title, item.description, item.exif_json
        if not item.is_complete:
            title = title or prepared.title or title_from(filename)
            description, exif_json = description or prepared.description, exif_json or prepared.exif_json
        started = self.bringing.now
        return prepared.media(
            owner_id=self.people.of(item.owner),
            filename=filename,
            title=clean(title)[:MAX_TITLE] or None if title else None,
            description=clean(description or "") or None,
            source_sha256=prepared.source_sha256 or item.source_sha256,
            source_md5=prepared.source_md5 or item.source_md5,
            is_resized=item.is_resized,
            allowed_referers=item.allowed_referers,
            exif_json=clean(exif_json or "") or None,
            is_360=prepared.is_360 if item.is_360 is None else item.is_360,
            is_public=item.is_public,
            is_nsfw=item.is_nsfw,
            album_id=self.places.albums.get(item.album) if item.album else None,
            category_id=self.places.category_of(item),
            views=item.views,
            created_at=item.created_at or started,
            updated_at=item.updated_at or started,
            expires_at=item.expires_at if item.expires_at and item.expires_at > started else None,
            duration=prepared.duration or item.duration or 0.0,
            likes=item.likes,
            created_local=item.created_local,
            tags=tags.sort_out(map(clean, item.tags))[0],
        )


def is_no_media(filename: str, refusal: str) -> bool:
    """A folder holds more than pictures, and nobody misses a text here: neither by its name nor by its content is it
    anything that could be shown."""
    extension = filename.rpartition(".")[2].lower() if "." in filename else ""
    word = refusal.partition(":")[0]
    if extension in KNOWN_EXTENSIONS or extension in OTHER_MEDIA:
        return False
    return word in UNKNOWN or (extension in DOCUMENTS and word in READ_AS_MEDIA)


def told(item: Item, prepared: Prepared, media: Media) -> Outcome:
    """Imported, and in which way it is not what the source said."""
    notes = [*item.notes, *prepared.warnings]
    md5 = prepared.source_md5 or prepared.md5
    if item.md5 and item.md5 != md5:
        notes.append(f"checksum: the file has the MD5 {md5}, the source says {item.md5}")
    if item.sha256 and item.sha256 != prepared.sha256:
        notes.append(f"checksum: the file has the SHA-256 {prepared.sha256}, the source says {item.sha256}")
    if item.expires_at and not media.expires_at:
        notes.append(f"expired: its time ran out at {item.expires_at:%Y-%m-%d}; it is kept without an end")
    if len(media.tags) < len(item.tags):
        for name in tags.sort_out(map(clean, item.tags))[1]:
            notes.append(f"tag: {name!r} was left out: up to 32 characters, without , / or #")
    return Outcome(item.key, item.name, "imported", None, prepared.id, prepared.size_bytes, tuple(notes))
