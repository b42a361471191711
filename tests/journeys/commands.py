"""The real command line, and waiting for something to become true."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import gateway_environment

Result = subprocess.CompletedProcess[str]


def gateway(data: Path, *command: str, **settings: str) -> Result:
    """gateway(data, "key", "add", "x") runs `gateway key add x --data …`."""
    return subprocess.run(
        [sys.executable, "-m", "gateway", *command, "--data", str(data)],
        env=gateway_environment(**settings),
        capture_output=True,
        text=True,
        timeout=120,
    )


def gateway_json(data: Path, *command: str, **settings: str) -> Any:
    done = gateway(data, *command, "--json", **settings)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def until(is_so: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Look again and again; an upper bound, so that what never comes true is a failure and no hang."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"after {seconds} seconds still not: {what}"
        threading.Event().wait(0.02)
