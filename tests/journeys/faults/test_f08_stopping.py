"""F8. SIGTERM or Ctrl-C in the middle of uploads: each is answered in full or not acknowledged, and nothing is lost."""

from __future__ import annotations

import http.client
import signal
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import LiveServer, draw
from tests.journeys.bare import Heard, dial, head, listen, write
from tests.journeys.commands import gateway_json
from tests.journeys.folder import damage, incoming, known, stored
from tests.journeys.uploading import (
    Acknowledged,
    Answer,
    acknowledged,
    connect,
    form,
    get,
    lost,
    noise,
    picture,
    upload,
)

SIGNALS = (signal.SIGTERM, signal.SIGINT)
SLOW, QUICK, PIECES = 10, 10, 20
LONG_GRACE = {"GATEWAY_SERVER__SHUTDOWN_GRACE": "600"}  # so that a stop which waits for idle clients shows as a hang


@pytest.mark.parametrize("how", SIGNALS)
def test_f08_uploads_in_flight_are_finished_or_refused(
    serve: Callable[..., LiveServer], tmp_path: Path, how: signal.Signals
) -> None:
    data = tmp_path / "live"
    server = serve(**LONG_GRACE)
    asked, stopping = threading.Barrier(SLOW + QUICK + 1), threading.Event()
    slow = [noise(number, 300, 200) for number in range(SLOW)]
    quick = [picture(number) for number in range(QUICK)]
    with ThreadPoolExecutor(SLOW + QUICK) as threads:
        arriving = [threads.submit(send_slowly, server, one, asked, stopping) for one in slow]
        running = [threads.submit(send_at_once, server, one, asked) for one in quick]
        asked.wait(60)
        server.process.send_signal(how)
        stopping.set()
        finished = [accept(one, sent) for one, sent in zip(arriving, slow, strict=True)]
        perhaps = [accept(one, sent) for one, sent in zip(running, quick, strict=True)]
    assert server.process.wait(60) == 0
    assert None not in finished, "the server had begun to take these"
    promised = [one for one in (*finished, *perhaps) if one]

    assert (incoming(data), damage(data), stored(data)) == ([], [], known(data))
    again = serve()
    assert again.key == ""
    assert list(lost(again.url, promised)) == []
    assert gateway_json(data, "stats")["media_count"] >= len({one.id for one in promised})


def send_slowly(server: LiveServer, sent: bytes, asked: threading.Barrier, stopping: threading.Event) -> Heard:
    """Waits to be told to continue, so that the server surely knows of it; the rest follows when it is to stop."""
    body, kind = form(sent)
    lines = (f"Content-Type: {kind}", f"Content-Length: {len(body)}", f"X-API-Key: {server.key}")
    with dial(server.url) as line:
        write(line, [head(*lines, "Expect: 100-continue")])
        assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        step = len(body) // PIECES + 1
        pieces = [body[at : at + step] for at in range(0, len(body), step)]
        write(line, pieces[: PIECES // 2])
        asked.wait(60)
        assert stopping.wait(60)
        for piece in pieces[PIECES // 2 :]:
            write(line, [piece])
            threading.Event().wait(0.02)  # slowly
        return listen(line)


def send_at_once(server: LiveServer, sent: bytes, asked: threading.Barrier) -> Heard:
    body, kind = form(sent)
    lines = (f"Content-Type: {kind}", f"Content-Length: {len(body)}", f"X-API-Key: {server.key}")
    with dial(server.url) as line:
        asked.wait(60)
        return listen(line, not write(line, [head(*lines), body]))


def accept(heard: Future[Heard], sent: bytes) -> Acknowledged | None:
    """None for a closed line or a refusal, neither of which promises anything."""
    answer = heard.result(120)
    if answer.status is None or answer.status >= 400:
        return None
    return acknowledged(Answer(answer.status, answer.kind, answer.body), sent)


@pytest.mark.parametrize("how", SIGNALS)
def test_f08_idle_connections_do_not_hold_it_up(serve: Callable[..., LiveServer], how: signal.Signals) -> None:
    server = serve(**LONG_GRACE)
    with ExitStack() as stack:
        for _ in range(5):
            kept = connect(server.url)
            stack.callback(kept.close)
            assert get(server.url, "/health", kept).status == 200
        for said in (b"", b"\r\n"):  # nothing yet, and the empty line some clients send after a body
            write(stack.enter_context(dial(server.url)), [said])
        assert server.stop(how) == 0


def test_f08_stalled_uploads_do_not_hold_it_up(serve: Callable[..., LiveServer], tmp_path: Path) -> None:
    server = serve(**LONG_GRACE)
    body, kind = form(draw())
    lines = (f"Content-Type: {kind}", "Content-Length: 900000", f"X-API-Key: {server.key}")
    with ExitStack() as stack:
        for _ in range(5):
            write(stack.enter_context(dial(server.url)), [head(*lines), body[:80]])
        assert get(server.url, "/health").status == 200
        assert server.stop() == 0
    assert incoming(tmp_path / "live") == []


def test_f08_the_grace_is_all_that_a_slow_client_gets(serve: Callable[..., LiveServer]) -> None:
    server = serve(GATEWAY_SERVER__SHUTDOWN_GRACE="1")
    _, kind = form(draw())
    given_up = threading.Event()
    with dial(server.url) as line, ThreadPoolExecutor(1) as thread:
        write(line, [head(f"Content-Type: {kind}", "Content-Length: 900000", "Expect: 100-continue")])
        assert line.recv(100).startswith(b"HTTP/1.1 100")
        dripping = thread.submit(drip, line, given_up)
        assert server.stop() == 0
        given_up.set()
        dripping.result(60)


def drip(line: socket.socket, given_up: threading.Event) -> None:
    while write(line, [b"x"]) and not given_up.wait(0.1):
        pass


def test_f08_it_starts_and_stops_again_and_again(serve: Callable[..., LiveServer]) -> None:
    promised: list[Acknowledged] = []
    key = ""
    for number in range(3):
        server = serve()
        key = key or server.key
        promised.append(acknowledged(upload(server.url, key, picture(number)), picture(number)))
        assert list(lost(server.url, promised)) == []
        assert server.stop() == 0
        with pytest.raises((OSError, http.client.HTTPException)):
            get(server.url, "/health")
