"""An import of one of each, and what an undo leaves of it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

from gateway.settings import Settings
from gateway.store.opening import Opened
from migrate.items import Gone, OldAddress, OldAlbum, OldCategory, OldKey, OldOrigin, OldOwner
from migrate.journal import Journal
from migrate.options import Options
from migrate.undo import Undone, undo
from tests.conftest import draw
from tests.migrate.engine import Importer
from tests.migrate.fakes import SITE, FakeSource, picture

TOKEN = "$2y$10$" + "a" * 53
CAME_FROM = {kind: (OldOrigin(SITE.id, "1"),) for kind in ("owner", "album", "category", "key")}


def everything(old: Path) -> FakeSource:
    """One of each that an import can bring."""
    (old / "face.png").write_bytes(draw(seed=99))
    bob = OldOwner(
        "1", "bob", avatar=old / "face.png", origins=CAME_FROM["owner"],
        addresses=(OldAddress("/bob"),), avatar_addresses=(OldAddress("/users/face.png"),),
    )  # fmt: skip
    return FakeSource(
        [
            picture(old, "one.png", seed=1, owner="1", album="2", category="1", tags=("a", "b"), token_hashes=(TOKEN,)),
            picture(old, "two.png", seed=2, owner="1", album="1", tags=("b",)),
            picture(old, "three.png", seed=3),
        ],
        people=[bob],
        albums_there=[
            OldAlbum("1", "Outer", "1", origins=CAME_FROM["album"], cover="two.png"),
            OldAlbum("2", "Inner", "1", parent="1", origins=(OldOrigin(SITE.id, "2"),)),
        ],
        categories_there=[OldCategory("1", "Nature", "nature", origins=CAME_FROM["category"])],
        keys_there=[OldKey("1", "1", "phone", text="a key that is long enough", origins=CAME_FROM["key"])],
        gone_there=[Gone("media", "77")],
    )


def rows(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, but for the feed, which tells who keeps a copy what went, and the index of words, which
    is laid out anew."""
    with sqlite3.connect(settings.data / "catalog.db") as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = [name for name in tables if name != "changes" and not name.startswith("pieces")]
        found = {name: sorted(db.execute(f"SELECT * FROM {name}"), key=repr) for name in tables}
        found["totals"] = [row for row in found["totals"] if any(row[3:])]  # none of a kind is as good as no row
    db.close()
    return found


def files(settings: Settings) -> list[str]:
    return sorted(path.name for path in (settings.data / "media").glob("*/*") if path.is_file())


def begin_merging(importer: Importer) -> Journal:
    journal = importer.begin()
    journal.save(replace(journal.run, options=Options(duplicates="merge").as_json()))
    return journal


def taken_back(opened: Opened, journal: Journal, *, dry_run: bool = False) -> tuple[Undone, list[str]]:
    said: list[str] = []
    return undo(opened, journal, dry_run=dry_run, said=said.append), said


def forget_items(journal: Journal, *, but: str = "") -> None:
    """As if the run had been killed before it could tell of them."""
    with journal.tables.transaction() as db:
        db.execute("DELETE FROM items WHERE key != ?", (but,))
