"""What all pages of the dashboard have in common."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.app import create_app
from gateway.core.errors import StoreUnavailable
from gateway.core.records import Owner
from gateway.settings import Server, Settings
from gateway.store.opening import Opened
from tests.conftest import Client
from tests.web.dashboard.conftest import Person, text_of

PAGES = ["/dashboard/sign-in", "/dashboard/account", "/dashboard/keys", "/dashboard/usage", "/dashboard/upload",
         "/dashboard/library", "/dashboard/nowhere"]  # fmt: skip
LINK = re.compile(r'(?:src|href)="(/[^"]*)"')


def opened_by(person: Person, path: str, language: str = "en") -> str:
    """The sign-in page is seen by those alone who are not."""
    if path.endswith("/sign-in"):
        person = Person(Client(person.client.application))
    return person.get(path, headers={"Accept-Language": language}).text


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("path", PAGES)
def test_it_is_whole_in_every_language(user: Person, path: str, language: str) -> None:
    page = opened_by(user, path, language)
    assert f'<html lang="{language}">' in page and page.rstrip().endswith("</html>")
    assert re.search(r"<title>[^<]+ · img\.example\.org</title>", page)
    assert page.count("<h1>") == 1
    assert "{{" not in page and "{%" not in page and "None" not in text_of(page)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_runs_or_looks_by_itself(user: Person, path: str) -> None:
    page = opened_by(user, path)
    assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?![^>]* src=)|javascript:", page)


@pytest.mark.parametrize("path", PAGES)
def test_it_is_hardened(user: Person, path: str) -> None:
    headers = user.get(path).headers
    policy = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert (policy["default-src"], policy["frame-ancestors"], policy["base-uri"]) == ("'none'",) * 3
    assert (policy["script-src"], policy["style-src"], policy["connect-src"]) == ("'self'",) * 3
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", PAGES)
def test_everything_it_needs_is_there(user: Person, path: str) -> None:
    needed = [link for link in LINK.findall(opened_by(user, path)) if link.startswith("/static/")]
    assert "/static/picgate.css" in needed and "/static/dashboard.css" in needed
    for static in needed:
        assert user.get(static).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_every_field_has_a_label_and_every_id_is_one(user: Person, path: str) -> None:
    page = opened_by(user, path)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    labelled = set(re.findall(r'<label for="([^"]+)"', page))
    for field in re.findall(r"<(?:input|select|textarea)\b[^>]*>", page):
        if 'type="hidden"' in field or " hidden" in field or 'type="radio"' in field or 'type="checkbox"' in field:
            continue
        match = re.search(r'\bid="([^"]+)"', field)
        assert match and match[1] in labelled, field


@pytest.mark.parametrize("path", PAGES)
def test_below_a_path_everything_is_below_it(settings: Settings, opened: Opened, alice: Owner, path: str) -> None:
    app = create_app(replace(settings, server=Server(public_url="https://img.example.org/pictures")), opened)
    client = Client(app)
    signed_in = opened.accounts.sign_in("alice", "four plain words here")
    badges = app.view_functions["dashboard.keys"].__self__.desk.badges  # type: ignore[attr-defined]
    answer = app.response_class()
    badges.pin(answer, badges.issue(signed_in))
    value = answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    page = client.get(path, headers={"Cookie": f"picgate={value}"}, base_url="https://img.example.org")
    assert page.status_code in (200, 303, 404)
    for link in (*LINK.findall(page.text), *re.findall(r'action="([^"]*)"', page.text)):
        assert link.startswith("/pictures/"), link


def test_the_front_leads_to_the_first_place(user: Person) -> None:
    answer = user.get("/dashboard")
    assert answer.status_code == 302
    assert user.get(answer.headers["Location"]).status_code == 200


def test_only_admins_are_shown_where_admins_go(user: Person, person: Callable[[], Person], opened: Opened) -> None:
    assert 'href="/dashboard/admin"' not in user.get("/dashboard/account").text


def test_a_notice_is_one_of_ours(user: Person) -> None:
    assert "Your password is set" in user.get("/dashboard/account?done=password-set").text
    for text in ("<script>", "title", "nothing-of-the-kind", "../en"):
        assert 'class="notice"' not in user.get("/dashboard/account", query_string={"done": text}).text


def broken(*_: object) -> None:
    raise StoreUnavailable("The catalog is busy.")


def test_a_catalog_that_does_not_answer_signs_nobody_out(
    user: Person, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(opened.accounts, "still_in", broken)
        answer = user.get("/dashboard/keys", headers={"Accept-Language": "de"})
    assert answer.status_code == 503 and "Die Bibliothek ist gerade nicht erreichbar." in text_of(answer.text)
    assert user.is_in


def test_what_breaks_is_said_in_the_frame(user: Person, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened.keys, "of", broken)
    answer = user.get("/dashboard/keys")
    assert answer.status_code == 503 and "cannot be reached just now" in text_of(answer.text)
    assert 'class="places"' in answer.text


def test_after_a_form_the_language_leads_to_a_page(user: Person, opened: Opened, alice: Owner) -> None:
    """The answer to this one is at an address that can only be sent to."""
    album = opened.library.add_album(alice, "Sea")
    page = user.post(f"/dashboard/albums/{album.id}/files", page=f"/dashboard/albums/{album.id}", do="cover")
    match = re.search(r'name="back" value="([^"]+)"', page.text)
    assert page.status_code == 400 and match
    answer = user.post("/dashboard/language", page=match[1], language="de", back=match[1])
    assert answer.headers["Location"] == f"/dashboard/albums/{album.id}"
    assert user.get(answer.headers["Location"]).status_code == 200
