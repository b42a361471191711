"""F13. A damaged catalog: the gateway does not start on it, says what to do in a line, and touches nothing."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import cli
from gateway.core.errors import CatalogDamaged, StoreUnavailable
from gateway.settings import Settings, Storage
from gateway.store.opening import open_data
from gateway.store.sql.base import NewerCatalog
from gateway.store.sqlite import SqliteCatalog
from tests.conftest import LiveServer, free_port
from tests.contract.samples import a_media, a_token, an_owner
from tests.journeys.commands import gateway, gateway_json
from tests.journeys.faults.proof import refused_start, send
from tests.journeys.folder import known, orphans, query, stored
from tests.journeys.uploading import lost, noise

PAGE = 4096
ROWS = 300
Damage = Callable[[Path], None]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog of some hundred pages."""
    data = tmp_path_factory.mktemp("sound") / "data"
    opened = open_data(Settings(storage=Storage(data=str(data))))
    opened.catalog.add_owner(alice := an_owner("alice"))
    for number in range(ROWS):
        opened.catalog.add_media(a_media(alice, title=f"photo {number}", tags=("cat",)), a_token(), reuse=False)
    opened.close()
    return data


@pytest.fixture
def data(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "data"))


def zero_page(number: int, file: Path) -> None:
    with open(file, "r+b") as catalog:
        catalog.seek((number - 1) * PAGE)
        catalog.write(bytes(PAGE))


def truncate(file: Path) -> None:
    with open(file, "r+b") as catalog:
        catalog.truncate(file.stat().st_size // 2 // PAGE * PAGE)


def tear(file: Path) -> None:
    """In the middle of a page."""
    with open(file, "r+b") as catalog:
        catalog.truncate(file.stat().st_size // 2 + 100)


def turn_to_text(file: Path) -> None:
    file.write_text("This is no database at all.\n" * 1000)


def leave_hole(file: Path) -> None:
    with open(file, "r+b") as catalog:
        catalog.seek(10 * PAGE)
        catalog.write(b"\xff" * 20 * PAGE)


DAMAGES: dict[str, Damage] = {
    "its first page is zero": lambda file: zero_page(1, file),
    "a page of it is zero": lambda file: zero_page(12, file),
    "it is cut at a page": truncate,
    "it is torn": tear,
    "it is a text": turn_to_text,
    "it has a hole": leave_hole,
}


@pytest.mark.parametrize("what", DAMAGES)
def test_f13_it_does_not_start_and_says_what_to_do(data: Path, what: str) -> None:
    file = data / "catalog.db"
    DAMAGES[what](file)
    before = file.read_bytes()
    _, advice = refused_start(data)
    assert "restore the catalog from a backup" in advice
    assert file.read_bytes() == before


def test_f13_it_does_not_start_on_a_newer_version(data: Path) -> None:
    file = data / "catalog.db"
    with closing(sqlite3.connect(file)) as db, db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('picgate', 'teleport', '2031')"
        )
    before = file.read_bytes()
    done = gateway(data, "serve", "--port", str(free_port()))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip().endswith("install that version or a later one.")
    assert file.read_bytes() == before


@pytest.mark.parametrize("what", DAMAGES)
def test_f13_the_check_tells_what_can_be_saved(data: Path, what: str) -> None:
    DAMAGES[what](data / "catalog.db")
    done = CliRunner().invoke(cli, ["check", "--data", str(data)])
    assert done.exit_code in (1, 3), done.exception
    said = " ".join(done.output.split())
    assert "restore" in said.lower() and "recover" in said, said


def test_f13_whichever_page_is_zero_it_is_noticed(data: Path) -> None:
    """All but those that are free, which hold nothing."""
    file = data / "catalog.db"
    whole = file.read_bytes()
    with closing(sqlite3.connect(file)) as db:
        free = db.execute("PRAGMA freelist_count").fetchone()[0]
    unnoticed = []
    for number in range(1, len(whole) // PAGE + 1):
        for rest in data.glob("catalog.db-*"):
            rest.unlink()
        file.write_bytes(whole)
        zero_page(number, file)
        if not is_refused(file):
            unnoticed.append(number)
    assert len(whole) // PAGE > 100
    assert len(unnoticed) <= free, unnoticed


def is_refused(file: Path) -> bool:
    try:
        catalog = SqliteCatalog(file)
    except (CatalogDamaged, StoreUnavailable, NewerCatalog):
        return True
    try:
        catalog.try_out()
    except CatalogDamaged:
        return True
    finally:
        catalog.close()
    return False


def test_f13_without_the_log_that_a_crash_left_nothing_is_deleted(
    serve: Callable[..., LiveServer], tmp_path: Path
) -> None:
    """What was only in there is gone from the catalog; its files are all there, and the check names them."""
    server = serve(GATEWAY_SWEEPER__INTERVAL="86400")
    data, key = server.data, server.key
    first = [send(server, noise(number)) for number in range(3)]
    assert server.stop() == 0
    server = serve(GATEWAY_SWEEPER__INTERVAL="86400")
    after = [send(server, noise(10 + number), key) for number in range(3)]
    server.process.kill()
    server.process.wait(60)
    (data / "catalog.db-wal").unlink()
    (data / "catalog.db-shm").unlink()
    files = stored(data)

    server = serve(GATEWAY_SWEEPER__INTERVAL="86400")
    assert list(lost(server.url, first)) == []
    assert stored(data) == files
    gone = {one.id for one in after} - {id for (id,) in query(data, "SELECT id FROM media")}
    assert {name.partition(".")[0] for name in orphans(data)} == gone
    if gone:
        found = gateway(data, "check", "--json", GATEWAY_SWEEPER__INCOMING_AGE="0")
        assert found.returncode == 3 and all(id in found.stdout for id in gone)
    gateway_json(data, "sweep", GATEWAY_SWEEPER__INCOMING_AGE="0")
    assert {file.name for file in (data / "lost+found").glob("*")} == files.keys() - known(data).keys()
    assert server.stop() == 0
