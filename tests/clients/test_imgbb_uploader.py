"""The npm library imgbb-uploader in its Chevereto mode."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

from tests.clients.tools import CLIENTS, needs_client, run
from tests.clients.wire import download
from tests.conftest import LiveServer

pytestmark = needs_client("imgbb-uploader")

SCRIPT = """
const upload = require(process.argv[1])
upload(JSON.parse(process.argv[2])).then(
  (answer) => console.log(JSON.stringify(answer)),
  (error) => { console.error(error.message); process.exit(1) }
)
"""


def upload(home: Path, gateway: LiveServer, **options: Any) -> Any:
    """What the promise of the library resolves to."""
    library = CLIENTS / "imgbb-uploader/node_modules/imgbb-uploader"
    asked = {"apiKey": gateway.key, "cheveretoHost": gateway.url, **options}
    done = run("node", "-e", SCRIPT, library, json.dumps(asked), home=home)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


def test_a_path_with_further_fields(gateway: LiveServer, picture: Path) -> None:
    fields = {"nsfw": 1, "title": "héllo wörld", "expiration": "PT5M"}
    image = upload(picture.parent, gateway, imagePath=str(picture), customPayload=fields)["image"]
    assert (image["nsfw"], image["title"]) == (1, "héllo wörld")
    assert image["expiration_date_gmt"]
    assert download(image["url"]) == picture.read_bytes()


def test_an_address(gateway: LiveServer, pictures: str, tmp_path: Path) -> None:
    image = upload(tmp_path, gateway, imageUrl=f"{pictures}/images/x.png")["image"]
    assert image["original_filename"] == "x.png"
    assert download(image["url"]) == download(f"{pictures}/images/x.png")


def test_base64(gateway: LiveServer, picture: Path) -> None:
    image = upload(picture.parent, gateway, base64string=b64encode(picture.read_bytes()).decode())["image"]
    assert download(image["url"]) == picture.read_bytes()


def test_a_bad_key_rejects_the_promise(gateway: LiveServer, picture: Path) -> None:
    said = upload(picture.parent, gateway, apiKey="wrong", imagePath=str(picture))
    assert "Invalid API key." in said and '"status_code": 400' in said
