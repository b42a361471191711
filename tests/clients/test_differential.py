"""Differential, whose uploader sends the file without a type and wants a BBCode tag back."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.clients.tools import CLIENTS, needs_client, run
from tests.clients.wire import download
from tests.conftest import LiveServer

pytestmark = needs_client("differential")

SCRIPT = """
import sys
from pathlib import Path
from differential.utils.image.chevereto import chevereto_api_upload
print(chevereto_api_upload(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
"""


def upload(picture: Path, url: str, key: str) -> subprocess.CompletedProcess[str]:
    python = CLIENTS / "differential/venv/bin/python"
    return run(python, "-c", SCRIPT, picture.name, url, key, home=picture.parent)


def test_it_works(gateway: LiveServer, picture: Path) -> None:
    done = upload(picture, gateway.url, gateway.key)
    tag = re.fullmatch(r"\[img\](\S+)\[/img\]", done.stdout.strip())
    assert tag, done
    assert download(tag[1]) == picture.read_bytes()


def test_a_bad_key_is_reported(gateway: LiveServer, picture: Path) -> None:
    done = upload(picture, gateway.url, "wrong")
    assert done.stdout.strip() == "None"
    assert "HTTP 400" in done.stderr and "Invalid API key." in done.stderr
