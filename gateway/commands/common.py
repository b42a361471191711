"""What every command does alike: read settings, open the data folder, print. stdout is the result, stderr the rest."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from gateway.commands.hints import located, place
from gateway.core.errors import GatewayError
from gateway.declaring import SettingsError
from gateway.settings import Loaded, Settings, load
from gateway.store.opening import Opened, is_initialised, open_data
from gateway.store.sql.base import NewerCatalog

Command = TypeVar("Command", bound=Callable[..., Any])


def data_options(command: Command) -> Command:
    """--config and --data, which every command takes."""
    for option in (
        click.option("--data", metavar="DIR", help="Folder of the catalog and the files. Default: ./data."),
        click.option("--config", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
                     help="Settings file. Default: config.toml in this folder, if there is one."),
    ):  # fmt: skip
        command = option(command)
    return command


def json_option(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def load_settings(config: Path | None, data: str | None, **flags: object) -> Loaded:
    file = config or (Path("config.toml") if os.path.exists("config.toml") else None)
    try:
        return load(
            file, flags={"storage.data": data, **{name.replace("__", "."): flag for name, flag in flags.items()}}
        )
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def opened_data(settings: Settings, *, must_exist: bool = True, writes: bool = True) -> Iterator[Opened]:
    """The data folder, with what can go wrong said in one or two lines. Without `writes` one that may only be read
    will do."""
    try:
        if must_exist:
            require_library(settings)
        opened = open_data(settings, writes=writes)
    except (NewerCatalog, GatewayError) as error:
        raise click.ClickException(located(str(error))) from None
    except OSError as error:
        raise click.ClickException(
            f"{settings.data} cannot be used: {error.strerror}.\nChoose another with --data."
        ) from None
    try:
        yield opened
    except GatewayError as error:
        raise click.ClickException(located(error.message)) from None
    finally:
        opened.close()


def require_library(settings: Settings) -> None:
    if not is_initialised(settings):
        raise click.ClickException(
            f"There is no library in {settings.data}.\nMake one with: gateway init{place(settings.data)}"
        )


def mask(value: str) -> str:
    """Hide the password inside an address."""
    return re.sub(r"([?&]password=)[^&\"]+", r"\1***", re.sub(r"(://[^/@:]*:)[^/]+@", r"\1***@", value))


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """On a terminal that is too narrow for its lines, each row by itself."""
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    if sys.stdout.isatty() and sum(widths) + 2 * len(widths) - 2 > shutil.get_terminal_size().columns:
        for number, row in enumerate(rows):
            if number:
                click.echo("")
            print_facts(dict(zip(head, row, strict=True)))
        return
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def print_facts(facts: dict[str, object]) -> None:
    width = max(map(len, facts))
    for name, value in facts.items():
        click.echo(f"{name.ljust(width)}  {'-' if value is None else value}")
