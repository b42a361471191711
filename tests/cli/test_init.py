"""`gateway init`, and the folders it and every other command refuse."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import cli
from gateway.core.keys import Caller
from gateway.settings import Settings, Storage
from gateway.store.opening import open_data
from tests.cli.conftest import Run


def caller_with(data: Path, key: str) -> Caller:
    opened = open_data(Settings(storage=Storage(data=str(data))))
    try:
        return opened.keys.check(key)
    finally:
        opened.close()


def whose_link(data: Path, link: str) -> str:
    opened = open_data(Settings(storage=Storage(data=str(data))))
    try:
        return opened.accounts.owner_of_link(link.rpartition("/")[2]).username
    finally:
        opened.close()


def test_it_works(run: Run, data: Path) -> None:
    result = run("init")
    assert result.stdout.startswith(f"Library made in {data}, with an owner named admin.\n")
    assert f"gateway serve --data {data}" in result.stdout
    assert result.stderr == ""
    key = re.search(r"^API key: (sk_live_[\w-]{32})$", result.stdout, re.MULTILINE)
    assert key
    link = re.search(r"^Choose a password .*: (http://127.0.0.1:8080/dashboard/\S+)$", result.stdout, re.MULTILINE)
    assert link and whose_link(data, link[1]) == "admin"
    caller = caller_with(data, key[1])
    assert (caller.owner.username, caller.owner.role) == ("admin", "admin")
    caller.require("media.write")


def test_json_is_four_facts(run: Run, data: Path) -> None:
    result = run("init", "--json")
    facts = json.loads(result.stdout)
    assert list(facts) == ["data_dir", "owner", "api_key", "password_link"]
    assert (facts["data_dir"], facts["owner"]) == (str(data), "admin")
    assert caller_with(data, facts["api_key"]).owner.username == "admin"
    assert whose_link(data, facts["password_link"]) == "admin"


@pytest.mark.parametrize("json_flag", [[], ["--json"]])
def test_a_second_time_there_is_nothing_to_do(run: Run, key: str, data: Path, json_flag: list[str]) -> None:
    result = run("init", *json_flag, code=4)
    assert result.stdout == ""
    assert result.stderr == f"There is a library in {data} already; nothing was changed.\n"
    assert caller_with(data, key).owner.username == "admin"


def test_a_library_without_an_owner_gets_one(run: Run, data: Path) -> None:
    open_data(Settings(storage=Storage(data=str(data)))).close()
    assert "API key: " in run("init").stdout


def test_the_folder_is_taken_from_the_settings(
    run: Run, runner: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text('[storage]\ndata = "from the file"\n')
    assert runner.invoke(cli, ["init"]).exit_code == 0
    assert (tmp_path / "from the file" / "catalog.db").exists()
    monkeypatch.setenv("GATEWAY_STORAGE__DATA", "from the environment")
    assert runner.invoke(cli, ["init"]).exit_code == 0
    assert (tmp_path / "from the environment" / "catalog.db").exists()
    run("init", data=tmp_path / "from the flag")
    assert (tmp_path / "from the flag" / "catalog.db").exists()


# folders that are refused

COMMANDS = [
    ["owner", "add", "alice"], ["owner", "list"], ["owner", "show", "admin"], ["owner", "disable", "admin"],
    ["owner", "enable", "admin"], ["key", "add", "sharex"], ["key", "list"], ["key", "revoke", "x"],
    ["album", "add", "Holiday"], ["album", "list"], ["category", "add", "Nature"], ["category", "list"],
    ["stats"], ["sweep"],
]  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_folder_without_a_library_is_not_made_into_one(
    refused: Callable[..., str], data: Path, words: list[str]
) -> None:
    assert refused(*words).splitlines() == [
        f"There is no library in {data}.",
        f"Make one with: gateway init --data {data}",
    ]
    assert not data.exists()


@pytest.mark.parametrize("words", [["init"], ["stats"], ["owner", "list"], ["serve"]], ids=" ".join)
def test_a_folder_made_by_a_newer_version_is_refused(
    refused: Callable[..., str], key: str, data: Path, words: list[str]
) -> None:
    with closing(sqlite3.connect(data / "catalog.db")) as db, db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('picgate', 'x', '2030-01-01')"
        )
    [sentence] = refused(*words).splitlines()
    assert sentence.startswith(f"{data / 'catalog.db'} was written by a newer version of Picgate")
    assert sentence.endswith("install that version or a later one.")


@pytest.mark.parametrize("words", [["init"], ["stats"], ["serve"]], ids=" ".join)
def test_a_file_that_is_no_catalog_is_refused(refused: Callable[..., str], data: Path, words: list[str]) -> None:
    data.mkdir()
    (data / "catalog.db").write_bytes(b"This is a diary, and it is not short. " * 200)
    sentence, advice = refused(*words).splitlines()
    assert sentence.startswith(f"{data / 'catalog.db'} cannot be opened as a catalog")
    assert "restore the catalog from a backup" in advice


@pytest.mark.parametrize("words", [["init"], ["serve"]], ids=" ".join)
def test_a_file_in_place_of_the_folder_is_refused(refused: Callable[..., str], data: Path, words: list[str]) -> None:
    data.write_text("a file")
    assert refused(*words).splitlines() == [f"{data} cannot be used: File exists.", "Choose another with --data."]


def test_a_folder_inside_a_file_is_refused(refused: Callable[..., str], data: Path) -> None:
    data.write_text("a file")
    assert refused("init", data=data / "inner").endswith("Choose another with --data.")
