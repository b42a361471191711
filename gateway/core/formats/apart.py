"""`raster.develop` in a child process: no decoder of pictures runs in the server.

Promises: the same picture and the same refusals as `raster.develop` itself; what its header refuses costs no child any
time.
"""

from __future__ import annotations

import threading
from contextlib import nullcontext
from dataclasses import asdict
from datetime import datetime
from typing import Any, BinaryIO

from gateway.core.formats.child import Pool
from gateway.core.formats.exif import Shot
from gateway.core.formats.limits import Limits
from gateway.core.formats.raster import Picture, Rendition, Wanted, checked_header
from gateway.core.formats.raster import develop as develop_inside
from gateway.core.formats.registry import Format, by_name
from gateway.core.formats.wire import Message

_LARGE_PIXELS = 16 << 20
_LARGE = threading.Lock()


def develop(
    file: BinaryIO,
    format: Format,
    limits: Limits,
    wanted: Wanted,
    pool: Pool,
    *,
    filename: str,
    arrived_at: datetime,
) -> Picture:
    options = {
        "format": format.name,
        "limits": asdict(limits),
        "wanted": asdict(wanted),
        "filename": filename,
        "arrived_at": arrived_at.isoformat(),
    }
    header = checked_header(file, format, limits)
    # A large JPEG is decoded small; of all others one at a time has to be enough for the memory there is.
    is_heavy = format.name != "jpeg" and header.width * header.height > _LARGE_PIXELS
    with _LARGE if is_heavy else nullcontext():
        answer = pool.run("develop", file, label=f"{format.label} image", options=options)
    facts, parts = answer.facts, dict(zip(answer.facts["parts"], answer.parts, strict=True))

    def rendition(name: str) -> Rendition | None:
        return Rendition(parts[name], *facts[name]) if name in parts else None

    thumb = rendition("thumb")
    assert thumb
    return Picture(
        format=by_name(facts["format"]),
        width=facts["width"],
        height=facts["height"],
        is_animated=facts["is_animated"],
        is_360=facts["is_360"],
        replacement=parts.get("replacement"),
        thumb=thumb,
        medium=rendition("medium"),
        shot=_shot(facts["shot"]),
    )


def develop_here(file: BinaryIO, options: dict[str, Any]) -> Message:
    """The child's part of `develop`."""
    picture = develop_inside(
        file,
        by_name(options["format"]),
        Limits(**options["limits"]),
        Wanted(**options["wanted"]),
        filename=options["filename"],
        arrived_at=datetime.fromisoformat(options["arrived_at"]),
    )
    facts: dict[str, Any] = {
        "format": picture.format.name,
        "width": picture.width,
        "height": picture.height,
        "is_animated": picture.is_animated,
        "is_360": picture.is_360,
        "shot": _told(picture.shot),
    }
    parts = {}
    if picture.replacement is not None:
        parts["replacement"] = picture.replacement
    for name, rendition in (("thumb", picture.thumb), ("medium", picture.medium)):
        if rendition:
            parts[name] = rendition.data
            facts[name] = [rendition.width, rendition.height]
    return Message({**facts, "parts": list(parts)}, tuple(parts.values()))


def _told(shot: Shot | None) -> dict[str, Any] | None:
    return {**asdict(shot), "taken_at": shot.taken_at and shot.taken_at.isoformat()} if shot else None


def _shot(told: dict[str, Any] | None) -> Shot | None:
    if told is None:
        return None
    taken_at = told["taken_at"]
    return Shot(**{**told, "taken_at": datetime.fromisoformat(taken_at) if taken_at else None})
