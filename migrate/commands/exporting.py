"""`migrate export`: the way out."""

from __future__ import annotations

import shlex
import sys
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path

import click

from gateway.commands.common import data_options, json_option, load_settings, opened_data, print_json
from gateway.commands.progress import progressing
from gateway.core.records import Media
from gateway.core.sizes import format_size
from migrate.commands.asking import read_date, require_folder
from migrate.export import MANIFEST, Exported, ExportError, export
from migrate.report import came_along
from migrate.words import counted, harmless


@click.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@data_options
@click.option("--link", is_flag=True, help="Share files with the library (hard links) instead of copying them.")
@click.option("--only", metavar="GLOB", help="Take files whose name matches, such as '*.jpg'.")
@click.option("--since", metavar="DATE", callback=read_date, help="Take files from this day on, such as 2024-12-31.")
@json_option
def export_(
    config: Path | None, data: str | None, folder: Path, link: bool, only: str | None, since: datetime | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Write every file and a manifest. From these `migrate import manifest` makes the same library.

    \b
    Example:
        migrate export ./export
    """

    def wanted(media: Media) -> bool:
        return (not only or fnmatchcase(media.filename, only)) and (not since or media.created_at >= since)

    settings = load_settings(config, data).settings
    if link:
        require_folder(settings)
    try:
        with (
            opened_data(settings, writes=False) as opened,
            progressing("Exporting", quiet=as_json) as progress,
        ):
            exported = export(opened, folder, link=link, wanted=wanted, progress=progress)
    except ExportError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        print_json(facts(exported))
    else:
        tell(exported)
    sys.exit(3 if exported.missing else 0)


def facts(exported: Exported) -> dict[str, object]:
    return {
        "folder": str(exported.folder),
        "records": dict(exported.records),
        "files": exported.files,
        "bytes": exported.bytes,
        "missing": exported.missing,
    }


def tell(exported: Exported) -> None:
    for name in exported.missing:
        click.echo(f"missing  {harmless(name)}")
    what = [counted(exported.records["media"], "file"), *came_along(exported.records)]
    stored = counted(exported.files, "stored file")
    click.echo(f"{', '.join(what)} in {exported.folder}: {stored} with the renditions, {format_size(exported.bytes)}.")
    manifest = shlex.quote(str(exported.folder / MANIFEST))
    click.echo(f"To read them back: migrate import manifest {manifest} --data NEW_FOLDER")
