"""How each record is written in an export: its members in a fixed order, texts as they are, times in UTC.

`migrate.sources.exported` reads them back; ids are the names by which the lines know one another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.core.moving import Address, Arrived, Origin, Site
from gateway.core.records import VARIANTS, Album, ApiKey, Asset, Category, Owner, Tombstone
from gateway.store.rows import time_text

FILES = "files"

Members = dict[str, object]


@dataclass(frozen=True, slots=True)
class Leads:
    """What led to a record where it came from."""

    origins: tuple[Origin, ...] = ()
    addresses: tuple[Address, ...] = ()

    def members(self) -> Members:
        return {"addresses": addresses(self.addresses), "origins": origins(self.origins)}


def file_path(blob: str) -> str:
    return f"{FILES}/{blob[:2]}/{blob}"


def time(moment: datetime | None) -> str | None:
    return time_text(moment) if moment else None


def addresses(found: Iterable[Address]) -> list[Members]:
    return [{"path": one.path, "variant": one.variant, "mime": one.mime, "site": one.site_id} for one in found]


def origins(found: Iterable[Origin]) -> list[Members]:
    return [{"site": one.site_id, "key": one.key} for one in found]


def site_line(site: Site) -> Members:
    return {
        "type": "site",
        "id": site.id,
        "kind": site.kind,
        "name": site.name,
        "url": site.url,
        "salt": site.salt,
        "padding": site.padding,
        "time_zone": site.time_zone,
        "routes": site.routes,
    }


def owner_line(owner: Owner, avatar: Members | None, background: Members | None, leads: Leads) -> Members:
    return {
        "type": "owner",
        "id": owner.id,
        "username": owner.username,
        "name": owner.name,
        "email": owner.email,
        "role": owner.role,
        "is_active": owner.is_active,
        "is_private": owner.is_private,
        "quota_bytes": owner.quota_bytes,
        "plan": owner.plan,
        "password_hash": owner.password_hash,
        "bio": owner.bio,
        "website": owner.website,
        "time_zone": owner.time_zone,
        "language": owner.language,
        "created_at": time(owner.created_at),
        "avatar": avatar,
        "background": background,
        **leads.members(),
    }


def picture_member(asset: Asset, found: Iterable[Address]) -> Members:
    return {"id": asset.id, "path": file_path(asset.blob()), "addresses": addresses(found)}


def category_line(category: Category, leads: Leads) -> Members:
    return {
        "type": "category",
        "id": category.id,
        "name": category.name,
        "url_key": category.url_key,
        "description": category.description,
        **leads.members(),
    }


def album_line(album: Album, leads: Leads) -> Members:
    return {
        "type": "album",
        "id": album.id,
        "owner": album.owner_id,
        "parent": album.parent_id,
        "name": album.name,
        "description": album.description,
        "privacy": album.privacy,
        "password_hash": album.password_hash,
        "cover": album.cover_id,
        "views": album.views,
        "likes": album.likes,
        "created_at": time(album.created_at),
        "created_local": album.created_local,
        **leads.members(),
    }


def key_line(key: ApiKey, leads: Leads) -> Members:
    return {
        "type": "key",
        "id": key.id,
        "owner": key.owner_id,
        "name": key.name,
        "prefix": key.prefix,
        "last4": key.last4,
        "sha256": key.sha256,
        "legacy_hash": key.legacy_hash,
        "scopes": key.scopes,
        "created_at": time(key.created_at),
        "last_used_at": time(key.last_used_at),
        "revoked_at": time(key.revoked_at),
        "origins": origins(leads.origins),
    }


def gone_line(origin: Origin) -> Members:
    return {"type": "gone", "kind": origin.kind, "site": origin.site_id, "key": origin.key}


def tombstone_line(tombstone: Tombstone, leads: Leads) -> Members:
    return {
        "type": "tombstone",
        "id": tombstone.id,
        "kind": tombstone.kind,
        "owner": tombstone.owner_id,
        "deleted_at": time(tombstone.deleted_at),
        **leads.members(),
    }


def media_line(arrived: Arrived) -> Members:
    media = arrived.media
    return {
        "type": "media",
        "id": media.id,
        "path": file_path(media.blob()),
        "filename": media.filename,
        "owner": media.owner_id,
        "album": media.album_id,
        "category": media.category_id,
        "title": media.title,
        "description": media.description,
        "tags": media.tags,
        "is_public": media.is_public,
        "nsfw": media.is_nsfw,
        "views": media.views,
        "likes": media.likes,
        "created_at": time(media.created_at),
        "updated_at": time(media.updated_at),
        "created_local": media.created_local,
        "expires_at": time(media.expires_at),
        "kind": media.kind,
        "mime": media.mime,
        "extension": media.extension,
        "size_bytes": media.size_bytes,
        "width": media.width,
        "height": media.height,
        "duration": media.duration,
        "bitrate": media.bitrate,
        "is_animated": media.is_animated,
        "is_360": media.is_360,
        "is_resized": media.is_resized,
        "allowed_referers": media.allowed_referers,
        "sha256": media.sha256,
        "md5": media.md5,
        "source_sha256": media.source_sha256,
        "source_md5": media.source_md5,
        "exif": media.exif_json,
        "renditions": {variant: file_path(media.blob(variant)) for variant in VARIANTS if media.has(variant)},
        "delete_hashes": arrived.token_hashes,
        "addresses": addresses(arrived.addresses),
        "origins": origins(arrived.origins),
    }
