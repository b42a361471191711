"""`migrate import`: a command for each kind of source."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gateway.commands.common import load_settings
from migrate.commands.asking import Asked, import_options, link_option, read_old_url, require_folder
from migrate.commands.keeping import journals_of
from migrate.commands.running import carry_out
from migrate.commands.unlocking import PASSWORD, encryption_key_option
from migrate.journal import new_run_id
from migrate.opening import Recipe, Secrets, without_password
from migrate.outcome import Run
from migrate.sources.importer import Layout

ANY_PATH: Any = click.Path(path_type=Path)


@click.group("import")
def import_() -> None:
    """Bring a library in. What was brought before is not brought again.

    \b
    Example:
        migrate import chevereto --dump site.sql.gz --files /srv/chevereto --dry-run
    """


@import_.command("chevereto")
@click.option("--dump", metavar="FILE", type=ANY_PATH, help="Dump of its database, .sql or .sql.gz.")
@click.option("--db", metavar="URL", help=f"Its live database: mysql://USER:PASSWORD@HOST/NAME. The password may be in "
              f"the environment instead, as {PASSWORD}.")  # fmt: skip
@click.option("--files", metavar="DIR", type=ANY_PATH, required=True, help="Its folder, or the one with its uploads.")
@encryption_key_option
@click.option(
    "--old-url",
    metavar="URL",
    callback=read_old_url,
    help="Where it was: old addresses then count for that host before others.",
)
@click.option("--prefix", metavar="TEXT", help="What its table names begin with. Default: found out.")
@click.option("--keep-expired", is_flag=True, help="Bring files whose time is over, too.")
@click.option("--fetch-remote", is_flag=True, help="Fetch files it had on other servers.")
@link_option
@import_options
def chevereto(
    asked: Asked, dump: Path | None, db: str | None, files: Path, encryption_key: str | None, old_url: str | None,
    prefix: str | None, keep_expired: bool, fetch_remote: bool,
) -> None:  # fmt: skip
    """A Chevereto site, V3 or V4: its database, from a dump or live, and its files.

    \b
    Example:
        migrate import chevereto --dump site.sql.gz --files /srv/chevereto
    """
    if bool(dump) == bool(db):
        raise click.UsageError("Its database comes from --dump FILE or from --db URL: give one of them.")
    shown, password = without_password(db) if db else (None, None)
    password = password or (os.environ.get(PASSWORD) if db else None)
    recipe = Recipe(
        "chevereto",
        path=absolute(dump),
        db=shown,
        files=absolute(files),
        old_url=old_url,
        prefix=prefix,
        keep_expired=keep_expired,
        fetch_remote=fetch_remote,
        needs_password=password is not None,
        needs_encryption_key=encryption_key is not None,
    )
    begin(recipe, asked, Secrets(password, encryption_key))


@import_.command("folder")
@click.argument("folder", metavar="DIR", type=ANY_PATH)
@click.option("--layout", type=click.Choice(["auto", "plain", "users", "albums"]), default="auto", show_default=True,
              help="What the folders in it are: albums in albums, the owners' folders, or albums only.")  # fmt: skip
@click.option(
    "--old-url", metavar="URL", callback=read_old_url, help="Where it was served: its files keep their addresses there."
)
@link_option
@import_options
def folder(asked: Asked, folder: Path, layout: Layout, old_url: str | None) -> None:
    """A folder of files, with the metadata beside them. Folders become albums.

    \b
    Example:
        migrate import folder ./pictures --owner alice
    """
    begin(Recipe("folder", path=absolute(folder), layout=layout, old_url=old_url), asked)


@import_.command("manifest")
@click.argument("file", type=ANY_PATH)
@click.option("--files", metavar="DIR", type=ANY_PATH, help="Where its paths begin. Default: the manifest's folder.")
@link_option
@import_options
def manifest(asked: Asked, file: Path, files: Path | None) -> None:
    """A list of files with their metadata, .jsonl or .csv; also what `migrate export` wrote.

    \b
    Example:
        migrate import manifest export/manifest.jsonl

    \b
    Each line has a path or a url, and any of these:
        title, description, tags (a, b), nsfw, views, likes,
        owner, album (A/B: an album in another), category,
        visibility (public or private), is_public,
        created_at or date, updated_at, expires_at, created_local,
        filename, width, height, duration, size_bytes, exif, is_360,
        md5, sha256, source_md5, source_sha256, is_resized,
        addresses (old links to it), renditions, delete_hashes,
        allowed_referers
    """
    begin(Recipe("manifest", path=absolute(file), files=absolute(files)), asked)


@import_.command("urls")
@click.argument("file", type=ANY_PATH)
@import_options
def urls(asked: Asked, file: Path) -> None:
    """A list of addresses, one a line, which are fetched.

    \b
    Example:
        migrate import urls addresses.txt --owner alice
    """
    begin(Recipe("urls", path=absolute(file)), asked)


def absolute(path: Path | None) -> Path | None:
    """A run may be resumed from another folder."""
    return path and path.absolute()


def require(path: Path) -> None:
    """One rule for all that a command line names and that is not there: wrong usage, as click says of its own paths."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise click.UsageError(f"There is no {path}. Check the name.") from None
    except OSError as error:
        raise click.ClickException(f"{path} cannot be read: {error.strerror}.\nCheck who may read there.") from None


def begin(recipe: Recipe, asked: Asked, secrets: Secrets | None = None) -> None:
    for path in (recipe.path, recipe.files):
        if path:
            require(path)
    settings = load_settings(asked.config, asked.data).settings
    if asked.options.link:
        require_folder(settings)
    now = datetime.now(UTC)
    run = Run(
        id=new_run_id(now),
        kind=recipe.kind,
        source=recipe.as_json() | {"command": asked.command},
        options=asked.options.as_json(),
        is_dry=asked.is_dry,
        state="running",
        started_at=now,
    )
    with journals_of(settings) as journals:
        carry_out(
            run,
            journals,
            lambda: journals.begin(run),
            recipe,
            secrets or Secrets(),
            settings,
            as_json=asked.as_json,
        )
