"""`migrate verify`: the proof that the old site may be switched off."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from gateway.commands.common import data_options, load_settings, opened_data
from gateway.commands.hints import located, place
from gateway.commands.progress import Counted, progressing
from migrate.checking.findings import Finding, Verified
from migrate.commands.keeping import imports_of, journals_of
from migrate.commands.running import understandable
from migrate.commands.runs import has_come, is_real, journal_of, run_argument
from migrate.commands.unlocking import secret_options, unlocked
from migrate.events import line_of
from migrate.opening import Recipe, open_source
from migrate.options import Options
from migrate.outcome import Run
from migrate.verify import CannotVerify, require_finished, verify
from migrate.words import counted, harmless


class Hearing:
    """Prints each finding as it comes, and counts."""

    def __init__(self, progress: Counted, *, as_json: bool) -> None:
        self.progress = progress
        self.as_json = as_json
        self.total: int | None = None
        self.done = 0

    def begun(self, run: Run, total: int | None) -> None:
        self.total = total

    def checking(self, name: str) -> None:
        self.done += 1
        self.progress(self.done, self.total)

    def found(self, finding: Finding) -> None:
        click.echo(line_of(event_of(finding)) if self.as_json else harmless(str(finding)))

    def ended(self, verified: Verified) -> None:
        pass


@click.command("verify")
@run_argument
@click.option("--read-data", is_flag=True, help="Read and hash every file, here and at the source.")
@click.option("--accept-missing", is_flag=True, help="What had no file at the source either is no difference.")
@secret_options
@data_options
@click.option("--json", "as_json", is_flag=True, help="Print one event a line, the summary last.")
def verify_(
    config: Path | None, data: str | None, run: str | None, read_data: bool, accept_missing: bool,
    db: str | None, encryption_key: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Compare everything with its source. Every old address is asked for, too.

    Without RUN it is about the newest import that brought something.

    \b
    Example:
        migrate verify --read-data
    """
    settings = load_settings(config, data).settings
    imports = imports_of(settings)
    with journals_of(settings) as journals, journal_of(journals, run, has_come, is_real) as journal:
        try:
            require_finished(journal)
            recipe, secrets = unlocked(Recipe.from_json(journal.run.kind, journal.run.source), db, encryption_key)
            with (
                understandable(),
                progressing("Verifying", quiet=as_json) as progress,
                closing(open_source(recipe, secrets, room_at(imports), journal.run.started_at, progress)) as source,
                opened_data(settings, writes=False) as opened,
            ):
                verified = verify(
                    source,
                    opened,
                    settings,
                    journal,
                    Options.from_json(journal.run.options),
                    Hearing(progress, as_json=as_json),
                    read_data=read_data,
                    accept_missing=accept_missing,
                )
        except CannotVerify as error:
            raise click.ClickException(located(str(error))) from None
    if as_json:
        click.echo(line_of(summary_of(verified)))
    else:
        tell(verified)
    sys.exit(verified.exit_code)


def room_at(imports: Path) -> Path:
    """For the tables of a dump, while they are compared."""
    return imports if os.access(imports, os.W_OK) else Path(tempfile.gettempdir())


def event_of(finding: Finding) -> dict[str, Any]:
    return {
        "event": finding.kind,
        "what": finding.what,
        "name": finding.name,
        "field": finding.field,
        "expected": finding.expected,
        "found": finding.found,
    }


def summary_of(verified: Verified) -> dict[str, Any]:
    return {
        "event": "summary",
        "run": verified.run_id,
        "found": verified.found,
        "checked": verified.checked,
        "addresses": verified.addresses,
        "left_out": dict(verified.left_out),
        "differences": verified.differences,
        "changed": verified.changed,
        "notes": dict(verified.notes),
        "safe": verified.is_safe,
    }


def how_many(count: int, example: str | None) -> str:
    if example is None:
        return f"  ({count:,})" if count > 1 else ""
    return f"  ({count:,}, such as {harmless(example)})" if count > 1 else f"  ({harmless(example)})"


def tell(verified: Verified) -> None:
    click.echo(
        f"{counted(verified.found, 'item')} at the source: {verified.checked:,} compared with what is here, "
        f"{counted(verified.addresses, 'old address', 'old addresses')} asked for."
    )
    for rule, count in verified.left_out.items():
        click.echo(f"  left out: {harmless(rule)}  ({count:,})")
    for sentence, count in verified.notes.items():
        click.echo(f"  {harmless(sentence)}{how_many(count, verified.examples.get(sentence))}")
    if verified.changed:
        click.echo(f"{counted(verified.changed, 'change')} made here since.")
    click.echo("")
    if verified.is_safe:
        click.echo("No difference. The old site is safe to switch off.")
    else:
        click.echo(f"{counted(verified.differences, 'difference')}: do not switch off the old site yet.")
        click.echo(f"See what became of each item: migrate report {verified.run_id}{place()}")
