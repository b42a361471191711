"""File bytes, sent by a WSGI layer in front of Flask: `/{id}.{ext}`, `/{id}.th.{ext}`, `/{id}.md.{ext}`.

The type is the one we found in the content, whatever the upload was called, and any extension we know will do in the
address. What is deleted or past its time is gone at once, thumbnails included.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, cast

from werkzeug.http import http_date, parse_date

from gateway.core.errors import StoreUnavailable
from gateway.core.formats.registry import KNOWN_EXTENSIONS
from gateway.core.keys import Keys
from gateway.core.library import Library
from gateway.core.ports import Blob, BlobStore
from gateway.core.records import FileEntry, Variant, rendition_mime
from gateway.web.auth import may_read
from gateway.web.ranges import Part, asked_parts, multipart_length, multipart_pieces

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ADDRESS = re.compile(rf"/([A-Za-z0-9_-]{{11,21}})(?:\.(th|md|fr))?\.({'|'.join(KNOWN_EXTENSIONS)})", re.ASCII)
BLOCK_BYTES = 256 * 1024
PUBLIC = "public, max-age=31536000, immutable"
PRIVATE = "private, no-store"
CLOSED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"

Headers = list[tuple[str, str]]


class Files:
    def __init__(
        self, app: WSGIApplication, library: Library, blobs: BlobStore, keys: Keys, *,
        sendfile: Literal["direct", "x-accel"], accel_prefix: str,
    ) -> None:  # fmt: skip
        self.app = app
        self.library = library
        self.blobs = blobs
        self.keys = keys
        self.accel_prefix = accel_prefix if sendfile == "x-accel" else None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        match = ADDRESS.fullmatch(environ["PATH_INFO"])
        if not match or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self.app(environ, start_response)
        try:
            entry = self.library.file_entry(match[1])
        except StoreUnavailable:
            return plain(start_response, 503, [("Retry-After", "5")])
        if not entry:
            return plain(start_response, 404)
        if refused := may_read(entry, self.keys, environ):
            return plain(start_response, refused)
        # A drawing is sharp at any size, and stands in for its own thumbnail.
        variant = cast(Variant, match[2]) if match[2] and entry.extension != "svg" else None
        blob = self.blobs.open(entry.blob(variant))
        if not blob:
            return plain(start_response, 404)
        return self.send(entry, variant, blob, environ, start_response)

    def send(
        self, entry: FileEntry, variant: Variant | None, blob: Blob, environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:  # fmt: skip
        etag = f'"{entry.sha256[:32]}{variant or ""}"'
        modified = date_header(blob.modified_at)
        headers: Headers = [
            ("Content-Type", rendition_mime(entry.kind, entry.mime) if variant else entry.mime),
            ("ETag", etag),
            ("Last-Modified", modified),
            ("Cache-Control", PUBLIC if entry.is_public else PRIVATE),
            ("X-Content-Type-Options", "nosniff"),
            ("Accept-Ranges", "bytes"),
            ("Access-Control-Allow-Origin", "*"),
        ]
        if entry.extension == "svg":
            headers.append(("Content-Security-Policy", CLOSED))
        if is_unchanged(environ, etag, blob.modified_at):
            blob.file.close()
            start_response("304 Not Modified", headers[1:])
            return []
        if self.accel_prefix:
            blob.file.close()
            name = entry.blob(variant)
            start_response("200 OK", [*headers, ("X-Accel-Redirect", f"{self.accel_prefix}{name[:2]}/{name}")])
            return []
        if "HTTP_RANGE" in environ and range_applies(environ, etag, modified):
            parts = asked_parts(environ["HTTP_RANGE"], blob.size)
            if parts is not None:
                return send_parts(parts, blob, headers, environ, start_response)
        start_response("200 OK", [*headers, ("Content-Length", str(blob.size))])
        return whole(blob, environ)


def whole(blob: Blob, environ: WSGIEnvironment) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] == "HEAD":
        blob.file.close()
        return []
    wrapper: Callable[[BinaryIO, int], Iterable[bytes]] | None = environ.get("wsgi.file_wrapper")
    return wrapper(blob.file, BLOCK_BYTES) if wrapper else Pieces(blob.file, [Part(0, blob.size)])


def send_parts(
    parts: list[Part], blob: Blob, headers: Headers, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    if not parts:
        blob.file.close()
        return plain(start_response, 416, [("Content-Range", f"bytes */{blob.size}")])
    if len(parts) == 1:
        headers += [("Content-Range", parts[0].header(blob.size)), ("Content-Length", str(parts[0].length))]
        pieces: list[Part | bytes] = [parts[0]]
    else:
        kind, headers[0] = headers[0][1], ("Content-Type", "multipart/byteranges; boundary=picgate-part")
        pieces = multipart_pieces(parts, kind, blob.size)
        headers.append(("Content-Length", str(multipart_length(pieces))))
    start_response("206 Partial Content", headers)
    if environ["REQUEST_METHOD"] == "HEAD":
        blob.file.close()
        return []
    return Pieces(blob.file, pieces)


@lru_cache(4096)
def date_header(time: datetime) -> str:
    """Remembered: what is asked for is asked for again, and writing a date is slower than finding a record."""
    return http_date(time)


@dataclass(slots=True)
class Pieces:
    """Literal bytes and stretches of a file, one after the other; closes the file."""

    file: BinaryIO
    pieces: Iterable[Part | bytes]

    def __iter__(self) -> Any:
        for piece in self.pieces:
            if isinstance(piece, bytes):
                yield piece
                continue
            self.file.seek(piece.start)
            left = piece.length
            while left and (block := self.file.read(min(left, BLOCK_BYTES))):
                left -= len(block)
                yield block

    def close(self) -> None:
        self.file.close()


def is_unchanged(environ: WSGIEnvironment, etag: str, modified_at: datetime) -> bool:
    if known := environ.get("HTTP_IF_NONE_MATCH"):
        return known.strip() == "*" or etag in (one.strip().removeprefix("W/") for one in known.split(","))
    if since := environ.get("HTTP_IF_MODIFIED_SINCE"):
        time = parse_date(since)
        return time is not None and modified_at <= time
    return False


def range_applies(environ: WSGIEnvironment, etag: str, modified: str) -> bool:
    return environ.get("HTTP_IF_RANGE", etag).strip() in (etag, modified)


def plain(start_response: StartResponse, status: int, headers: Headers | None = None) -> Iterable[bytes]:
    phrase = HTTPStatus(status).phrase
    start_response(
        f"{status} {phrase}",
        [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Cache-Control", "no-store"),
            ("Content-Length", str(len(phrase) + 1)),
            ("X-Content-Type-Options", "nosniff"),
            *(headers or []),
        ],
    )
    return [f"{phrase}\n".encode()]
