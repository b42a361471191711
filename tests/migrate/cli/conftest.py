"""The `migrate` command, run in a folder of its own with nothing in the environment."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.settings import Settings, Storage
from gateway.store.opening import open_data
from migrate.cli import cli
from migrate.journal_files import FileJournals
from migrate.outcome import State
from tests.conftest import draw

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def empty_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("GATEWAY_", "PICGATE_DB", "CHEVERETO_")):
            monkeypatch.delenv(name)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def run(runner: CliRunner, data: Path) -> Run:
    """run("import", "folder", "pics") on the data folder of the test. A crash fails the test; an exit code is none."""

    def run_command(*words: str, input: str | None = None, code: int = 0, **environment: str) -> Result:
        result = runner.invoke(cli, [*words, "--data", str(data)], input=input, env=environment)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    return run_command


@pytest.fixture
def events(run: Run) -> Callable[..., list[dict[str, Any]]]:
    """The lines that a command prints with --json."""

    def run_command(*words: str, code: int = 0) -> list[dict[str, Any]]:
        result = run(*words, "--json", code=code)
        assert result.stderr == ""
        return [json.loads(line) for line in result.stdout.splitlines()]

    return run_command


@pytest.fixture
def refused(run: Run) -> Callable[..., str]:
    """What a command says when it fails: exit code 1, nothing on stdout, what happened and what to do."""

    def run_command(*words: str, **options: Any) -> str:
        result = run(*words, code=1, **options)
        assert result.stdout == ""
        said = result.stderr.partition("Error: ")[2].strip()
        assert said.count("\n") == 1, said
        return said

    return run_command


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with three pictures: two in an album, one by itself."""
    folder = tmp_path / "pics"
    (folder / "Cats").mkdir(parents=True)
    for number, name in enumerate(("Cats/a.png", "Cats/b.png", "dog.png")):
        (folder / name).write_bytes(draw(seed=number))
    return folder


@pytest.fixture
def leave(data: Path) -> Callable[..., None]:
    """leave("stopped", "dog.png") makes the newest run one that ended before it came to that item."""

    def leave_run(state: State, *keys: str) -> None:
        journal = FileJournals(data / "imports").open()
        opened = open_data(Settings(storage=Storage(data=str(data))))
        for one in list(journal.outcomes()):
            if one.key in keys:
                opened.catalog.withdraw_media([one.media_id or ""])
                with journal.tables.transaction() as db:
                    db.execute("DELETE FROM items WHERE key = ?", [one.key])
        journal.save(replace(journal.run, state=state, finished_at=None))
        journal.close()
        opened.close()

    return leave_run
