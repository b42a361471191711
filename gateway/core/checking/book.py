"""What the catalog says of itself: its pages, its sums, and whatever leads from one record to another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

from gateway.core.checking.findings import (
    ADDRESS_LOST,
    CATALOG_DAMAGED,
    ORIGIN_LOST,
    REFERENCE_BROKEN,
    SEARCH_STALE,
    SUM_WRONG,
    Finding,
    Report,
)
from gateway.core.checking.premises import AT_ONCE, Premises
from gateway.core.checking.rows import Broken, WrongSum
from gateway.core.moving import Address, Origin, Target
from gateway.core.records import Media


def check_structure(premises: Premises, report: Report) -> Iterator[Finding]:
    premises.hear("Looking through the catalog", 0)
    structure = premises.catalog.structure(thorough=premises.sample > 0)
    report.schema = structure.schema
    for sentence in structure.damage:
        yield Finding(CATALOG_DAMAGED, "catalog", sentence)


# sums


def check_sums(premises: Premises) -> Iterator[Finding]:
    premises.hear("Counting", 0)
    wrong = premises.catalog.wrong_sums()
    if wrong and premises.repairs:
        premises.catalog.recount()
    left = {(one.of, one.id) for one in premises.catalog.wrong_sums()} if wrong and premises.repairs else set()
    for one in wrong:
        yield Finding(SUM_WRONG, one.id, sum_sentence(one), premises.repairs and (one.of, one.id) not in left)


def sum_sentence(one: WrongSum) -> str:
    return f"The {one.of} {one.name} is kept as {amount(one.kept)}, and has {amount(one.counted)}."


def amount(counts: tuple[int, ...]) -> str:
    number, *size = counts
    return f"{number} media" + (f" of {size[0]} bytes" if size else "")


def check_search(premises: Premises, batch: Sequence[Media]) -> Iterator[Finding]:
    stale = premises.catalog.unsearchable([media.id for media in batch])
    if not stale:
        return
    # What was renamed between two looks is fine at the second one.
    again = premises.catalog.unsearchable(sorted(stale))
    if again and premises.repairs:
        premises.catalog.note_again(sorted(again))
    left = premises.catalog.unsearchable(sorted(again)) if again and premises.repairs else again
    for media in batch:
        if media.id in again:
            sentence = f"{media.id} ({media.title or media.filename}) is not found by its title and file name."
            yield Finding(SEARCH_STALE, media.id, sentence, media.id not in left)


# what leads elsewhere


def check_references(premises: Premises) -> Iterator[Finding]:
    premises.hear("Following references", 0)
    for one in premises.catalog.broken_references():
        yield Finding(REFERENCE_BROKEN, one.id, reference_sentence(one))


def reference_sentence(one: Broken) -> str:
    rows = f"{one.number} rows of {one.table} say" if one.number > 1 else f"A row of {one.table} says"
    return f"{rows} {one.column} {one.id}, which is not among the {one.target}."


def check_leads(premises: Premises) -> Iterator[Finding]:
    catalog = premises.catalog
    for kind in get_args(Target):
        for addresses in address_pages(premises, kind):
            gone = lost(premises, kind, {one.target_id for one in addresses}, len(addresses))
            # What was taken back between two looks took its addresses along.
            for address in set(addresses).intersection(catalog.addresses_to(gone) if gone else ()):
                sentence = f"The old address {address.path} leads to the {kind} {address.target_id}, which is not here."
                yield Finding(ADDRESS_LOST, address.path, sentence)
        for origins in origin_pages(premises, kind):
            gone = lost(premises, kind, {one.target_id or "" for one in origins}, len(origins))
            for origin in set(origins).intersection(catalog.origins_to(gone) if gone else ()):
                sentence = f"{kind} {origin.key} of {origin.site_id} became {origin.target_id}, which is not here."
                yield Finding(ORIGIN_LOST, origin.target_id or origin.key, sentence[0].upper() + sentence[1:])


def lost(premises: Premises, kind: Target, targets: set[str], number: int) -> list[str]:
    premises.hear("Following old addresses", number)
    return sorted(targets - premises.catalog.targets_among(kind, sorted(targets)))


def address_pages(premises: Premises, kind: Target) -> Iterator[list[Address]]:
    after = "", ""
    while page := premises.catalog.addresses_of(kind, after, AT_ONCE):
        yield page
        after = page[-1].path, page[-1].site_id


def origin_pages(premises: Premises, kind: Target) -> Iterator[list[Origin]]:
    after = "", ""
    while page := premises.catalog.origins_of(kind, after, AT_ONCE):
        yield page
        after = page[-1].site_id, page[-1].key
