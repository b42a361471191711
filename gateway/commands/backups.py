"""`gateway backup` and `gateway restore`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.commands.common import data_options, json_option, load_settings, print_json
from gateway.commands.file_report import file_facts, print_files
from gateway.commands.hints import place
from gateway.commands.opened import in_sql, opened_catalog
from gateway.commands.output import working_on
from gateway.commands.progress import progressing
from gateway.core.sizes import format_size
from gateway.settings import Settings
from gateway.store.copying.backup import BackedUp, Backup, Library
from gateway.store.copying.files import FileSums
from gateway.store.copying.restore import Restored, restore
from gateway.store.opening import library_id, open_blobs
from gateway.store.places import read_blob_place

TO_LOOK_AT = 3

jobs_option = click.option(
    "--jobs", type=click.IntRange(1, 64), default=4, show_default=True, help="How many files at once."
)


@click.command("backup")
@click.argument("folder", metavar="DEST", type=click.Path(file_okay=False, path_type=Path))
@click.option("--verify", is_flag=True, help="Read again what is in DEST from earlier backups, and compare it.")
@click.option("--prune", is_flag=True, help="Delete files in DEST that the library has no more.")
@jobs_option
@data_options
@json_option
def backup_command(
    config: Path | None, data: str | None, folder: Path, verify: bool, prune: bool, jobs: int, as_json: bool
) -> None:
    """Copy the library to the folder DEST while it is in use, whatever stores it is in.

    DEST becomes a data folder with the state of one moment; backup.json in it is written last and says that it is
    whole. With the same DEST again only what is new is copied, and until that is done the backup before stays whole.
    Files that the library has no more go to lost+found in DEST, or with --prune for good.

    It holds the hashes of keys and passwords and the secrets behind signed links: DEST is made for you alone to read.
    Uploads that are under way, caches and the journals of imports are left out.

    \b
    Example:
        gateway backup /backup/pictures
    """
    settings = load_settings(config, data).settings
    refuse_own_folder(settings, folder)
    with ExitStack() as stack:
        catalog = stack.enter_context(opened_catalog(settings))
        if standing := catalog.standing():
            raise click.ClickException(standing.sentence())
        counted = stack.enter_context(progressing("records", quiet=as_json))
        stack.enter_context(working_on())
        stack.enter_context(for_us_alone())
        id = library_id(catalog)
        library = Library(id, catalog, in_sql(catalog), open_blobs(settings, catalog.alone, lambda: id))
        made = Backup(
            library, folder, datetime.now(UTC), jobs=jobs, verify=verify, prune=prune, counted=counted
        ).make()  # fmt: skip
    if as_json:
        print_json(
            {"manifest": made.manifest and asdict(made.manifest), "removed": made.removed} | file_facts(made.sums)
        )
    else:
        print_backup(made, folder, settings, prune=prune)
    sys.exit(exit_code(made.sums))


def refuse_own_folder(settings: Settings, folder: Path) -> None:
    """A backup in the library itself would be lost with it."""
    given, storage = folder.resolve(), settings.storage
    for text in ("", storage.blobs, storage.blobs_before):
        own = read_blob_place(text, settings.data)
        if isinstance(own, Path) and (given.is_relative_to(own.resolve()) or own.resolve().is_relative_to(given)):
            raise click.UsageError(
                f"{folder} is in the folder of the library, or the other way round. Choose another one."
            )


@contextmanager
def for_us_alone() -> Iterator[None]:
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def print_backup(made: BackedUp, folder: Path, settings: Settings, *, prune: bool) -> None:
    print_files(made.sums)
    if not made.manifest:
        click.echo("\nStopped. The same command goes on where it was; a backup that was there before is still whole.")
        return
    if made.removed:
        what = "deleted from" if prune else "moved to lost+found in"
        click.echo(f"\n{made.removed:,} files that the library has no more were {what} {folder}.")
    size = format_size(made.manifest.files_bytes)
    is_elsewhere = settings.storage.catalog or settings.storage.blobs
    into = "--config SETTINGS_THAT_NAME_EMPTY_STORES" if is_elsewhere else "--data EMPTY_FOLDER"
    click.echo(
        f"\n{folder} holds {made.manifest.records:,} records and {made.manifest.files:,} files ({size}), as they were"
        f" at {made.manifest.made_at}.\nEvery file that is new was hashed on its way and compared with its record."
        f"\nBring it back with: gateway restore {folder} {into}"
    )


@click.command("restore")
@click.argument("folder", metavar="SOURCE", type=click.Path(file_okay=False, path_type=Path))
@jobs_option
@data_options
@json_option
def restore_command(config: Path | None, data: str | None, folder: Path, jobs: int, as_json: bool) -> None:
    """Make a library of a backup, in whatever stores the settings name. They have to be empty.

    Every file is hashed and compared with its record, and all rows are compared. Whatever stops it, the same command
    goes on; until it is done, no gateway starts on what is not all there.

    \b
    Example:
        gateway restore /backup/pictures --data ./data
    """
    settings = load_settings(config, data).settings
    refuse_own_folder(settings, folder)
    with ExitStack() as stack:
        catalog = stack.enter_context(opened_catalog(settings, must_exist=False))
        counted = stack.enter_context(progressing("restored", quiet=as_json))
        stack.enter_context(working_on())
        restored = restore(
            folder,
            in_sql(catalog),
            lambda library: open_blobs(settings, catalog.alone, lambda: library),
            settings.data,
            jobs=jobs,
            counted=counted,
        )
    if as_json:
        tables = [asdict(one) for one in restored.tables]
        print_json({"manifest": asdict(restored.manifest), "tables": tables} | file_facts(restored.sums))
    else:
        print_restored(restored, settings)
    sys.exit(exit_code(restored.sums))


def print_restored(restored: Restored, settings: Settings) -> None:
    print_files(restored.sums)
    if not restored.tables:
        click.echo("\nStopped. The same command goes on where it was.")
        return
    rows = sum(table.rows for table in restored.tables)
    click.echo(
        f"\nThe library is as it was at {restored.manifest.made_at}: {rows:,} rows, compared by SHA-256.\n"
        f"Start it with: gateway serve{place(settings.data)}"
    )


def exit_code(sums: FileSums) -> int:
    return 0 if sums.is_whole else TO_LOOK_AT
