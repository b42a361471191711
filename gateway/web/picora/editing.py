"""Reads which changes a PATCH asks for. Whether their values can be kept, the library knows."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from gateway.core.changes import Changes
from gateway.core.errors import InvalidInput
from gateway.web.picora.envelope import camel

CHANGEABLE = tuple(field.name for field in fields(Changes))
SPELLINGS = {spelling: name for name in CHANGEABLE for spelling in (name, camel(name))}


def asked_changes(body: dict[str, Any]) -> Changes:
    """A misspelled field is refused and not passed over: it may be the one that was to make a picture private."""
    if unknown := [name[:40] for name in body if name not in SPELLINGS]:
        raise InvalidInput(
            f"There is no field {unknown[0]!r} that can be changed; there are {', '.join(map(camel, CHANGEABLE))}.",
            fields=unknown[:10],
        )
    asked = {name: body[spelling] for spelling, name in SPELLINGS.items() if spelling in body}
    return Changes(**asked)
