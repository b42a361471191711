"""How folders become owners and albums: as they lie, or as the bulk importer of the old host reads them.

importing/parse-users/<username>/<album>/…     importing/parse-albums/<album>/…     importing/no-parse/…
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gateway.core.titles import clean
from migrate.items import OldOwner
from migrate.sources.beside import FOLDER_SIDECAR
from migrate.sources.inside import find_inside
from migrate.sources.sidecars import read_sidecar
from migrate.sources.values import Fields
from migrate.sources.walk import Parts

Layout = Literal["auto", "plain", "users", "albums"]

ROOT = "importing"
PICTURES = ".assets"
FAILED = "failed: The old importer had put it aside."
ELSEWHERE = "outside-layout: It is in none of parse-users, parse-albums and no-parse."


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files of one folder belong. The first `outside` parts of its path are no albums, all others are, each
    in the one before it; with None there are no albums at all. `user` is the folder of its owner."""

    outside: int | None = 0
    user: Parts = ()
    skip: str | None = None

    def album(self, parts: Parts) -> Parts:
        return parts if self.outside is not None and len(parts) > self.outside else ()


def plain(parts: Parts) -> Place:
    return Place()


def users(parts: Parts) -> Place:
    return Place(outside=1, user=parts[:1])


def importing(parts: Parts) -> Place:
    match parts[:1]:
        case ("parse-users",):
            return Place(outside=2, user=parts[:2] if len(parts) > 1 else ())
        case ("parse-albums",):
            return Place(outside=1)
        case ("no-parse",):
            return Place(outside=None)
        case ("failed",):
            return Place(outside=None, skip=FAILED)
    return Place(outside=None, skip=ELSEWHERE)


def recognise(folder: Path, layout: Layout) -> tuple[Path, Callable[[Parts], Place]]:
    """Where its files begin, and the place of each folder below."""
    if layout != "auto":
        return folder, users if layout == "users" else plain
    for root in (folder, folder / ROOT):
        if any((root / name).is_dir() for name in ("parse-users", "parse-albums", "no-parse")):
            return root, importing
    return folder, plain


def read_owner(folder: Path, key: str, *, described: bool) -> tuple[OldOwner, list[str]]:
    """What the sidecar of a user's folder says, if there is one, and sentences about what of it was not kept."""
    members, trouble = read_sidecar(folder / FOLDER_SIDECAR) if described else ({}, None)
    user = Fields(Fields(members).members("userData"))
    pictures = Fields(user.members("profileImages"))
    notes = [trouble] if trouble else []
    role = user.text("role") or "user"
    if role not in ("user", "manager", "admin"):
        notes.append(f"The role {role!r} is not known here: the owner is a user.")
    if user.members("networks"):
        notes.append("The networks of an owner are not kept.")
    owner = OldOwner(
        key=key,
        username=user.text("username") or clean(folder.name),
        name=user.text("name"),
        email=user.text("email"),
        role=role if role in ("user", "manager", "admin") else "user",
        is_private=user.flag("private") or False,
        bio=user.text("bio"),
        website=user.text("website"),
        time_zone=user.text("timezone"),
        language=user.text("language"),
        avatar=picture(folder, pictures.text("avatar"), notes),
        background=picture(folder, pictures.text("background"), notes),
    )
    return owner, [*notes, *user.notes, *pictures.notes]


def picture(folder: Path, named: str | None, notes: list[str]) -> Path | None:
    if not named:
        return None
    found = find_inside(folder.resolve(), f"{PICTURES}/{named.removeprefix(f'{PICTURES}/')}")
    if isinstance(found, Path):
        return found
    notes.append(f"A picture of an owner is missing: {found.detail}")
    return None
