"""Renditions that are not what their record says, and making them anew - from an original that is sound, or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.core.checking.findings import Finding, Trouble
from gateway.core.checking.premises import Premises
from gateway.core.errors import FileRefused, NotFound
from gateway.core.healing import matches
from gateway.core.records import Media, Variant

UNSOUND = "its original is damaged or missing"
NOT_MADE = "none is made of this file: it came with an import"


@dataclass(frozen=True, slots=True)
class Wrong:
    trouble: Trouble
    variant: Variant
    sentence: str


def remade(premises: Premises, media: Media, wrong: Sequence[Wrong], *, is_sound: bool) -> Iterator[Finding]:
    """Only where repairs are asked for; `is_sound` is what is known of the original so far."""
    obstacle, made = None, set[Variant]()
    if premises.repairs:
        obstacle = NOT_MADE
        try:
            if not (is_sound and matches(premises.blobs, media)):
                obstacle = UNSOUND
            elif entry := premises.catalog.file_entry(media.id):
                made = premises.derived.remake(entry, {one.variant for one in wrong})
        except FileRefused as refused:
            obstacle = refused.message
        except NotFound:
            obstacle = UNSOUND
    for one in wrong:
        is_mended = one.variant in made
        yield Finding(one.trouble, media.blob(one.variant), one.sentence, is_mended, None if is_mended else obstacle)
