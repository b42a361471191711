"""The name of the old host leads here before anything is imported: a real gateway falls back on the old server."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.asked_host import asked_host
from tests.conftest import LiveServer, draw, gateway_environment
from tests.journeys.commands import gateway
from tests.journeys.folder import damage, incoming, known, query, stored
from tests.journeys.uploading import ask, get, noise

Serve = Callable[..., LiveServer]
PATH = "/holiday/Gr%C3%BC%C3%9Fe%20(1).png"
NAME = "holiday/Grüße (1).png"


def test_the_dns_moves_first_and_the_files_later(serve: Serve, tmp_path: Path) -> None:
    picture, thumb = noise(1, 900, 700), draw(160, 160, seed=1)
    with asked_host() as old:
        old.files |= {PATH: picture, PATH.replace(".png", ".th.png"): thumb}
        server = serve(GATEWAY_LEGACY__FALLBACK_URL=old.url)
        first = get(server.url, PATH)
        assert (first.status, first.kind, first.body) == (200, "image/png", picture)
        assert get(server.url, "/holiday/none.png").status == 404
    for path, body in ((PATH, picture), (PATH.replace(".png", ".th.png"), thumb)):
        again = get(server.url, path)
        assert (again.status, again.body) == (200, body)
    assert (ask(server.url, "HEAD", PATH).status, get(server.url, "/holiday/other.png").status) == (200, 503)

    (tmp_path / "files" / "holiday").mkdir(parents=True)
    (tmp_path / "files" / NAME).write_bytes(picture)
    done = subprocess.run(
        [sys.executable, "-m", "migrate", "import", "folder", tmp_path / "files", "--data", server.data, "--json"],
        env=gateway_environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert json.loads(done.stdout.splitlines()[-1])["verdicts"]["imported"] == 1, done
    after = get(server.url, PATH)
    assert (after.status, after.body) == (200, picture)
    assert [site != "fallback" for (site,) in query(server.data, "SELECT site_id FROM addresses")] == [True]
    assert query(server.data, "SELECT count(*) FROM media") == [(1,)]
    assert (damage(server.data), incoming(server.data), stored(server.data)) == ([], [], known(server.data))
    assert server.stop() == 0


def test_a_page_full_of_thumbnails_comes_whole(serve: Serve) -> None:
    names = [f"/gallery/{number}" for number in range(30)]
    with asked_host() as old:
        for number, name in enumerate(names):
            old.files |= {f"{name}.png": draw(seed=number), f"{name}.th.png": draw(160, 160, seed=number)}
        server = serve(GATEWAY_LEGACY__FALLBACK_URL=old.url)
        with ThreadPoolExecutor(len(names)) as visitors:
            answers = list(visitors.map(lambda name: get(server.url, f"{name}.th.png"), names))
    assert [answer.status for answer in answers] == [200] * len(names)
    assert [answer.body for answer in answers] == [draw(160, 160, seed=number) for number in range(len(names))]
    assert max(old.asked.count(f"{name}.png") for name in names) == 1
    assert query(server.data, "SELECT count(*), sum(role = 'guest') FROM owners") == [(2, 1)]


def test_whoever_asks_for_what_is_here_need_not_wait(serve: Serve) -> None:
    threads, go = 2, threading.Event()
    with asked_host() as old:
        old.files |= {f"/{number}.gif": draw(format="GIF", seed=number) for number in range(3 * threads)}
        arrived, answer = threading.Semaphore(0), old.answer

        def hesitate(path: str) -> tuple[int, bytes]:
            arrived.release()
            assert go.wait(60)
            return answer(path)

        old.answer = hesitate  # type: ignore[method-assign]
        server = serve(GATEWAY_LEGACY__FALLBACK_URL=old.url, GATEWAY_SERVER__THREADS=str(threads))
        with ThreadPoolExecutor(3 * threads) as visitors:
            waiting = [visitors.submit(ask, server.url, "HEAD", path) for path in old.files]
            assert all(arrived.acquire(timeout=60) for _ in range(4))
            assert get(server.url, "/health").status == 200
            go.set()
        assert [one.result().status for one in waiting] == [200] * len(waiting)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://300.1.1.1", "old.example.org"])
def test_a_fallback_that_cannot_work_is_refused_at_the_start(tmp_path: Path, url: str) -> None:
    refused = gateway(tmp_path / "data", "serve", GATEWAY_LEGACY__FALLBACK_URL=url)
    assert (refused.returncode, refused.stdout) == (1, "")
    said = refused.stderr.splitlines()
    assert said[0].startswith("Error: legacy.fallback_url ")
    assert len(said) == (1 if url == "old.example.org" else 2)
