"""Who may have the bytes of a media: everybody, its owner, whoever has a signed link, or pages of certain sites.

Asked before anything else about a file is, so that not even a 304 or the end of a range tells a stranger anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from gateway.core.errors import KeyRefused, NotAllowed
from gateway.core.keys import Caller, Keys
from gateway.core.records import FileEntry, Variant
from gateway.core.referers import is_allowed
from gateway.core.signing import Signing
from gateway.urls import Urls

_MAX_FIELDS = 16


class Visibility:
    def __init__(self, keys: Keys, signing: Signing, urls: Urls) -> None:
        self.keys = keys
        self.signing = signing
        self.own_host = urlsplit(urls.base).hostname or ""

    def refusal(self, entry: FileEntry, variant: Variant | None, environ: Mapping[str, object]) -> int | None:
        """None when these bytes may be sent, else the status that says why not: 401 to whoever shows nothing, 403 to
        those whose key, link or site is not good enough."""
        if is_open(entry):
            return None
        is_signed = self.is_signed(entry, variant, environ)
        if is_signed:
            return None
        caller = self.caller(environ)
        if caller and caller.owner.id == entry.owner_id and "media.read" in caller.key.scopes:
            return None
        if entry.is_public:
            referer = str(environ.get("HTTP_REFERER", "")) or None
            return None if is_allowed(entry.allowed_referers, referer, self.own_host) else 403
        return 401 if is_signed is None and not caller else 403

    def is_signed(self, entry: FileEntry, variant: Variant | None, environ: Mapping[str, object]) -> bool | None:
        """None when the address claims no signature. One for the whole picture is good for it in every size and format
        it is made to measure in."""
        query = str(environ.get("QUERY_STRING", ""))
        if "sig=" not in query:
            return None
        try:
            asked = dict(parse_qsl(query, keep_blank_values=True, max_num_fields=_MAX_FIELDS))
        except ValueError:
            return False
        return self.signing.is_good(entry.id, asked.get("sig", ""), asked.get("exp", ""), variant or "")

    def caller(self, environ: Mapping[str, object]) -> Caller | None:
        scheme, _, bearer = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
        key = str(environ.get("HTTP_X_API_KEY", "")) or (bearer if scheme.lower() == "bearer" else "")
        try:
            return self.keys.check(key.strip()) if key.strip() else None
        except (KeyRefused, NotAllowed):
            return None


def is_open(entry: FileEntry) -> bool:
    """Whether everybody may have it, from any place, and keep it."""
    return entry.is_public and entry.allowed_referers is None
