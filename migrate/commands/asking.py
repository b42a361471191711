"""The options that every import takes, and what was typed, so that the next command can be told."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from gateway.commands.common import data_options
from gateway.settings import Settings
from gateway.urls import is_public_url
from migrate.opening import without_password
from migrate.options import Options

HIDDEN = "***"
PAIR = re.compile(r"\s*(.+?)\s*(?:->|=|,|\t)\s*(.+?)\s*")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done, whatever it is read from."""

    config: Path | None
    data: str | None
    is_dry: bool
    as_json: bool
    options: Options
    command: list[str]


def import_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Hands them to the command as one `Asked`, its first argument."""

    @functools.wraps(command)
    def with_asked(**given: Any) -> Any:
        names = ("owner", "link", "jobs", "on_error", "limit", "only", "since", "duplicates")
        wanted = {name: given.pop(name) for name in names if name in given}
        owners = given.pop("owners")
        if owners and wanted["owner"]:
            raise click.UsageError("--owner takes everything, --owners names one by one: give one of them.")
        asked = Asked(
            config=given.pop("config"),
            data=given.pop("data"),
            is_dry=given.pop("dry_run"),
            as_json=given.pop("as_json"),
            options=Options(**wanted, owners=read_owners(owners) if owners else {}),
            command=typed(),
        )
        return command(asked, **given)

    asking = data_options(with_asked)
    for option in reversed(COMMON):
        asking = option(asking)
    return asking


def read_date(context: click.Context, option: click.Parameter, text: str | None) -> datetime | None:
    try:
        date = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise click.BadParameter(f"{text!r} is no date such as 2025-12-31.") from None
    return date.replace(tzinfo=UTC) if date and not date.tzinfo else date


def read_old_url(context: click.Context, option: click.Parameter, url: str | None) -> str | None:
    if url and not is_public_url(url):
        raise click.BadParameter(f"{url!r} is no address such as https://old.example.org.")
    return url


COMMON = (
    click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing but the report."),
    click.option("--owner", metavar="NAME",
                 help="Give everything to this owner here. API keys are left out: all would act for one."),
    click.option("--owners", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False),
                 help="Who is who: OLD = NEW on each line. If there is an owner NEW here, he takes what is of OLD; if "
                      "not, OLD comes under that name. Whoever is not named keeps the old name."),
    click.option("--jobs", metavar="N", type=click.IntRange(min=0), default=0,
                 help="Processes that read and draw. Default: one for each processor."),
    click.option("--on-error", type=click.Choice(["continue", "stop"]), default="continue", show_default=True,
                 help="What an error of one item means for the rest."),
    click.option("--limit", metavar="N", type=click.IntRange(min=1), help="Take no more than the first N items."),
    click.option("--only", metavar="GLOB", help="Take items whose name matches, such as '*/2024/*.jpg'."),
    click.option("--since", metavar="DATE", callback=read_date, help="Take items from this day on: 2024-12-31."),
    click.option("--duplicates", type=click.Choice(["keep", "merge"]), default="keep", show_default=True,
                 help="Whether the same bytes of the same owner become two records or one."),
    click.option("--json", "as_json", is_flag=True, help="Print one event a line, the summary last."),
)  # fmt: skip


link_option = click.option(
    "--link", is_flag=True, help="Share files with the source (hard links) instead of copying them."
)  # not for what is fetched


def require_folder(settings: Settings) -> None:
    """A file is shared within one file system."""
    if settings.storage.blobs.startswith("s3://"):
        raise click.UsageError(
            "--link shares files on one disk, and storage.blobs is an S3 store: without --link they are copied."
        )


def read_owners(file: Path) -> dict[str, str]:
    owners = {}
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise click.ClickException(f"{file} is no text in UTF-8.\nWrite OLD = NEW, one on each line.") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pair = PAIR.fullmatch(line)
        if not pair:
            raise click.ClickException(f"Line {number} of {file} names no pair.\nWrite OLD = NEW, one on each line.")
        owners[pair[1].strip("\"'")] = pair[2].strip("\"'")
    return owners


# what was typed


def typed() -> list[str]:
    """The command with what was given to it. Secrets are hidden."""
    context = click.get_current_context()
    words = command_path(context)
    for parameter in context.command.params:
        if context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE:
            words += as_words(parameter, context.params[parameter.name or ""])
    return words


def command_path(context: click.Context) -> list[str]:
    path: list[str] = []
    while context.parent:
        path.insert(0, context.info_name or "")
        context = context.parent
    return ["migrate", *path]


def as_words(parameter: click.Parameter, value: object) -> list[str]:
    if isinstance(parameter, click.Argument):
        return [str(value)]
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return [parameter.opts[0]]
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    if parameter.name == "encryption_key":
        text = HIDDEN
    elif parameter.name == "db":
        url, password = without_password(text)
        text = url.replace("@", f":{HIDDEN}@") if password else url
    return [parameter.opts[0], text]
