"""Importing into a library that is being served: both keep their promises."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import requests

from tests.conftest import LiveServer, draw, gateway_environment

PICTURES = 150


def test_an_import_and_uploads_do_not_disturb_each_other(serve: Callable[..., LiveServer], tmp_path: Path) -> None:
    server = serve()
    (pictures := tmp_path / "pics").mkdir()
    for number in range(PICTURES):
        (pictures / f"{number:03}.png").write_bytes(draw(seed=number))
    importing = subprocess.Popen(
        [sys.executable, "-m", "migrate", "import", "folder", str(pictures), "--data", str(server.data)],
        env=gateway_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    uploaded = 0
    while importing.poll() is None:
        answer = requests.post(
            f"{server.url}/api/1/upload",
            headers={"X-API-Key": server.key},
            files={"source": ("new.png", draw(90, 90, seed=uploaded))},
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        uploaded += 1
    report = importing.communicate()[0]
    assert importing.returncode == 0, report
    assert uploaded
    assert f"imported                  {PICTURES}" in report
    for number in (0, PICTURES - 1):
        answer = requests.get(f"{server.url}/{number:03}.png", timeout=30)
        assert (answer.status_code, answer.content) == (200, draw(seed=number))
    assert server.stop() == 0
