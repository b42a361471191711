"""Lists of media, a page at a time: where the next one begins, and how many there are in the whole library."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response, request

from gateway.core.records import Kind, Owner
from gateway.web.picora import envelope
from gateway.web.picora.asking import asked_page
from gateway.web.picora.cursor import cursor_after
from gateway.web.picora.door import Door
from gateway.web.picora.rendering import Json, Rendering, both, write


def list_answer(
    door: Door, owner: Owner, rendering: Rendering, kinds: tuple[Kind, ...], name: str | None = None
) -> Response:
    """`name` is what the list is called besides `items`; without, it is one of all kinds."""
    asked = asked_page(request.args, owner.id, kinds)
    found = door.holdings.search(asked.query, asked.after, asked.limit + 1)
    shown, has_more = found[: asked.limit], len(found) > asked.limit
    facts: Json = {
        "nextCursor": cursor_after(shown[-1]) if has_more else None,
        "hasMore": has_more,
        "total": door.holdings.totals(owner).number(kinds),
    }
    items = map(rendering.text if name else rendering.item, shown)
    return envelope.ready(*page_pieces(items, name, both(facts)))


def page_pieces(items: Iterable[str], name: str | None, facts: Json) -> list[bytes]:
    """The list has two names, and is written once. Pieces are not put together: they are long, and only sent."""
    listed = f"[{','.join(items)}]".encode()
    named = [b'"items":', listed, f',"{name}":'.encode(), listed] if name else [b'"items":', listed]
    return [b'{"success":true,"data":{', *named, f",{write(facts)[1:]}}}".encode()]
