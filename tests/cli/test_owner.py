"""`gateway owner`: add, list, show, disable, enable."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from gateway.settings import Settings, Storage
from gateway.store.opening import open_data
from tests.cli.conftest import Run

FACTS = [
    "id", "username", "email", "role", "is_active", "quota_bytes", "storage_used_bytes", "media_count", "created_at",
    "name", "bio", "website", "time_zone", "language", "is_private", "avatar_id", "background_id", "plan",
    "has_password",
]  # fmt: skip

Refused = Callable[..., str]
RunJson = Callable[..., object]


def test_it_works(run: Run, run_json: RunJson, key: str, data: Path) -> None:
    result = run("owner", "add", "alice", "--email", "alice@example.org", "--role", "admin", "--quota", "5 GB")
    hint = f"gateway key add NAME --owner alice --data {data}"
    link = f"gateway owner link alice --data {data}"
    assert result.stdout == (
        f"Owner alice was added.\nGive them a key with: {hint}\nLet them choose a password with: {link}\n"
    )
    facts = run_json("owner", "show", "ALICE")
    assert isinstance(facts, dict)
    assert sorted(facts) == sorted(FACTS)
    assert datetime.fromisoformat(facts.pop("created_at")).utcoffset() is not None
    assert len(facts.pop("id")) == 21
    assert facts == {
        "username": "alice",
        "email": "alice@example.org",
        "role": "admin",
        "is_active": True,
        "quota_bytes": 5_000_000_000,
        "storage_used_bytes": 0,
        "media_count": 0,
        "has_password": False,
        "name": None,
        "bio": None,
        "website": None,
        "time_zone": None,
        "language": None,
        "is_private": True,
        "avatar_id": None,
        "background_id": None,
        "plan": None,
    }


def test_a_name_that_a_shell_would_read_is_quoted_in_the_next_commands(run: Run, key: str, data: Path) -> None:
    told = run("owner", "add", "$(id)").stdout
    assert f"gateway key add NAME --owner '$(id)' --data {data}\n" in told
    assert f"gateway owner link '$(id)' --data {data}\n" in told


def test_an_owner_has_a_page_when_asked_for(run: Run, run_json: RunJson, key: str) -> None:
    assert run("owner", "publish", "admin").stdout == "Owner admin has a page: /user/admin\n"
    assert run_json("owner", "show", "admin")["is_private"] is False  # type: ignore[index]
    assert run("owner", "conceal", "admin").stdout == "Owner admin has no page.\n"
    assert run_json("owner", "show", "admin")["is_private"] is True  # type: ignore[index]


def test_an_owner_is_a_user_without_limits_unless_said(run: Run, run_json: RunJson, key: str) -> None:
    run("owner", "add", "Zoë")
    facts = run_json("owner", "show", "zoë")
    assert isinstance(facts, dict)
    assert [facts[name] for name in ("username", "email", "role", "quota_bytes")] == ["Zoë", None, "user", None]


def test_all_are_listed(run: Run, run_json: RunJson, key: str) -> None:
    run("owner", "add", "alice", "--quota", "1.5 MB")
    run("owner", "add", "guest", "--role", "guest")
    run("owner", "disable", "guest")
    owners = run_json("owner", "list")
    assert isinstance(owners, list)
    assert [one["username"] for one in owners] == ["admin", "alice", "guest"]
    assert all(sorted(one) == sorted(FACTS) for one in owners)
    assert [line.split() for line in run("owner", "list").stdout.splitlines()] == [
        ["NAME", "ROLE", "FILES", "STORED", "QUOTA", "STATE"],
        ["admin", "admin", "0", "0", "B", "-", "active"],
        ["alice", "user", "0", "0", "B", "1.5", "MB", "active"],
        ["guest", "guest", "0", "0", "B", "-", "disabled"],
    ]


def test_one_is_shown_as_a_list_of_facts(run: Run, key: str) -> None:
    lines = run("owner", "show", "admin").stdout.splitlines()
    assert [line.split()[0] for line in lines] == FACTS
    assert "username            admin" in lines
    assert "email               -" in lines


@pytest.mark.parametrize("words", [["owner", "list"], ["owner", "show", "admin"], ["owner", "list", "--json"]])
def test_no_password_is_shown(run: Run, key: str, words: list[str]) -> None:
    run("owner", "add", "alice", "--password-stdin", input="correct horse\n")
    assert "scrypt" not in run(*words).stdout
    assert "correct" not in run(*words).stdout


def test_a_password_is_read_from_standard_input(run: Run, run_json: RunJson, key: str, data: Path) -> None:
    from werkzeug.security import check_password_hash

    run("owner", "add", "alice", "--password-stdin", input="correct horse \r\nsecond line\n")
    facts = run_json("owner", "show", "alice")
    assert isinstance(facts, dict) and facts["has_password"] is True
    opened = open_data(Settings(storage=Storage(data=str(data))))
    stored = opened.owners.named("alice").password_hash
    opened.close()
    assert stored and check_password_hash(stored, "correct horse ")
    assert not check_password_hash(stored, "correct horse")


@pytest.mark.parametrize("input", ["", "\n", "\r\n"])
def test_no_password_on_standard_input_is_refused(
    refused: Refused, run_json: RunJson, key: str, data: Path, input: str
) -> None:
    message = refused("owner", "add", "alice", "--password-stdin", input=input)
    assert message.splitlines() == [
        "Standard input held no password.",
        f"Try: gateway owner add NAME --password-stdin --data {data} < FILE",
    ]
    assert len(run_json("owner", "list")) == 1  # type: ignore[arg-type]


def test_a_disabled_owner_is_enabled_again(run: Run, run_json: RunJson, key: str) -> None:
    def is_active() -> object:
        facts = run_json("owner", "show", "admin")
        assert isinstance(facts, dict)
        return facts["is_active"]

    assert run("owner", "disable", "admin").stdout == "Owner admin is disabled.\n"
    assert is_active() is False
    assert run("owner", "enable", "admin").stdout == "Owner admin is enabled.\n"
    assert is_active() is True


@pytest.mark.parametrize("verb", ["show", "disable", "enable", "publish", "conceal"])
def test_an_unknown_owner_is_refused(refused: Refused, key: str, data: Path, verb: str) -> None:
    hint = f"`gateway owner list --data {data}` shows all."
    assert refused("owner", verb, "bob") == f"There is no owner named 'bob'. {hint}"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["ADMIN"], "The name ADMIN is taken by another owner."),
        (["two words"], "'two words' cannot be a name"),
        (["\udcff"], r"'\udcff' cannot be a name"),
        (["alice", "--email", "nowhere"], "'nowhere' is not an email address."),
    ],
)
def test_an_owner_that_cannot_be_is_refused(
    refused: Refused, run_json: RunJson, key: str, words: list[str], sentence: str
) -> None:
    assert refused("owner", "add", *words).startswith(sentence)
    assert len(run_json("owner", "list")) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "Missing argument 'NAME'"),
        (["alice", "bob"], "unexpected extra argument"),
        (["alice", "--quota", "lots"], "'lots' is not a size such as 500 MB or 2 GB."),
        (["alice", "--quota", "-5"], "'-5' is not a size"),
        (["alice", "--quota", "9999999 PB"], "more than any disk holds."),
        (["alice", "--role", "king"], "'king' is not one of 'admin', 'manager', 'user', 'guest'"),
        (["alice", "--colour", "red"], "No such option"),
    ],
)
def test_wrong_usage_has_a_code_of_its_own(run: Run, run_json: RunJson, key: str, words: list[str], part: str) -> None:
    result = run("owner", "add", *words, code=2)
    assert result.stdout == ""
    assert part in result.stderr
    assert len(run_json("owner", "list")) == 1  # type: ignore[arg-type]
