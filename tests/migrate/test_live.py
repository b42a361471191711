"""A running server gives the same tables as its dump, reads only, and says what is wrong."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from migrate.items import SourceError
from migrate.sources.live import LiveTables
from migrate.sources.staging import Dump
from migrate.sources.tables import Tables, Value
from tests.migrate.hard_values import COLUMNS, fill
from tests.migrate.mysql import dump, execute, load
from tests.shared import SHARED, needs_shared

pytest.importorskip("pymysql")
SITE = ("images", "albums", "users", "settings")
EMPTY_SITE = tuple(f"CREATE TABLE chv_{table} (id int)" for table in SITE)


def refusal(url: str, prefix: str | None = None) -> str:
    with pytest.raises(SourceError) as refused:
        LiveTables.open(url, prefix)
    what, advice = str(refused.value).split("\n")
    assert what and advice
    return str(refused.value)


def contents(tables: Tables, table: str, columns: frozenset[str]) -> list[tuple[Value, ...]]:
    names = sorted(columns)
    return list(tables.rows(table, names, names))


OPTIONS: tuple[tuple[str, ...], ...] = (
    (),
    ("--hex-blob",),
    ("--skip-extended-insert",),
    ("--complete-insert",),
    ("--compatible=ansi", "--default-character-set=utf8mb4"),
    ("--skip-quote-names",),
    ("--replace",),
    ("--insert-ignore", "--hex-blob", "--complete-insert"),
    ("--compact",),
    ("--skip-opt", "--skip-comments"),
    ("--no-tablespaces", "--single-transaction", "--triggers", "--routines", "--events"),
    ("--order-by-primary", "--skip-add-locks", "--skip-disable-keys", "--add-drop-table"),
    ("--default-character-set=binary",),
)


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_whatever_the_options_a_dump_gives_what_the_server_gives(
    mysql: str, tmp_path: Path, options: tuple[str, ...]
) -> None:
    fill(mysql)
    path = tmp_path / "site.sql"
    path.write_bytes(dump(mysql, *options))
    staged, live = Dump.open(path, tmp_path, SITE), LiveTables.open(mysql)
    assert staged.prefix == live.prefix == "px_"
    missing = COLUMNS - staged.columns("images")
    assert missing <= {"doubled", "slug"}  # generated, which --complete-insert leaves out
    assert live.columns("images") == COLUMNS
    assert staged.count("images") == live.count("images") > 15
    assert contents(staged, "images", COLUMNS - missing) == contents(live, "images", COLUMNS - missing)
    staged.close()
    live.close()


@pytest.mark.parametrize("option", ["--default-character-set=latin1", "--compatible=ansi"])
def test_a_latin1_dump_gives_what_it_has_and_a_note(mysql: str, tmp_path: Path, option: str) -> None:
    execute(mysql, *EMPTY_SITE, "ALTER TABLE chv_images ADD t varchar(99) CHARACTER SET utf8mb4")
    execute(mysql, "INSERT INTO chv_images VALUES (1, 'café €')")
    (tmp_path / "site.sql").write_bytes(dump(mysql, option))
    staged = Dump.open(tmp_path / "site.sql", tmp_path, SITE)
    assert list(staged.rows("images", ["t"])) == list(LiveTables.open(mysql).rows("images", ["t"])) == [("café €",)]
    assert "latin1" in "".join(staged.notes)
    staged.close()


@needs_shared("golden")
@pytest.mark.parametrize("name", ["v4/chevereto-v4.2.0.sql", "v3/chevereto-free-1.6.2.sql"])
def test_recorded_sites_are_the_same_in_both_ways(mysql: str, tmp_path: Path, name: str) -> None:
    path = SHARED / "golden" / name
    load(mysql, path)
    tables = (*SITE, "tags_files", "api_keys", "storages", "login_passwords", "variables", "redirects", "logins")
    staged, live = Dump.open(path, tmp_path, tables), LiveTables.open(mysql)
    for table in tables:
        assert staged.columns(table) == live.columns(table)
        assert staged.count(table) == live.count(table)
        if columns := staged.columns(table):
            assert contents(staged, table, columns) == contents(live, table, columns)
    staged.close()
    live.close()


def test_several_streams_can_be_read_at_the_same_time(mysql: str) -> None:
    execute(mysql, *EMPTY_SITE, "INSERT INTO chv_images SELECT seq FROM seq_1_to_20000")
    live = LiveTables.open(mysql)
    up, again = live.rows("images", ["id"], ["id"]), live.rows("images", ["id"], ["id"])
    assert [(next(up), next(again)) for _ in range(5000)][-1] == ((5000,), (5000,))
    assert sum(1 for _ in up) == 15_000
    live.close()
    del again
    gc.collect()  # a stream given up half way must not complain


def test_while_a_stream_is_read_the_old_site_can_be_used(mysql: str) -> None:
    execute(mysql, *EMPTY_SITE, "ALTER TABLE chv_images ENGINE = MyISAM")
    execute(mysql, "INSERT INTO chv_images SELECT seq FROM seq_1_to_200000")
    live = LiveTables.open(mysql)
    rows = live.rows("images", ["id"], ["id"])
    assert next(rows) == (1,)
    execute(mysql, "SET SESSION lock_wait_timeout = 5", "UPDATE chv_images SET id = 7")
    assert sum(id for (id,) in rows if isinstance(id, int)) == sum(range(2, 200_001))
    live.close()


def test_the_connection_cannot_write(mysql: str) -> None:
    execute(mysql, *EMPTY_SITE)
    live = LiveTables.open(mysql)
    with pytest.raises(SourceError, match="READ ONLY"):
        list(live.server.ask("INSERT INTO chv_images VALUES (1)"))
    assert live.count("images") == 0


def test_a_connection_that_is_lost_half_way_is_said(mysql: str) -> None:
    execute(mysql, *EMPTY_SITE, "ALTER TABLE chv_images ADD filler text")
    execute(mysql, "INSERT INTO chv_images SELECT seq, repeat('x', 200) FROM seq_1_to_200000")
    live = LiveTables.open(mysql)
    rows = live.rows("images", ["id", "filler"])
    next(rows)
    [(connection,)] = live.server.ask(
        "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
    )
    assert connection
    execute(mysql, f"KILL {int(connection)}")
    with pytest.raises(SourceError, match="Lost connection"):
        list(rows)


def test_tables_that_are_not_there_are_empty(mysql: str) -> None:
    execute(mysql, *EMPTY_SITE)
    live = LiveTables.open(mysql)
    assert live.columns("tags") == frozenset()
    assert live.count("tags") == 0


def test_an_account_may_have_special_characters_and_too_few_rights(mysql: str, mysql_server: str) -> None:
    execute(mysql, *EMPTY_SITE)
    address, name = mysql.removeprefix("mysql://").partition("@")[2].split("/")
    user = f"{name}@%:/"
    short = user.replace("picgate_test_", "")
    account = f"`{short}`@'%'"
    execute(mysql, f"CREATE USER {account} IDENTIFIED BY 'p@ss:/?#%'")
    try:
        quoted = short.replace("%", "%25").replace("@", "%40").replace(":", "%3A").replace("/", "%2F")
        url = f"mariadb://{quoted}:p%40ss%3A%2F%3F%23%25@{address}/{name}?charset=utf8mb4"
        assert "GRANT SELECT" in refusal(url)
        execute(mysql, f"GRANT SELECT ON {name}.chv_images TO {account}")
        assert "found were chv_images." in refusal(url)
        execute(mysql, f"GRANT SELECT ON {name}.* TO {account}")
        assert LiveTables.open(url).count("users") == 0
        wrong = refusal(url.replace("ss%3A", "secret"))
        assert "user name and the password" in wrong
        assert "secret" not in wrong
    finally:
        execute(mysql, f"DROP USER {account}")


def test_a_database_that_is_not_there_is_said(mysql: str) -> None:
    assert "name of the database" in refusal(f"{mysql}_not")
    assert "there is no table at all" in refusal(mysql)


def test_of_two_installations_one_has_to_be_named(mysql: str) -> None:
    execute(mysql, *EMPTY_SITE, *(statement.replace("chv_", "") for statement in EMPTY_SITE))
    assert "'', 'chv_'" in refusal(mysql)
    assert LiveTables.open(mysql, prefix="").prefix == ""
    assert "prefix 'x_'" in refusal(mysql, "x_")


def test_a_server_is_reached_through_its_socket(mysql: str) -> None:
    execute(mysql, *EMPTY_SITE)
    [(path,)] = LiveTables.open(mysql).server.ask("SELECT @@socket")
    assert path
    socket = Path(path.decode())
    if not socket.is_socket():
        pytest.skip("the database server is on another machine")
    assert LiveTables.open(f"{mysql}?unix_socket={socket}").count("users") == 0


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://root:secret@127.0.0.1:1/site", "Check host and port"),
        ("postgres://root:secret@127.0.0.1/site", "does not begin with mysql://"),
        ("mysql://root:secret@127.0.0.1:port/site", "host or port"),
        ("mysql://root:secret@127.0.0.1/", "names no database"),
        ("mysql://127.0.0.1/site", "names no user"),
        ("mysql://root:secret@127.0.0.1/site?chrset=utf8", "parameter chrset"),
        ("mysql://root:secret@127.0.0.1/site?charset=latin1", "parameter charset"),
        ("mysql://root:secret@localhost/site?unix_socket=/no/such/socket", "/no/such/socket"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_its_password(url: str, said: str) -> None:
    refused = refusal(url)
    assert said in refused
    assert "secret" not in refused


def test_without_pymysql_it_says_how_to_get_it() -> None:
    script = (
        "import sys; sys.modules['pymysql'] = None\n"
        "from migrate.sources.live import LiveTables\n"
        "try: LiveTables.open('mysql://root@127.0.0.1/site')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert printed.startswith("SourceError")
    assert "pip install 'picgate[mysql]'" in printed
