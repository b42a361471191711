"""Which databases the PostgreSQL catalog opens, and what it says of the others: what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import pytest

pytest.importorskip("psycopg", reason="psycopg is not installed")

from gateway.core.errors import StoreUnavailable
from gateway.store.postgres import PostgresCatalog
from gateway.store.postgres_failures import Where, refuse_unfit
from gateway.store.postgres_schema import STEPS
from gateway.store.sql.base import NewerCatalog
from tests.contract.samples import an_owner, at_once
from tests.stores import POSTGRES, a_database, execute
from tests.wire import a_refusal


@pytest.fixture
def url() -> Iterator[str]:
    with a_database() as url:
        yield url


def refusal(url: str) -> str:
    with pytest.raises(StoreUnavailable) as refused:
        PostgresCatalog(url)
    said = str(refused.value)
    assert "hunter2" not in said
    assert 2 <= len(said.splitlines()) <= 3
    return said


def shape(url: str) -> list[Any]:
    return execute(url, "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'")


def test_it_works(url: str) -> None:
    first = PostgresCatalog(url)
    first.add_owner(owner := an_owner("alice"))
    first.close()
    again = PostgresCatalog(url)
    assert again.owners() == [owner]
    again.close()


def test_each_step_is_written_down_once(url: str) -> None:
    for _ in range(2):
        PostgresCatalog(url).close()
    assert execute(url, "SELECT name FROM schema_steps ORDER BY applied_at, name") == [(name,) for name in STEPS]


def test_a_new_database_opened_by_many_at_once_is_made_once(url: str) -> None:
    opened = at_once(6, lambda _: PostgresCatalog(url))
    for one in opened:
        assert isinstance(one, PostgresCatalog), one
        one.close()
    assert execute(url, "SELECT count(*) FROM schema_steps") == [(len(STEPS),)]


def test_who_may_not_make_tables_may_use_those_that_are_there(url: str) -> None:
    PostgresCatalog(url).close()
    with a_person(url, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO") as theirs:
        catalog = PostgresCatalog(theirs)
        catalog.add_owner(owner := an_owner("alice"))
        assert catalog.owners() == [owner]
        catalog.close()


def test_who_may_only_read_is_named_in_the_log_with_what_is_missing(url: str, caplog: pytest.LogCaptureFixture) -> None:
    PostgresCatalog(url).close()
    with a_person(url, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO") as theirs:
        catalog = PostgresCatalog(theirs)
        with pytest.raises(StoreUnavailable, match="cannot be written"):
            catalog.add_owner(an_owner("alice"))
        with pytest.raises(StoreUnavailable, match="\nLet the owner of its tables run: GRANT SELECT, INSERT"):
            catalog.try_out()
        catalog.close()
        person = urlsplit(theirs).username
    assert "(storage.catalog): permission denied" in caplog.messages[-1]
    remedy = f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{person}"'
    assert caplog.messages[-1].endswith(remedy)


# what is refused


def test_a_catalog_of_a_newer_version_is_left_alone(url: str) -> None:
    PostgresCatalog(url).close()
    execute(url, "INSERT INTO schema_steps VALUES ('from tomorrow', '2030-01-01T00:00:00.000Z')")
    before = shape(url)
    with pytest.raises(NewerCatalog, match=r"newer version of Picgate .*'from tomorrow'.*install"):
        PostgresCatalog(url)
    assert shape(url) == before


def test_a_database_with_tables_of_something_else_is_left_alone(url: str) -> None:
    execute(url, "CREATE TABLE media (number INTEGER)")
    before = shape(url)
    assert "tables of something else" in refusal(url)
    assert shape(url) == before


def test_a_missing_database_comes_with_the_line_that_makes_it() -> None:
    there = urlsplit(POSTGRES)
    said = refusal(there._replace(path="/no%20such%20thing").geturl())
    assert "There is no database no such thing" in said
    assert (
        f"createdb -h {there.hostname} -p {there.port} -U {there.username} -T template0 -E UTF8 'no such thing'" in said
    )


def test_a_wrong_password_is_told_without_it() -> None:
    with a_refusal(b"28P01", b'password authentication failed for user "carol"') as port:
        said = refusal(f"postgresql://carol:hunter2@127.0.0.1:{port}/picgate")
    assert said.startswith(f"PostgreSQL on 127.0.0.1:{port} refuses the password of carol.\n")
    assert "storage.catalog" in said


@pytest.mark.parametrize(
    ("code", "reason", "told"),
    [
        (b"28000", b'role "carol" does not exist', "knows nobody of the name carol"),
        (b"28000", b'no pg_hba.conf entry for host "127.0.0.1", user "carol"', "Add a line to its pg_hba.conf"),
        (b"53300", b"sorry, too many clients already", "raise max_connections there"),
        (b"57P03", b"the database system is starting up", "starting up"),
    ],
)
def test_whatever_the_server_says_is_told(code: bytes, reason: bytes, told: str) -> None:
    with a_refusal(code, reason) as port:
        said = refusal(f"postgresql://carol:hunter2@127.0.0.1:{port}/picgate")
    assert told in said
    assert "storage.catalog" in said


def test_a_server_that_is_not_there_is_named() -> None:
    with a_refusal(b"", b"") as port:
        pass
    said = refusal(f"postgresql://carol:hunter2@127.0.0.1:{port}/picgate")
    assert said.startswith(f"PostgreSQL on 127.0.0.1:{port} cannot be reached: Connection refused.\n")
    assert "storage.catalog" in said


@pytest.mark.parametrize("address", ["postgresql://h/x?hunter2=1", "hunter2"])
def test_what_is_no_address_is_told_without_it(address: str) -> None:
    assert "postgresql://USER:PASSWORD@HOST:PORT/DATABASE" in refusal(address)


def test_who_may_not_make_tables_is_told_what_is_missing(url: str) -> None:
    execute(url, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    with a_person(url, "GRANT USAGE ON SCHEMA public TO") as theirs:
        name = urlsplit(theirs).username
        said = refusal(theirs)
    assert f"{name} may not make tables" in said
    assert f'GRANT CREATE, USAGE ON SCHEMA public TO "{name}"' in said


def test_a_database_that_may_only_be_read_is_told_so(url: str) -> None:
    execute(url, f"ALTER DATABASE {urlsplit(url).path[1:]} SET default_transaction_read_only = on")
    assert "may only be read" in refusal(url)


def test_a_database_that_cannot_write_everything_is_refused(url: str) -> None:
    name = f"{urlsplit(url).path[1:]}_latin"
    execute(POSTGRES, f"CREATE DATABASE {name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    try:
        said = refusal(urlsplit(url)._replace(path=f"/{name}").geturl())
    finally:
        execute(POSTGRES, f"DROP DATABASE {name} WITH (FORCE)")
    assert f"The database {name} on" in said
    assert "LATIN1" in said


def test_a_server_that_is_too_old_is_refused() -> None:
    old = SimpleNamespace(info=SimpleNamespace(server_version=120015, parameter_status=lambda name: "UTF8"))
    with pytest.raises(StoreUnavailable, match="is version 12, and Picgate needs 13 or later"):
        refuse_unfit(cast(Any, old), Where("db.example", "5432", "carol", "picgate"))


@contextmanager
def a_person(url: str, grant: str) -> Iterator[str]:
    """The address of the same database, for somebody who may do nothing but what is granted."""
    there = urlsplit(url)
    name = f"{there.path[1:]}_carol"
    execute(url, f"CREATE ROLE {name} LOGIN")
    try:
        execute(url, f"{grant} {name}")
        yield there._replace(netloc=f"{name}@{there.hostname}:{there.port}").geturl()
    finally:
        execute(url, f"DROP OWNED BY {name}")
        execute(url, f"DROP ROLE {name}")
