"""The welcome, the tool settings, and what all pages have in common."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.core.library import Added
from gateway.settings import Server, Settings
from gateway.store.opening import Opened
from gateway.urls import viewer_path
from tests.conftest import PUBLIC_URL, Client, draw


def text_of(page: str, id: str) -> str:
    match = re.search(rf'<code id="{id}">(.*?)</code>|<input id="{id}"[^>]* value="([^"]*)"', page, re.DOTALL)
    assert match
    return unescape(match[1] or match[2])


def test_the_welcome_works(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "Up and running" in answer.text and 'href="/tools"' in answer.text
    assert text_of(answer.text, "curl") == (
        f'curl -H "X-API-Key: YOUR_KEY" -F "source=@picture.png" {PUBLIC_URL}/api/1/upload'
    )


@pytest.mark.parametrize("path", ["/tools", "/tools/"])
def test_the_tools_work(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    for tool in ("ShareX", "PicGo", "PicList", "curl"):
        assert f">{tool}</h2>" in answer.text
    assert text_of(answer.text, "other-address") == f"{PUBLIC_URL}/api/1/upload"


def test_picgo_gets_what_its_plugin_reads(client: FlaskClient) -> None:
    config = json.loads(text_of(client.get("/tools").text, "picgo-text"))
    uploader = config["picBed"]["web-uploader"]
    assert config["picBed"]["current"] == config["picBed"]["uploader"] == "web-uploader"
    assert config["picgoPlugins"] == {"picgo-plugin-web-uploader": True}
    assert (uploader["url"], uploader["paramName"], uploader["jsonPath"]) == (
        f"{PUBLIC_URL}/api/1/upload",
        "source",
        "image.url",
    )
    assert json.loads(uploader["customHeader"]) == {"X-API-Key": "YOUR_API_KEY"}


def test_the_sharex_file_works(client: FlaskClient) -> None:
    answer = client.get("/tools/picgate.sxcu")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="picgate.sxcu"'
    assert answer.json == {
        "Version": "14.1.0",
        "Name": "Picgate (img.example.org)",
        "DestinationType": "ImageUploader",
        "RequestMethod": "POST",
        "RequestURL": f"{PUBLIC_URL}/api/1/upload",
        "Headers": {"X-API-Key": "YOUR_API_KEY"},
        "Body": "MultipartFormData",
        "FileFormName": "source",
        "URL": "{json:image.url}",
        "ThumbnailURL": "{json:image.thumb.url}",
        "DeletionURL": "{json:image.delete_url}",
        "ErrorMessage": "{json:error.message}",
    }


def test_the_sharex_file_uploads(client: FlaskClient, alice_key: str) -> None:
    settings = client.get("/tools/picgate.sxcu").json
    assert settings
    answer = client.open(
        settings["RequestURL"].removeprefix(PUBLIC_URL),
        method=settings["RequestMethod"],
        headers={name: value.replace("YOUR_API_KEY", alice_key) for name, value in settings["Headers"].items()},
        data={settings["FileFormName"]: (BytesIO(draw()), "shot.png")},
    )
    for setting in ("URL", "ThumbnailURL", "DeletionURL"):
        found: Any = answer.json
        for step in settings[setting].removeprefix("{json:").removesuffix("}").split("."):
            found = found[step]
        assert str(found).startswith(PUBLIC_URL)


def test_the_sharex_file_finds_the_message(client: FlaskClient) -> None:
    answer = client.post("/api/1/upload", headers={"X-API-Key": "YOUR_API_KEY"})
    assert answer.status_code == 400 and answer.json and answer.json["error"]["message"]


@pytest.mark.parametrize("path", ["/", "/tools", "/image/AAAAAAAAAAA", "/nowhere"])
def test_every_page_is_hardened(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


@pytest.mark.parametrize("path", ["/", "/tools", "/image/AAAAAAAAAAA?deleted", "/nowhere"])
def test_everything_a_page_needs_is_there(client: FlaskClient, path: str) -> None:
    needed = re.findall(r'(?:src|href)="(/static/[^"]+)"', client.get(path).text)
    assert "/static/picgate.css" in needed
    for static in needed:
        assert client.get(static).status_code == 200


def test_a_public_url_with_a_path_is_in_front_of_everything(
    settings: Settings, opened: Opened, add_image: Callable[..., Added]
) -> None:
    client = Client(create_app(replace(settings, server=Server(public_url="https://example.org/pictures")), opened))
    added = add_image(title="Cat")
    path = viewer_path(added.media)
    answer = client.get(path)
    assert f'href="https://example.org/pictures{path}"' in answer.text
    assert 'href="/pictures/static/picgate.css"' in answer.text and 'href="/static' not in answer.text
    assert "img-src 'self' https://example.org;" in answer.headers["Content-Security-Policy"]
    assert f"Path=/pictures{path};" in answer.headers["Set-Cookie"]
    assert client.get(f"/image/{added.media.id}").headers["Location"] == f"/pictures{path}"
    assert client.get("/oembed", query_string={"url": f"https://example.org/pictures{path}"}).status_code == 200


def test_a_page_never_believes_the_host_it_was_asked_for(client: FlaskClient, add_image: Callable[..., Added]) -> None:
    path = viewer_path(add_image(title="Cat").media)
    for page in ("/", "/tools", path):
        assert "evil.example" not in client.get(page, headers={"Host": "evil.example"}).text
