"""Reads what `/v1` is asked for: queries of lists, fields of forms, values in JSON. A name may be spelled in snake case
and in camel case, which wins; a query parameter or form field with nothing in it counts as not sent."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from gateway.core.errors import InvalidInput
from gateway.core.listing import Place
from gateway.core.records import Kind
from gateway.core.search import Query
from gateway.web.picora.cursor import moment, read_cursor
from gateway.web.picora.envelope import camel

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
YES_AND_NO = {"true": True, "1": True, "false": False, "0": False}
KINDS: dict[str, Kind] = {"image": "image", "video": "video", "audio": "audio"}
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Page:
    query: Query
    after: Place | None
    limit: int


def asked_page(asked: MultiDict[str, str], owner_id: str, kinds: tuple[Kind, ...]) -> Page:
    cursor = sent(asked, "cursor")
    query = Query(
        owner_id,
        kinds,
        tag=sent(asked, "tag"),
        text=sent(asked, "q"),
        since=start(sent(asked, "start_date")),
        until=end(sent(asked, "end_date")),
        is_public=sent_flag(asked, "is_public"),
    )
    return Page(query, read_cursor(cursor) if cursor else None, limit(sent(asked, "limit")))


def sent(asked: MultiDict[str, str], name: str) -> str | None:
    found = [value for spelling in (camel(name), name) for value in asked.getlist(spelling)[-1:] if value]
    if found and "\0" in found[0]:
        raise InvalidInput(f"{name} holds a NUL character. Leave it out.", field=name)
    return found[0] if found else None


def sent_flag(asked: MultiDict[str, str], name: str) -> bool | None:
    text = sent(asked, name)
    if text is None:
        return None
    if text.lower() not in YES_AND_NO:
        raise InvalidInput(f"{camel(name)} is {text[:40]!r}, but must be true or false.", field=name)
    return YES_AND_NO[text.lower()]


def limit(text: str | None, default: int = DEFAULT_LIMIT, most: int = MAX_LIMIT) -> int:
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII) or int(text) < 1:
        raise InvalidInput(f"limit is {text[:40]!r}, but must be a whole number from 1 to {most}.", field="limit")
    return min(int(text), most)


def asked_kinds(text: str | None) -> tuple[Kind, ...]:
    if text is None:
        return ()
    if text not in KINDS:
        raise InvalidInput(f"type is {text[:40]!r}, but must be one of {', '.join(KINDS)}.", field="type")
    return (KINDS[text],)


def start(text: str | None) -> datetime | None:
    return time_of(text, "start_date") if text else None


def end(text: str | None) -> datetime | None:
    """The day or the moment itself is still in the list."""
    if not text:
        return None
    time, whole = time_of(text, "end_date"), timedelta(days=1) if DATE.fullmatch(text) else timedelta(milliseconds=1)
    return time + whole if time < datetime.max.replace(tzinfo=UTC) - whole else None


def time_of(text: str, name: str) -> datetime:
    try:
        return moment(text)
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"{name} is {text[:40]!r}, but must be a day such as 2026-04-27, or a time such as 2026-04-27T08:00:00Z.",
            field=name,
        ) from None


def tag_list(text: str | None) -> list[Any]:
    """`tags` of a form: a JSON array, as text."""
    if text is None:
        return []
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        names = None
    if not isinstance(names, list):
        raise InvalidInput('tags must be a JSON array of texts, such as ["travel","2026"].', field="tags")
    return names


def listed(body: dict[str, Any], name: str, most: int) -> list[Any]:
    found = body.get(name)
    if not isinstance(found, list) or not 1 <= len(found) <= most:
        raise InvalidInput(f"{name} must be a list of 1 to {most}.", field=name)
    return found


def text_list(body: dict[str, Any], name: str, most: int) -> list[str]:
    found = listed(body, name, most)
    if not all(isinstance(one, str) for one in found):
        raise InvalidInput(f"{name} must be texts.", field=name)
    return found
