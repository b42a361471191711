"""Finding a Chevereto among the tables of a database: what is put in front of all its table names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from migrate.items import SourceError

ALWAYS_THERE = ("images", "albums", "users", "settings")
ALWAYS_FILLED = ("images", "users", "settings")
SHOWN = 6


def choose(
    tables: Iterable[tuple[str, str]], prefix: str | None, where: str, needed: Collection[str] = ALWAYS_THERE
) -> tuple[str, str]:
    """The database and the prefix of the one installation among (database, table) pairs; with `prefix`, of that one.
    `where` says whose tables these are: "dump site.sql"."""
    names: dict[str, set[str]] = defaultdict(set)
    for database, table in tables:
        names[database].add(table)
    found = [(database, each) for database, held in sorted(names.items()) for each in prefixes(held, needed)]
    chosen = [pair for pair in found if prefix in (None, pair[1])]
    if len(chosen) == 1:
        return chosen[0]
    if not found:
        raise nothing_found(set().union(*names.values()), where)
    if not chosen:
        raise SourceError(
            f"The {where} has no Chevereto tables with the prefix {prefix!r}.\n"
            f"It has some with {listed(each for _, each in found)}: give one of them as --prefix, or none."
        )
    if len({database for database, _ in chosen}) > 1:
        raise SourceError(
            f"The {where} holds several Chevereto databases: {listed(database for database, _ in chosen)}.\n"
            "Make a dump of the one that is to move: mysqldump NAME > file.sql"
        )
    raise SourceError(
        f"The {where} holds several Chevereto installations, with the prefixes {listed(each for _, each in chosen)}.\n"
        "Say which one is to move with --prefix."
    )


def prefixes(names: Collection[str], needed: Collection[str]) -> list[str]:
    candidates = sorted(name.removesuffix("images") for name in names if name.endswith("images"))
    return [prefix for prefix in candidates if all(prefix + table in names for table in needed)]


def nothing_found(names: Collection[str], where: str) -> SourceError:
    shown = sorted(names)[:SHOWN]
    rest = ", …" if len(names) > SHOWN else ""
    what = f"found were {', '.join(shown)}{rest}" if shown else "there is no table at all"
    return SourceError(
        f"The {where} is not of a Chevereto site, which has tables named images, albums, users and settings; {what}.\n"
        "Give the database that app/settings.php or app/env.php of the old site names, with all its tables."
    )


def listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in dict.fromkeys(names))
