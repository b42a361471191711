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
from gateway.cli import cli as gateway
from migrate.cli import cli as migrate

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
PROGRAMS = {"gateway": gateway, "migrate": migrate}


def commands(group: click.Group, *path: str) -> dict[tuple[str, ...], click.Command]:
    found: dict[tuple[str, ...], click.Command] = {path: group}
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= commands(command, *path, name)
        else:
            found[(*path, name)] = command
    return found


ALL = commands(gateway, "gateway") | commands(migrate, "migrate")
LEAVES = {path: command for path, command in ALL.items() if not isinstance(command, click.Group)}


def named(paths: dict[tuple[str, ...], click.Command]) -> list[object]:
    return [pytest.param(path, id=" ".join(path)) for path in paths]


def examples(command: click.Command) -> list[str]:
    """The lines of the example, each a command to be typed."""
    _, mark, after = inspect.cleandoc(command.help or "").partition("\b\nExample:\n")
    assert mark, "no example"
    return [line.strip() for line in after.split("\n\n")[0].splitlines()]


def parse(words: list[str]) -> click.Command:
    """The command that `words` run; raises `UsageError` where they could not be typed like this."""
    command: click.Command = PROGRAMS[words.pop(0)]
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    command.make_context(command.name, words)
    return command


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_it_works(program: click.Group) -> None:
    result = CliRunner().invoke(program, ["--help"])
    assert result.exit_code == 0
    for name in program.commands:
        assert re.search(rf"^  {name} ", result.stdout, re.MULTILINE), name


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_the_version_is_told(program: click.Group) -> None:
    assert CliRunner().invoke(program, ["--version"]).stdout == f"picgate, version {__version__}\n"


@pytest.mark.parametrize("path", named(ALL))
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_has_a_help(path: tuple[str, ...], flag: str) -> None:
    program, *words = path
    result = CliRunner().invoke(PROGRAMS[program], [*words, flag])
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: {' '.join(('cli', *words))}")
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
        words = shlex.split(line)
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
    if path == ("gateway", "doctor"):
        return  # it knows a gateway by its address alone
    assert {"--config", "--data"} <= {name for option in LEAVES[path].params for name in option.opts}


@pytest.mark.parametrize("path", named(LEAVES))
def test_whatever_lists_or_reports_can_do_it_as_json(path: tuple[str, ...]) -> None:
    if path[0] == "migrate" or path[-1] in ("list", "show", "stats", "sweep", "init"):
        assert "--json" in {name for option in LEAVES[path].params for name in option.opts}


@pytest.mark.parametrize("path", named(LEAVES))
def test_every_command_is_named_in_the_readme(path: tuple[str, ...]) -> None:
    line = re.search(rf"^{path[0]} {path[1]}\b.*$", README, re.MULTILINE)
    assert line
    assert set(path) <= set(re.findall(r"[\w-]+", line[0]))


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_readme_names_no_command_that_does_not_exist(program: str) -> None:
    listed = re.findall(rf"^{program} (\w+)", README, re.MULTILINE)
    assert set(listed) == set(PROGRAMS[program].commands)


def test_a_wrong_command_is_wrong_usage() -> None:
    for words in (["serv"], ["owner", "rename"], ["--dat", "x"]):
        result = CliRunner().invoke(gateway, words)
        assert (result.exit_code, result.stdout) == (2, "")
