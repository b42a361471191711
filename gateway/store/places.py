"""Where files may be kept, as a setting spells it: a folder, or a place in an S3-compatible store."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast
from urllib.parse import parse_qsl, urlsplit

Addressing = Literal["auto", "path", "virtual"]

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
PREFIX = re.compile(r"[A-Za-z0-9!_.*'()/-]*", re.ASCII)
EXAMPLE = "s3://BUCKET/PREFIX?endpoint=https://s3.example.org&region=eu-1&addressing=path"


@dataclass(frozen=True, slots=True)
class S3Place:
    """`prefix` is empty or ends with a slash; `endpoint` and `region` are None where the usual ones will do."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    addressing: Addressing = "auto"


def read_blob_place(text: str, data: Path) -> S3Place | Path:
    """Empty text means `data`. Raises `ValueError` with a sentence."""
    if text.startswith("s3://"):
        return read_s3_place(text)
    if "://" in text:
        raise ValueError(f"this is neither a folder nor an address such as {EXAMPLE}.")
    return Path(text) if text else data


def read_s3_place(text: str) -> S3Place:
    try:
        parts = urlsplit(text)
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise ValueError(f"this cannot be read. It has to look like {EXAMPLE}.") from None
    if "@" in parts.netloc:
        raise ValueError("keys have no place in it; give them as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    if not BUCKET.fullmatch(parts.netloc):
        raise ValueError(f"{parts.netloc!r} is no name of a bucket. It has to look like {EXAMPLE}.")
    prefix = parts.path.strip("/")
    if not PREFIX.fullmatch(prefix) or ".." in prefix.split("/") or parts.fragment:
        raise ValueError("the prefix may hold letters, digits, slashes and !_.*'()- only.")
    if unknown := options.keys() - {"endpoint", "region", "addressing"}:
        raise ValueError(f"{sorted(unknown)[0]!r} is none of its options endpoint, region and addressing.")
    addressing = options.get("addressing", "auto")
    if addressing not in ("auto", "path", "virtual"):
        raise ValueError(f"addressing is {addressing!r}, but must be path, virtual or auto.")
    endpoint = options.get("endpoint")
    if "@" in (endpoint or ""):
        raise ValueError(
            "keys have no place in its endpoint; give them as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        )
    if endpoint is not None and not re.fullmatch(r"https?://[^\s/?#]+/?", endpoint):
        raise ValueError(f"the endpoint is {endpoint!r}, but must be an address such as https://s3.example.org.")
    return S3Place(
        parts.netloc,
        f"{prefix}/" if prefix else "",
        endpoint.rstrip("/") if endpoint else None,
        options.get("region") or None,
        cast(Addressing, addressing),
    )
