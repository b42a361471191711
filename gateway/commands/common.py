"""What every command does alike: read settings, open the data folder, print. stdout is the result, stderr the rest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from gateway.core.errors import GatewayError
from gateway.declaring import SettingsError
from gateway.settings import Loaded, Settings, load
from gateway.store.opening import Opened, is_initialised, open_data
from gateway.store.sqlite import NewerCatalog

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
    here = Path("config.toml")
    file = config or (here if here.exists() else None)
    try:
        return load(
            file, flags={"storage.data": data, **{name.replace("__", "."): flag for name, flag in flags.items()}}
        )
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def opened_data(settings: Settings, *, must_exist: bool = True) -> Iterator[Opened]:
    """The data folder, with what can go wrong said in one or two lines."""
    if must_exist and not is_initialised(settings):
        raise click.ClickException(
            f"There is no library in {settings.data}.\nMake one with: gateway init --data {settings.data}"
        )
    try:
        opened = open_data(settings)
    except (NewerCatalog, GatewayError) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(
            f"{settings.data} cannot be used: {error.strerror}.\nChoose another with --data."
        ) from None
    try:
        yield opened
    except GatewayError as error:
        raise click.ClickException(error.message) from None
    finally:
        opened.close()


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def print_facts(facts: dict[str, object]) -> None:
    width = max(map(len, facts))
    for name, value in facts.items():
        click.echo(f"{name.ljust(width)}  {'-' if value is None else value}")
