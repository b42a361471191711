"""The old site's albums as a tree, and its categories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from migrate.items import OldAlbum, OldCategory
from migrate.sources.chevereto.install import Install
from migrate.sources.chevereto.instep import likes
from migrate.sources.chevereto.redirects import redirects_by_id
from migrate.sources.chevereto.rows import Row, ids, select

ALBUM_COLUMNS = (
    "id", "name", "user_id", "date", "date_gmt", "privacy", "password", "description", "likes", "views", "cover_id",
    "parent_id", "cta_enable",
)  # fmt: skip
PRIVACY = {"public": "public", "password": "password", "private": "private", "private_but_link": "link"}
CUSTOM = "An album had a custom privacy; it comes as a private one."
NO_PASSWORD = "An album asked for a password and had none; it comes as a private one."
NO_PARENT = "An album was inside one that is gone; it comes to the top."
CYCLE = "The album {!r} was inside itself by way of others; it comes to the top."
NO_OWNER = "An album's user is gone; it belongs to the guests."
NO_BUTTONS = "An album's call-to-action buttons are not kept."


def read_categories(old: Install) -> Iterator[OldCategory]:
    names = ("id", "name", "url_key", "description")
    for row in select(old.tables, "categories", "category_", names):
        key = str(row.number("id"))
        url_key = row.text("url_key") or key
        yield OldCategory(
            key=key,
            name=row.text("name") or url_key,
            url_key=url_key,
            description=row.text("description"),
            addresses=old.addresses(f"/category/{url_key}"),
        )


def read_albums(old: Install, notes: Counter[str]) -> Iterator[OldAlbum]:
    """One pass over the table for each level of the tree, so that no more than the ids has to be remembered."""
    found: Counter[str] = Counter()
    parents = read_parents(old, found)
    levels = read_levels(parents)
    users = ids(old.tables, "users", "user_")
    sent_on = redirects_by_id(old.tables, "album")
    liked = likes(old.tables, "album")
    hearts = dict(liked) if liked is not None else None
    for level in range(max(levels.values(), default=-1) + 1):
        for row in select(old.tables, "albums", "album_", ALBUM_COLUMNS):
            key = row.number("id")
            if levels.get(key) != level:
                continue
            privacy, password = read_privacy(old, row, found)
            user, parent, cover = row.id("user_id"), parents[key], row.id("cover_id")
            found[NO_OWNER] += user is not None and user not in users
            found[NO_BUTTONS] += row.flag("cta_enable")
            yield OldAlbum(
                key=str(key),
                name=row.text("name") or "",
                owner=str(user) if user in users else None,
                description=row.text("description"),
                parent=str(parent) if parent else None,
                privacy=privacy,
                password=password,
                cover=str(cover) if cover else None,
                views=row.number("views"),
                likes=row.number("likes") if hearts is None else hearts.get(key, 0),
                created_at=row.utc("date_gmt"),
                created_local=row.wall_clock("date"),
                addresses=old.addresses(*sent_on.get(key, ())),
            )
    notes |= +found


def read_parents(old: Install, found: Counter[str]) -> dict[int, int | None]:
    """The parent of each album. An album whose parent is gone has none, nor has the first of those in a circle."""
    rows = select(old.tables, "albums", "album_", ("id", "parent_id"))
    parents = {row.number("id"): row.id("parent_id") for row in rows}
    for key, parent in parents.items():
        if parent is not None and parent not in parents:
            found[NO_PARENT] += 1
            parents[key] = None
    if freed := cut_circles(parents):
        rows = select(old.tables, "albums", "album_", ("id", "name"))
        found.update(CYCLE.format(row.text("name") or "") for row in rows if row.number("id") in freed)
    return parents


def cut_circles(parents: dict[int, int | None]) -> set[int]:
    """Frees the first album of each circle, and says which these were."""
    freed = set()
    settled: set[int] = set()
    for key in parents:
        way: dict[int, None] = {}
        step: int | None = key
        while step is not None and step not in settled and step not in way:
            way[step] = None
            step = parents[step]
        if step in way:
            freed.add(first := first_of_circle(step, parents))
            parents[first] = None
        settled.update(way)
    return freed


def first_of_circle(start: int, parents: Mapping[int, int | None]) -> int:
    first, step = start, parents[start]
    while step is not None and step != start:
        first, step = min(first, step), parents[step]
    return first


def read_levels(parents: Mapping[int, int | None]) -> dict[int, int]:
    """How deep in the tree each album is; the top is 0."""
    levels: dict[int, int] = {}
    for key in parents:
        way: list[int] = []
        step: int | None = key
        while step is not None and step not in levels:
            way.append(step)
            step = parents[step]
        level = -1 if step is None else levels[step]
        for step in reversed(way):
            level += 1
            levels[step] = level
    return levels


def read_privacy(old: Install, row: Row, found: Counter[str]) -> tuple[str, str | None]:
    privacy = PRIVACY.get(row.text("privacy") or "public")
    if privacy is None:
        found[CUSTOM] += 1
        return "private", None
    if privacy != "password":
        return privacy, None
    password = row.text("password")
    if not password:
        found[NO_PASSWORD] += 1
        return "private", None
    return privacy, old.cipher.read(password, found)
