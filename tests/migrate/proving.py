"""An old site as a test makes it, brought here, and what the proof then says of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gateway.settings import Settings
from gateway.store.opening import Opened
from migrate.checking.findings import Finding, Verified
from migrate.items import (
    Gone,
    Item,
    OldAddress,
    OldAlbum,
    OldCategory,
    OldKey,
    OldOwner,
    OldSite,
    OnDisk,
    Source,
)  # fmt: skip
from migrate.journal import Journal
from migrate.options import Options
from migrate.outcome import Run
from migrate.verify import verify
from tests.conftest import draw
from tests.migrate.engine import Importer
from tests.migrate.fakes import FakeSource

SITE = OldSite(
    "0ld", "chevereto", "Old", "https://old.example.org", "231e0d82", 999,
    routes={"image": "i", "video": "video", "audio": "audio", "album": "a", "user": "user", "root": "user"},
)  # fmt: skip
THEN = datetime(2015, 3, 4, 5, 6, 7, tzinfo=UTC)
TOKEN = "$2y$10$" + "a" * 53
KEY_HASH = "$2y$10$" + "k" * 53


@dataclass
class Hearing:
    findings: list[Finding] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    total: int | None = None
    verified: Verified | None = None

    def begun(self, run: Run, total: int | None) -> None:
        self.total = total

    def checking(self, name: str) -> None:
        self.names.append(name)

    def found(self, finding: Finding) -> None:
        self.findings.append(finding)

    def ended(self, verified: Verified) -> None:
        self.verified = verified


@dataclass
class Prover:
    """Brings a source, and proves it against this or another one."""

    opened: Opened
    settings: Settings
    importer: Importer
    journal: Journal
    hearing: Hearing = field(default_factory=Hearing)

    @classmethod
    def of(cls, opened: Opened, settings: Settings) -> Prover:
        importer = Importer(opened, settings)
        return cls(opened, settings, importer, importer.begin())

    def bring(self, source: Source, **options: object) -> None:
        summary = self.importer.bring(source, self.journal, **options)
        assert summary.run.state == "finished", summary.run.message

    def prove(
        self, source: Source, *, read_data: bool = False, accept_missing: bool = False, **options: object
    ) -> Verified:
        self.hearing = Hearing()
        chosen = Options(**options)  # type: ignore[arg-type]
        return verify(
            source,
            self.opened,
            self.settings,
            self.journal,
            chosen,
            self.hearing,
            read_data=read_data,
            accept_missing=accept_missing,
        )

    def differences(self, source: Source, *, read_data: bool = False, **options: object) -> list[str]:
        self.prove(source, read_data=read_data, **options)
        return [str(finding) for finding in self.hearing.findings]

    def media_id(self, key: str) -> str:
        return self.importer.media_id(key)

    def write(self, statement: str, *values: object) -> None:
        """Behind the back of everybody."""
        with sqlite3.connect(self.settings.data / "catalog.db") as db:
            db.execute(statement, values)
        db.close()

    def stored(self, key: str, variant: str = "") -> Path:
        [path] = (self.settings.data / "media").rglob(f"{self.media_id(key)}{variant}.png")
        return path


def picture(folder: Path, number: int, **facts: object) -> Item:
    """The picture of a row, as a reader of such a site tells it: the file, its thumbnail, and no origins."""
    path, thumb = folder / "images" / f"pic{number}.png", folder / "images" / f"pic{number}.th.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(draw(seed=number))
    thumb.write_bytes(draw(32, 32, seed=number))
    given: dict[str, object] = {
        "key": str(number),
        "name": f"/images/{path.name}",
        "content": OnDisk(path),
        "filename": path.name,
        "renditions": {"th": thumb},
        "addresses": (OldAddress(f"/images/{path.name}", mime="image/png"),),
    }
    return Item(**(given | facts))  # type: ignore[arg-type]


def whole_site(old: Path, change: Callable[[FakeSource], None] = lambda source: None) -> FakeSource:
    """One of each, in every privacy."""
    (old / "face.png").write_bytes(draw(seed=99))
    people = [
        OldOwner(
            "1", "bob", name="Bob", email="bob@example.org", role="manager", password_hash=TOKEN, bio="Me",
            created_at=THEN, avatar=old / "face.png", addresses=(OldAddress("/bob"), OldAddress("/user/bob")),
            avatar_addresses=(OldAddress("/images/users/x/face.png"),),
        ),
        OldOwner("2", "eve", is_active=False, addresses=(OldAddress("/eve"),)),
    ]  # fmt: skip
    albums = [
        OldAlbum("1", "Open", "1", description="All", created_at=THEN, created_local="2015", views=3, cover="2"),
        OldAlbum("2", "Inside", "1", parent="1", privacy="link"),
        OldAlbum("3", "Locked", "1", privacy="password", password="sesame"),
        OldAlbum("4", "Closed", "1", privacy="private"),
    ]
    files = [
        picture(
            old, 1, owner="1", album="1", category="1", title="A cat & a dog", description="Black", tags=("Cat", "e?f"),
            is_nsfw=True, views=12, likes=3, created_at=THEN, created_local="2015-03-04 02:06:07", exif_json="{}",
            token_hashes=(TOKEN,), source_md5="0" * 32, is_resized=True,
        ),
        picture(old, 2, owner="1", album="2"),
        picture(old, 3, owner="1", album="3"),
        picture(old, 4, owner="2", album="4"),
        picture(old, 5, is_public=False),
    ]  # fmt: skip
    source = FakeSource(
        files,
        people=people,
        albums_there=albums,
        categories_there=[OldCategory("1", "Nature", "nature", "Green", (OldAddress("/category/nature"),))],
        keys_there=[
            OldKey("1", "1", "phone", legacy_hash=KEY_HASH, prefix="chv_NT_"),
            OldKey("guest", None, "Guest key", text="a guest key in plain text"),
        ],
        gone_there=[Gone("media", "77"), Gone("album", "78")],
        sites_there=[SITE],
    )
    change(source)
    return source
