"""Upload tools of other people, run as their users run them. `install` beside this file brings them here."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
CLIENTS = Path(os.environ.get("PICGATE_CLIENTS") or CACHE / "picgate-clients")


def needs_client(name: str) -> pytest.MarkDecorator:
    """Marks what runs that tool: skipped, with the reason, where it is not installed."""
    whole = (CLIENTS / name / "installed").exists()
    return pytest.mark.skipif(not whole, reason=f"{name} is not in {CLIENTS}; tests/clients/install brings it")


def surroundings(home: Path) -> dict[str, str]:
    """A home without anyone's settings, and no proxy in between."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return kept | {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "NO_COLOR": "1", "COLUMNS": "200"}


def run(*command: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    """What it printed, and how it ended, in a folder that is its home as well."""
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, cwd=home, env=surroundings(home), timeout=60
    )
