"""Every captured request of a real client, sent again as it was, down to the order of its parts."""

from __future__ import annotations

import json
from base64 import b64encode
from itertools import count
from pathlib import Path

import pytest

from tests.clients.captures import CAPTURES, Captured, Rebuilder, captured
from tests.clients.conftest import seeds
from tests.clients.wire import Answer, download, exchange
from tests.conftest import LiveServer, draw
from tests.shared import needs_shared

pytestmark = needs_shared("captures")

REQUESTS = list(captured())


def send(request: Captured, gateway: LiveServer, pictures: str, picture: bytes) -> Answer:
    host = gateway.url.removeprefix("http://")
    head, body = Rebuilder(host, gateway.key, pictures).rebuild(request, picture)
    return exchange(int(host.partition(":")[2]), head, body)


def drawn_for(request: Captured, big_picture: Path) -> bytes:
    """More than a megabyte where the client sent as much; else a picture whose base64 has a plus in it."""
    if request.is_big:
        return big_picture.read_bytes()
    pictures = (draw(seed=next(seeds)) for _ in count())
    return next(picture for picture in pictures if b"+" in b64encode(picture))


@pytest.mark.parametrize("capture", [pytest.param(one, id=one.name) for one in REQUESTS])
def test_it_is_answered_as_recorded(capture: Captured, gateway: LiveServer, pictures: str, big_picture: Path) -> None:
    answer = send(capture, gateway, pictures, drawn_for(capture, big_picture))
    if capture.is_refused:
        assert answer.status == 400  # the old host answered 200 to txt and redirect
        assert said(answer) == ("Invalid API key.", 100 if is_json(answer) else None)
    elif capture.status == 302:
        assert (answer.status, answer.body) == (302, "")
        assert answer.headers["location"].startswith("/image/")
    elif capture.said.startswith("http"):
        assert answer.status == 200
        assert answer.body.startswith(f"{gateway.url}/") and answer.body.endswith(".png")
    else:
        check_image(answer, capture)


def check_image(answer: Answer, request: Captured) -> None:
    assert answer.status == 200, answer.body
    body = json.loads(answer.body)
    assert body["status_code"] == 200 and body["status_txt"] == "OK" and "error" not in body
    assert body["image"]["extension"] == "png" and body["image"]["url"].startswith("http://127.0.0.1:")
    if request.sent_name:
        assert body["image"]["original_filename"] == request.sent_name


def is_json(answer: Answer) -> bool:
    return answer.headers["content-type"].startswith("application/json")


def said(answer: Answer) -> tuple[str, int | None]:
    if not is_json(answer):
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        return answer.body, None
    error = json.loads(answer.body)["error"]
    return error["message"], error["code"]


def test_there_are_as_many_as_were_captured() -> None:
    assert len(REQUESTS) == len(list(CAPTURES.glob("*.txt")))
    assert {request.status for request in REQUESTS} == {200, 302, 400}
    assert any("expect: 100-continue" in request.text.lower() for request in REQUESTS)
    assert any("transfer-encoding: chunked" in request.text.lower() for request in REQUESTS)


@pytest.mark.parametrize(
    "name", ["run_curl_big_chunked", "run_curl_big_expect100", "recon_atom_image-copy_b64_multipart"]
)
def test_the_file_comes_back_byte_for_byte(name: str, gateway: LiveServer, pictures: str, big_picture: Path) -> None:
    request = next(one for one in REQUESTS if one.name == name)
    picture = drawn_for(request, big_picture)
    answer = send(request, gateway, pictures, picture)
    assert download(json.loads(answer.body)["image"]["url"]) == picture
