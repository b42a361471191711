"""What became of files that were copied, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from gateway.core.sizes import format_size
from gateway.store.copying.files import FILE_VERDICTS, FileSums

MOST_NAMED = 20
MEANING = {
    "there": "were there already",
    "damaged": "were damaged before, and came as they are",
    "missing": "have a record and are nowhere",
    "gone": "were deleted meanwhile",
    "failed": "could not be read",
}


def file_facts(sums: FileSums) -> dict[str, Any]:
    """Stable names: what a program reads."""
    return {
        "files": {verdict: sums.verdicts[verdict] for verdict in FILE_VERDICTS},
        "copied_bytes": sums.copied_bytes,
        "is_stopped": sums.is_stopped,
        "to_look_at": [
            {"id": one.id, "name": one.name, "verdict": one.verdict, "reason": one.reason} for one in sums.to_look_at
        ],
        "without_record": sums.unclaimed,
    }


def print_files(sums: FileSums) -> None:
    meanings = MEANING | {"copied": format_size(sums.copied_bytes)}
    for verdict in FILE_VERDICTS:
        if (number := sums.verdicts[verdict]) or verdict == "copied":
            click.echo(f"{verdict:<8} {number:>12,}  {meanings[verdict]}")
    if sums.to_look_at:
        click.echo("\nTo look at:")
        print_some([f"{one.name}: {one.verdict}. {one.reason}" for one in sums.to_look_at])
    if sums.unclaimed:
        click.echo("\nFiles without a record, which were left where they are:")
        print_some(sums.unclaimed)


def print_some(lines: Sequence[str]) -> None:
    for line in lines[:MOST_NAMED]:
        click.echo(f"  {line}")
    if len(lines) > MOST_NAMED:
        click.echo(f"  and {len(lines) - MOST_NAMED:,} more, which --json names.")
