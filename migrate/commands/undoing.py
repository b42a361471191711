"""`migrate undo`: taking an import back."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from gateway.commands.common import data_options, load_settings, opened_data, print_json
from gateway.commands.hints import located, place
from gateway.commands.progress import progressing
from gateway.core.sizes import format_size
from migrate.commands.keeping import journals_of
from migrate.commands.runs import has_come, is_real, journal_of, run_argument
from migrate.journals import Busy
from migrate.outcome import Summary
from migrate.report import came_along
from migrate.undo import Undone, undo
from migrate.words import counted, harmless


@click.command("undo")
@run_argument
@data_options
@click.option("--dry-run", is_flag=True, help="Say what would go, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def undo_(config: Path | None, data: str | None, run: str | None, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Remove what an import brought. What was changed here since stays, and is named.

    Without RUN it is about the newest import that brought something.

    \b
    Example:
        migrate undo --dry-run
    """
    settings = load_settings(config, data).settings
    stayed: list[str] = []
    with journals_of(settings) as journals, journal_of(journals, run, has_come, is_real) as journal:
        summary = journal.summary()
        if not dry_run and not yes and is_real(summary) and summary.run.state != "undone":
            ask_first(summary)
        try:
            with (
                nullcontext() if dry_run else journals.at_work(journal.run_id),
                opened_data(settings, writes=not dry_run) as opened,
                progressing("Looking" if dry_run else "Removing", quiet=as_json) as progress,
            ):
                undone = undo(opened, journal, dry_run=dry_run, said=stayed.append, progress=progress)
        except Busy as error:
            raise click.ClickException(located(str(error))) from None
    if as_json:
        print_json(facts(undone, stayed, dry_run=dry_run))
    else:
        tell(undone, stayed, dry_run=dry_run)
    sys.exit(undone.exit_code)


def ask_first(summary: Summary) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError("Removing an import is asked about first, and nobody is there: give --yes.")
    what = counted(summary.verdicts.get("imported", 0), "file")
    click.confirm(f"Remove the {what} that the run {summary.run.id} brought?", abort=True, err=True)


def facts(undone: Undone, stayed: list[str], *, dry_run: bool) -> dict[str, object]:
    return {
        "run": undone.run_id,
        "removed": dict(undone.removed),
        "kept": undone.kept,
        "freed_bytes": undone.freed_bytes,
        "said": stayed,
        "message": undone.message,
        "dry_run": dry_run,
    }


def tell(undone: Undone, stayed: list[str], *, dry_run: bool) -> None:
    if undone.message:
        click.echo(undone.message, err=True)
        return
    for sentence in stayed:
        click.echo(harmless(sentence))
    what = [counted(undone.removed.get("media", 0), "file"), *came_along(undone.removed)]
    click.echo(f"{'Would remove' if dry_run else 'Removed'} {', '.join(what)}: {format_size(undone.freed_bytes)}.")
    if dry_run:
        click.echo(f"To do it: migrate undo {undone.run_id}{place()}")
    elif undone.kept:
        click.echo(f"{counted(undone.kept, 'thing')} stayed, as was said above.")
