"""No forbidden address is ever connected to. The list and the listener live in `forbidden_urls.py`, which runs in a
network namespace of its own: if the guard has a hole, it is the listener there that is reached and nobody else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("forbidden_urls.py")
ROOT = SCRIPT.parents[2]
# lo comes up before Python starts, because urllib3 decides on import whether this machine has IPv6.
NAMESPACE = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
FAILED = "URL_FAILED: The URL could not be fetched. Check that it opens in a browser without signing in."


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    for program in ("unshare", "ip"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    if subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode:
        pytest.skip("unshare -n is not permitted here")
    command = [*NAMESPACE, sys.executable, "-W", "error", str(SCRIPT)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
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
def test_no_hit(report: dict[str, Any], way: str) -> None:
    assert report[way]["hits"] == []


@pytest.mark.parametrize("way", ["direct", "redirect"])
def test_every_one_is_refused(report: dict[str, Any], way: str) -> None:
    assert report[way]["not_refused"] == []
    assert sum(report[way]["messages"].values()) == report[way]["tried"]


def test_a_refused_redirect_tells_nothing(report: dict[str, Any]) -> None:
    assert list(report["redirect"]["messages"]) == [FAILED]
