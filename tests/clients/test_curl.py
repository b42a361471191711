"""curl, which every shell script uses."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.clients.tools import run
from tests.clients.wire import download
from tests.conftest import LiveServer
from tests.shared import SHARED, needs_shared

pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")

PAGE = "seeds/004_7f75d937842e30cd.txt"


def curl(*options: str, home: Path) -> subprocess.CompletedProcess[str]:
    return run("curl", "-q", "--silent", "--show-error", *options, home=home)


def image(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done
    body = json.loads(done.stdout)
    assert body["status_code"] == 200 and body["status_txt"] == "OK"
    found: dict[str, Any] = body["image"]
    return found


def test_it_works(gateway: LiveServer, picture: Path) -> None:
    done = curl(
        *("--fail-with-body", "-X", "POST", "-H", f"X-API-Key: {gateway.key}"),
        *("-H", "Content-Type: multipart/form-data", "-F", f"source=@{picture}", f"{gateway.url}/api/1/upload"),
        home=picture.parent,
    )
    assert download(image(done)["url"]) == picture.read_bytes()


@needs_shared(PAGE)
def test_the_example_on_the_old_host_s_page_works_with_another_address(gateway: LiveServer, picture: Path) -> None:
    found = re.search(r"^curl (?:.*\\\n)*.*", (SHARED / PAGE).read_text(), re.MULTILINE)
    assert found
    example = found[0].replace("\\\n", "").replace("YOUR_API_KEY", gateway.key)
    # the page took source=@file for the address of a mailbox and hid it
    example = re.sub(r"\[email\sprotected\]", f"source=@{picture}", example)
    example = re.sub(r"https://\S+(?=/api/)", gateway.url, example)
    assert re.findall(r"https?://[^/\s]+", example) == [gateway.url]
    done = curl(*shlex.split(example)[1:], home=picture.parent)
    assert image(done)["original_filename"] == "pic.png"


def test_the_line_the_gateway_prints_works(gateway: LiveServer, tmp_path: Path) -> None:
    line = next(line for line in gateway.greeting.splitlines() if line.strip().startswith("curl "))
    assert image(curl(*shlex.split(line)[1:], home=tmp_path))["type"] == "image"


def test_a_bad_key_ends_with_an_error(gateway: LiveServer, picture: Path) -> None:
    done = curl(
        *("--fail-with-body", "-H", "X-API-Key: wrong", "-F", f"source=@{picture}", f"{gateway.url}/api/1/upload"),
        home=picture.parent,
    )
    assert done.returncode == 22
    assert json.loads(done.stdout)["error"] == {"message": "Invalid API key.", "code": 100}


def test_the_address_of_a_picture_by_get(gateway: LiveServer, pictures: str, tmp_path: Path) -> None:
    done = curl(
        *("-G", "--data-urlencode", f"source={pictures}/a.png", "-d", f"key={gateway.key}", "-d", "format=json"),
        f"{gateway.url}/api/1/upload/",
        home=tmp_path,
    )
    assert download(image(done)["url"]) == download(f"{pictures}/a.png")


def test_txt_prints_the_address_and_nothing_else(gateway: LiveServer, picture: Path) -> None:
    done = curl(
        *("-F", f"key={gateway.key}", "-F", "format=txt", "-F", f"source=@{picture}", f"{gateway.url}/api/1/upload"),
        home=picture.parent,
    )
    assert download(done.stdout) == picture.read_bytes()


def test_txt_with_a_bad_key_is_not_taken_for_an_address(gateway: LiveServer, picture: Path) -> None:
    done = curl(
        *("--fail", "-F", "key=wrong", "-F", "format=txt", "-F", f"source=@{picture}", f"{gateway.url}/api/1/upload"),
        home=picture.parent,
    )
    assert (done.returncode, done.stdout) == (22, "")


def test_a_redirect_leads_to_the_page_of_the_picture(gateway: LiveServer, picture: Path) -> None:
    fields = ("-F", f"key={gateway.key}", "-F", "format=redirect", "-F", f"source=@{picture}")
    done = curl(
        *("-L", "-o", str(picture.parent / "page"), "-w", "%{http_code} %{url_effective}", *fields),
        f"{gateway.url}/api/1/upload",
        home=picture.parent,
    )
    status, _, address = done.stdout.partition(" ")
    assert status == "200"
    assert re.fullmatch(rf"{gateway.url}/image/pic\.[\w-]{{11}}", address)


def test_a_big_body_waits_until_it_is_asked_for(gateway: LiveServer, big_picture: Path) -> None:
    done = curl(
        *("-v", "-H", f"X-API-Key: {gateway.key}", "-H", "Expect: 100-continue", "-F", f"source=@{big_picture}"),
        f"{gateway.url}/api/1/upload",
        home=big_picture.parent,
    )
    assert "< HTTP/1.1 100 Continue" in done.stderr
    assert download(image(done)["url"]) == big_picture.read_bytes()


def test_a_body_of_unknown_length_comes_in_chunks(gateway: LiveServer, big_picture: Path) -> None:
    done = curl(
        *("-v", "-H", f"X-API-Key: {gateway.key}", "-H", "Transfer-Encoding: chunked", "-F", f"source=@{big_picture}"),
        f"{gateway.url}/api/1/upload",
        home=big_picture.parent,
    )
    assert "> Transfer-Encoding: chunked" in done.stderr and "> Content-Length" not in done.stderr
    assert download(image(done)["url"]) == big_picture.read_bytes()
