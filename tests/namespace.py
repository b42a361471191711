"""A network namespace with nothing but its own loopback: what names a foreign address runs here and nowhere else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# lo comes up before Python starts, because urllib3 decides on import whether this machine has IPv6.
NAMESPACE = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def run_module(name: str, *arguments: str) -> str:
    """What `python -m name` prints in there. Skips the test, with the reason, where namespaces are not to be had."""
    for program in ("unshare", "ip"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    if subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode:
        pytest.skip("unshare -n is not permitted here")
    command = [*NAMESPACE, sys.executable, "-W", "error", "-m", name, *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout
