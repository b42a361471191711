"""F10. A clock that jumps: going back expires nothing; going forward hides what has expired by it, and deletes nothing
before a day has passed."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.core.jumps import GAP, PATIENCE, Believed, look
from gateway.core.library import Added
from gateway.store.opening import Opened
from gateway.store.rows import time_text
from gateway.sweeper import Sweeper, sweep_all
from tests.conftest import FrozenClock, LiveServer
from tests.contract.samples import NOW
from tests.journeys.commands import until
from tests.journeys.faults.proof import nothing_lost
from tests.journeys.folder import query, stored
from tests.journeys.uploading import Acknowledged, acknowledged, get, lost, noise, upload

AddImage = Callable[..., Added]
YEAR = timedelta(days=400)


def test_f10_a_clock_is_believed_as_long_as_somebody_looks() -> None:
    assert look(None, NOW) == Believed(NOW)
    assert look(Believed(NOW), NOW + GAP) == Believed(NOW + GAP)


def test_f10_a_jump_forward_is_believed_after_a_day() -> None:
    jumped = look(Believed(NOW), NOW + YEAR)
    assert jumped == Believed(NOW, NOW + YEAR)
    assert look(jumped, NOW + YEAR + PATIENCE - timedelta(seconds=1)) == jumped
    assert look(jumped, NOW + YEAR + PATIENCE) == Believed(NOW + YEAR + PATIENCE)


def test_f10_another_jump_meanwhile_begins_the_day_anew_only_when_it_goes_back() -> None:
    jumped = look(Believed(NOW), NOW + YEAR)
    assert look(jumped, NOW + YEAR / 2) == Believed(NOW, NOW + YEAR / 2)


@pytest.mark.parametrize("right", [timedelta(0), timedelta(minutes=30), timedelta(days=-1), -YEAR])
def test_f10_a_clock_that_is_put_right_or_goes_back_is_believed_at_once(right: timedelta) -> None:
    assert look(look(Believed(NOW), NOW + YEAR), NOW + right) == Believed(NOW + right)
    assert look(Believed(NOW), NOW + min(right, timedelta(0))) == Believed(NOW + min(right, timedelta(0)))


def test_f10_what_expires_by_a_jump_is_kept_until_the_day_is_over(
    opened: Opened, add_image: AddImage, clock: FrozenClock, caplog: pytest.LogCaptureFixture
) -> None:
    expiring, lasting = add_image(expiration="P30D").media, add_image().media
    sweep_all(opened)
    clock.advance(days=400)
    with caplog.at_level(logging.WARNING):
        assert sweep_all(opened).expired == 0
    assert "has expired meanwhile is hidden, and stays until 2027-12-27" in caplog.text
    assert opened.library.file_entry(expiring.id) is None
    clock.advance(hours=23)
    assert sweep_all(opened).expired == 0
    assert opened.blobs.size(expiring.blob()) == expiring.size_bytes
    clock.advance(hours=1)
    assert sweep_all(opened).expired == 1
    assert opened.library.get(lasting.id) == lasting


def test_f10_put_right_in_time_nothing_was_lost(opened: Opened, add_image: AddImage, clock: FrozenClock) -> None:
    media = add_image(expiration="P30D").media
    sweep_all(opened)
    clock.advance(days=400)
    sweep_all(opened)
    clock.advance(days=-400)
    assert sweep_all(opened).expired == 0
    assert opened.library.get(media.id) == media


def test_f10_what_was_just_being_kept_is_not_set_aside(opened: Opened, clock: FrozenClock) -> None:
    """Files come before their row: a jump in between must not make them look like years old leftovers."""
    sweep_all(opened)
    opened.blobs.put({"justArrived1.png": b"bytes"})
    clock.advance(days=400)
    assert sweep_all(opened).orphans == 0
    assert opened.blobs.size("justArrived1.png") == 5


def test_f10_after_a_jump_and_back_the_sweeper_goes_on(opened: Opened, add_image: AddImage, clock: FrozenClock) -> None:
    """And does not wait for the day it saw."""
    Sweeper(opened, 60).sweep()
    clock.advance(days=400)
    Sweeper(opened, 60).sweep()
    clock.advance(days=-400)
    add_image(expiration="PT5M")
    clock.advance(minutes=6)
    Sweeper(opened, 60).sweep()
    assert opened.library.usage().media_count == 0


@pytest.fixture
def wind(tmp_path: Path) -> Callable[[str], None]:
    """wind("+400d") sets the clock of the servers that are started with `wound(tmp_path)`."""

    def set_clock(offset: str) -> None:
        part = tmp_path / "clock.part"
        part.write_text(offset)
        part.rename(tmp_path / "clock")

    set_clock("+0")
    return set_clock


def wound(tmp_path: Path) -> dict[str, str]:
    found = importlib.util.find_spec("libfaketime")
    library = Path(found.origin or "").parent / "vendor/libfaketime/src/libfaketime.so.1" if found else None
    if not library or not library.exists():
        pytest.skip("libfaketime is not installed")
    return {
        "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(tmp_path / "clock"), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1", "GATEWAY_SWEEPER__INTERVAL": "1",
    }  # fmt: skip


def test_f10_a_real_gateway_outlives_a_clock_that_jumps(
    serve: Callable[..., LiveServer], tmp_path: Path, wind: Callable[[str], None]
) -> None:
    server = serve(**wound(tmp_path))
    log, data = server.data.with_name("live.log"), server.data
    kept = [keep(server, noise(number)) for number in range(3)]
    expiring = [keep(server, noise(10 + number), expiration="P30D") for number in range(3)]
    until(lambda: query(data, "SELECT 1 FROM claims WHERE task = 'clock'"), "the sweeper looked at the clock")

    wind("-1d")
    until(lambda: believed(data)[0] < time_text(datetime.now(UTC) - timedelta(hours=12)), "it is yesterday")
    assert get(server.url, expiring[0].path).status == 200
    assert list(lost(server.url, [*kept, *expiring])) == []

    wind("+400d")
    until(lambda: "it was set forward" in log.read_text(), "the sweeper noticed the jump")
    assert {get(server.url, one.path).status for one in expiring} == {404}
    assert list(lost(server.url, kept)) == []
    assert (query(data, "SELECT count(*) FROM media"), len(stored(data))) == ([(6,)], 12)
    kept.append(keep(server, noise(20)))

    wind("-1d")
    until(lambda: believed(data)[1] == "", "the clock is believed again")
    nothing_lost(server, [*kept, *expiring])

    wind("+400d")
    until(lambda: believed(data)[1], "the sweeper noticed the jump")
    wind("+402d")
    until(lambda: len(stored(data)) == 8, "what has expired is deleted after the day of grace")
    assert list(lost(server.url, kept)) == []
    assert server.stop() == 0


def keep(server: LiveServer, sent: bytes, **fields: str) -> Acknowledged:
    return acknowledged(upload(server.url, server.key, sent, **fields), sent)


def believed(data: Path) -> tuple[str, str]:
    [(until_at, jumped_to)] = query(data, "SELECT until_at, holder FROM claims WHERE task = 'clock'")
    return until_at, jumped_to
