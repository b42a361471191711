"""One line of a manifest, read as an item."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from migrate.items import Absent, AtUrl, Item, OldAddress, OldOrigin, OnDisk
from migrate.sources.addresses import file_name, old_path, split_address, without_user
from migrate.sources.inside import find_inside
from migrate.sources.listing import Line
from migrate.sources.values import Fields, as_list

VARIANTS = ("th", "md", "fr")
MEDIA_ID = re.compile(r"[A-Za-z0-9_-]{11,21}")  # also the name of its file, so nothing else may come through
TOKEN_HASH = re.compile(r"[0-9a-f]{64}|\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}")
# What an export tells of a file besides; the file itself tells it again.
TOLD_BY_THE_FILE = frozenset({"kind", "mime", "extension", "bitrate", "is_animated"})
COLUMNS = TOLD_BY_THE_FILE | {
    "type", "id", "path", "url", "filename", "title", "description", "tags", "owner", "album", "category", "nsfw",
    "is_public", "visibility", "views", "likes", "created_at", "updated_at", "created_local", "expires_at", "exif",
    "is_360", "is_resized", "width", "height", "duration", "size_bytes", "md5", "sha256", "source_md5",
    "source_sha256", "renditions", "addresses", "delete_hashes", "origins",
    "allowed_referers",
}  # fmt: skip


def key_of(line: Line) -> str | None:
    """What the item is known by: its id, else its path, else its address."""
    fields = Fields(line.values)
    return fields.text("id") or fields.text("path") or url_of(fields)


def url_of(fields: Fields) -> str | None:
    url = fields.text("url")
    return url and without_user(url)


def album_path(fields: Fields) -> tuple[str, ...]:
    """An album and those it is in, outermost first: "A/B", or a list where a name has a slash in it."""
    return fields.texts("album", between="/")


def album_key(owner: str | None, path: tuple[str, ...]) -> str | None:
    return "/".join(quote(part, safe=" ") for part in (owner or "", *path)) if path else None


def item_of(line: Line, key: str, root: Path, site: str, *, is_export: bool) -> Item:
    """Outside of an export, `site` is the one that knows it by its key."""
    fields = Fields(nested(line.values))
    owner = fields.text("owner")
    content, filename = content_of(fields, root)
    visibility, is_public = fields.text("visibility"), fields.flag("is_public")
    return Item(
        key=key,
        name=fields.text("path") or url_of(fields) or key,
        content=content,
        filename=fields.text("filename") or filename,
        owner=owner,
        album=fields.text("album") if is_export else album_key(owner, album_path(fields)),
        category=fields.text("category"),
        title=fields.text("title"),
        description=fields.text("description"),
        tags=fields.texts("tags", between=","),
        is_nsfw=fields.flag("nsfw") or False,
        is_public=(visibility or "public").lower() == "public" if is_public is None else is_public,
        views=fields.number("views") or 0,
        likes=fields.number("likes") or 0,
        created_at=fields.moment("created_at"),
        updated_at=fields.moment("updated_at"),
        created_local=fields.text("created_local"),
        expires_at=fields.moment("expires_at"),
        exif_json=exif_of(fields),
        is_360=fields.flag("is_360"),
        size_bytes=fields.number("size_bytes"),
        md5=fields.digest("md5"),
        sha256=fields.digest("sha256"),
        source_md5=fields.digest("source_md5"),
        source_sha256=fields.digest("source_sha256"),
        is_resized=fields.flag("is_resized") or False,
        allowed_referers=referers_of(fields),
        renditions=renditions_of(fields, root),
        token_hashes=token_hashes_of(fields),
        addresses=addresses_of(fields, "addresses") or addresses_of_url(content, is_export=is_export),
        width=fields.number("width"),
        height=fields.number("height"),
        duration=fields.amount("duration"),
        origins=origins_of(fields) if is_export else (OldOrigin(site, key),),
        id=key if is_export else None,
        is_complete=is_export,
        notes=tuple(fields.notes),  # the last, when all others had their say
    )


def referers_of(fields: Fields) -> tuple[str, ...] | None:
    """None does not restrict; an empty list lets signed links alone pass."""
    return None if fields.values.get("allowed_referers") is None else fields.texts("allowed_referers", between=" ")


def nested(values: Mapping[str, object]) -> Mapping[str, object]:
    """A value of a table that is a list or an object is written there as JSON. `date` is when the file was made."""
    found = dict(values)
    if "date" in found:
        found.setdefault("created_at", found.pop("date"))
    for name in ("tags", "album", "renditions", "addresses", "delete_hashes", "origins", "allowed_referers"):
        text = found.get(name)
        if isinstance(text, str) and text[:1] in "[{" and text:
            try:
                found[name] = json.loads(text)
            except (ValueError, RecursionError):
                continue
    return found


def content_of(fields: Fields, root: Path) -> tuple[OnDisk | AtUrl | Absent, str]:
    """Where the bytes are, and what they are called there. An address is second choice to a file that is there."""
    path, url = fields.text("path"), url_of(fields)
    found = find_inside(root, path) if path else Absent("no-file", "The line names neither a path nor a url.")
    if isinstance(found, Path):
        return OnDisk(found), found.name
    if url:
        try:
            parts = split_address(url)
        except ValueError as error:
            return Absent("not-an-address", str(error)), ""
        return AtUrl(url), file_name(parts)
    return found, (path or "").rpartition("/")[2]


def exif_of(fields: Fields) -> str | None:
    value = fields.get("exif")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else fields.text("exif")


def token_hashes_of(fields: Fields) -> tuple[str, ...]:
    """What delete links were kept as: a SHA-256 or a bcrypt hash of their token."""
    hashes = fields.texts("delete_hashes", between=",")
    known = tuple(one for one in hashes if TOKEN_HASH.fullmatch(one))
    if len(known) < len(hashes):
        fields.notes.append(f"metadata: {len(hashes) - len(known)} of its delete links can no longer be checked.")
    return known


def renditions_of(fields: Fields, root: Path) -> dict[str, Path]:
    found = {}
    for variant, named in fields.members("renditions").items():
        path = find_inside(root, named) if variant in VARIANTS and isinstance(named, str) else None
        if isinstance(path, Path):
            found[variant] = path
        else:
            fields.notes.append(f"A rendition is made anew: {path.detail if path else f'{variant!r} is none'}")
    return found


def addresses_of(fields: Fields, name: str) -> tuple[OldAddress, ...]:
    """Texts are links as they stand in a page, one a line where there are several; objects are meant to the letter."""
    value = fields.get(name)
    entries: list[object] = list(value.splitlines()) if isinstance(value, str) else as_list(value)
    return tuple(address for entry in entries if (address := address_of(entry, name, fields)))


def address_of(entry: object, name: str, fields: Fields) -> OldAddress | None:
    if isinstance(entry, dict):
        inner = Fields(entry)
        if (path := inner.text("path")) and path.startswith("/"):
            return OldAddress(path, inner.text("variant"), inner.text("mime"), inner.text("site"))
    elif isinstance(entry, str) and (link := entry.strip()):
        try:
            return OldAddress(old_path(link if "://" in link else f"/{link.lstrip('/')}"))
        except ValueError:
            pass
    fields.notes.append(f"metadata: {name} has something that is no address: {str(entry)[:80]!r} was left out.")
    return None


def addresses_of_url(content: OnDisk | AtUrl | Absent, *, is_export: bool) -> tuple[OldAddress, ...]:
    return (OldAddress(old_path(content.url)),) if isinstance(content, AtUrl) and not is_export else ()


def origins_of(fields: Fields) -> tuple[OldOrigin, ...]:
    entries = [Fields(entry) for entry in as_list(fields.get("origins")) if isinstance(entry, dict)]
    found = [(entry.text("site"), entry.text("key")) for entry in entries]
    return tuple(OldOrigin(site, key) for site, key in found if site and key)
