"""A list of addresses against a host that is really asked: what it does not give is told by what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.settings import Settings, Uploads
from gateway.store.opening import Opened
from migrate.outcome import Outcome
from migrate.sources.urls import UrlsSource
from tests.asked_host import AskedHost, asked_host
from tests.conftest import draw
from tests.migrate.engine import Importer


@pytest.fixture
def there() -> Iterator[AskedHost]:
    with asked_host() as host:
        host.files["/1.png"] = draw()
        yield host


def importing(opened: Opened, settings: Settings, *allowed: AskedHost) -> Importer:
    allow = tuple(host.url.partition("://")[2] for host in allowed)
    return Importer(opened, replace(settings, uploads=Uploads(url_allow=allow)))


def source(tmp_path: Path, *urls: str) -> UrlsSource:
    (tmp_path / "list.txt").write_text("\n".join(urls))
    return UrlsSource(tmp_path / "list.txt")


def brought(importer: Importer, tmp_path: Path, url: str) -> Outcome:
    importer.bring(source(tmp_path, url))
    [outcome] = importer.listener.outcomes.values()
    return outcome


@pytest.mark.parametrize(
    "status, verdict, reason",
    [
        (None, "missing", "gone: Its address answers 404."),
        (410, "missing", "gone: Its address answers 410."),
        (401, "failed", "not-fetched: Its address answers 401."),
        (500, "failed", "not-fetched: Its address answers 500."),
        (302, "failed", "not-fetched: Its address answers 302."),
    ],
)
def test_what_an_address_answers_is_told(
    opened: Opened, settings: Settings, there: AskedHost, tmp_path: Path, status: int | None, verdict: str, reason: str
) -> None:
    there.status = status
    outcome = brought(importing(opened, settings, there), tmp_path, f"{there.url}/2.png")
    assert (outcome.verdict, outcome.reason) == (verdict, reason)


def test_a_host_that_is_not_there_is_tried_again(opened: Opened, settings: Settings, tmp_path: Path) -> None:
    with asked_host() as host:
        importer = importing(opened, settings, host)
        host.files["/1.png"] = draw()
    journal = importer.begin()
    importer.bring(source(tmp_path, f"{host.url}/1.png"), journal)
    [outcome] = importer.listener.outcomes.values()
    name = host.url.partition("://")[2]
    assert (outcome.verdict, outcome.reason) == ("failed", f"not-fetched: {name} gives no answer.")


def test_a_private_place_is_fetched_from_once_the_setting_says_so(
    opened: Opened, settings: Settings, there: AskedHost, tmp_path: Path
) -> None:
    urls = source(tmp_path, f"{there.url}/1.png")
    before, after = importing(opened, settings), importing(opened, settings, there)
    journal = before.begin()
    before.bring(urls, journal)
    [outcome] = before.listener.outcomes.values()
    assert outcome.verdict == "failed"
    assert (outcome.reason or "").startswith("host: ") and "uploads.url_allow" in (outcome.reason or "")
    after.bring(urls, journal)
    assert list(after.verdicts().values()) == ["imported"]


def test_a_password_in_an_address_is_in_no_journal(
    opened: Opened, settings: Settings, there: AskedHost, tmp_path: Path
) -> None:
    importer = importing(opened, settings, there)
    url = there.url.replace("://", "://me:s3cret@")
    importer.bring(source(tmp_path, f"{url}/1.png", f"{url}/2.png", f"{url}/3 .png"))
    assert sorted(importer.verdicts().values()) == ["imported", "missing", "rejected"]
    assert "s3cret" not in repr(importer.listener.outcomes)
    assert not any(b"s3cret" in file.read_bytes() for file in settings.data.rglob("*") if file.is_file())
