"""R1 to R6, R8, R12, R14, R22 to R26 and R31 as the tool of the security contract sees them, against real servers.

It throws bombs, polyglots and drawings at all doors, asks for addresses that nobody may fetch, and speaks broken HTTP.
`PICGATE_HOSTILE` names further folders of files, with `:` between them, to be thrown as well.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import LiveServer
from tests.namespace import run_module
from tests.shared import SHARED, needs_shared

TOOL = SHARED / "tools" / "hostile.py"
NO_LIMITS = {f"GATEWAY_LIMITS__{tier}": "0" for tier in ("READ", "UPLOAD", "MUTATION", "HOURLY")}
PEAK_MB, GROWTH_MB = 600, 150
IDLE_SECONDS = 12

pytestmark = [needs_shared("tools/hostile.py"), pytest.mark.timeout(600)]


def hostile(*arguments: str) -> str:
    done = subprocess.run([sys.executable, str(TOOL), *arguments], capture_output=True, text=True, timeout=580)
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    return done.stdout


def against(server: LiveServer) -> tuple[str, ...]:
    return "--base", server.url, "--key", server.key, "--pid", str(server.process.pid)


@pytest.fixture
def unlimited(serve: Callable[..., LiveServer]) -> LiveServer:
    return serve(GATEWAY_SERVER__IDLE_TIMEOUT=str(IDLE_SECONDS), **NO_LIMITS)


def test_r01_r02_r03_r04_r05_r06_r08_files(unlimited: LiveServer, tmp_path: Path) -> None:
    hostile("make", str(tmp_path / "own"))
    folders = [str(tmp_path / "own"), *filter(None, os.environ.get("PICGATE_HOSTILE", "").split(":"))]
    said = hostile(
        "files", *against(unlimited), "--apis", "chevereto,picora,base64",
        "--max-peak", str(PEAK_MB), "--max-growth", str(GROWTH_MB), *folders,
    )  # fmt: skip
    assert "CLEAN" in said


def test_r22_r23_r24_r25_r26_r31_wire(unlimited: LiveServer) -> None:
    """Whoever stalls is dropped with the next look at all connections, which is every ten seconds."""
    assert "CLEAN" in hostile("wire", *against(unlimited), "--idle", str(IDLE_SECONDS + 30))


def test_r12_ssrf(unlimited: LiveServer) -> None:
    assert "CLEAN" in hostile("ssrf", *against(unlimited))


def test_r12_r14_ssrf_in_a_world_of_its_own() -> None:
    """Every special address there is leads to one who counts; and one place may be fetched, which redirects, drips and
    sends bombs."""
    assert "CLEAN" in run_module("tests.security.offsite", str(TOOL))
