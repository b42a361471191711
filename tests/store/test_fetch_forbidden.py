"""No forbidden address is ever connected to. The list and the listener live in `forbidden_urls.py`, which runs in a
network namespace of its own: if the guard has a hole, it is the listener there that is reached and nobody else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.namespace import run_module

FAILED = "URL_FAILED: The URL could not be fetched. Check that it opens in a browser without signing in."


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run_module("tests.store.forbidden_urls"))
    return found


def test_it_works(report: dict[str, Any]) -> None:
    """Public addresses of both families, directly and by redirect, and a name by the answer it gave first."""
    assert len(report["welcome"]) == 4
    for url, places in report["welcome"].items():
        assert len(places) == 1, url
        assert places[0] in ("93.184.215.14:80", "2606:2800:21f:cb07:6820:80da:af6b:8b2c:80"), url


def test_the_list_is_worth_refusing(report: dict[str, Any]) -> None:
    assert report["direct"]["tried"] >= 300
    assert report["unguarded"] >= 200


@pytest.mark.parametrize("way", ["direct", "redirect"])
def test_r12_no_hit(report: dict[str, Any], way: str) -> None:
    assert report[way]["hits"] == []


@pytest.mark.parametrize("way", ["direct", "redirect"])
def test_r12_every_one_is_refused(report: dict[str, Any], way: str) -> None:
    assert report[way]["not_refused"] == []
    assert sum(report[way]["messages"].values()) == report[way]["tried"]


def test_r12_a_refused_redirect_tells_nothing(report: dict[str, Any]) -> None:
    assert list(report["redirect"]["messages"]) == [FAILED]
