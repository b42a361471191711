"""chupo, an uploader for the command line with an output for each format."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.clients.tools import CLIENTS, needs_client, run
from tests.clients.wire import download
from tests.conftest import LiveServer

pytestmark = needs_client("chupo")


def chupo(picture: Path, url: str, key: str, format: str) -> subprocess.CompletedProcess[str]:
    program = CLIENTS / "chupo/venv/bin/chupo"
    return run(program, picture.name, "-u", url, "-k", key, "-f", format, home=picture.parent)


def test_json(gateway: LiveServer, picture: Path) -> None:
    done = chupo(picture, gateway.url, gateway.key, "json")
    assert done.returncode == 0
    assert download(json.loads(done.stdout)["image"]["url"]) == picture.read_bytes()


def test_txt(gateway: LiveServer, picture: Path) -> None:
    done = chupo(picture, gateway.url, gateway.key, "txt")
    assert done.returncode == 0
    assert download(done.stdout.strip()) == picture.read_bytes()


def test_redirect(gateway: LiveServer, picture: Path) -> None:
    done = chupo(picture, gateway.url, gateway.key, "redirect")
    assert done.returncode == 0
    assert re.fullmatch(rf"{gateway.url}/image/pic\.[\w-]{{11}}", done.stdout.strip())


def test_pretty_shows_the_file_and_its_page(gateway: LiveServer, picture: Path) -> None:
    done = chupo(picture, gateway.url, gateway.key, "pretty")
    assert done.returncode == 0
    file, page = re.findall(rf"{gateway.url}\S+", done.stdout)
    assert download(file) == picture.read_bytes()
    assert page.startswith(f"{gateway.url}/image/pic.")


@pytest.mark.parametrize("format", ["json", "txt", "redirect", "pretty"])
def test_a_bad_key_is_a_failure(gateway: LiveServer, picture: Path, format: str) -> None:
    """The old host answered txt and redirect with 200, and chupo took the error for an upload."""
    done = chupo(picture, gateway.url, "wrong", format)
    assert done.returncode == 1
    assert gateway.url not in done.stdout
