"""`gateway store`: where records and files are kept, and how they get from one place to another."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from gateway.commands.common import data_options, json_option, load_settings, mask, print_json, print_table
from gateway.commands.moving_files import move_files
from gateway.commands.opened import in_sql, opened_catalog
from gateway.commands.output import working_on
from gateway.commands.progress import progressing
from gateway.settings import Settings
from gateway.store.copying.catalogs import Sides, compare_catalogs, move_catalog, undo_move
from gateway.store.copying.rows import TableReport
from gateway.store.opening import is_initialised, library_id

NOTHING_TO_DO = 4


@click.group()
def store() -> None:
    """Where the records and the files are kept.

    \b
    Example:
        gateway store move --blobs s3://pictures --dry-run
    """


@store.command("move")
@click.option("--catalog", metavar="URL", help="Move the records to this PostgreSQL, or to sqlite: in storage.data.")
@click.option(
    "--blobs", metavar="PLACE", help="Move the files to this S3 store or folder, or to disk: in storage.data."
)
@click.option("--jobs", type=click.IntRange(1, 64), default=4, show_default=True, help="How many files at once.")
@click.option("--verify", is_flag=True, help="Files: read again all that is there, and compare it.")
@click.option("--undo", is_flag=True, help="Records: let the catalog count again from where they moved to URL.")
@click.option("--give-up", is_flag=True, help="With --undo: even what was written to URL since.")
@click.option("--dry-run", is_flag=True, help="Say what would be done. An empty database gets its tables.")
@data_options
@json_option
def store_move(
    config: Path | None, data: str | None, catalog: str | None, blobs: str | None, jobs: int, verify: bool, undo: bool,
    give_up: bool, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Move the records or the files of the library to another place, while the gateway runs.

    The settings say where they are now. Whatever stops it, the same command goes on where it was.

    \b
    Records:
      1. gateway store move --catalog URL
         In the end nobody can write for a moment; from then on
         the old catalog is read only, and says where it went.
      2. Set storage.catalog to URL and start the gateway again.

    \b
    Files:
      1. gateway store move --blobs PLACE
      2. Set storage.blobs to PLACE and storage.blobs_before to
         the place so far, and start the gateway again.
      3. gateway store move --blobs PLACE
         once more, for what came in between.
      4. Remove storage.blobs_before and start the gateway again.

    Nothing is ever deleted from the old place, but what is deleted from the library meanwhile. With several gateways,
    change the settings of all of them. The journals of imports do not move with the records: verify before.

    \b
    Example:
        gateway store move --catalog postgresql://picgate@db.example.org/picgate
        gateway store move --blobs 's3://pictures?endpoint=https://s3.example.org'
    """
    if bool(catalog) == bool(blobs):
        raise click.UsageError("Records move with --catalog URL and files with --blobs PLACE: give one of them.")
    if (undo or give_up) and not (catalog and undo):
        raise click.UsageError("--undo goes with --catalog URL, and --give-up with --undo.")
    if undo and dry_run:
        raise click.UsageError("--undo compares first as it is: it does nothing that --dry-run could prevent.")
    settings = load_settings(config, data).settings
    if catalog:
        other = load_settings(config, data, storage__catalog="" if catalog == "sqlite" else catalog).settings
        if undo:
            undo_moving(settings, other, give_up, as_json)
        else:
            move_records(settings, other, dry_run, as_json)
    elif blobs:
        text = "" if blobs == "disk" else blobs
        other = load_settings(config, data, storage__blobs=text, storage__blobs_before="").settings
        move_files(settings, other, jobs=jobs, verify=verify, dry_run=dry_run, as_json=as_json)


# records


def move_records(settings: Settings, other: Settings, dry_run: bool, as_json: bool) -> None:
    with both(settings, other, dry_run=dry_run) as sides, progressing("rows", quiet=as_json) as counted:
        if refuse_standing(sides):
            click.echo(f"The library has moved to {sides.there} already.\n{catalog_steps(other)}", err=True)
            sys.exit(NOTHING_TO_DO)
        with working_on():
            if dry_run:
                reports = compare_catalogs(sides, counted)
            else:
                reports = move_catalog(sides, counted, lambda line: None if as_json else click.echo(line, err=True))
    facts = {"from": sides.here, "to": sides.there, "is_dry_run": dry_run, "tables": [asdict(one) for one in reports]}
    if as_json:
        print_json(facts)
        return
    print_tables(reports)
    if dry_run:
        click.echo("\nNothing was changed. Written and removed are what a move would do now.")
    else:
        rows = sum(report.rows for report in reports)
        click.echo(f"\nAll {rows:,} rows are the same on both sides, compared by SHA-256.\n{catalog_steps(other)}")


def refuse_standing(sides: Sides) -> bool:
    """True when all is done already."""
    standing = sides.old.standing()
    if not standing:
        return False
    if standing.state == "moved" and standing.place == sides.there:
        return sides.new.standing() is None
    raise click.ClickException(standing.sentence())


def catalog_steps(other: Settings) -> str:
    value = json.dumps(mask(other.storage.catalog))
    return f"Next: set storage.catalog = {value} for every gateway, and start it again. Until then it refuses uploads."


def print_tables(reports: list[TableReport]) -> None:
    print_table(
        ("TABLE", "ROWS", "THERE BEFORE", "WRITTEN", "REMOVED"),
        [(one.table, f"{one.rows:,}", f"{one.there:,}", f"{one.written:,}", f"{one.removed:,}") for one in reports],
    )
    if changed := sum(report.changed for report in reports):
        click.echo(f"{changed:,} rows held a NUL character, which was left out.")


def undo_moving(settings: Settings, other: Settings, gives_up: bool, as_json: bool) -> None:
    with both(settings, other, dry_run=False) as sides, progressing("rows", quiet=as_json) as counted, working_on():
        undo_move(sides, counted, gives_up=gives_up)
    if as_json:
        print_json({"counts": sides.here, "moved_away": sides.there})
    else:
        click.echo(f"{sides.here} is the catalog again; {sides.there} may only be read.")


@contextmanager
def both(settings: Settings, other: Settings, *, dry_run: bool) -> Iterator[Sides]:
    """The catalog that is in use and the other one, for one move at a time. A dry run makes no file: what is not there
    is compared with something empty."""
    if settings.storage.catalog == other.storage.catalog:
        raise click.UsageError("The records are there already: storage.catalog says so.")
    with ExitStack() as stack:
        old = stack.enter_context(opened_catalog(settings))
        there = other
        if dry_run and not is_initialised(other):
            empty = stack.enter_context(TemporaryDirectory())
            there = replace(other, storage=replace(other.storage, data=empty))
        new = stack.enter_context(opened_catalog(there, must_exist=False))
        if not stack.enter_context(old.alone("store move")):
            raise click.ClickException("Another move is under way.\nWait until it is over.")
        yield Sides(library_id(old), in_sql(old), name_of(settings), in_sql(new), name_of(other))


def name_of(settings: Settings) -> str:
    return mask(settings.storage.catalog) or str((settings.data / "catalog.db").absolute())
