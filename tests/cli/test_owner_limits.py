"""`gateway owner set`, and plans for owners and their keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run

Refused = Callable[..., str]
Show = Callable[[str], tuple[object, object]]


@pytest.fixture(autouse=True)
def plans(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[plans.free]\nmax_keys = 1\n[plans.pro]\n")


@pytest.fixture
def limits(run_json: Callable[..., dict[str, object]]) -> Show:
    """limits("alice") is their plan and their quota."""

    def read(name: str) -> tuple[object, object]:
        facts = run_json("owner", "show", name)
        return facts["plan"], facts["quota_bytes"]

    return read


def test_it_works(run: Run, limits: Show, key: str) -> None:
    result = run("owner", "set", "Admin", "--plan", "pro", "--quota", "5 GB")
    assert result.stdout == "Owner admin is on the plan pro, with 5 GB.\n"
    assert limits("admin") == ("pro", 5_000_000_000)


def test_what_is_not_given_stays(run: Run, limits: Show, key: str) -> None:
    run("owner", "add", "alice", "--plan", "free", "--quota", "1 MB")
    assert limits("alice") == ("free", 1_000_000)
    run("owner", "set", "alice", "--plan", "pro")
    assert limits("alice") == ("pro", 1_000_000)
    run("owner", "set", "alice", "--quota", "2 MB")
    assert limits("alice") == ("pro", 2_000_000)


def test_nothing_takes_a_limit_away(run: Run, limits: Show, key: str) -> None:
    run("owner", "add", "alice", "--plan", "free", "--quota", "1 MB")
    run("owner", "set", "alice", "--quota", "")
    assert limits("alice") == ("free", None)
    assert run("owner", "set", "alice", "--plan", "").stdout == "Owner alice is on no plan, with any number of bytes.\n"
    assert limits("alice") == (None, None)


@pytest.mark.parametrize("verb", ["add", "set"])
def test_a_plan_that_is_none_is_refused(run: Run, key: str, verb: str) -> None:
    name = "alice" if verb == "add" else "admin"
    message = run("owner", verb, name, "--plan", "gold", code=2).stderr
    assert "there is no plan 'gold'. The plans are free, pro in the settings" in message


def test_without_plans_that_is_said(run: Run, key: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").unlink()
    assert "There are no plans" in run("owner", "set", "admin", "--plan", "gold", code=2).stderr


def test_nothing_to_set_is_wrong_usage(run: Run, key: str) -> None:
    assert "Give --plan or --quota." in run("owner", "set", "admin", code=2).stderr


def test_a_quota_that_is_no_size_is_wrong_usage(run: Run, key: str) -> None:
    assert "'lots' is not a size" in run("owner", "set", "admin", "--quota", "lots", code=2).stderr


def test_an_unknown_owner_is_refused(refused: Refused, key: str) -> None:
    assert refused("owner", "set", "bob", "--plan", "pro").startswith("There is no owner named 'bob'.")


def test_a_plan_limits_the_number_of_keys(run: Run, refused: Refused, key: str) -> None:
    run("owner", "add", "alice", "--plan", "free")
    run("key", "add", "one", "--owner", "alice")
    assert refused("key", "add", "two", "--owner", "alice").startswith("The plan's quota of 1 keys is used up.")
    run("key", "add", "two")
