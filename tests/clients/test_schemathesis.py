"""schemathesis reads `/openapi.json` and sends a real gateway what it describes, and what it does not: no answer may be
a crash or one that is not described, whatever the status, the headers or the body."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import LiveServer
from tests.web.picora.described import OPERATIONS

pytest.importorskip("schemathesis", reason="schemathesis is not installed")

CHECKOUT = Path(__file__).parents[2]
CONFIG = Path(__file__).with_name("schemathesis.toml")
AT_MOST_SECONDS = 85
NO_LIMITS = {f"GATEWAY_LIMITS__{tier}": "0" for tier in ("READ", "UPLOAD", "MUTATION", "HOURLY")}


def test_r33_every_answer_is_described(serve: Callable[..., LiveServer]) -> None:
    """Addresses it makes up are not fetched."""
    gateway = serve(GATEWAY_UPLOADS__URL_SOURCES="false", **NO_LIMITS)
    done = subprocess.run(
        [
            *(sys.executable, "-P", "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", "--no-color"),
            *("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "20"),
            *("--header", f"Authorization: Bearer {gateway.key}", f"{gateway.url}/openapi.json"),
        ],
        capture_output=True, text=True, cwd=CHECKOUT, timeout=AT_MOST_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    assert f"Tested: {len(OPERATIONS)}" in done.stdout
