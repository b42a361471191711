"""Files that were fetched ahead of their import make way for the real records, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.library import NewMedia
from gateway.core.moving import STAND_IN
from gateway.core.records import Media
from gateway.settings import Legacy, Settings
from gateway.store.opening import Opened
from migrate.items import OldSite
from tests.asked_host import AskedHost, asked_host
from tests.conftest import draw
from tests.migrate.engine import Importer
from tests.migrate.fakes import FakeSource, picture

CHEVERETO = OldSite("fake-site", "chevereto", "Fake", "https://old.example.org")


@pytest.fixture
def there() -> Iterator[AskedHost]:
    with asked_host() as host:
        yield host


@pytest.fixture
def settings(settings: Settings, there: AskedHost) -> Settings:
    return replace(settings, legacy=Legacy(fallback_url=there.url))


@pytest.fixture
def importer(opened: Opened, settings: Settings) -> Importer:
    return Importer(opened, settings)


def stand_in(opened: Opened, there: AskedHost, path: str = "/a.png", seed: int = 0) -> Media:
    """The record of a file that somebody asked for."""
    there.files[path] = draw(seed=seed)
    assert opened.fallback and opened.fallback.bring(path)
    [address] = opened.catalog.addresses_at([path])
    return opened.library.get(address.target_id)


def test_it_works(importer: Importer, opened: Opened, there: AskedHost, tmp_path: Path) -> None:
    before = stand_in(opened, there)
    importer.bring(FakeSource([picture(tmp_path, "a.png", title="A cat")]))
    [address] = opened.catalog.addresses_at(["/a.png"])
    media = opened.library.get(address.target_id)
    assert (address.site_id, media.title, media.id) == ("fake-site", "A cat", importer.media_id("a.png"))
    assert opened.catalog.media(before.id) is None
    assert opened.catalog.tombstones_among([before.id]) == set()
    assert sorted(name for name, _, _ in opened.blobs.names()) == sorted(media.blobs())
    assert opened.library.usage().media_count == 1


def test_those_that_are_not_imported_stay(importer: Importer, opened: Opened, there: AskedHost, tmp_path: Path) -> None:
    other = stand_in(opened, there, "/b.png", seed=1)
    importer.bring(FakeSource([picture(tmp_path, "a.png")]))
    assert opened.library.get(other.id).blobs() == other.blobs()
    assert opened.library.usage().media_count == 2


def test_a_dry_run_leaves_them(importer: Importer, opened: Opened, there: AskedHost, tmp_path: Path) -> None:
    before = stand_in(opened, there)
    summary = importer.bring(FakeSource([picture(tmp_path, "a.png")]), is_dry=True)
    assert summary.verdicts == {"imported": 1}
    assert opened.library.get(before.id)


def test_one_that_a_guest_uploaded_since_stays_his(
    importer: Importer, opened: Opened, there: AskedHost, tmp_path: Path
) -> None:
    before = stand_in(opened, there)
    upload = opened.blobs.receive(1_000_000)
    upload.write(draw())
    added = opened.library.add(opened.owners.named("guest"), upload, NewMedia("mine.png"))
    upload.discard()
    assert added.media.id == before.id
    importer.bring(FakeSource([picture(tmp_path, "a.png")]))
    assert opened.library.with_delete_token(before.id, added.delete_token)
    assert [address.target_id for address in opened.catalog.addresses_at(["/a.png"])] == [importer.media_id("a.png")]


def test_one_that_was_deleted_here_makes_way(
    importer: Importer, opened: Opened, there: AskedHost, tmp_path: Path
) -> None:
    opened.library.remove(stand_in(opened, there))
    importer.bring(FakeSource([picture(tmp_path, "a.png")]))
    assert [address.target_id for address in opened.catalog.addresses_at(["/a.png"])] == [importer.media_id("a.png")]


def test_nothing_is_merged_into_one(importer: Importer, opened: Opened, there: AskedHost, tmp_path: Path) -> None:
    before = stand_in(opened, there)
    source = FakeSource([picture(tmp_path, "a.png", title="A cat")], sites_there=[CHEVERETO])
    summary = importer.bring(source, duplicates="merge")
    assert summary.verdicts == {"imported": 1}
    assert opened.library.get(importer.media_id("a.png")).title == "A cat"
    assert opened.catalog.media(before.id) is None


def test_the_sweep_leaves_them_alone(opened: Opened, there: AskedHost) -> None:
    before = stand_in(opened, there)
    opened.library.sweep(-opened.sweep_grace)
    assert all(opened.blobs.size(name) for name in before.blobs())


def test_its_site_is_no_rival(importer: Importer, opened: Opened, there: AskedHost, tmp_path: Path) -> None:
    stand_in(opened, there)
    assert [site.id for site in opened.catalog.sites()] == [STAND_IN]
    site = OldSite("folder-1", "folder", "pics")  # without an address: any site might be it
    summary = importer.bring(FakeSource([picture(tmp_path, "a.png")], sites_there=[site]))
    assert summary.verdicts == {"imported": 1}
    assert {address.site_id for address in opened.catalog.addresses_at(["/a.png"])} == {"folder-1"}
