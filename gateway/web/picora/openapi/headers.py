"""The headers of answers: what they are called, what they hold, and which answers have them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gateway.web.picora.openapi.shapes import MEDIA_ID, NUMBER, POSITIVE, TEXT, URL, Schema, about, exactly

ALWAYS = ("X-Request-Id", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers")
BUDGET = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-RateLimit-Limit", "X-RateLimit-Remaining",
          "X-RateLimit-Reset")  # fmt: skip
UNCACHED = ("Cache-Control", "X-Content-Type-Options")
OF_PICORA = (*ALWAYS, *BUDGET, *UNCACHED)
OF_STATUS: dict[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    405: ("Allow",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}

NOW_AND_THEN = ("X-Picora-Duplicate", "X-Picora-Id", "X-Picora-Url", "Upload-Length", "Upload-Defer-Length",
                "Upload-Metadata")  # fmt: skip

TRUE = {"type": "string", "enum": ["true"]}
HEADERS: dict[str, Schema] = {
    "X-Request-Id": about(
        {"type": "string", "pattern": r"^[A-Za-z0-9._-]{1,64}$"},
        "Finds this request in the log of the gateway. The one you sent, if you sent one.",
    ),
    "Access-Control-Allow-Origin": about(exactly("*"), "Pages of any site may read the answer."),
    "Access-Control-Expose-Headers": about(TEXT, "Which headers those pages may read."),
    "RateLimit-Limit": about(NUMBER, "How many requests of this kind you may make in a minute."),
    "RateLimit-Remaining": about(NUMBER, "How many of them are left."),
    "RateLimit-Reset": about(NUMBER, "In how many seconds there will be more."),
    "X-RateLimit-Limit": about(NUMBER, "As RateLimit-Limit."),
    "X-RateLimit-Remaining": about(NUMBER, "As RateLimit-Remaining."),
    "X-RateLimit-Reset": about(NUMBER, "When there will be more, in Unix time."),
    "Cache-Control": about(TEXT, "No answer of the API is to be kept."),
    "X-Content-Type-Options": exactly("nosniff"),
    "WWW-Authenticate": exactly("Bearer"),
    "Allow": about(TEXT, "The methods there are at this path."),
    "Retry-After": about(POSITIVE, "After how many seconds to try again."),
    "X-Picora-Duplicate": about(TRUE, "Sent when the same bytes were here already: the record is the earlier one's."),
    "X-Picora-Id": about(MEDIA_ID, "What the upload became; from its last piece on."),
    "X-Picora-Url": about(URL, "The address of what the upload became; from its last piece on."),
    "Location": about({"type": "string", "format": "uri-reference"}, "Where it is."),
    "Tus-Resumable": exactly("1.0.0"),
    "Tus-Version": exactly("1.0.0"),
    "Tus-Extension": about(TEXT, "Which parts of TUS there are besides its core."),
    "Tus-Max-Size": about(POSITIVE, "The largest file, in bytes."),
    "Tus-Checksum-Algorithm": about(TEXT, "What Upload-Checksum may be made with."),
    "Upload-Offset": about(NUMBER, "How many bytes are here."),
    "Upload-Length": about(POSITIVE, "How many bytes there will be; not sent while that is not known."),
    "Upload-Defer-Length": about(exactly("1"), "Sent while the length is not known."),
    "Upload-Expires": about(TEXT, "When the upload is given up, as a date of HTTP."),
    "Upload-Metadata": about(TEXT, "What was said about the file when the upload began."),
}


def used(names: Iterable[str], sometimes: Iterable[str] = ()) -> dict[str, Any]:
    """For an answer that has these, and has those now and then."""
    found: dict[str, Any] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return found | {name: written(HEADERS[name]) for name in sometimes}


def components() -> dict[str, Any]:
    """Those that are only sent now and then are described where they are used."""
    return {name: written(header, True) for name, header in HEADERS.items() if name not in NOW_AND_THEN}


def written(header: Schema, is_required: bool = False) -> dict[str, Any]:
    says = {name: value for name, value in header.items() if name == "description"}
    schema = {name: value for name, value in header.items() if name not in says}
    return says | ({"required": True} if is_required else {}) | {"schema": schema}
