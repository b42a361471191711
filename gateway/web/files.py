"""File bytes, sent by a WSGI layer in front of Flask: `/{id}.{ext}`, `/{id}.th.{ext}`, `/{id}.md.{ext}`, and whatever
path a file had on the host it was imported from.

The type is the one we found in the content, whatever the upload was called, and any extension we know will do in the
address. What is deleted or past its time is gone at once, thumbnails and all that was made of it included. A picture
is also made to measure (`?w=…`), and sent as a WebP to whoever says to take that. At an old path it is sent as it was
there: the same bytes, under the same type, whatever is said besides. Where there is an old host to fall back on, a
file that nobody here knows is asked of that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Literal, cast

from gateway.core.derived import Derived, measured_format
from gateway.core.errors import (
    FileRefused,
    GatewayError,
    HostUnavailable,
    InvalidImageParams,
    NotFound,
    StoreUnavailable,
)  # fmt: skip
from gateway.core.fallback import ASKING_AS, Fallback
from gateway.core.formats.registry import FORMATS, KNOWN_EXTENSIONS
from gateway.core.forwarding import Book, OldFile
from gateway.core.library import Library
from gateway.core.ports import Blob, BlobStore
from gateway.core.recipes import Recipe, asked_recipe
from gateway.core.records import FileEntry, Variant
from gateway.core.spellings import as_text, is_file_name
from gateway.web.elsewhere import Elsewhere, own_type
from gateway.web.sending import plain, refuse, send, send_elsewhere, send_unchanged
from gateway.web.visibility import Visibility, is_open

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ADDRESS = re.compile(rf"/([A-Za-z0-9_-]{{11,21}})(?:\.(th|md|fr))?\.({'|'.join(KNOWN_EXTENSIONS)})", re.ASCII)
CLOSED = (("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"),)
VARIES = (("Vary", "Accept"),)
RASTER = frozenset(format.extension for format in FORMATS if format.is_raster)
# Each has a WebP that looks the same: the photo a lossy one, the drawing or screenshot one without loss.
HAS_STAND_IN = frozenset({"jpg", "png"})
# Below these nothing but ours is answered, not even what ends like a file.
OURS = ("/api/", "/static/")
# What may stand for the bytes of a media: a page or a drawing would be run by browsers.
OLD_TYPE = re.compile(r"(?:image/(?!svg)|video/|audio/)[a-z0-9.+-]+", re.ASCII)
# Files of these types are kept as something else.
CONVERTED = frozenset(format.mime for format in FORMATS if format.stored_as != format.name)


class Files:
    def __init__(
        self, app: WSGIApplication, library: Library, derived: Derived, blobs: BlobStore, visibility: Visibility,
        book: Book, fallback: Fallback | None, *, elsewhere: Elsewhere, webp: Literal["auto", "off"],
    ) -> None:  # fmt: skip
        self.app = app
        self.library = library
        self.derived = derived
        self.blobs = blobs
        self.visibility = visibility
        self.book = book
        self.fallback = fallback
        self.elsewhere = elsewhere
        self.has_stand_in = HAS_STAND_IN if webp == "auto" else frozenset()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        match = ADDRESS.fullmatch(path)
        if not (match or is_file_name(path)) or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self.app(environ, start_response)
        send = partial(self.send_native, match[1], cast(Variant | None, match[2])) if match else self.send_forwarded
        return answered(send, environ, start_response)

    def send_native(
        self, media_id: str, variant: Variant | None, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        entry = self.library.file_entry(media_id)
        if not entry:
            old = self.forwarded(environ) or self.fetched(environ)
            return self.send_old(old, environ, start_response) if old else plain(environ, start_response, 404)
        if refused := self.visibility.refusal(entry, variant, environ):
            return withhold(environ, start_response, refused)
        # A drawing is sharp at any size, and stands in for its own thumbnail.
        variant = variant if entry.extension != "svg" else None
        query = environ.get("QUERY_STRING")
        if query and (recipe := asked_recipe(query)):
            return self.send_measured(entry, variant, recipe, environ, start_response)
        return self.send_stored(entry, variant, environ, start_response)

    def send_forwarded(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        old = self.forwarded(environ)
        return self.send_old(old, environ, start_response) if old else self.app(environ, start_response)

    def forwarded(self, environ: WSGIEnvironment) -> OldFile | None:
        path = asked_path(environ)
        return None if path.startswith(OURS) else self.book.file(environ.get("HTTP_HOST", ""), path)

    def sending(self, old: OldFile) -> WSGIApplication:
        """For doors behind this one, which find files whose names do not tell that they are any."""
        return partial(answered, partial(self.send_old, old))

    def fetching(self) -> WSGIApplication:
        """For the last of the doors behind this one, when nobody here knows the file."""
        return partial(answered, self.send_fetched)

    def send_fetched(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        old = self.fetched(environ)
        return self.send_old(old, environ, start_response) if old else plain(environ, start_response, 404)

    def fetched(self, environ: WSGIEnvironment) -> OldFile | None:
        """From the old host, where that is asked for what is not here yet."""
        path: str = environ["PATH_INFO"]
        if not self.fallback or path.startswith(OURS) or environ.get("HTTP_USER_AGENT") == ASKING_AS:
            return None
        return self.forwarded(environ) if self.fallback.bring(path) else None

    def send_old(self, old: OldFile, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        entry = self.library.file_entry(old.id)
        if not entry:
            return plain(environ, start_response, 404 if self.book.has_file(old) else 410)
        if refused := self.visibility.refusal(entry, old.variant, environ):
            return withhold(environ, start_response, refused)
        variant = old.variant if entry.extension != "svg" else None
        return self.send_as_is(entry, variant, old_type(old, entry, variant), environ, start_response)

    def send_stored(
        self, entry: FileEntry, variant: Variant | None, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        more: Iterable[tuple[str, str]] = ()
        if not variant and not entry.is_animated and entry.extension in self.has_stand_in:
            more = VARIES
            if takes_webp(environ.get("HTTP_ACCEPT", "")) and (webp := self.derived.stand_in(entry)):
                etag = derived_etag(entry, "webp", webp)
                return send(webp, "image/webp", etag, environ, start_response, is_open=is_open(entry), more=more)
        return self.send_as_is(entry, variant, own_type(entry, variant), environ, start_response, more)

    def send_as_is(
        self, entry: FileEntry, variant: Variant | None, mime: str, environ: WSGIEnvironment,
        start_response: StartResponse, more: Iterable[tuple[str, str]] = (),
    ) -> Iterable[bytes]:  # fmt: skip
        etag = f'"{entry.sha256[:32]}{variant or ""}"'
        more = CLOSED if entry.extension == "svg" else more
        unchanged = send_unchanged(etag, environ, start_response, is_open=is_open(entry), more=more)
        if unchanged is not None:
            return unchanged
        if place := self.elsewhere.place(entry, variant, mime, environ["REQUEST_METHOD"]):
            return send_elsewhere(place.url, place.keeping, start_response, more)
        name, reads_all = entry.blob(variant), environ["REQUEST_METHOD"] == "GET" and "HTTP_RANGE" not in environ
        blob = self.blobs.open(name, whole=reads_all) or (self.derived.rendition(entry, variant) if variant else None)
        if not blob:
            return plain(environ, start_response, 404)
        accel = self.elsewhere.accel(entry, variant)
        return send(blob, mime, etag, environ, start_response, is_open=is_open(entry), more=more, accel=accel)

    def send_measured(
        self, entry: FileEntry, variant: Variant | None, recipe: Recipe, environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:  # fmt: skip
        if variant or entry.extension not in RASTER:
            raise InvalidImageParams("Only the full picture is made to measure, and not a drawing, a video or a sound.")
        blob = self.derived.measured(entry, recipe)
        format = measured_format(entry, recipe)
        etag = derived_etag(entry, recipe.key(format.name) + format.extension, blob)
        return send(blob, format.mime, etag, environ, start_response, is_open=is_open(entry))


def answered(send: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """What goes wrong on the way, in the words of those who asked for a file."""
    try:
        return send(environ, start_response)
    except StoreUnavailable:
        return plain(environ, start_response, 503, [("Retry-After", "5")])
    except HostUnavailable as error:
        return plain(environ, start_response, 503, [("Retry-After", str(error.meta["retry_after"]))])
    except NotFound:
        return plain(environ, start_response, 404)
    except InvalidImageParams as error:
        return refusal(environ, start_response, 400, error)
    except FileRefused as error:
        return refusal(environ, start_response, 422, error)


def withhold(environ: WSGIEnvironment, start_response: StartResponse, status: int) -> Iterable[bytes]:
    return plain(environ, start_response, status, [("WWW-Authenticate", "Bearer")] if status == 401 else None)


def asked_path(environ: WSGIEnvironment) -> str:
    return as_text(environ["PATH_INFO"])


def old_type(old: OldFile, entry: FileEntry, variant: Variant | None) -> str:
    """The one the old host sent, where the bytes are still those, and not the stills that are named after a film."""
    own, mime = own_type(entry, variant), old.mime or ""
    is_alike = OLD_TYPE.fullmatch(mime) and mime.startswith("image/") == own.startswith("image/")
    return mime if is_alike and mime not in CONVERTED and entry.extension != "svg" else own


def derived_etag(entry: FileEntry, key: str, blob: Blob) -> str:
    """With its size: made again by a later version of an encoder, it may be another file."""
    return f'"{entry.sha256[:32]}-{key}-{blob.size:x}"'


@lru_cache(256)
def takes_webp(accept: str) -> bool:
    """Remembered: browsers have few ways to say it. `image/*` is said by those who cannot show one, too."""
    for one in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in one.split(";"))
        if kind == "image/webp":
            quality = next((part[2:].strip() for part in parameters if part.startswith("q=")), "1")
            return bool(re.fullmatch(r"1(\.0{0,3})?|0?\.[0-9]*[1-9][0-9]*", quality))
    return False


def refusal(
    environ: WSGIEnvironment, start_response: StartResponse, status: int, error: GatewayError
) -> Iterable[bytes]:
    text = json.dumps({"success": False, "error": error.message, "code": error.code})
    shared = [("Access-Control-Allow-Origin", "*")]
    return refuse(environ, start_response, status, "application/json", text, shared)
