"""Sends one file: validators, ranges, and who sends the bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from io import FileIO
from typing import TYPE_CHECKING, Any, BinaryIO

from werkzeug.http import http_date, parse_date

from gateway.core.ports import Blob
from gateway.web.ranges import Part, asked_parts, multipart_length, multipart_pieces

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BLOCK_BYTES = 256 * 1024
PUBLIC = "public, max-age=31536000, immutable"
PRIVATE = "private, no-store"
NEVER = datetime.max.replace(tzinfo=UTC)

Headers = list[tuple[str, str]]


def send_unchanged(
    etag: str, environ: WSGIEnvironment, start_response: StartResponse, *, is_open: bool,
    more: Iterable[tuple[str, str]] = (),
) -> Iterable[bytes] | None:  # fmt: skip
    """None when the bytes are asked for, or another version of them: then the store has to be asked, too."""
    known = environ.get("HTTP_IF_NONE_MATCH", "")
    if known.strip() == "*" or not is_unchanged(environ, etag, NEVER):
        return None
    start_response("304 Not Modified", [("ETag", etag), *common_headers(is_open), *more])
    return []


def send_elsewhere(
    url: str, keeping: str, start_response: StartResponse, more: Iterable[tuple[str, str]]
) -> Iterable[bytes]:
    start_response(
        "302 Found",
        [
            ("Location", url),
            ("Cache-Control", keeping),
            ("Access-Control-Allow-Origin", "*"),
            *more,
            ("Content-Length", "0"),
        ],
    )
    return []


def common_headers(is_open: bool) -> Headers:
    return [
        ("Cache-Control", PUBLIC if is_open else PRIVATE),
        ("X-Content-Type-Options", "nosniff"),
        ("Accept-Ranges", "bytes"),
        ("Access-Control-Allow-Origin", "*"),
    ]


def send(
    blob: Blob, mime: str, etag: str, environ: WSGIEnvironment, start_response: StartResponse, *,
    is_open: bool, more: Iterable[tuple[str, str]] = (), accel: str | None = None,
) -> Iterable[bytes]:  # fmt: skip
    """`is_open` are the bytes that everybody may have and keep. `accel` is the place at which the server in front finds
    the file, if it is to send it."""
    modified = date_header(blob.modified_at)
    headers: Headers = [
        ("Content-Type", mime),
        ("ETag", etag),
        ("Last-Modified", modified),
        *common_headers(is_open),
        *more,
    ]
    if is_unchanged(environ, etag, blob.modified_at):
        blob.file.close()
        start_response("304 Not Modified", headers[1:])
        return []
    if accel:
        blob.file.close()
        start_response("200 OK", [*headers, ("X-Accel-Redirect", accel), ("Content-Length", "0")])
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
    # What is not a file of this machine is read by the thread of its request, and not by that of all connections.
    is_here = isinstance(blob.file, FileIO)
    wrapper: Callable[[BinaryIO, int], Iterable[bytes]] | None = environ.get("wsgi.file_wrapper") if is_here else None
    return wrapper(blob.file, BLOCK_BYTES) if wrapper else Pieces(blob.file, [Part(0, blob.size)])


def send_parts(
    parts: list[Part], blob: Blob, headers: Headers, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    if not parts:
        blob.file.close()
        return plain(environ, start_response, 416, [("Content-Range", f"bytes */{blob.size}")])
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


def plain(
    environ: WSGIEnvironment, start_response: StartResponse, status: int, headers: Headers | None = None
) -> Iterable[bytes]:
    phrase = HTTPStatus(status).phrase
    return refuse(environ, start_response, status, "text/plain; charset=utf-8", f"{phrase}\n", headers)


def refuse(
    environ: WSGIEnvironment, start_response: StartResponse, status: int, mime: str, text: str,
    headers: Headers | None = None,
) -> Iterable[bytes]:  # fmt: skip
    body = text.encode()
    start_response(
        f"{status} {HTTPStatus(status).phrase}",
        [
            ("Content-Type", mime),
            ("Cache-Control", "no-store"),
            ("Content-Length", str(len(body))),
            ("X-Content-Type-Options", "nosniff"),
            *(headers or []),
        ],
    )
    # Nobody behind us cuts it off, and the next answer on the connection would begin with it.
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
