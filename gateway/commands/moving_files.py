"""`gateway store move --blobs`: the files of a library go to another place."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from gateway.commands.common import print_json
from gateway.commands.file_report import file_facts, print_files
from gateway.commands.opened import in_sql, opened_catalog
from gateway.commands.output import working_on
from gateway.commands.progress import progressing
from gateway.settings import Settings
from gateway.store.copying.files import FileCopy, FileSums, count_filed, filed, unclaimed
from gateway.store.opening import library_id, open_blobs
from gateway.store.places import S3Place, read_blob_place


def move_files(settings: Settings, other: Settings, *, jobs: int, verify: bool, dry_run: bool, as_json: bool) -> None:
    old = settings_of_old(settings, other)
    with ExitStack() as stack:
        catalog = stack.enter_context(opened_catalog(settings))
        if standing := catalog.standing():
            raise click.ClickException(standing.sentence())
        if not stack.enter_context(catalog.alone("store move")):
            raise click.ClickException("Another move is under way.\nWait until it is over.")
        counted = stack.enter_context(progressing("records", quiet=as_json))
        stack.enter_context(working_on())
        source = open_blobs(old, catalog.alone, lambda: library_id(catalog))
        if dry_run:
            target = open_blobs(to_compare(other, stack), catalog.alone)
        else:
            target = open_blobs(other, catalog.alone, lambda: library_id(catalog))
        copy = FileCopy(
            source, target, catalog.media_ids, jobs=jobs, verify=verify, writes=not dry_run, counted=counted
        )
        sums = copy.bring(filed(in_sql(catalog)), count_filed(in_sql(catalog)))
        if not sums.is_stopped:
            grace = timedelta(seconds=settings.sweeper.incoming_age)
            sums.unclaimed += sorted(unclaimed(source, catalog.media_ids, datetime.now(UTC) - grace))
    is_last = old.storage.blobs != settings.storage.blobs
    if as_json:
        print_json({"from": name_of(old), "to": name_of(other), "is_dry_run": dry_run} | file_facts(sums))
    else:
        print_files(sums)
        click.echo(f"\n{ending(sums, old, other, verify=verify, dry_run=dry_run, is_last=is_last)}")
    sys.exit(exit_code(sums))


def settings_of_old(settings: Settings, other: Settings) -> Settings:
    """Those that name the place the files come from: where they are, or, once it is the new one, where they were."""
    places = [where(text, settings.data) for text in (settings.storage.blobs, other.storage.blobs)]
    if places[0] != places[1]:
        if settings.storage.blobs_before:
            raise click.ClickException(
                f"The files are on their way from {settings.storage.blobs_before} already.\n"
                f"Bring them to an end first: gateway store move --blobs {settings.storage.blobs or 'disk'}"
            )
        return settings
    if not settings.storage.blobs_before:
        raise click.UsageError("The files are there already: storage.blobs says so, and storage.blobs_before is empty.")
    return replace(settings, storage=replace(settings.storage, blobs=settings.storage.blobs_before, blobs_before=""))


def to_compare(other: Settings, stack: ExitStack) -> Settings:
    """A dry run makes no folder: one that is not there is compared with an empty one."""
    place = where(other.storage.blobs, other.data)
    if not isinstance(place, Path) or (place / "media").exists():
        return other
    return replace(other, storage=replace(other.storage, blobs=stack.enter_context(TemporaryDirectory())))


def where(text: str, data: Path) -> Path | S3Place:
    place = read_blob_place(text, data)
    return place.absolute() if isinstance(place, Path) else place


def name_of(settings: Settings) -> str:
    return settings.storage.blobs or str(settings.data)


def ending(sums: FileSums, old: Settings, new: Settings, *, verify: bool, dry_run: bool, is_last: bool) -> str:
    if sums.is_stopped:
        return "Stopped. The same command goes on where it was."
    if dry_run:
        return "Nothing was changed. Copied is what would be; nothing was read but sizes."
    how = "read back from where it is now" if verify else "hashed on its way (--verify reads it back)"
    proof = f"Each original was {how} and compared with its record, and each rendition by its size."
    if is_last:
        return (
            f"{proof}\nNext: remove storage.blobs_before from the settings of every gateway, and start it again. "
            f"{name_of(old)} was left as it is."
        )
    before = old.storage.blobs or str(old.data.absolute())
    return (
        f"{proof}\nNext: set storage.blobs = {json.dumps(new.storage.blobs)} and"
        f" storage.blobs_before = {json.dumps(before)} for every gateway, start it again,"
        " and run this command once more for what came in meanwhile."
    )


def exit_code(sums: FileSums) -> int:
    if not sums.is_whole:
        return 3
    return 0 if sums.verdicts["copied"] else 4
