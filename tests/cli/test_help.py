"""Every command explains itself, with an example that can be run, and the README knows it."""

from __future__ import annotations

import inspect
import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gateway import __version__
from gateway.cli import cli

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def commands(group: click.Group = cli, *path: str) -> dict[tuple[str, ...], click.Command]:
    found: dict[tuple[str, ...], click.Command] = {path: group}
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= commands(command, *path, name)
        else:
            found[(*path, name)] = command
    return found


ALL = commands()
LEAVES = {path: command for path, command in ALL.items() if not isinstance(command, click.Group)}


def named(paths: dict[tuple[str, ...], click.Command]) -> list[object]:
    return [pytest.param(path, id=" ".join(("gateway", *path))) for path in paths]


def examples(command: click.Command) -> list[str]:
    """The lines of the example, each a command to be typed."""
    _, mark, after = inspect.cleandoc(command.help or "").partition("\b\nExample:\n")
    assert mark, "no example"
    return [line.strip() for line in after.split("\n\n")[0].splitlines()]


def parse(words: list[str]) -> click.Command:
    """The command that `words` run; raises `UsageError` where they could not be typed like this."""
    command: click.Command = cli
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    command.make_context(command.name, words)
    return command


def test_it_works() -> None:
    result = CliRunner().invoke(cli, ["--help"])
    assert result.exit_code == 0
    for name in cli.commands:
        assert re.search(rf"^  {name} ", result.stdout, re.MULTILINE), name


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(cli, ["--version"]).stdout == f"picgate, version {__version__}\n"


@pytest.mark.parametrize("path", named(ALL))
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_has_a_help(path: tuple[str, ...], flag: str) -> None:
    result = CliRunner().invoke(cli, [*path, flag])
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: cli {' '.join(path)}".rstrip())
    assert "Example:\n" in result.stdout


@pytest.mark.parametrize("path", named(ALL))
def test_every_help_begins_with_a_sentence(path: tuple[str, ...]) -> None:
    first = (ALL[path].help or "").partition("\n")[0]
    assert first[0].isupper() and first.endswith(".")


@pytest.mark.parametrize("path", named(ALL))
def test_every_example_can_be_typed(path: tuple[str, ...]) -> None:
    lines = examples(ALL[path])
    assert lines
    for line in lines:
        program, *words = shlex.split(line)
        assert program == "gateway"
        assert tuple(words[: len(path)]) == path
        run = parse(words)
        if path in LEAVES:
            assert run is ALL[path]


@pytest.mark.parametrize("path", named(ALL))
def test_every_option_has_a_help_that_is_a_sentence(path: tuple[str, ...]) -> None:
    for option in ALL[path].params:
        if isinstance(option, click.Option):
            assert option.help and option.help[0].isupper() and option.help.endswith("."), option.name


@pytest.mark.parametrize("path", named(LEAVES))
def test_every_command_takes_a_settings_file_and_a_folder(path: tuple[str, ...]) -> None:
    assert {"--config", "--data"} <= {name for option in LEAVES[path].params for name in option.opts}


@pytest.mark.parametrize("path", named(LEAVES))
def test_whatever_lists_or_reports_can_do_it_as_json(path: tuple[str, ...]) -> None:
    if path[-1] in ("list", "show", "stats", "sweep", "init"):
        assert "--json" in {name for option in LEAVES[path].params for name in option.opts}


@pytest.mark.parametrize("path", named(LEAVES))
def test_every_command_is_named_in_the_readme(path: tuple[str, ...]) -> None:
    line = re.search(rf"^gateway {path[0]}\b.*$", README, re.MULTILINE)
    assert line
    assert set(path) <= set(re.findall(r"[\w-]+", line[0]))


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    listed = re.findall(r"^gateway (\w+)", README, re.MULTILINE)
    assert set(listed) == set(cli.commands)


def test_a_wrong_command_is_wrong_usage() -> None:
    for words in (["serv"], ["owner", "rename"], ["--dat", "x"]):
        result = CliRunner().invoke(cli, words)
        assert (result.exit_code, result.stdout) == (2, "")
