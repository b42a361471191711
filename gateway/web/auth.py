"""Who asks: the key of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.core.errors import KeyMissing, KeyRefused
from gateway.core.keys import Caller, Keys
from gateway.telemetry.requests import OWNER

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def bearer_caller(keys: Keys, environ: WSGIEnvironment) -> Caller:
    """Of `Authorization: Bearer`, the only place that counts here. Raises `KeyMissing`, `KeyRefused`, `NotAllowed`."""
    sent = str(environ.get("HTTP_AUTHORIZATION", "")).strip()
    if not sent:
        raise KeyMissing("No API key was sent. Send yours in the header: Authorization: Bearer sk_live_…")
    scheme, _, key = sent.partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise KeyRefused("The header must be: Authorization: Bearer, a space, and your API key.")
    caller = keys.check(key.strip())
    environ[OWNER] = caller.owner.username
    return caller
