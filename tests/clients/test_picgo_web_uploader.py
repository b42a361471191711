"""PicGo with the plugin web-uploader, set up for `/v1/images`: the file in `file`, the address in `data.url`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.clients.test_picgo import upload
from tests.clients.tools import needs_client
from tests.clients.wire import download
from tests.conftest import LiveServer

pytestmark = needs_client("picgo")

PATIENCE = 30


def upload_by(key: str, gateway: LiveServer, picture: Path, **settings: str) -> str:
    header = json.dumps({"Authorization": f"Bearer {key}"})
    wanted = {"paramName": "file", "jsonPath": "data.url", "customHeader": header} | settings
    return upload(picture, f"{gateway.url}/v1/images", **wanted)


def newest(gateway: LiveServer) -> Any:
    headers = {"Authorization": f"Bearer {gateway.key}"}
    answer = requests.get(f"{gateway.url}/v1/images?limit=1", headers=headers, timeout=PATIENCE)
    return answer.json()["data"]["items"][0]


def test_it_works(gateway: LiveServer, picture: Path) -> None:
    address = upload_by(gateway.key, gateway, picture)

    assert download(address) == picture.read_bytes()
    assert (newest(gateway)["url"], newest(gateway)["filename"]) == (address, "pic.png")


def test_fields_beside_the_file(gateway: LiveServer, picture: Path) -> None:
    fields = {"tags": '["picgo","2026"]', "title": "Blog header"}
    address = upload_by(gateway.key, gateway, picture, customBody=json.dumps(fields))
    image = newest(gateway)

    assert (image["url"], image["title"], set(image["tags"])) == (address, "Blog header", {"picgo", "2026"})


def test_the_same_again_has_the_same_address(gateway: LiveServer, picture: Path) -> None:
    first = upload_by(gateway.key, gateway, picture)
    (picture.parent / "node_modules").unlink()

    assert upload_by(gateway.key, gateway, picture) == first


@pytest.mark.parametrize("settings", [{"paramName": "image"}, {"customHeader": '{"Authorization": "Bearer wrong"}'}])
def test_what_is_refused_gives_no_address(gateway: LiveServer, picture: Path, settings: dict[str, str]) -> None:
    assert upload_by(gateway.key, gateway, picture, **settings) == ""
