"""GET /health and /v1/health: without the envelope, without a key. What is ill is told, and whose fault it is."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway import __version__
from gateway.app import create_app
from gateway.core.errors import StoreUnavailable
from gateway.settings import Settings
from gateway.store.opening import Opened
from gateway.sweeper import Sweeper
from gateway.telemetry import health
from tests.conftest import Client, free_port
from tests.web.picora import described
from tests.web.picora.api import Api

ADDRESSES = ("/health", "/v1/health")
SECRET = "postgresql://admin:hunter2@db/pictures"


@pytest.fixture
def ask(settings: Settings, opened: Opened) -> Callable[..., tuple[int, Any]]:
    """ask(sweeper=…, storage={…}) -> status and JSON of a gateway with these settings."""

    def answer(sweeper: Sweeper | None = None, **sections: dict[str, Any]) -> tuple[int, Any]:
        changed = {name: replace(getattr(settings, name), **keys) for name, keys in sections.items()}
        client = Client(create_app(replace(settings, **changed), opened, sweeper))
        described.check(answer := client.get("/health"))
        return answer.status_code, answer.json

    return answer


Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def sweeper(opened: Opened) -> Iterator[Sweeper]:
    """One that runs."""
    sweeper = Sweeper(opened, 3600)
    sweeper.start()
    yield sweeper
    sweeper.stop()


def refuse() -> None:
    raise StoreUnavailable(f"{SECRET} does not answer.")


@pytest.mark.parametrize("path", ADDRESSES)
def test_it_works(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    told = answer.json
    assert answer.headers["X-Request-Id"].startswith(f"{told.pop('node')}-")
    assert told == {
        "ok": True,
        "ts": "2026-11-21T12:00:00.123Z",
        "version": __version__,
        "features": {"kb": False, "mediaListingV2": True},
        "checks": {"catalog": "ok", "files": "ok", "disk": "ok"},
    }


def test_a_sweeper_that_runs_is_well(ask: Ask, sweeper: Sweeper) -> None:
    status, told = ask(sweeper)
    assert (status, told["checks"]["sweeper"]) == (200, "ok")


@pytest.mark.parametrize(("part", "word"), [("catalog", "catalog"), ("blobs", "files")])
def test_a_store_that_cannot_be_reached_is_503_and_the_store_is_to_blame(
    opened: Opened, ask: Ask, monkeypatch: pytest.MonkeyPatch, part: str, word: str
) -> None:
    monkeypatch.setattr(getattr(opened, part), "probe", refuse, raising=False)
    status, told = ask()

    assert (status, told["ok"], told["ill"]) == (503, False, "store")
    assert told["checks"] == {"catalog": "ok", "files": "ok", "disk": "ok"} | {word: "unreachable"}
    assert told["error"] == f"The {word} cannot be reached."


def test_a_store_with_a_fault_of_ours_is_no_better(opened: Opened, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened.catalog, "probe", lambda: [][1])
    assert ask()[1]["checks"]["catalog"] == "unreachable"


def test_the_world_is_told_no_place_and_the_log_is_once(
    settings: Settings, opened: Opened, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(health, "FRESH", 0)
    monkeypatch.setattr(opened.catalog, "probe", lambda: refuse())
    client = Client(create_app(settings, opened))
    answers = [client.get("/health").text for _ in range(3)]

    assert "hunter2" not in "".join(answers)
    assert [record.levelno for record in caplog.records if SECRET in record.getMessage()] == [logging.WARNING]


def test_a_store_that_is_back_is_well_again(
    settings: Settings, opened: Opened, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(health, "FRESH", 0)
    answers = iter([refuse, lambda: None])
    monkeypatch.setattr(opened.catalog, "probe", lambda: next(answers)())
    client = Client(create_app(settings, opened))

    assert [client.get("/health").status_code for _ in range(2)] == [503, 200]
    assert "catalog: well again" in caplog.text


def test_a_store_that_hangs_holds_nobody_up_and_is_asked_once(
    settings: Settings, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.05)
    monkeypatch.setattr(health, "FRESH", 0)
    answers, asked = threading.Event(), []

    def hang() -> None:
        asked.append(1)
        answers.wait(60)

    monkeypatch.setattr(opened.catalog, "probe", hang)
    client = Client(create_app(settings, opened))
    told = [client.get("/health").json for _ in range(3)]
    answers.set()

    assert [one["checks"]["catalog"] for one in told] == ["silent"] * 3
    assert asked == [1]


def test_stores_are_not_asked_for_each_who_wants_to_know(
    settings: Settings, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "FRESH", 3600)
    asked: list[int] = []
    monkeypatch.setattr(opened.catalog, "probe", lambda: asked.append(1))
    client = Client(create_app(settings, opened))

    assert {client.get("/health").status_code for _ in range(5)} == {200}
    assert asked == [1]


def test_a_disk_that_is_nearly_full_is_the_fault_of_this_gateway(ask: Ask) -> None:
    status, told = ask(storage={"min_free": 10**18})
    assert (status, told["ill"], told["checks"]["disk"]) == (503, "gateway", "full")


def test_a_disk_that_is_gone_is_the_fault_of_this_gateway(ask: Ask, tmp_path: Path) -> None:
    status, told = ask(storage={"data": str(tmp_path / "nowhere")})
    assert (status, told["ill"], told["checks"]["disk"]) == (503, "gateway", "unreachable")


def test_a_sweeper_that_ended_is_the_fault_of_this_gateway(opened: Opened, ask: Ask) -> None:
    status, told = ask(Sweeper(opened, 60))  # never started
    assert (status, told["ill"], told["checks"]["sweeper"]) == (503, "gateway", "late")


def test_a_sweeper_that_hangs_is_the_fault_of_this_gateway(ask: Ask, sweeper: Sweeper) -> None:
    sweeper.alive_at -= 3 * sweeper.interval + 31
    assert ask(sweeper)[1]["checks"]["sweeper"] == "late"


def test_with_a_store_that_is_ill_the_gateway_is_not_to_blame(
    opened: Opened, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened.catalog, "probe", refuse)
    status, told = ask(Sweeper(opened, 60))
    assert (status, told["ill"]) == (503, "store")
    assert told["checks"]["sweeper"] == "late"


def test_without_its_redis_it_is_well(settings: Settings, opened: Opened) -> None:
    pytest.importorskip("redis", reason="redis is not installed")
    limits = replace(settings.limits, store=f"redis://127.0.0.1:{free_port()}")
    client = Client(create_app(replace(settings, limits=limits), opened))
    first, second = (client.get("/health") for _ in range(2))  # the headers of the first tell what is left of limits

    assert (first.json["checks"]["limits"], second.json["checks"]["limits"]) == ("ok", "lost")
    assert (second.status_code, second.json["ok"]) == (200, True)


@pytest.mark.sqlite_disk_only("what stands in the folder of the data is looked at")
@pytest.mark.parametrize(("gone", "word"), [("catalog.db", "catalog"), ("media", "files"), ("incoming", "files")])
def test_what_was_taken_away_is_missed(opened: Opened, settings: Settings, ask: Ask, gone: str, word: str) -> None:
    (settings.data / gone).rename(settings.data / "elsewhere")
    assert ask()[1]["checks"][word] == "unreachable"


def test_a_key_that_is_not_good_does_not_matter(client: FlaskClient) -> None:
    assert Api(client, "sk_live_nonsense").get("/health").status_code == 200


def test_asking_how_it_is_costs_nothing(anonymous: Api) -> None:
    left = [anonymous.get("/health").headers["RateLimit-Remaining"] for _ in range(3)]
    assert left == ["600", "600", "600"]
