"""From the files to their records: what nobody speaks of. Whatever is young may be on its way, and is let be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from gateway.core.checking.findings import ORPHAN, RENDITION_UNKNOWN, Finding, Report
from gateway.core.checking.premises import AT_ONCE, Premises
from gateway.core.checking.renditions import Wrong, remade
from gateway.core.library import batches, owner_of
from gateway.core.records import VARIANTS, Media, Variant

File = tuple[str, int, datetime]


def check_files(premises: Premises, report: Report) -> Iterator[Finding]:
    assets = {asset.blob() for asset in premises.catalog.assets()}
    for batch in batches(premises.blobs.names(), AT_ONCE):
        report.files += len(batch)
        premises.hear("Looking for files without a record", len(batch))
        unclaimed = unclaimed_among(premises, batch, assets)
        old = [file for file in unclaimed if file[2] < premises.before]
        report.young_files += len(unclaimed) - len(old)
        yield from strays(premises, old)


def unclaimed_among(premises: Premises, files: Sequence[File], assets: set[str]) -> list[File]:
    others = [file for file in files if file[0] not in assets]
    claimed = {name for media in records_of(premises, [file[0] for file in others]) for name in media.blobs()}
    return [file for file in others if file[0] not in claimed]


def records_of(premises: Premises, names: Sequence[str]) -> list[Media]:
    ids = sorted({owner_of(name) for name in names})
    return premises.catalog.media_among(ids) if ids else []


def strays(premises: Premises, files: Sequence[File]) -> Iterator[Finding]:
    """What is still there, and still without a record that speaks of it."""
    records = {media.id: media for media in records_of(premises, [name for name, _, _ in files])}
    # A catalog that got a new avatar in the meantime knows it by now.
    known = premises.catalog.media_ids(sorted({owner_of(name) for name, _, _ in files})) if files else set()
    orphans = []
    for name, size, changed_at in files:
        media = records.get(owner_of(name))
        if (media and name in media.blobs()) or premises.blobs.size(name) is None:
            continue
        if media and (variant := variant_of(media, name)):
            wrong = Wrong(RENDITION_UNKNOWN, variant, f"{name} ({size} bytes) is not noted in its record.")
            yield from remade(premises, media, [wrong], is_sound=True)
        elif media or owner_of(name) not in known:
            orphans.append(Finding(ORPHAN, name, orphan_sentence(name, size, changed_at, media), premises.repairs))
    if premises.repairs and orphans:
        premises.blobs.set_aside([orphan.name for orphan in orphans])
    yield from orphans


def variant_of(media: Media, name: str) -> Variant | None:
    return next((one for one in VARIANTS if media.blob(one) == name), None)


def orphan_sentence(name: str, size: int, changed_at: datetime, media: Media | None) -> str:
    about = f"{name} ({size} bytes, of {changed_at:%Y-%m-%d})"
    return f"{about} is none of the files of the record {media.id}." if media else f"{about} has no record."
