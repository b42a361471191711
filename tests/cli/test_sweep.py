"""`gateway sweep`."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.settings import Settings, Storage
from gateway.store.opening import open_data
from tests.cli.conftest import Run
from tests.contract.samples import a_media, a_token


@pytest.fixture
def untidy(data: Path, key: str) -> Path:
    """One expired file, two abandoned uploads and three files without a record, all of the year 2001; and one media
    that is as it should be."""
    opened = open_data(Settings(storage=Storage(data=str(data))))
    admin, now = opened.owners.named("admin"), opened.clock.now()
    expired, fine = a_media(admin, expires_at=now - timedelta(days=1)), a_media(admin)
    for media in (expired, fine):
        opened.blobs.put({name: b"bytes" for name in media.blobs()})
        opened.catalog.add_media(media, a_token(), reuse=False)
    opened.blobs.put({a_media(admin).blob(): b"bytes" for _ in range(3)})
    opened.close()
    for name in ("one.part", "two.part"):
        (data / "incoming" / name).write_text("half")
    for path in [*(data / "media").rglob("*.png"), *(data / "incoming").iterdir()]:
        os.utime(path, (1_000_000_000, 1_000_000_000))
    return data


def test_it_works(run: Run, untidy: Path) -> None:
    assert run("sweep").stdout == (
        "Removed 1 expired files and 2 abandoned uploads; set aside 3 files without a record.\n"
    )
    assert len(list((untidy / "media").rglob("*.png"))) == 2
    assert len(list((untidy / "lost+found").iterdir())) == 3
    assert list((untidy / "incoming").iterdir()) == []


def test_json_is_three_numbers(run: Run, untidy: Path) -> None:
    facts = json.loads(run("sweep", "--json").stdout)
    assert list(facts.items()) == [("expired", 1), ("incoming", 2), ("orphans", 3)]


def test_a_second_sweep_finds_nothing(run: Run, untidy: Path) -> None:
    run("sweep")
    assert json.loads(run("sweep", "--json").stdout) == {"expired": 0, "incoming": 0, "orphans": 0}


def test_what_is_younger_than_the_setting_says_is_left_alone(
    run: Run, untidy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_SWEEPER__INCOMING_AGE", str(100 * 365 * 86_400))
    assert json.loads(run("sweep", "--json").stdout) == {"expired": 1, "incoming": 0, "orphans": 0}
