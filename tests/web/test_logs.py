"""The log: a line for each request, for people or as JSON, with what finds it again and nothing that opens anything."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.request import Request, urlopen

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.core.library import Added, Library
from gateway.settings import Settings
from gateway.store.opening import Opened
from gateway.telemetry import logs
from gateway.telemetry.logs import JsonFormat, TextFormat, start_logging, tell
from gateway.telemetry.requests import Line
from gateway.web.files import Files
from tests.conftest import Client, LiveServer, draw
from tests.web.conftest import Post

REQUESTS = "gateway.telemetry.requests"
NODE = "north-1"


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """lines() gives what was logged so far, as JSON."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonFormat(NODE))
    logger = logging.getLogger("gateway")
    logger.addHandler(handler)
    before = logger.level
    logger.setLevel(logging.DEBUG)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    logger.setLevel(before)
    logger.removeHandler(handler)


Lines = Callable[[], list[dict[str, Any]]]


def of_requests(lines: Lines) -> list[dict[str, Any]]:
    return [line for line in lines() if line["logger"] == REQUESTS and "route" in line]


def test_an_upload_leaves_a_line_with_all_that_finds_it(post: Post, lines: Lines) -> None:
    answer = post(headers={"X-Request-Id": "find-me"})
    [line] = of_requests(lines)

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert line.pop("ms") > 0
    assert line.pop("message").startswith("POST /api/1/upload 200 ")
    assert line == {
        "level": "info",
        "logger": REQUESTS,
        "node": NODE,
        "request": "find-me",
        "door": "legacy",
        "route": "/api/<path:rest>",
        "method": "POST",
        "path": "/api/1/upload",
        "status": 200,
        "received": answer.request.content_length,
        "sent": len(answer.data),
        "client": "127.0.0.1",
        "owner": "alice",
        "media": answer.json["image"]["id_encoded"],
    }


def test_a_file_leaves_a_line_with_its_id(client: FlaskClient, add_image: Callable[..., Added], lines: Lines) -> None:
    media = add_image(data=draw()).media
    client.get(f"/{media.id}.png?w=30")
    client.get(f"/{media.id}.png")
    small, whole = of_requests(lines)
    assert (whole["media"], whole["sent"], whole["door"]) == (media.id, len(draw()), "files")
    assert (small["path"], small["media"]) == (f"/{media.id}.png", media.id)


def test_a_record_that_is_asked_for_is_named(client: FlaskClient, alice_key: str, lines: Lines) -> None:
    client.get(f"/v1/images/{'A' * 11}", headers={"Authorization": f"Bearer {alice_key}"})
    [line] = of_requests(lines)
    assert (line["status"], line["owner"], line["media"]) == (404, "alice", "A" * 11)


@pytest.mark.parametrize(
    ("fault", "status", "level"),
    [(None, 404, "info"), (ZeroDivisionError, 500, "error")],
)
def test_the_level_tells_whose_fault_it_was(
    client: FlaskClient, lines: Lines, monkeypatch: pytest.MonkeyPatch, fault: type[Exception] | None, status: int,
    level: str,
) -> None:  # fmt: skip
    def fail(*_: object) -> None:
        raise fault()  # type: ignore[misc]

    if fault:
        monkeypatch.setattr(Library, "file_entry", fail)
    client.get(f"/{'A' * 11}.png")
    [line] = of_requests(lines)
    assert (line["status"], line["level"]) == (status, level)


def test_a_store_that_is_away_is_a_warning(
    settings: Settings, opened: Opened, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(settings, storage=replace(settings.storage, min_free=10**18))
    Client(create_app(settings, opened)).get("/health")
    assert [(line["status"], line["level"]) for line in of_requests(lines)] == [(503, "warning")]


# what nobody foresaw


@pytest.mark.parametrize(("path", "part"), [("/v1/user/me", "find-me"), (f"/{'A' * 11}.png", "request find-me")])
def test_what_nobody_foresaw_is_answered_and_logged_with_its_id(
    client: FlaskClient, alice_key: str, lines: Lines, monkeypatch: pytest.MonkeyPatch, path: str, part: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of a place in the code")

    monkeypatch.setattr("gateway.core.keys.Keys.check", fail)
    monkeypatch.setattr(Library, "file_entry", fail)
    answer = client.get(path, headers={"X-Request-Id": "find-me", "Authorization": f"Bearer {alice_key}"})
    [fault] = [line for line in lines() if "traceback" in line]

    assert (answer.status_code, answer.headers["X-Request-Id"]) == (500, "find-me")
    assert part in answer.text and "ZeroDivisionError" not in answer.text
    assert fault["request"] == "find-me" and "of a place in the code" in fault["traceback"]


def test_an_answer_that_breaks_off_is_logged_and_counted(
    app: Flask, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[bytes]:
        yield b"half"
        raise ZeroDivisionError

    def answer(_: Files, environ: Any, start: Any) -> Iterator[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        return broken()

    monkeypatch.setattr(Files, "__call__", answer)
    with pytest.raises(ZeroDivisionError):
        Client(app).get("/anything", headers={"X-Request-Id": "find-me"})
    assert [line["request"] for line in lines() if "traceback" in line] == ["find-me"]
    assert [line["sent"] for line in of_requests(lines)] == [4]


# what no line has

TOKEN = "delete-me-0123456789"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"/image/cat.{'A' * 11}/delete/{TOKEN}", f"/image/cat.{'A' * 11}/delete/***"),
        (f"/old/i/cat/delete/{TOKEN}/", "/old/i/cat/delete/***/"),
        (f"/image/cat?delete={TOKEN}", "/image/cat"),
        (f"/dashboard/password/{TOKEN}", "/dashboard/password/***"),
        (f"/api/1/upload?key={TOKEN}&source=x", "/api/1/upload"),
        (f"/api/1/upload/{TOKEN}", "/api/1/upload/***"),
        (f"/x/sk_live_{TOKEN}/y", "/x/sk_live_***/y"),
        (f"/{'A' * 11}.png?sig={TOKEN}&exp=1", f"/{'A' * 11}.png"),
        (f"/v1/images?cursor={TOKEN}", "/v1/images"),
    ],
)
def test_r28_nothing_that_opens_anything(client: FlaskClient, lines: Lines, path: str, shown: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "X-API-Key": TOKEN, "Cookie": f"album={TOKEN}",
               "Referer": f"http://x/?{TOKEN}"}  # fmt: skip
    client.get(path, headers=headers)
    assert [line["path"] for line in of_requests(lines)] == [shown]
    assert TOKEN not in json.dumps(lines())


def test_r28_nothing_of_what_was_sent_in_a_form(client: FlaskClient, lines: Lines) -> None:
    client.post("/api/1/upload", data={"key": TOKEN, "source": f"http://127.0.0.1/?{TOKEN}"})
    assert of_requests(lines) and TOKEN not in json.dumps(lines())


@pytest.mark.parametrize("format", [TextFormat(), JsonFormat(NODE)])
def test_nobody_can_write_a_line_of_their_own(client: FlaskClient, format: logging.Formatter) -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(format)
    logger = logging.getLogger(REQUESTS)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        client.get("/a%0A2026-11-21 INFO%0D gateway: forged\x1b[2J%E2%80%A8ü")
        logger.info("a name with\na line end and \ud800")
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert out.getvalue().count("\n") == 2
    assert "\x1b" not in out.getvalue() and "\r" not in out.getvalue()
    out.getvalue().encode()


def test_a_path_without_end_is_cut(client: FlaskClient, lines: Lines) -> None:
    client.get("/" + "x" * 5_000)
    assert [len(line["path"]) for line in of_requests(lines)] == [300]


# settings


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level, logging.logThreads, logging.logProcesses, logging.logMultiprocessing
    yield
    root.handlers[:], root.level = before[0], before[1]
    logging.logThreads, logging.logProcesses, logging.logMultiprocessing = before[2:]
    for name in (*logs.OWN, "waitress.queue"):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.mark.usefixtures("logging_as_before")
def test_other_packages_say_nothing_below_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    """What they would say has whole addresses in it."""
    start_logging("debug")
    logging.getLogger("urllib3.connectionpool").debug('"GET /?token=secret"')
    logging.getLogger("urllib3").warning("worth it")
    logging.getLogger("gateway.store").debug("ours")
    told = capsys.readouterr().err
    assert "secret" not in told and "worth it" in told and "ours" in told


@pytest.mark.usefixtures("logging_as_before")
def test_a_line_that_cannot_be_written_takes_no_others_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("info")
    line = Line("files", "/{file}", "GET", "/cat.png", 200, 0.1, 0, 4, "127.0.0.1", None, None)
    tell(logging.getLogger("gateway"), logging.INFO, line)
    logging.getLogger("gateway").warning("%s and %s", "one without the other")
    assert "GET /cat.png 200" in capsys.readouterr().err


def test_lines_can_be_left_to_the_server_in_front(settings: Settings, opened: Opened, lines: Lines) -> None:
    settings = replace(settings, log=replace(settings.log, requests=False))
    Client(create_app(settings, opened)).get("/nowhere")
    assert of_requests(lines) == []


def log_of(server: LiveServer) -> list[str]:
    server.stop()
    return server.data.with_name(server.data.name + ".log").read_text().splitlines()


def ask(server: LiveServer, path: str, request_id: str) -> None:
    urlopen(Request(server.url + path, headers={"X-Request-Id": request_id})).close()


def test_a_real_server_writes_for_people(serve: Callable[..., LiveServer]) -> None:
    server = serve()
    ask(server, "/health", "find-me")
    [line] = [line for line in log_of(server) if "find-me" in line]
    assert re.fullmatch(
        r"\S+ \S+ INFO    gateway\.telemetry\.requests: GET /health 200 [\d.]+ ms \d+ bytes \[find-me\]", line
    )


def test_a_real_server_writes_json(serve: Callable[..., LiveServer]) -> None:
    server = serve(GATEWAY_LOG__FORMAT="json", GATEWAY_SERVER__NODE=NODE)
    ask(server, "/health", "find-me")
    parsed = [json.loads(line) for line in log_of(server)]
    [line] = [line for line in parsed if line.get("request") == "find-me"]
    assert (line["node"], line["path"], line["status"]) == (NODE, "/health", 200)
