"""What the headers of TUS 1.0.0 say, read and written. Numbers are plain, values of metadata are base64."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from gateway.core.changes import checked_tags, checked_title
from gateway.core.errors import GatewayError, InvalidInput, TooBig
from gateway.core.library import NewMedia
from gateway.core.pieces import Session
from gateway.core.records import Kind
from gateway.core.sessions import CHECKSUMS, Checksum, Piece
from gateway.web.picora.asking import KINDS, sent, sent_flag, tag_list

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination"
PIECE_TYPE = "application/offset+octet-stream"
MAX_METADATA = 16_000
MAX_NUMBER = 2**53
BLOCK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class About:
    """What `Upload-Metadata` says: keys in any spelling clients use, values as text."""

    values: MultiDict[str, str]

    @property
    def kind(self) -> Kind | None:
        text = sent(self.values, "resource_type")
        if text is not None and text not in KINDS:
            raise InvalidInput(f"resourceType is {text[:40]!r}, but must be one of {', '.join(KINDS)}.",
                               field="resource_type")  # fmt: skip
        return KINDS[text] if text else None

    @property
    def album_id(self) -> str | None:
        return sent(self.values, "album_id")

    def new_media(self) -> NewMedia:
        """Raises `InvalidInput`. What kind of file it is, its content tells, and not `contentType`."""
        kind = self.kind
        return NewMedia(
            filename=sent(self.values, "filename") or sent(self.values, "name") or "",
            title=checked_title(sent(self.values, "title")),
            tags=checked_tags(tag_list(sent(self.values, "tags"))),
            album_id=self.album_id,
            is_public=sent_flag(self.values, "is_public") is not False,
            kinds=(kind,) if kind else (),
        )


def read_metadata(text: str) -> About:
    if len(text) > MAX_METADATA:
        raise InvalidInput(f"Upload-Metadata may have {MAX_METADATA} characters, and has {len(text)}.")
    values: MultiDict[str, str] = MultiDict()
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = pair.partition(" ")
        try:
            values.add(name, base64.b64decode(value, validate=True).decode())
        except ValueError:
            raise InvalidInput(f"Upload-Metadata has no base64 of a text in UTF-8 for {name[:40]!r}.") from None
    return About(values)


def refuse_other_version() -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise GatewayError(f"Tus-Resumable must be {VERSION}, which is the version spoken here.",
                           code="PRECONDITION_FAILED")  # fmt: skip


def refuse_other_type() -> None:
    if request.mimetype != PIECE_TYPE:
        raise GatewayError(f"Content-Type must be {PIECE_TYPE}.", code="UNSUPPORTED_MEDIA_TYPE")


def number(name: str) -> int | None:
    text = request.headers.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,16}", text, re.ASCII) or int(text) > MAX_NUMBER:
        raise InvalidInput(f"{name} is {text[:40]!r}, but must be a whole number of bytes.")
    return int(text)


def asked_length() -> int | None:
    """None for one that comes later."""
    length, deferred = number("Upload-Length"), request.headers.get("Upload-Defer-Length")
    if (length is None) != (deferred == "1"):
        raise InvalidInput("Send Upload-Length with the number of bytes, or Upload-Defer-Length: 1 to tell it later.")
    return length


def asked_piece() -> Piece:
    offset = number("Upload-Offset")
    if offset is None:
        raise InvalidInput("Upload-Offset is missing. It is the number of bytes that are here already.")
    return Piece(offset, arriving_blocks(), asked_checksum(), number("Upload-Length"))


def first_piece() -> Piece:
    """The body of the request that begins the upload."""
    return Piece(0, arriving_blocks(), asked_checksum())


def asked_checksum() -> Checksum | None:
    text = request.headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _, encoded = text.strip().partition(" ")
    if algorithm not in CHECKSUMS:
        raise InvalidInput(f"Upload-Checksum can be of {', '.join(CHECKSUMS)}, but not of {algorithm[:40]!r}.",
                           code="BAD_REQUEST")  # fmt: skip
    try:
        return Checksum(algorithm, base64.b64decode(encoded, validate=True))
    except ValueError:
        raise InvalidInput("Upload-Checksum has no base64.", code="BAD_REQUEST") from None


def arriving_blocks() -> Iterator[bytes]:
    """A client that hangs up in the middle has still sent what came before."""
    try:
        while block := request.stream.read(BLOCK_BYTES):
            yield block
    except ClientDisconnected:
        return
    except RequestEntityTooLarge:
        raise TooBig(request.max_content_length or 0) from None


def state_of(session: Session) -> dict[str, str]:
    """The headers that tell how far a session is."""
    length = session.length_bytes
    headers = {"Upload-Offset": str(session.offset_bytes), "Upload-Expires": http_date(session.expires_at)}
    headers |= {"Upload-Defer-Length": "1"} if length is None else {"Upload-Length": str(length)}
    return headers | ({"Upload-Metadata": session.metadata} if session.metadata else {})


def http_date(time: datetime) -> str:
    return format_datetime(time.astimezone(UTC), usegmt=True)
