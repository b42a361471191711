"""The `gateway` command, run in a folder of its own with nothing in the environment."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import cli

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def empty_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("GATEWAY_"):
            monkeypatch.delenv(name)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def run(runner: CliRunner, data: Path) -> Run:
    """run("owner", "list") on the data folder of the test. A crash fails the test; exit code 1 alone is no crash."""

    def run_command(*words: str, input: str | None = None, code: int = 0, data: Path = data) -> Result:
        result = runner.invoke(cli, [*words, "--data", str(data)], input=input)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    return run_command


@pytest.fixture
def run_json(run: Run) -> Callable[..., object]:
    def run_command(*words: str) -> object:
        result = run(*words, "--json")
        assert result.stderr == ""
        return json.loads(result.stdout)

    return run_command


@pytest.fixture
def key(run_json: Callable[..., dict[str, str]]) -> str:
    """A library with an owner named admin; the text of its first key."""
    return run_json("init")["api_key"]


@pytest.fixture
def refused(run: Run) -> Callable[..., str]:
    """refused("owner", "show", "bob") is what the command says when it fails: nothing on stdout, exit code 1."""

    def run_command(*words: str, **options: object) -> str:
        result = run(*words, code=1, **options)
        assert result.stdout == ""
        assert result.stderr.startswith("Error: ")
        return result.stderr.removeprefix("Error: ").strip()

    return run_command
