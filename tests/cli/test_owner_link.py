"""`gateway owner link`: an address at which somebody chooses a password."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.settings import Settings, Storage
from gateway.store.opening import open_data
from tests.cli.conftest import Run

START = "http://127.0.0.1:8080/dashboard/password/"


def use(data: Path, link: str) -> str:
    opened = open_data(Settings(storage=Storage(data=str(data))))
    try:
        return opened.accounts.use_link(link.removeprefix(START), "four plain words here").owner.username
    finally:
        opened.close()


def test_it_works(run: Run, key: str, data: Path) -> None:
    run("owner", "add", "alice")
    result = run("owner", "link", "ALICE")
    assert result.stdout.startswith(START) and result.stdout.count("\n") == 1
    assert result.stderr == "It works once, within a day. Whoever has it can sign in as this owner.\n"
    assert use(data, result.stdout.strip()) == "alice"


def test_as_json(run_json: Callable[..., dict[str, str]], key: str, data: Path) -> None:
    facts = run_json("owner", "link", "admin")
    assert facts["owner"] == "admin"
    assert use(data, facts["password_link"]) == "admin"


def test_it_begins_with_the_public_url(run: Run, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SERVER__PUBLIC_URL", "https://example.org/pictures")
    assert run("owner", "link", "admin").stdout.startswith("https://example.org/pictures/dashboard/password/")


def test_nobody_of_that_name(refused: Callable[..., str], key: str) -> None:
    assert refused("owner", "link", "bob").startswith("There is no owner named 'bob'.")


def test_a_disabled_owner_gets_none(run: Run, refused: Callable[..., str], key: str, data: Path) -> None:
    run("owner", "disable", "admin")
    assert refused("owner", "link", "admin") == (
        f"admin is disabled. `gateway owner enable admin --data {data}` lets them in again."
    )
