"""`gateway stats`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.core.records import Owner
from gateway.settings import Settings, Storage
from gateway.store.opening import Opened, open_data
from tests.cli.conftest import Run
from tests.contract.samples import a_media, a_token

FACTS = ["media_count", "media_bytes", "owners", "keys", "albums", "expired_waiting"]


@pytest.fixture
def opened(data: Path, key: str) -> Iterator[Opened]:
    opened = open_data(Settings(storage=Storage(data=str(data))))
    yield opened
    opened.close()


def fill(opened: Opened, admin: Owner) -> None:
    for facts in ({"size_bytes": 52_000}, {"size_bytes": 313, "expires_at": opened.clock.now()}):
        opened.catalog.add_media(a_media(admin, **facts), a_token(), reuse=False)


def test_it_works(run: Run, opened: Opened) -> None:
    fill(opened, opened.owners.named("admin"))
    run("album", "add", "Holiday")
    assert run("stats").stdout.splitlines() == [
        "media_count      2",
        "media_bytes      52313 (52.3 KB)",
        "owners           1",
        "keys             1",
        "albums           1",
        "expired_waiting  1",
    ]


def test_json_is_plain_numbers(run: Run, opened: Opened) -> None:
    fill(opened, opened.owners.named("admin"))
    facts = json.loads(run("stats", "--json").stdout)
    assert list(facts) == FACTS
    assert list(facts.values()) == [2, 52_313, 1, 1, 0, 1]


def test_a_new_library_holds_nothing(run_json: Callable[..., object], key: str) -> None:
    assert run_json("stats") == dict(zip(FACTS, [0, 0, 1, 1, 0, 0], strict=True))
