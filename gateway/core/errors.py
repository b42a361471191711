"""Everything the library refuses. Raised deep, translated once per dialect in `web/failures.py`.

`code` is stable and machine-readable; `message` says what happened and, where it helps, what to do;
`meta` carries the facts a dialect may want to phrase by itself.
"""

from __future__ import annotations

from gateway.core.sizes import format_size


class GatewayError(Exception):
    code = "INTERNAL"

    def __init__(self, message: str, *, code: str | None = None, **meta: object) -> None:
        super().__init__(message)
        self.message = message
        self.meta = meta
        if code:
            self.code = code


class InvalidInput(GatewayError):
    """A value the caller sent cannot be used; the message names it."""

    code = "VALIDATION_ERROR"


class InvalidImageParams(GatewayError):
    """What was asked of a picture in its address cannot be done; the message names the parameter."""

    code = "INVALID_IMAGE_PARAMS"


class NotFound(GatewayError):
    code = "NOT_FOUND"


class KeyMissing(GatewayError):
    code = "KEY_MISSING"


class KeyRefused(GatewayError):
    """Unknown or malformed (`KEY_INVALID`), or once good and since revoked (`KEY_REVOKED`)."""

    code = "KEY_INVALID"


class SignInRefused(GatewayError):
    """No such account, or not its password (`SIGN_IN_REFUSED`); or not the one that was to be changed
    (`PASSWORD_WRONG`)."""

    code = "SIGN_IN_REFUSED"


class NotAllowed(GatewayError):
    """Known, but not permitted: a missing scope, a disabled owner, a feature that is switched off."""

    code = "FORBIDDEN"


class FileRefused(GatewayError):
    """The bytes cannot be kept. One of `FILE_EMPTY`, `FILE_TOO_BIG` (`TooBig`), `FILE_UNKNOWN`,
    `FORMAT_UNSUPPORTED`, `FORMAT_UNREADABLE` (what is inside, or for lack of an extra), `FORMAT_OFF` (meta `format`),
    `FILE_BROKEN`, `LIMIT_EXCEEDED`."""

    code = "FILE_BROKEN"


class TooBig(FileRefused):
    code = "FILE_TOO_BIG"

    def __init__(self, limit_bytes: int, taker: str = "this gateway takes") -> None:
        message = f"The file is larger than {format_size(limit_bytes)}, the most {taker}."
        super().__init__(message, limit_bytes=limit_bytes)


class Duplicate(GatewayError):
    code = "DUPLICATE"


class QuotaExceeded(GatewayError):
    """Meta: `type` says what is counted: all bytes of an owner (`storage`), those of one kind (`img_storage`,
    `video_storage`, `audio_storage`), uploads (`uploads_per_day`, `uploads_per_month`), or keys (`api_key_count`);
    `used`, `limit` and, but for keys, `needed` are in that unit."""

    code = "QUOTA_EXCEEDED"


class Conflict(GatewayError):
    """Somebody else is at it just now (`LOCKED`), or was in the meantime: what is there is not what the caller went
    by."""

    code = "CONFLICT"


class FetchRefused(GatewayError):
    """A URL source was not fetched. Codes `URL_SCHEME`, `URL_HOST` (address not allowed), `URL_FAILED`.
    Neither message nor meta tells what was found at the address. `status`, what it answered with, if it answered, is
    for those who have the address from the operator."""

    code = "URL_FAILED"

    def __init__(self, message: str, *, code: str | None = None, status: int | None = None) -> None:
        super().__init__(message, code=code)
        self.status = status


class HostUnavailable(GatewayError):
    """The old host gives no answer that says anything, or too many wait for one: trying again later may work. Meta:
    `retry_after` in whole seconds."""

    code = "HOST_UNAVAILABLE"


class RateLimited(GatewayError):
    """Meta: `retry_after` in whole seconds."""

    code = "RATE_LIMITED"


class StoreUnavailable(GatewayError):
    """The disk is full, or the catalog stayed locked: nothing was kept, and trying again later may work."""

    code = "STORE_UNAVAILABLE"


class OutcomeUnknown(StoreUnavailable):
    """The catalog went away while it was told to keep what it had written: it may have done so, or not."""


class CatalogDamaged(StoreUnavailable):
    """What was read of the catalog is none: trying again does not help."""

    ADVICE = (
        "Stop the gateway and restore the catalog from a backup. Without one, keep a copy of the damaged file and try"
        " `sqlite3 catalog.db .recover`: every file is still in the store under its id, but owners, titles, albums,"
        " keys and old addresses are in the catalog alone."
    )

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}\n{self.ADVICE}")
