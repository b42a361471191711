"""Wiring: from a run and its source to the engine, watched by whoever looks on, with every failure said in words."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import click
from rich.console import Console

from gateway.commands.common import opened_data
from gateway.commands.hints import located, place
from gateway.commands.output import working_on
from gateway.core.errors import GatewayError
from gateway.settings import Settings, Storage
from gateway.store.opening import Opened, is_initialised
from migrate.commands.keeping import imports_of
from migrate.display import Display
from migrate.events import EventLines
from migrate.items import SourceError, Verdict
from migrate.journal import Journal
from migrate.journals import Busy, Journals, NoSuchRun
from migrate.lines import Lines
from migrate.opening import Progress, Recipe, Secrets, open_source
from migrate.options import Options
from migrate.outcome import Run, Summary, Watcher
from migrate.report import headline, report_lines
from migrate.run import Engine
from migrate.sharing import Alone
from migrate.stopping import Stop

AGAIN = "Nothing was changed: start it again."
ELSEWHERE = "Check who may read and write there, or choose another folder with --data."


class Onlooker(Watcher, Protocol):
    def reading(self, done: int, total: int) -> None:
        """How much of a dump is read, which comes before everything else."""
        ...


def carry_out(
    run: Run, journals: Journals, journal: Callable[[], Journal], recipe: Recipe, secrets: Secrets,
    settings: Settings, *, as_json: bool, before: Mapping[Verdict, int] | None = None, joins: bool = False,
) -> None:  # fmt: skip
    """Runs it to its end, reports, and leaves with the exit code. `journal` makes one, or opens that of a run that goes
    on; a source that cannot be read leaves none. `before` are the verdicts that stand already."""
    stop = Stop()
    title = f"{'Trying' if run.is_dry else 'Importing'} {recipe}"
    with working_on():
        with (
            understandable(lambda: how_to_go_on(run, journals)),
            nullcontext(Alone()) if run.is_dry else journals.at_work(run.id, joins=joins) as sharing,
            stop.on_signals(),
            watched(title, stop, before or {}, as_json=as_json) as onlooker,
            closing(open_source(recipe, secrets, work_in(settings), run.started_at, until(stop, onlooker))) as source,
            library(settings, is_dry=run.is_dry) as (opened, used),
            closing(journal()) as kept,
        ):
            sharing.begin(source)
            options = Options.from_json(run.options)
            summary = Engine(source, opened, used, kept, options, onlooker, stop, sharing).go()
            keyless = without_key(opened, kept)
        if not as_json:
            is_named = isinstance(onlooker, Lines) and not before and is_one_place()
            with closing(journals.open(run.id)) as kept:
                tell(kept, summary, keyless, is_named=is_named)
    sys.exit(summary.exit_code)


def tell(journal: Journal, summary: Summary, keyless: Sequence[str], *, is_named: bool) -> None:
    if summary.run.state != "running" and journal.run.state == "running":  # others go on
        click.echo(located(headline(summary), place()))
        return
    for line in report_lines(journal, place(), keyless=keyless, is_named=is_named):
        click.echo(line)


def without_key(opened: Opened, journal: Journal) -> list[str]:
    """Whom the run brought, and who cannot send anything yet."""
    brought = {owner_id for owner_id, _ in journal.added("owner")}
    keys = opened.catalog.keys()
    with_key = {key.owner_id for key in keys if not key.revoked_at}
    owners = [one for one in opened.catalog.owners() if one.id in brought - with_key]
    return [one.username for one in owners if one.is_active and one.role != "guest"]


def is_one_place() -> bool:
    """Whether results and all that is said aside come together, on a terminal or in a file."""
    try:
        return os.path.sameopenfile(sys.stdout.fileno(), sys.stderr.fileno())
    except (OSError, ValueError):  # these are no files
        return False


def work_in(settings: Settings) -> Path:
    folder = imports_of(settings)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def library(settings: Settings, *, is_dry: bool) -> Iterator[tuple[Opened, Settings]]:
    """The one in the data folder, which is made if need be. A dry run makes none there, and tries on an empty one."""
    with ExitStack() as stack:
        if is_dry and not is_initialised(settings):
            nowhere = stack.enter_context(tempfile.TemporaryDirectory(prefix="picgate-dry-run-"))
            settings = replace(settings, storage=Storage(data=nowhere))
        yield stack.enter_context(opened_data(settings, must_exist=False)), settings


@contextmanager
def watched(title: str, stop: Stop, before: Mapping[Verdict, int], *, as_json: bool) -> Iterator[Onlooker]:
    """A program gets events, a terminal the display, and a log file lines."""
    console = Console(stderr=True)
    if as_json:
        yield EventLines(click.echo)
    elif console.is_terminal and not console.is_dumb_terminal:
        display = Display(console, title, lambda: stop.is_asked, before)
        with display.shown():
            yield display
    else:
        say_aside(title)
        yield Lines(say_aside, before)


def say_aside(line: str) -> None:
    click.echo(line, err=True)


def until(stop: Stop, onlooker: Onlooker) -> Progress:
    """Nothing is begun while a dump is read: there it is enough to ask once."""

    def reading(done: int, total: int) -> None:
        if stop.is_asked:
            raise KeyboardInterrupt
        onlooker.reading(done, total)

    return reading


@contextmanager
def understandable(go_on: Callable[[], str | None] = lambda: None) -> Iterator[None]:
    """`go_on` says how, where something was begun."""
    try:
        yield
    except (SourceError, Busy) as error:
        raise click.ClickException(located(str(error))) from None
    except KeyboardInterrupt:
        raise click.ClickException(f"Stopped at once.\n{go_on() or AGAIN}") from None
    except sqlite3.DatabaseError as error:
        raise click.ClickException(f"Catalog or journal failed: {error}.\n{go_on() or AGAIN}") from None
    except OSError as error:
        raise click.ClickException(f"{cannot(error)}.\n{go_on() or ELSEWHERE}") from None


def cannot(error: OSError) -> str:
    why = error.strerror or str(error)
    return f"{error.filename} cannot be used: {why}" if error.filename else f"The machine said no: {why}"


def how_to_go_on(run: Run, journals: Journals) -> str | None:
    """Where something was begun."""
    try:
        journals.open(run.id).close()
    except (NoSuchRun, GatewayError):
        return None
    return f"Nothing is lost. Go on with: migrate resume {run.id}{place()}"
