"""What the library page looks for. It is written into the address, so that it can be kept, sent, and gone back to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlencode

from gateway.core.records import Kind, Owner
from gateway.core.search import Query

KINDS: tuple[Kind, ...] = ("image", "video", "audio")
SHOWN = ("public", "private")
MOST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty is anything. What makes no sense in an address is as if it were not there."""

    text: str = ""
    tag: str = ""
    album: str = ""
    kind: Kind | Literal[""] = ""
    shown: str = ""
    is_expiring: bool = False

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Filters:
        kind, shown = given.get("kind", ""), given.get("shown", "")
        return cls(
            text=given.get("q", "").strip()[:MOST_TEXT],
            tag=given.get("tag", "").strip()[:MOST_TEXT],
            album=given.get("album", "").strip()[:MOST_TEXT],
            kind=kind if kind in KINDS else "",
            shown=shown if shown in SHOWN else "",
            is_expiring=given.get("expiring") == "1",
        )

    @property
    def is_any(self) -> bool:
        """Whether everything is found."""
        return self == Filters()

    def fields(self) -> dict[str, str]:
        """Those that are filled in, as they stand in forms and addresses."""
        fields = {
            "q": self.text,
            "tag": self.tag,
            "album": self.album,
            "kind": self.kind,
            "shown": self.shown,
            "expiring": "1" if self.is_expiring else "",
        }
        return {name: value for name, value in fields.items() if value}

    def at(self, path: str, **more: str) -> str:
        """The address of this list at `path`."""
        query = urlencode(self.fields() | {name: value for name, value in more.items() if value})
        return f"{path}?{query}" if query else path

    def query(self, owner: Owner, until: datetime | None = None) -> Query:
        """With `until`, without what came since then."""
        return Query(
            owner.id,
            kinds=(self.kind,) if self.kind else (),
            tag=self.tag or None,
            text=self.text or None,
            until=until,
            is_public={"public": True, "private": False}.get(self.shown),
            album_id=self.album or None,
            is_expiring=self.is_expiring,
        )
