"""`migrate status`, `report` and `resume`: the runs there have been."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from gateway.commands.common import data_options, json_option, load_settings, opened_data, print_json, print_table
from gateway.commands.hints import place
from gateway.settings import Settings
from gateway.store.opening import is_initialised
from gateway.urls import Urls
from migrate.commands.keeping import journals_of
from migrate.commands.running import carry_out
from migrate.commands.unlocking import secret_options, unlocked
from migrate.events import closing_events, events, line_of
from migrate.journal import Journal
from migrate.journals import Journals, Machine, NoSuchRun
from migrate.opening import Recipe
from migrate.outcome import Run, Summary
from migrate.page import write_page
from migrate.report import report_lines, write_csv


def run_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.argument("run", metavar="[RUN]", required=False)(command)


@contextmanager
def journal_of(journals: Journals, run: str | None, *wanted: Callable[[Summary], bool]) -> Iterator[Journal]:
    """The one that is named, be it by the beginning of its id, or the newest that is `wanted`; where none is, the
    newest that is wanted next, or of all."""
    try:
        journal = journals.open(run or newest(journals, *wanted))
    except NoSuchRun as error:
        raise click.ClickException(f"{error}\nSee which there are with: migrate status{place()}") from None
    with closing(journal):
        yield journal


def newest(journals: Journals, *wanted: Callable[[Summary], bool]) -> str | None:
    found = journals.runs()
    return next((run.id for is_it in wanted for run in found if is_it(summary_of(journals, run))), None)


def is_real(summary: Summary) -> bool:
    return not summary.run.is_dry


def has_come(summary: Summary) -> bool:
    """What is meant when a run is spoken of and not named: the newest that brought something, or was still to."""
    run = summary.run
    return not run.is_dry and run.state != "undone" and (summary.has_brought or run.state != "finished")


@click.command()
@run_argument
@data_options
@json_option
def status(config: Path | None, data: str | None, run: str | None, as_json: bool) -> None:
    """List the imports there have been, or say how far one is.

    \b
    Example:
        migrate status
    """
    settings = load_settings(config, data).settings
    with journals_of(settings) as journals:
        if run:
            with journal_of(journals, run) as journal:
                summaries = [journal.summary()]
        else:
            summaries = [summary_of(journals, one) for one in journals.runs()]
        busy = any(one.run.state == "running" for one in summaries) and journals.is_busy()
        machines = [one for one in journals.machines() if one.run_id in {summary.run.id for summary in summaries}]
    if as_json:
        print_json([facts(one, busy) | {"machines": machine_facts(machines, one.run)} for one in summaries])
    elif not summaries:
        click.echo(f"No import has been run into {settings.data}.\nBegin with: migrate import --help", err=True)
    else:
        head = ("RUN", "FROM", "STARTED", "STATE", "FOUND", "IMPORTED", "TO LOOK AT")
        print_table(head, [cells(one, busy) for one in summaries])
        if machines:
            click.echo("")
            print_table(("MACHINE", "PROCESS", "RUN", "SINCE", "ITEMS"), [machine_cells(one) for one in machines])


def summary_of(journals: Journals, run: Run) -> Summary:
    with closing(journals.open(run.id)) as journal:
        return journal.summary()


def machine_cells(machine: Machine) -> tuple[object, ...]:
    items = f"{machine.items[0]:,} to {machine.items[1]:,}" if machine.items else "-"
    return machine.name, machine.process, machine.run_id, f"{machine.since:%Y-%m-%d %H:%M}", items


def machine_facts(machines: Sequence[Machine], run: Run) -> list[dict[str, object]]:
    return [
        {"name": one.name, "process": one.process, "since": one.since.isoformat(), "items": one.items}
        for one in machines
        if one.run_id == run.id
    ]


def cells(summary: Summary, busy: bool) -> tuple[object, ...]:
    run, facts_of_it = summary.run, facts(summary, busy)
    kind = f"{run.kind} (dry run)" if run.is_dry else run.kind
    return (
        run.id, kind, f"{run.started_at:%Y-%m-%d %H:%M}", facts_of_it["state"], facts_of_it["found"],
        summary.verdicts.get("imported", 0), summary.attention,
    )  # fmt: skip


def facts(summary: Summary, busy: bool) -> dict[str, object]:
    run = summary.run
    is_over = run.state != "running"
    return {
        "run": run.id,
        "kind": run.kind,
        "dry_run": run.is_dry,
        "state": run.state if is_over or run.is_dry or busy else "cut off",
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at and run.finished_at.isoformat(),
        "found": summary.found if is_over else sum(summary.verdicts.values()),
        "verdicts": dict(summary.verdicts),
        "attention": summary.attention,
    }


@click.command()
@run_argument
@data_options
@click.option("--json", "as_json", is_flag=True, help="Print one event a line, the summary last.")
@click.option("--csv", "as_csv", is_flag=True, help="Print a table of all items.")
@click.option("--html", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
              help="Write a page to show to others: totals, what is missing, where old addresses lead.")  # fmt: skip
def report(
    config: Path | None, data: str | None, run: str | None, as_json: bool, as_csv: bool, html: Path | None
) -> None:
    """Say what became of every item.

    Without RUN it is about the newest import, and --html about the newest that brought something.

    \b
    Example:
        migrate report --html moved.html
    """
    if as_json + as_csv + bool(html) > 1:
        raise click.UsageError("--json, --csv and --html are three forms of one report: give one of them.")
    settings = load_settings(config, data).settings
    with (
        journals_of(settings) as journals,
        journal_of(journals, run, *((has_come, is_real) if html else ())) as journal,
    ):
        if html:
            save_page(settings, journal, html)
        elif as_csv:
            write_csv(journal, sys.stdout)
        elif as_json:
            for event in events(journal):
                click.echo(line_of(event))
        else:
            for line in report_lines(journal, place(), everything=True):
                click.echo(line)


def save_page(settings: Settings, journal: Journal, file: Path) -> None:
    if journal.run.state == "undone":
        raise click.ClickException(
            f"The run {journal.run.id} was undone: there is nothing to show.\nSee what it did: "
            f"migrate report {journal.run.id}{place()}"
        )
    urls = Urls(settings.public_url)
    try:
        with open(file, "w", encoding="utf-8") as out:
            if is_initialised(settings):
                with opened_data(settings, writes=False) as opened:
                    write_page(journal, opened.catalog, urls, out)
            else:
                write_page(journal, None, urls, out)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.\nGive another name.") from None
    click.echo(f"The page is {file}", err=True)
    if not settings.server.public_url:
        click.echo(f"Its links begin with {urls.base}: set server.public_url, and write it again.", err=True)


@click.command()
@run_argument
@data_options
@click.option("--jobs", metavar="N", type=click.IntRange(min=0), help="Processes, if another number than before.")
@secret_options
@click.option("--json", "as_json", is_flag=True, help="Print one event a line, the summary last.")
def resume(
    config: Path | None, data: str | None, run: str | None, jobs: int | None, db: str | None,
    encryption_key: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Go on with an import that was stopped or killed. What failed is tried again.

    \b
    Example:
        migrate resume
    """
    settings = load_settings(config, data).settings
    with journals_of(settings) as journals:
        with journal_of(journals, run, is_real) as journal:
            summary = journal.summary()
        refuse_to_resume(summary, as_json)
        recipe, secrets = unlocked(Recipe.from_json(summary.run.kind, summary.run.source), db, encryption_key)
        options = dict(summary.run.options) | ({} if jobs is None else {"jobs": jobs})
        again = replace(summary.run, state="running", message=None, finished_at=None, options=options, is_resumed=True)
        before = dict(summary.verdicts) | {"failed": 0}  # these are tried again

        def reopened() -> Journal:
            journal = journals.open(again.id)
            journal.save(again)
            return journal

        carry_out(again, journals, reopened, recipe, secrets, settings, as_json=as_json, before=before)


@click.command()
@run_argument
@data_options
@click.option("--jobs", metavar="N", type=click.IntRange(min=0), default=0,
              help="Processes that read and draw here. Default: one for each processor.")  # fmt: skip
@secret_options
@click.option("--json", "as_json", is_flag=True, help="Print one event a line, the summary last.")
def join(
    config: Path | None, data: str | None, run: str | None, jobs: int, db: str | None, encryption_key: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Work along with an import that is under way on another machine.

    It takes a catalog on PostgreSQL and files that every machine reaches, and the source at the same place on each.

    \b
    Example:
        migrate join
    """
    settings = load_settings(config, data).settings
    with journals_of(settings) as journals:
        with journal_of(journals, run, is_real) as journal:
            summary = journal.summary()
        recipe, secrets = unlocked(Recipe.from_json(summary.run.kind, summary.run.source), db, encryption_key)
        refuse_to_join(summary.run, recipe, settings)
        options = dict(summary.run.options) | {"jobs": jobs}
        here = replace(summary.run, options=options)
        carry_out(
            here, journals, lambda: journals.open(here.id), recipe, secrets, settings,
            as_json=as_json, before=summary.verdicts, joins=True,
        )  # fmt: skip


def refuse_to_join(run: Run, recipe: Recipe, settings: Settings) -> None:
    if not settings.storage.catalog or not settings.storage.blobs:
        raise click.ClickException(
            "Machines work together where they have one catalog and one place for the files.\n"
            "Set storage.catalog and storage.blobs to those of the machine that began, and here to the same."
        )
    if run.state != "running":
        raise click.ClickException(
            f"The run {run.id} is not under way.\nSee which there are with: migrate status{place()}"
        )
    if recipe.db:
        raise click.ClickException(
            f"{recipe.db} may change while it is read, and each machine would see something else.\n"
            "Import from a dump to have several machines work at it."
        )


def refuse_to_resume(summary: Summary, as_json: bool) -> None:
    run = summary.run
    if run.state == "undone":
        raise click.ClickException(f"The run {run.id} was undone.\nImport again with: migrate import {run.kind} --help")
    if run.state == "finished" and not summary.verdicts.get("failed"):
        click.echo(f"The run {run.id} is finished, and nothing in it failed.", err=True)
        for event in closing_events(summary) if as_json else ():
            click.echo(line_of(event))
        sys.exit(4)
