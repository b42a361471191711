"""A run in words and figures: the table that adds up, what came along, what to look at, and what to do next."""

from __future__ import annotations

import csv
import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import IO, Any

from gateway.commands.hints import located
from gateway.core.sizes import format_size
from migrate.items import VERDICTS
from migrate.journal import Journal
from migrate.lines import attention_line
from migrate.outcome import Run, Summary
from migrate.words import counted, harmless, lasting

SHOWN = 10
LABEL = max(map(len, VERDICTS))
RULE = "-" * (LABEL + 26)
ADDED = {
    "owner": ("owner", "owners"),
    "album": ("album", "albums"),
    "category": ("category", "categories"),
    "key": ("API key", "API keys"),
    "asset": ("profile picture", "profile pictures"),
}
ADVICE = {
    "expired": "--keep-expired takes them",
    "only": "--only left them out",
    "since": "--since left them out",
    "deleted": "they were imported before, and deleted here since",
}  # by the rule that skipped items
CSV_COLUMNS = ("key", "name", "verdict", "reason", "media_id", "size_bytes", "notes")


def report_lines(
    journal: Journal, place: str, *, everything: bool = False, is_named: bool = False, keyless: Sequence[str] = ()
) -> Iterator[str]:
    """`place` is what has to stand behind a command for it to find this data folder: " --data DIR", or nothing. With
    `is_named` the reader has just seen each item to look at; `keyless` are owners who need a key."""
    summary = journal.summary()
    yield located(headline(summary), place)
    yield ""
    yield from table(summary)
    yield from left_out(journal)
    yield from what_else(summary)
    yield from to_look_at(journal, summary, place, None if everything else SHOWN, is_named=is_named)
    yield ""
    yield from next_step(summary, place, keyless)


def headline(summary: Summary) -> str:
    run = summary.run
    what = f"{'Dry run' if run.is_dry else 'Run'} {run.id}"
    # Of one that was resumed nobody knows how long it was at work.
    took = ""
    if run.finished_at and not run.is_resumed:
        took = f" after {lasting((run.finished_at - run.started_at).total_seconds())}"
    match run.state:
        case "finished" if summary.is_empty:
            return f"There are no files in {place_of(run)}: nothing was changed."
        case "finished" if summary.exit_code == 4:
            return f"{what} found nothing new: nothing was changed."
        case "finished" if run.is_dry:
            return f"{what} is finished{took}. Nothing was written; this is what an import would do:"
        case "finished":
            return f"{what} is finished{took}."
        case "running":
            return f"{what} is not finished."
        case "undone":
            return f"{what} was undone. This is what it had done:"
        case "stopped":
            return f"{what} was stopped{took}. {said(run)}"
        case "failed":
            return f"{what} failed{took}. {said(run)}"


def place_of(run: Run) -> str:
    return harmless(str(run.source.get("path") or run.source.get("db") or "the source"))


def said(run: Run) -> str:
    return "\n".join(map(harmless, (run.message or "").splitlines()))


def table(summary: Summary) -> Iterator[str]:
    """Every verdict, so that two reports can be laid side by side, and the total they add up to."""
    for verdict in VERDICTS:
        size = format_size(summary.stored_bytes) if verdict == "imported" and summary.stored_bytes else ""
        yield f"  {verdict:<{LABEL}} {summary.verdicts.get(verdict, 0):>12,}  {size}".rstrip()
    total = sum(summary.verdicts.values())
    yield f"  {RULE}"
    yield f"  {'found':<{LABEL}} {total if summary.run.state == 'running' else summary.found:>12,}"
    if not summary.adds_up and summary.run.state != "running":
        yield f"  These do not add up: {counted(total, 'item')} with a verdict. Nothing was lost, but tell us."


def left_out(journal: Journal) -> Iterator[str]:
    """Why, and how many for each reason."""
    for rule, count in journal.skipped().items():
        advice = f"; {ADVICE[rule]}" if rule in ADVICE else ""
        yield f"  skipped {count:,}: {harmless(rule)}{advice}"


def what_else(summary: Summary) -> Iterator[str]:
    if came := came_along(summary.added):
        yield ""
        yield f"{'Would come' if summary.run.is_dry else 'Came'} along: {', '.join(came)}."
    if summary.notes:
        yield ""
        yield "To know:"
        for sentence, count in summary.notes.items():
            yield f"  {harmless(sentence)}{f'  ({count:,})' if count > 1 else ''}"


def came_along(added: Mapping[Any, int]) -> list[str]:
    """What is no item, by kind: 12 owners, 40 albums."""
    return [counted(number, *ADDED[kind]) for kind in ADDED if (number := added.get(kind, 0))]


def to_look_at(journal: Journal, summary: Summary, place: str, most: int | None, *, is_named: bool) -> Iterator[str]:
    if not summary.attention:
        return
    yield ""
    if is_named:
        yield f"{counted(summary.attention, 'item')} to look at, named above."
        return
    yield f"{counted(summary.attention, 'item')} to look at:"
    for outcome in islice(journal.outcomes(attention=True), most):
        yield f"  {attention_line(outcome)}"
    if most is not None and summary.attention > most:
        yield f"  …and {summary.attention - most:,} more: migrate report {summary.run.id}{place}"


def next_step(summary: Summary, place: str, keyless: Sequence[str]) -> Iterator[str]:
    """What to type now."""
    run = summary.run
    if run.state == "undone":
        yield "Nothing is left to be done."
    elif summary.is_empty:
        yield f"If that is the wrong place, name another: migrate import {run.kind} --help"
    elif run.is_dry:
        yield f"To do it: {real_command(run)}"
    elif run.state in ("stopped", "failed", "running"):
        yield f"Go on with: migrate resume {run.id}{place}"
    else:
        if failed := summary.verdicts.get("failed", 0):
            yield f"To try the {failed:,} that failed again: migrate resume {run.id}{place}"
        yield from key_hint(keyless, place)
        yield f"Next, the proof: migrate verify {run.id}{place}"


def key_hint(keyless: Sequence[str], place: str) -> Iterator[str]:
    if keyless:
        who = keyless[0]
        others = f"{len(keyless):,} owners have no API key yet, {harmless(who)} among them"
        what = others if len(keyless) > 1 else f"{harmless(who)} has no API key yet"
        yield f"{what}: gateway key add NAME --owner {shlex.quote(who)}{place}"


def real_command(run: Run) -> str:
    """The command that was typed, without --dry-run. Passwords and keys are not kept, and stand as ***."""
    typed = run.source.get("command")
    words: Sequence[object] = typed if isinstance(typed, list) else ()
    return shlex.join(str(word) for word in words if word != "--dry-run")


def write_csv(journal: Journal, out: IO[str]) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for one in journal.outcomes():
        writer.writerow(
            [
                one.key,
                one.name,
                one.verdict,
                one.reason or "",
                one.media_id or "",
                one.size_bytes,
                "; ".join(one.notes),
            ]
        )
