"""Who asks for a file that is not public."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.core.errors import GatewayError
from gateway.core.keys import Keys
from gateway.core.records import FileEntry


def may_read(entry: FileEntry, keys: Keys, environ: Mapping[str, object]) -> int | None:
    """None when these bytes may be sent to the caller, else the status that says why not: 401 without a key, 403 with
    another owner's."""
    if entry.is_public:
        return None
    scheme, _, bearer = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
    key = str(environ.get("HTTP_X_API_KEY", "")) or (bearer if scheme.lower() == "bearer" else "")
    if not key:
        return 401
    try:
        caller = keys.check(key.strip())
    except GatewayError:
        return 401
    return None if caller.owner.id == entry.owner_id and "media.read" in caller.key.scopes else 403
