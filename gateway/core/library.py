"""The one library behind every door. A rule is written here once; doors read requests and render answers."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal, TypeVar

from gateway.core import tags
from gateway.core.durations import expiry
from gateway.core.errors import Duplicate, FileRefused, InvalidInput, NotFound, OutcomeUnknown, TooBig
from gateway.core.formats.families import Developed
from gateway.core.formats.renditions import Rendition
from gateway.core.healing import damaged, heal
from gateway.core.ids import digest, new_delete_token, new_id, new_image_id
from gateway.core.intake import Intake
from gateway.core.jumps import past
from gateway.core.plans import UNLIMITED, Plan
from gateway.core.ports import BlobStore, Cache, Catalog, Clock, Upload
from gateway.core.records import Album, Category, FileEntry, Kind, Media, Owner, Usage
from gateway.core.timing import Timing
from gateway.core.titles import MAX_TITLE, base_name, clean, title_from
from gateway.core.watching import Alive, unwatched, watched

T = TypeVar("T")

A_KIND: dict[Kind, str] = {"image": "a picture", "video": "a video", "audio": "a sound"}
Duplicates = Literal["reuse", "keep", "refuse"]


@dataclass(frozen=True, slots=True)
class NewMedia:
    """What is said about an upload besides its bytes. With `kinds`, bytes of any other kind are refused."""

    filename: str
    title: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    album_id: str | None = None
    category_id: int | None = None
    is_nsfw: bool = False
    resize_width: int | None = None
    expiration: str | None = None
    use_file_date: bool = False
    tag_camera: bool = False
    is_public: bool = True
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """`warnings` are sentences about what was asked for and left out."""

    media: Media
    delete_token: str
    is_duplicate: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Swept:
    expired: int
    incoming: int
    orphans: int


class Library:
    def __init__(
        self, catalog: Catalog, blobs: BlobStore, cache: Cache, clock: Clock, intake: Intake, *,
        legacy_matches: Callable[[str, str], bool], duplicates: Duplicates = "reuse",
        plan_of: Callable[[Owner], Plan] = lambda _: UNLIMITED,
    ) -> None:  # fmt: skip
        """`legacy_matches(secret, stored_hash)` knows the old host's hash."""
        self.catalog = catalog
        self.blobs = blobs
        self.cache = cache
        self.clock = clock
        self.intake = intake
        self.legacy_matches = legacy_matches
        self.duplicates = duplicates
        self.plan_of = plan_of
        self.adding = Timing()

    def warm_up(self) -> None:
        """For a long life: the first photo of a phone need not wait for its decoder to start."""
        self.intake.pool.warm()

    def close(self) -> None:
        self.intake.close()

    # adding

    def add(self, owner: Owner, upload: Upload, new: NewMedia) -> Added:
        """Keep the upload. When this returns, file and row survive a power cut; when it raises, nothing is left."""
        with self.adding.measured():
            return self.take_in(owner, upload, new)

    def take_in(self, owner: Owner, upload: Upload, new: NewMedia) -> Added:
        now = self.clock.now()
        warnings: list[str] = []
        expires_at = expiry(new.expiration, now)
        new = self.settle_placement(owner, new, warnings)
        self.refuse_file(upload, new, plan := self.plan_of(owner))

        may_reuse = self.duplicates != "keep" and not expires_at and not new.resize_width
        same = self.catalog.find_same(owner.id, upload.sha256()) if may_reuse else None
        wrong = damaged(self.blobs, same) if same else []
        if same and not wrong:
            refuse_kind(same.kind, new)
            return self.again(same, warnings)

        filename = base_name(new.filename)
        content = self.intake.without_private(upload, self.blobs)
        try:
            developed = self.intake.develop(content, filename, now, new.resize_width)
            warnings += developed.warnings
            refuse_kind(developed.format.kind, new)
            if same and heal(self.blobs, same, wrong, contents(same, developed, content)):
                return self.again(same, warnings)
            may_reuse = may_reuse and not same
            new = replace(new, filename=filename)
            media = self.describe(owner, upload, content, new, developed, now, expires_at, warnings)
            return self.keep(media, contents(media, developed, content), may_reuse, plan, warnings)
        finally:
            if content is not upload:
                content.discard()

    def refuse_file(self, upload: Upload, new: NewMedia, plan: Plan) -> None:
        if not upload.size:
            raise FileRefused("The file is empty.", code="FILE_EMPTY")
        if plan.max_file_bytes is not None and upload.size > plan.max_file_bytes:
            raise TooBig(plan.max_file_bytes, "your plan allows")
        kind = self.intake.sniff(upload).kind if new.kinds else None
        # What looks like a film and has no pictures turns out to be a sound.
        if kind and (kind != "video" or "audio" not in new.kinds):
            refuse_kind(kind, new)

    def settle_placement(self, owner: Owner, new: NewMedia, warnings: list[str]) -> NewMedia:
        """Drop what the owner may not have, and say so; an old tool's upload does not fail for it."""
        if new.album_id:
            album = self.catalog.album(new.album_id)
            if not album or album.owner_id != owner.id:
                warnings.append(in_no_album(new.album_id))
                new = replace(new, album_id=None)
        if new.category_id is not None and not self.catalog.category(new.category_id):
            warnings.append(f"There is no category {new.category_id} yet; the file keeps that number.")
        if new.use_file_date and owner.role != "admin":
            warnings.append("use_file_date is for admins; the file has the date of the upload.")
            new = replace(new, use_file_date=False)
        kept, dropped = tags.sort_out(map(clean, new.tags))
        warnings += [f"Tag {name!r} was left out: up to 32 characters, without , / or #." for name in dropped]
        if kept and owner.role == "guest":
            warnings.append("Guest uploads have no tags.")
            kept = ()
        return replace(new, tags=kept, tag_camera=new.tag_camera and owner.role != "guest")

    def describe(
        self, owner: Owner, upload: Upload, content: Upload, new: NewMedia, developed: Developed,
        now: datetime, expires_at: datetime | None, warnings: list[str],
    ) -> Media:  # fmt: skip
        stored = Digests.of(content if developed.replacement is None else developed.replacement, self.blobs)
        is_as_sent = content is upload and developed.replacement is None
        kind, extension, shot = developed.format.kind, developed.format.extension, developed.shot
        camera = tags.sort_out([shot.camera])[0] if new.tag_camera and shot and shot.camera else ()
        created_at = now
        if new.use_file_date:
            if shot and shot.taken_at and shot.taken_at < now:
                created_at = shot.taken_at
            else:
                warnings.append("The file does not say when it was taken; it has the date of the upload.")
        filename = new.filename or f"{secrets.token_hex(6)}.{extension}"
        title = clean(new.title or developed.title or "") or title_from(filename)
        return Media(
            id=new_image_id() if kind == "image" else new_id(),
            kind=kind,
            owner_id=owner.id,
            filename=filename,
            title=title[:MAX_TITLE] if title else None,
            description=clean(new.description or (shot and shot.description) or "") or None,
            mime=developed.format.mime,
            extension=extension,
            size_bytes=stored.size,
            width=developed.width,
            height=developed.height,
            sha256=stored.sha256,
            md5=stored.md5,
            source_sha256=None if is_as_sent else upload.sha256(),
            source_md5=None if is_as_sent else upload.md5(),
            is_resized=bool(developed.replacement and new.resize_width),
            exif_json=shot.exif_json if shot else None,
            is_animated=developed.is_animated,
            is_360=developed.is_360,
            is_public=new.is_public,
            is_nsfw=new.is_nsfw,
            album_id=new.album_id,
            category_id=new.category_id,
            views=0,
            thumb_bytes=size_of(developed.thumb),
            medium_bytes=size_of(developed.medium),
            medium_width=developed.medium.width if developed.medium else 0,
            medium_height=developed.medium.height if developed.medium else 0,
            created_at=created_at,
            updated_at=now,
            expires_at=expires_at,
            frame_bytes=size_of(developed.frame),
            duration=developed.duration,
            bitrate=developed.bitrate,
            tags=tuple(dict.fromkeys((*new.tags, *camera))),
        )

    def keep(
        self, media: Media, files: dict[str, Upload | bytes], may_reuse: bool, plan: Plan, warnings: list[str]
    ) -> Added:
        """Files first, row last: a crash in between leaves files without a row, never a row without its file."""
        token = new_delete_token()
        self.blobs.put(files)
        try:
            first = self.catalog.add_media(media, digest(token), reuse=may_reuse, plan=plan)
        except OutcomeUnknown:  # there may be a row: what turns out to have none is swept
            raise
        except BaseException:
            self.blobs.delete(media.blobs())
            raise
        if first:
            self.blobs.delete(media.blobs())
            if self.duplicates == "refuse":
                raise Duplicate("This file was uploaded before.", id=first.id)
        # Tags stand in the order the catalog met them, as on the old host; and an album may be gone by now.
        stored = self.catalog.media(media.id) if len(media.tags) > 1 or media.album_id else None
        if stored and stored.album_id != media.album_id:
            warnings.append(in_no_album(media.album_id or ""))
        return Added(first or stored or media, token, bool(first), tuple(warnings))

    def again(self, same: Media, warnings: list[str]) -> Added:
        """The record there is, with a delete link of its own for this caller."""
        if self.duplicates == "refuse":
            raise Duplicate("This file was uploaded before.", id=same.id)
        token = new_delete_token()
        if not self.catalog.add_delete_token(same.id, digest(token)):
            raise NotFound("The earlier upload of this file was deleted just now. Send it again.")
        return Added(same, token, True, tuple(warnings))

    # reading

    def get(self, media_id: str) -> Media:
        """Raises `NotFound` for what is deleted, or past its time though not swept yet."""
        media = self.catalog.media(media_id)
        if not media or media.is_expired(self.clock.now()):
            raise not_found()
        return media

    def file_entry(self, media_id: str) -> FileEntry | None:
        entry = self.catalog.file_entry(media_id)
        return None if not entry or (entry.expires_at and entry.expires_at <= self.clock.now()) else entry

    def count_view(self, media: Media) -> None:
        self.catalog.count_view(media.id)

    def usage(self) -> Usage:
        return self.catalog.usage(self.clock.now())

    # removing

    def with_delete_token(self, media_id: str, token: str) -> Media:
        media = self.catalog.media_with_token(media_id, digest(token)) or self.with_legacy_token(media_id, token)
        if not media or media.is_expired(self.clock.now()):
            raise not_found()
        return media

    def with_legacy_token(self, media_id: str, token: str) -> Media | None:
        """The slow comparison is made with what an import brought for this media, and for no other."""
        hashes = self.catalog.legacy_token_hashes(media_id)
        return self.catalog.media(media_id) if any(self.legacy_matches(token, one) for one in hashes) else None

    def remove(self, media: Media) -> None:
        """Catalog first, files after: a crash in between leaves files that the sweep sets aside."""
        if not self.catalog.remove_media(media.id, self.clock.now()):
            raise not_found()
        self.drop_files(media)

    def drop_files(self, media: Media) -> None:
        self.blobs.delete(media.blobs())
        self.cache.forget(media.id)

    def sweep(self, grace: timedelta, alive: Alive = unwatched) -> Swept:
        """Remove what is past its time and uploads that never finished; set aside stored files without a record.
        Whatever is younger than `grace` may still be on its way and is left alone."""
        incoming = self.sweep_local(grace)
        before = past(self.catalog, self.clock.now()) - grace
        return Swept(self.sweep_expired(alive), incoming, self.sweep_orphans(before, alive))

    def sweep_local(self, grace: timedelta) -> int:
        """The part that each machine has for itself: derived files of what is gone, and uploads that never finished."""
        self.sweep_cache()
        return self.blobs.sweep_incoming(past(self.catalog, self.clock.now()) - grace)

    def sweep_expired(self, alive: Alive = unwatched) -> int:
        swept = 0
        now = past(self.catalog, self.clock.now())
        while expired := self.catalog.expired(now, 100):
            alive()
            for media in expired:
                if self.catalog.remove_media(media.id, self.clock.now()):
                    self.drop_files(media)
                    swept += 1
        return swept

    def sweep_cache(self) -> None:
        """What was being made of a media while it was deleted."""
        for ids in batches(self.cache.media_ids(), 500):
            for media_id in set(ids) - self.catalog.media_ids(sorted(set(ids))):
                self.cache.forget(media_id)

    def sweep_orphans(self, before: datetime, alive: Alive = unwatched) -> int:
        swept = 0
        old = (name for name, _, changed_at in watched(self.blobs.names(), alive) if changed_at < before)
        for names in batches(old, 500):
            known = self.catalog.media_ids(sorted({owner_of(name) for name in names}))
            orphans = [name for name in names if owner_of(name) not in known]
            self.blobs.set_aside(orphans)
            swept += len(orphans)
        return swept

    # albums and categories

    def add_album(self, owner: Owner, name: str) -> Album:
        name = clean(name).strip()
        if not 1 <= len(name) <= 100:
            raise InvalidInput("An album needs a name of 1 to 100 characters.")
        album = Album(new_id(), owner.id, name, self.clock.now())
        self.catalog.add_album(album)
        return album

    def albums(self) -> list[Album]:
        return self.catalog.albums()

    def add_category(self, name: str, url_key: str) -> Category:
        name, url_key = clean(name).strip(), clean(url_key).strip()
        if not name or not url_key:
            raise InvalidInput("A category needs a name and a key for its address.")
        return self.catalog.add_category(name, url_key)

    def categories(self) -> list[Category]:
        return self.catalog.categories()


@dataclass(frozen=True, slots=True)
class Digests:
    size: int
    sha256: str
    md5: str

    @classmethod
    def of(cls, content: Upload | bytes, blobs: BlobStore) -> Digests:
        if not isinstance(content, bytes):
            return cls(content.size, content.sha256(), content.md5())
        upload = blobs.receive(len(content))
        try:
            upload.write(content)
            return cls.of(upload, blobs)
        finally:
            upload.discard()


def contents(media: Media, developed: Developed, content: Upload) -> dict[str, Upload | bytes]:
    files: dict[str, Upload | bytes] = {media.blob(): content}
    if developed.replacement is not None:
        files[media.blob()] = developed.replacement
    return files | {media.blob(variant): one.data for variant, one in developed.renditions().items()}


def in_no_album(album_id: str) -> str:
    return f"Album {clean(album_id)!r} is not one of yours; the file is in no album."


def refuse_kind(kind: Kind, new: NewMedia) -> None:
    if new.kinds and kind not in new.kinds:
        taken = " or ".join(A_KIND[one] for one in new.kinds)
        raise FileRefused(f"This is {A_KIND[kind]}; what is taken here is {taken}.", code="FORMAT_UNSUPPORTED")


def size_of(rendition: Rendition | None) -> int:
    return len(rendition.data) if rendition else 0


def not_found() -> NotFound:
    return NotFound("There is nothing at this address, or not any more.")


def owner_of(blob_name: str) -> str:
    """The id of the media a stored file belongs to."""
    return blob_name.partition(".")[0]


def batches(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while batch := list(islice(items, size)):
        yield batch
