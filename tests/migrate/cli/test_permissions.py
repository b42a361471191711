"""What may not be read or written is said in a sentence; a library that may only be read is read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from gateway.cli import cli as gateway
from gateway.settings import Settings, Storage
from gateway.store.opening import open_data
from migrate.cli import cli as migrate
from migrate.journal_files import FileJournals
from tests.nobody import nobody

# Nobody may not even read Python's own modules, when these are in root's home: all that is needed is loaded before.
for late in ("gateway.app", "gateway.serving", "gateway.sweeper", "multiprocessing.sharedctypes"):
    import_module(late)

PROGRAMS = {"gateway": gateway, "migrate": migrate}
COMMANDS = [
    "gateway init", "gateway serve --port 1", "gateway stats", "gateway sweep", "gateway owner add bob",
    "gateway owner set bob --quota 5GB", "gateway owner list", "gateway owner show bob", "gateway owner disable bob",
    "gateway key add x", "gateway key list", "gateway key revoke x", "gateway album add x", "gateway album list",
    "gateway category add x", "gateway category list", "gateway owner link bob", "gateway check",
    "gateway backup {out}/backup", "gateway restore {out}/backup", "gateway store move --blobs {out}/files",
    "migrate import folder {pics}",
    "migrate import folder {pics} --dry-run", "migrate status", "migrate status 2026", "migrate report",
    "migrate report --html {out}/page.html", "migrate resume", "migrate join", "migrate verify", "migrate undo --yes",
    "migrate undo --dry-run", "migrate export {out}/export",
]  # fmt: skip
READING = [
    "migrate status", "migrate status --json", "migrate report", "migrate report --csv",
    "migrate report --html {out}/page.html", "migrate verify", "migrate verify --read-data", "migrate undo --dry-run",
    "migrate export {out}/export", "gateway stats", "gateway owner list", "gateway key list", "gateway album list",
    "gateway category list", "gateway check", "gateway check --read-data",
]  # fmt: skip


@pytest.fixture
def pics(open_folder: Path, pictures: Path) -> Path:
    return Path(shutil.copytree(pictures, open_folder / "pics"))


@pytest.fixture
def out(open_folder: Path) -> Path:
    """Anybody may write here."""
    (folder := open_folder / "out").mkdir()
    folder.chmod(0o777)
    return folder


def typed(command: str, data: Path, **places: Path) -> Result:
    program, *words = command.format(**places).split()
    result = CliRunner().invoke(PROGRAMS[program], [*words, "--data", str(data)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_may_not_be_entered_is_said(open_folder: Path, pics: Path, out: Path, command: str) -> None:
    (shut := open_folder / "shut").mkdir()
    shut.chmod(0)
    with nobody():
        result = typed(command, shut / "data", pics=pics, out=out)
    assert result.exit_code == 1, result.output
    what_happened, what_to_do = result.stderr.partition("Error: ")[2].splitlines()
    assert str(shut / "data") in what_happened and "Permission denied" in what_happened
    assert what_to_do


def test_every_command_is_among_these() -> None:
    def leaves(group: click.Group) -> Iterator[str]:
        for command in group.commands.values():
            if isinstance(command, click.Group):
                yield from (f"{command.name} {leaf}" for leaf in leaves(command))
            else:
                yield str(command.name)

    like_another = {
        "gateway config", "gateway owner enable", "gateway owner publish", "gateway owner conceal",
        "migrate import chevereto", "migrate import manifest", "migrate import urls",
    }  # fmt: skip
    by_address_only = {"gateway doctor"}
    every = {f"{name} {leaf}" for name, program in PROGRAMS.items() for leaf in leaves(program)}
    named = {command for command in every if any(line.startswith(command) for line in COMMANDS)}
    assert every - named == like_another | by_address_only


@pytest.fixture
def library(open_folder: Path, pics: Path) -> Path:
    data = open_folder / "data"
    assert typed("migrate import folder {pics} --jobs 1", data, pics=pics).exit_code == 0
    return data


@pytest.mark.skipif(os.getuid() != 0, reason="a folder that is somebody else's needs two people")
@pytest.mark.parametrize("is_in_use", [False, True])
@pytest.mark.parametrize("command", READING)
def test_a_library_that_may_only_be_read_is_read(library: Path, out: Path, command: str, is_in_use: bool) -> None:
    own = typed(command, library, out=out)
    shutil.rmtree(out / "export", ignore_errors=True)
    (out / "page.html").unlink(missing_ok=True)
    if is_in_use:  # by a gateway, and by an import
        opened, journal = (
            open_data(Settings(storage=Storage(data=str(library)))),
            FileJournals(library / "imports").open(),
        )
        opened.owners.add("bob")
        opened.owners.disable("bob")
    before = sorted(library.rglob("*"))
    with nobody():
        result = typed(command, library, out=out)
    assert (result.exit_code, result.stderr) == (own.exit_code, own.stderr)
    if not is_in_use:
        assert result.stdout == own.stdout
        assert sorted(library.rglob("*")) == before
    else:
        opened.close()
        journal.close()


@pytest.mark.parametrize("command", ["migrate import folder {pics}", "migrate undo --yes", "gateway owner add bob"])
def test_what_has_to_write_there_says_that_it_may_not(library: Path, pics: Path, command: str) -> None:
    before = sorted(library.rglob("*"))
    with nobody():
        result = typed(command, library, pics=pics)
    assert result.exit_code == 1
    assert "Permission denied" in result.stderr and str(library) in result.stderr
    assert sorted(library.rglob("*")) == before


def test_a_journal_that_is_none_is_said(library: Path) -> None:
    (library / "imports/20990101-000000-000000.db").write_bytes(b"no journal" * 1000)
    result = typed("migrate report", library)
    assert result.exit_code == 1
    assert "20990101-000000-000000.db cannot be opened" in result.stderr
