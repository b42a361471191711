"""curl at the Picora door, with the examples of its documentation: another address and a key, and nothing else."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.clients.test_curl import curl
from tests.clients.wire import download
from tests.conftest import LiveServer
from tests.shared import SHARED, needs_shared

pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")

UPLOAD_PAGE = "seeds/000_8e6b0bdd6be33c8d.txt"
GUIDE = "seeds/001_0aa7b61712c95a1c.txt"
REFERENCE = "seeds/002_b532545d7e6fbf3d.txt"
INDEX = "seeds/003_96ae1497219978c0.txt"
README = Path(__file__).parents[2] / "README.md"


def examples(page: str) -> list[str]:
    """Each in one line. Where the page lost its line ends, the heading behind an example stuck to it."""
    found = re.findall(r"^curl (?:.*\\\n)*.*", (SHARED / page).read_text(), re.MULTILINE)
    return [re.sub(r"\\\s", "", one).removesuffix("Response") for one in found]


def follow(example: str, gateway: LiveServer, home: Path, image_id: str = "") -> tuple[int, Any]:
    """Run it as it stands there, but here; gives the status and what is in the answer."""
    text = re.sub(r"https://api\.picora\.(?:com|me)", gateway.url, example)
    text = re.sub(r"sk_live_(?:YOUR_KEY|\.\.\.)", gateway.key, text)
    text = re.sub(r"\{id\}|xK9mR2pQ7vB", image_id, text)
    done = curl("-w", "\n%{http_code}", *shlex.split(text)[1:], home=home)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body)["data"] if body else None


@pytest.fixture
def photo(picture: Path) -> Path:
    """As the examples call it, which is not what it is."""
    return picture.rename(picture.with_name("photo.jpg"))


@pytest.fixture
def image(gateway: LiveServer, photo: Path) -> dict[str, Any]:
    status, image = follow(examples(GUIDE)[0], gateway, photo.parent)
    assert status == 201
    found: dict[str, Any] = image
    return found


@needs_shared(UPLOAD_PAGE)
def test_the_upload_page(gateway: LiveServer, photo: Path) -> None:
    (example,) = examples(UPLOAD_PAGE)
    status, image = follow(example, gateway, photo.parent)

    assert status == 201
    assert {"id", "url", "filename", "size", "width", "height", "created_at"} <= set(image)
    assert (image["filename"], image["size"]) == ("photo.jpg", photo.stat().st_size)
    assert download(image["url"]) == photo.read_bytes()


@needs_shared(GUIDE)
def test_the_guide(gateway: LiveServer, photo: Path, image: dict[str, Any]) -> None:
    assert {"id", "url", "filename", "sizeBytes", "isPublic", "tags", "createdAt"} <= set(image)
    assert (set(image["tags"]), image["isPublic"]) == ({"travel", "2026"}, True)

    _, patch, delete = examples(GUIDE)
    status, changed = follow(patch, gateway, photo.parent, image["id"])
    assert (status, set(changed["tags"])) == (200, {"travel", "2026", "italy"})
    assert follow(delete, gateway, photo.parent, image["id"]) == (204, None)


@needs_shared(REFERENCE)
def test_the_reference(gateway: LiveServer, photo: Path, image: dict[str, Any]) -> None:
    first, next_page, delete = examples(REFERENCE)
    status, page = follow(first, gateway, photo.parent)
    assert (status, page["items"][0]["id"]) == (200, image["id"])
    told = {"id", "url", "filename", "size", "width", "height", "is_public", "tags", "created_at"}
    assert told <= set(page["items"][0])
    assert isinstance(page["total"], int)

    assert follow(next_page, gateway, photo.parent)[0] == 200
    assert follow(delete, gateway, photo.parent, image["id"]) == (204, None)


@needs_shared(INDEX)
def test_the_index(gateway: LiveServer, photo: Path, image: dict[str, Any]) -> None:
    """Its examples leave the key out and the end of the cursor, which the reference has whole."""
    first, next_page = re.findall(r'^curl ".*?"', (SHARED / INDEX).read_text(), re.MULTILINE)
    with_key = ' -H "Authorization: Bearer sk_live_YOUR_KEY"'
    status, page = follow(first + with_key, gateway, photo.parent)
    assert (status, page["items"][0]["id"]) == (200, image["id"])

    cursor = "eyJpZCI6IlhLOU1SMlBRN3ZCIiwiY3JlYXRlZEF0IjoiMjAyNi0wNC0xNiJ9"
    status, page = follow(next_page.replace("eyJpZCI6Il...", cursor) + with_key, gateway, photo.parent)
    assert (status, page["items"]) == (200, [])


def test_the_readme(gateway: LiveServer, picture: Path) -> None:
    section = README.read_text("utf-8").partition("## The Picora API")[2].partition("\n## ")[0]
    upload, search = (
        line.replace("http://127.0.0.1:8080", gateway.url).replace("YOUR_API_KEY", "sk_live_YOUR_KEY")
        for line in section.splitlines()
        if line.startswith("curl ")
    )
    picture.rename(picture.with_name("picture.jpg"))
    status, image = follow(upload, gateway, picture.parent)
    assert (status, image["tags"]) == (201, ["travel"])
    status, page = follow(search, gateway, picture.parent)
    assert (status, page["items"][0]["id"]) == (200, image["id"])
