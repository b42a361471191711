"""`/dashboard/moves`: imports as their journals tell them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from gateway.settings import Settings
from gateway.store.opening import Opened
from gateway.web.pages.dashboard import moves
from migrate.journals import Journals
from migrate.outcome import Outcome
from tests.web.dashboard.conftest import Person, text_of, with_password
from tests.web.imports import GOOD, LOST, RUN, imported, run_of

STARTED = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def admin(opened: Opened, person: Callable[[], Person]) -> Person:
    with_password(opened, opened.owners.add("rita", role="admin"))
    here = person()
    here.sign_in("rita")
    return here


def test_nothing_was_moved_yet(admin: Person) -> None:
    assert "Nothing was brought here yet." in text_of(admin.get("/dashboard/moves").text)


def test_it_works(admin: Person, imports: Journals) -> None:
    with imported(imports, GOOD, LOST):
        pass
    text = text_of(admin.get("/dashboard/moves").text)
    assert "From Chevereto" in text
    assert "finished" in text
    assert "/backup/old.sql" in text
    assert "2 items · 1.5 MB · one to look at" in text
    page = admin.get(f"/dashboard/moves/{RUN}").text
    assert "Every item that was found has exactly one verdict." in text_of(page)
    assert "The source has no file for it." in text_of(page), "what to look at comes first"
    assert "2024/&lt;lost&gt;.jpg" in page
    assert f"migrate verify {RUN}" in page


def test_items_of_one_verdict_are_listed(admin: Person, imports: Journals) -> None:
    with imported(imports, GOOD, LOST):
        pass
    text = text_of(admin.get(f"/dashboard/moves/{RUN}?show=imported").text)
    assert "2024/cat.jpg" in text
    assert "<lost>" not in text


def test_what_was_imported_leads_to_where_it_is(
    admin: Person, imports: Journals, add_image: Callable[..., object], opened: Opened
) -> None:
    added = add_image()
    media = added.media  # type: ignore[attr-defined]
    with imported(imports, Outcome("1", "cat.jpg", "imported", media_id=media.id), GOOD):
        pass
    page = admin.get(f"/dashboard/moves/{RUN}?show=imported").text
    assert f'href="https://img.example.org/image/{media.id}"' in page
    assert "xK9mR2pQ7vB" not in page, "that one is not here any more"


def test_many_items_come_page_by_page(admin: Person, imports: Journals) -> None:
    with imported(imports, *(Outcome(str(at), f"{at:03}.jpg", "skipped", "only: not asked for") for at in range(150))):
        pass
    first = admin.get(f"/dashboard/moves/{RUN}?show=skipped").text
    assert "099.jpg" in first
    assert "100.jpg" not in first
    match = re.search(r'href="(\?show=skipped&amp;after=\d+)#items"', first)
    assert match
    second = admin.get(f"/dashboard/moves/{RUN}{unescape(match[1])}").text
    assert "100.jpg" in second
    assert "Show more" not in second


def test_many_runs_come_page_by_page(admin: Person, imports: Journals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moves, "RUNS", 2)
    for at in range(5):
        run = replace(run_of(f"20261121-12000{at}-aabbcc"), started_at=STARTED + timedelta(seconds=at))
        with imported(imports, run=run):
            pass
    path, found = "/dashboard/moves", []
    while path:
        page = admin.get(path).text
        found.append(re.findall(r'<h2 id="run-\d+-12000(\d)', page))
        match = re.search(r'rel="next" href="([^"]+)"', page)
        path = unescape(match[1]) if match else ""
        assert ("Newest" in page) == (len(found) > 1)
    assert found == [["4", "3"], ["2", "1"], ["0"]]
    assert re.findall(r'<h2 id="run-\d+-12000(\d)', admin.get("/dashboard/moves?after=nothing").text) == ["4", "3"]


def test_a_run_that_goes_on_keeps_up(admin: Person, imports: Journals) -> None:
    with imported(imports, GOOD):
        page = admin.get("/dashboard/moves").text
        assert "data-running" in page
        assert "/static/moves.js" in page
        assert "running" in text_of(page)
        assert "data-running" in admin.get(f"/dashboard/moves/{RUN}").text
    assert "/static/moves.js" not in admin.get("/dashboard/moves").text


def test_a_run_that_nobody_works_on_was_cut_off(admin: Person, imports: Journals) -> None:
    imports.begin(run_of()).close()
    page = admin.get(f"/dashboard/moves/{RUN}").text
    assert "cut off" in text_of(page)
    assert f"migrate resume {RUN}" in page


def test_of_two_that_say_they_are_at_work_one_was_killed(imports: Journals, opened: Opened) -> None:
    imports.begin(run_of("20261120-120000-aabbcc")).close()
    with imported(imports):
        states = {one.id: one.state for one in opened.moves.all()}
    assert states == {"20261120-120000-aabbcc": "cut-off", RUN: "running"}


@pytest.mark.parametrize("run_id", ["nothing", "..%2f..%2fcatalog", "20260101-000000-000000"])
def test_a_run_that_is_not_there(admin: Person, imports: Journals, run_id: str) -> None:
    assert admin.get(f"/dashboard/moves/{run_id}").status_code == 404


@pytest.mark.sqlite_disk_only("journals in a database are not broken one by one")
def test_a_broken_journal_does_not_hide_the_others(admin: Person, imports: Journals, settings: Settings) -> None:
    with imported(imports, GOOD):
        pass
    (settings.data / "imports" / "20261120-120000-aabbcc.db").write_bytes(b"no journal at all")
    assert "From Chevereto" in text_of(admin.get("/dashboard/moves").text)


def test_reading_makes_nothing(opened: Opened, settings: Settings) -> None:
    assert list(opened.moves.all()) == []
    assert not (settings.data / "imports").exists()


def test_german_is_spoken(admin: Person, imports: Journals) -> None:
    german = {"Accept-Language": "de"}
    with imported(imports, GOOD, LOST):
        pass
    assert "Von Chevereto" in admin.get("/dashboard/moves", headers=german).text
    assert "Zum Nachsehen" in admin.get(f"/dashboard/moves/{RUN}", headers=german).text
