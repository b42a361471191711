"""Opening a data folder, alone or together with others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.errors import InvalidInput
from gateway.settings import Legacy, Settings, Storage
from gateway.store.opening import Opened, is_initialised, open_data
from tests.contract.samples import at_once


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a library that nobody has opened yet."""
    return Settings(storage=Storage(str(tmp_path / "data")))


def test_it_works(settings: Settings) -> None:
    assert not is_initialised(settings)
    opened = open_data(settings)
    opened.owners.add("alice")
    opened.close()
    assert is_initialised(settings)
    again = open_data(settings)
    assert [owner.username for owner in again.owners.all()] == ["alice"]
    again.close()


def test_a_folder_deep_down_is_made(settings: Settings, tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "daten für Zoë"
    open_data(replace(settings, storage=Storage(data=str(deep)))).close()
    assert {path.name for path in deep.iterdir()} >= {"catalog.db", "media", "incoming"}


def test_a_new_folder_opened_by_many_at_once_is_made_once(settings: Settings) -> None:
    results = at_once(8, lambda _: open_data(settings))
    opened = [result for result in results if isinstance(result, Opened)]
    assert len(opened) == 8
    opened[0].owners.add("alice")
    assert [[owner.username for owner in one.owners.all()] for one in opened] == [["alice"]] * 8
    for one in opened:
        one.close()


def test_a_file_in_place_of_the_folder_is_an_error(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(OSError, match="exists"):
        open_data(settings)


def test_an_old_host_that_cannot_be_one_is_an_error_in_two_lines(settings: Settings) -> None:
    with pytest.raises(InvalidInput) as refused:
        open_data(replace(settings, legacy=Legacy(fallback_url="http://300.1.1.1")))
    what, remedy = refused.value.message.splitlines()
    assert "300.1.1.1" in what
    assert remedy == "Give a host name or an IP address."
