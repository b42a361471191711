"""What the old site had configured, of which its addresses and its files' places depend."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from migrate.items import OldSite
from migrate.sources.chevereto.rows import select
from migrate.sources.tables import Tables

KINDS = ("image", "video", "audio", "album", "user")
LOCAL_STORAGE = 8
NO_SALT = "The site's crypt_salt is not in its database: its short addresses and key numbers cannot be read."


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """`uploads` is the upload folder relative to the site's, without slashes around it. `bases` are the paths under
    which the site may have lived, as "" or "/gallery"; the first is the likeliest."""

    name: str | None
    url: str | None
    salt: str | None
    padding: int
    time_zone: str | None
    routes: dict[str, str]
    uploads: str
    bases: tuple[str, ...]
    is_v3: bool
    cdn_url: str | None = None
    assets_url: str | None = None
    assets_folder: str | None = None
    guest_key: str | None = field(default=None, repr=False)
    takes_guests: bool = True
    personal: tuple[int, str] | None = None  # the user whose page had this route of its own

    def site(self, prefix: str) -> OldSite:
        host = urlsplit(self.url).hostname if self.url else None
        return OldSite(
            id=self.identity(prefix),
            kind="chevereto",
            name=self.name or host or "Chevereto",
            url=self.url,
            salt=self.salt,
            padding=self.padding,
            time_zone=self.time_zone,
            routes=dict(self.routes),
        )

    def identity(self, prefix: str) -> str:
        """The salt was drawn when the site was installed, and is in no other."""
        parts = (self.salt or f"{self.name}", str(self.padding), prefix)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def read_settings(tables: Tables, old_url: str | None, notes: Counter[str]) -> SiteSettings:
    values = named_values(tables)
    url = with_scheme(old_url or values.get("hostname"))
    salt = values.get("crypt_salt")
    if not salt:
        notes[NO_SALT] = 1
    uploads = (values.get("upload_image_path") or "images").strip("/")
    assets_url = values.get("asset_storage_url") if is_local(values.get("asset_storage_api_id")) else None
    padding = values.get("id_padding") or ""
    return SiteSettings(
        name=values.get("website_name"),
        url=url,
        salt=salt,
        padding=int(padding) if padding.isdecimal() else 0,
        time_zone=values.get("default_timezone"),
        routes=read_routes(values),
        uploads=uploads,
        bases=bases(old_url, assets_url, uploads, notes),
        is_v3=not tables.columns("images_hash") and not tables.columns("api_keys"),
        cdn_url=values.get("cdn_url") if values.get("cdn", "0") != "0" else None,
        assets_url=assets_url,
        assets_folder=values.get("asset_storage_bucket") if assets_url else None,
        guest_key=values.get("api_v1_key"),
        takes_guests=values.get("guest_uploads") != "0",
        personal=personal_route(values),
    )


def named_values(tables: Tables) -> dict[str, str]:
    """Since 4.2 some settings are variables; where both tables have a name, the newer one was in use."""
    values: dict[str, str] = {}
    for table, start in (("settings", "setting_"), ("variables", "variable_")):
        for row in select(tables, table, start, ("name", "value"), ("name",)):
            name, value = row.text("name"), row.text("value")
            if name and value:
                values[name] = value
    return values


def read_routes(values: Mapping[str, str]) -> dict[str, str]:
    routes = {kind: values.get(f"route_{kind}", "").strip("/") or kind for kind in KINDS}
    root = values.get("root_route") or ("user" if values.get("user_routing") != "0" else "")
    return {**routes, "root": root} if root in KINDS else routes


def personal_route(values: Mapping[str, str]) -> tuple[int, str] | None:
    """The site of one person: besides their own, their page may have a route of the owner's choice."""
    route = values.get("website_mode_personal_routing", "").strip("/")
    person = values.get("website_mode_personal_uid", "")
    if values.get("website_mode") == "personal" and route and person.isdecimal():
        return int(person), route
    return None


def bases(old_url: str | None, assets_url: str | None, uploads: str, notes: Counter[str]) -> tuple[str, ...]:
    """V4 does not keep its own address. That of its assets tells a sub-folder, but may be of long ago."""
    if old_url:
        return (path_of(old_url),)
    hint, found, _ = path_of(assets_url or "").rpartition(f"/{uploads}/_assets")
    if not found or not hint:
        return ("",)
    notes[f"The site seems to have lived under {hint}: --old-url with its address makes its pages answer there."] = 1
    return ("", hint)


def is_local(storage_api: str | None) -> bool:
    return storage_api in (None, str(LOCAL_STORAGE))


def with_scheme(url: str | None) -> str | None:
    return url if not url or "://" in url else f"https://{url.lstrip('/')}"


def path_of(url: str) -> str:
    """The path of an address, percent-decoded, without a slash at its end."""
    try:
        return unquote(urlsplit(url if "//" in url else f"//{url}").path).rstrip("/")
    except ValueError:  # a bracket that opens an IPv6 address and does not close it
        return ""
