"""PicGo with the plugin web-uploader, as it is set up for image hosts of this kind."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.clients.tools import CLIENTS, needs_client, surroundings
from tests.clients.wire import download
from tests.conftest import LiveServer

pytestmark = needs_client("picgo")

PICGO = CLIENTS / "picgo"


def configure(home: Path, url: str, **uploader: str) -> Path:
    """PicGo writes into its settings file and looks for plugins beside it."""
    settings = {"url": url, "paramName": "source", "jsonPath": "image.url", **uploader}
    config = home / "config.json"
    config.write_text(
        json.dumps(
            {
                "picBed": {"current": "web-uploader", "uploader": "web-uploader", "web-uploader": settings},
                "picgoPlugins": {"picgo-plugin-web-uploader": True},
            }
        )
    )
    shutil.copy(PICGO / "package.json", home)
    (home / "node_modules").symlink_to(PICGO / "node_modules")
    return config


def upload(picture: Path, url: str, **uploader: str) -> str:
    """The line after SUCCESS: an address, or nothing. PicGo ends only once the server has hung up, so that the end is
    waited for, too."""
    home = picture.parent
    config = configure(home, url, **uploader)
    command = ["node", str(PICGO / "node_modules/picgo/bin/picgo"), "-c", str(config), "u", picture.name]
    done = subprocess.run(command, capture_output=True, text=True, cwd=home, env=surroundings(home), timeout=60)
    before, success, after = done.stdout.partition("PicGo SUCCESS]:")
    assert success, before + done.stderr
    return after.strip()


def test_the_key_in_a_header(gateway: LiveServer, picture: Path) -> None:
    address = upload(picture, f"{gateway.url}/api/1/upload", customHeader=json.dumps({"X-API-Key": gateway.key}))
    assert download(address) == picture.read_bytes()


@pytest.mark.parametrize("path", ["/api/1/upload", "/api/1/upload/"])
def test_the_key_in_the_form(gateway: LiveServer, picture: Path, path: str) -> None:
    fields = {"key": gateway.key, "action": "upload", "format": "json"}
    address = upload(picture, gateway.url + path, customBody=json.dumps(fields))
    assert download(address) == picture.read_bytes()


def test_the_key_in_the_address(gateway: LiveServer, picture: Path) -> None:
    """The plugin wants one of its settings filled, whatever with."""
    address = upload(picture, f"{gateway.url}/api/1/upload/?key={gateway.key}", customHeader='{"X-Test": "1"}')
    assert download(address) == picture.read_bytes()


def test_a_bad_key_gives_no_address(gateway: LiveServer, picture: Path) -> None:
    assert upload(picture, f"{gateway.url}/api/1/upload", customHeader='{"X-API-Key": "wrong"}') == ""
