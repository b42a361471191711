"""`gateway key`: add, list, revoke."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from gateway.core.errors import KeyRefused
from gateway.core.keys import Caller
from gateway.core.scopes import SCOPES
from gateway.settings import Settings, Storage
from gateway.store.opening import open_data
from tests.cli.conftest import Run

Refused = Callable[..., str]
RunJson = Callable[..., object]


def check(data: Path, key: str) -> Caller:
    opened = open_data(Settings(storage=Storage(data=str(data))))
    try:
        return opened.keys.check(key)
    finally:
        opened.close()


def test_it_works(run: Run, key: str, data: Path) -> None:
    result = run("key", "add", "sharex")
    made = re.fullmatch(r"API key: (sk_live_[\w-]{32})\n\(shown only now; id ([\w-]{21})\)\n", result.stdout)
    assert made
    caller = check(data, made[1])
    assert (caller.owner.username, caller.key.id, caller.key.name) == ("admin", made[2], "sharex")
    assert caller.key.scopes == SCOPES


def test_json_is_three_facts(run: Run, key: str, data: Path) -> None:
    facts = json.loads(run("key", "add", "👩‍🚀", "--json").stdout)
    assert list(facts) == ["id", "name", "api_key"]
    assert facts["name"] == "👩‍🚀"
    assert check(data, facts["api_key"]).key.id == facts["id"]


def test_a_key_is_made_for_an_owner_and_some_scopes(run: Run, run_json: RunJson, key: str, data: Path) -> None:
    run("owner", "add", "alice")
    made = run_json("key", "add", "bot", "--owner", "Alice", "--scope", "media.write", "--scope", "usage:read")
    assert isinstance(made, dict)
    caller = check(data, made["api_key"])
    assert (caller.owner.username, caller.key.scopes) == ("alice", ("media.write", "usage.read"))


def test_keys_are_listed_without_their_secret(run: Run, run_json: RunJson, key: str) -> None:
    made = run_json("key", "add", "bot", "--scope", "read")
    keys = run_json("key", "list")
    assert isinstance(made, dict) and isinstance(keys, list)
    assert [one["name"] for one in keys] == ["first key", "bot"]
    assert list(keys[1]) == [
        "id", "name", "owner", "prefix", "last4", "scopes", "created_at", "last_used_at", "revoked_at",
    ]  # fmt: skip
    assert (keys[1]["owner"], keys[1]["prefix"], keys[1]["last4"]) == (
        "admin",
        made["api_key"][:12],
        made["api_key"][-4:],
    )
    assert keys[1]["scopes"] == ["media.read", "account.read", "usage.read"]
    assert datetime.fromisoformat(keys[1]["created_at"]).utcoffset() is not None
    assert (keys[1]["last_used_at"], keys[1]["revoked_at"]) == (None, None)
    text = run("key", "list").stdout + json.dumps(keys)
    assert made["api_key"][12:-4] not in text and key[12:-4] not in text


def test_the_table_says_what_was_used_and_what_is_revoked(run: Run, run_json: RunJson, key: str, data: Path) -> None:
    bot, old = run_json("key", "add", "bot"), run_json("key", "add", "old")
    assert isinstance(bot, dict) and isinstance(old, dict)
    check(data, bot["api_key"])
    run("key", "revoke", old["id"])
    head, *rows = run("key", "list").stdout.splitlines()
    assert head.split() == ["ID", "NAME", "OWNER", "KEY", "LAST", "USED", "STATE"]
    assert rows[0].endswith("never             active")
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d  active$", rows[1])
    assert rows[2].endswith("never             revoked")
    assert f"{bot['api_key'][:12]}…{bot['api_key'][-4:]}" in rows[1]


def test_a_revoked_key_is_refused(run: Run, run_json: RunJson, key: str, data: Path) -> None:
    made = run_json("key", "add", "bot")
    assert isinstance(made, dict)
    assert run("key", "revoke", made["id"]).stdout == f"Key {made['id']} is revoked.\n"
    with pytest.raises(KeyRefused) as refused:
        check(data, made["api_key"])
    assert refused.value.code == "KEY_REVOKED"
    keys = run_json("key", "list")
    assert isinstance(keys, list) and keys[1]["revoked_at"]
    run("key", "revoke", made["id"])
    assert run_json("key", "list") == keys
    assert check(data, key).owner.username == "admin"


def test_an_unknown_key_is_not_revoked(refused: Refused, key: str, data: Path) -> None:
    hint = f"`gateway key list --data {data}` shows all."
    assert refused("key", "revoke", "unknown") == f"There is no key 'unknown'. {hint}"


def test_an_unknown_owner_gets_no_key(refused: Refused, run_json: RunJson, key: str) -> None:
    assert refused("key", "add", "bot", "--owner", "bob").startswith("There is no owner named 'bob'.")
    assert len(run_json("key", "list")) == 1  # type: ignore[arg-type]


def test_an_unknown_scope_makes_no_key(refused: Refused, run_json: RunJson, key: str) -> None:
    assert refused("key", "add", "bot", "--scope", "everything").startswith(
        "Unknown scope 'everything'. The scopes are "
    )
    assert len(run_json("key", "list")) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("words", [["key"], ["key", "add"], ["key", "revoke"], ["key", "delete", "x"]], ids=" ".join)
def test_wrong_usage_has_a_code_of_its_own(run: Run, words: list[str]) -> None:
    assert run(*words, code=2).stdout == ""
