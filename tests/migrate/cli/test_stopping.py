"""Ctrl-C: once it stops after what was begun, and a resumed run is whole."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from migrate.commands.running import until
from migrate.lines import Lines
from migrate.stopping import Stop
from tests.conftest import draw, gateway_environment

PICTURES = 500


def test_one_that_is_stopped_says_how_to_go_on(run: Callable[..., Result], data: Path, tmp_path: Path) -> None:
    (pictures := tmp_path / "pics").mkdir()
    for number in range(PICTURES):
        (pictures / f"{number}.png").write_bytes(draw(seed=number))
    importing = subprocess.Popen(
        [sys.executable, "-m", "migrate", "import", "folder", str(pictures), "--data", str(data), "--jobs", "1"],
        env=gateway_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert importing.stderr
    next(line for line in importing.stderr if line.startswith("run "))  # it has begun
    importing.send_signal(signal.SIGINT)
    report, complaints = importing.communicate(timeout=60)
    assert importing.returncode == 3, complaints
    assert "was stopped" in report
    assert "Traceback" not in complaints
    assert report.splitlines()[-1].startswith("Go on with: migrate resume ")
    assert f"imported                  {PICTURES}" in run("resume").stdout


def test_reading_a_dump_is_given_up_at_once() -> None:
    heard: list[str] = []
    stop = Stop()
    reading = until(stop, Lines(heard.append))
    reading(1, 2)
    stop.is_asked = True
    with pytest.raises(KeyboardInterrupt):
        reading(2, 2)
