"""R29 and R31 of the dashboard: every route as everybody, with the right token, a wrong one and none, from here and
from elsewhere: what is alice's stays hers, and every page is closed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.core.ids import new_id
from gateway.core.library import Added
from gateway.core.records import Album, Owner, Role
from gateway.settings import Settings
from gateway.store.opening import Opened
from migrate.journal_files import FileJournals
from migrate.journal_tables import SharedJournals
from migrate.journals import Journals
from tests.conftest import PUBLIC_URL, Client, FrozenClock, draw
from tests.security.dashboard_routes import NOT_IN, ROUTES, VISITORS, Route
from tests.security.pages import check_cookies, check_page
from tests.web.dashboard.conftest import PASSWORD, token_of, with_password
from tests.web.dashboard.test_moves import GOOD, RUN, imported

SECRETS = ("Hushed title", "hush-file", "Hushed words", "Hushed album", "hushed-tag", "Hushed key")
SCRIPT = {"Accept": "application/json"}
GUESSED = "AAAAAAAAAAA"
CHANGING = [route for route in ROUTES if route.changes]
READ = [route for route in ROUTES if not route.changes]


@dataclass(frozen=True, slots=True)
class Visit:
    """What a browser keeps of a page: the cookie, and the token of its forms."""

    cookie: str
    token: str


@dataclass(frozen=True, slots=True)
class House:
    client: FlaskClient
    opened: Opened
    names: dict[str, str]
    visits: dict[str, Visit]

    def ask(self, route: Route, who: str, method: str = "", token: str | None = None, **headers: str) -> TestResponse:
        """With the token of whoever asks, unless it is another. Browsers say where a form is from."""
        visit = self.visits[who]
        token = visit.token if token is None else token
        own = {"Cookie": visit.cookie, "Origin": PUBLIC_URL} | ({"X-CSRF-Token": token} if token else {})
        with self.disabled() if who == "disabled" else self.as_it_is():
            return self.client.open(
                route.path.format(**self.names),
                method=method or route.method,
                base_url=PUBLIC_URL,
                headers=own | dict(route.headers) | headers,
                data=self.sent(route) if route.changes else None,
            )

    def sent(self, route: Route) -> dict[str, Any]:
        fields: dict[str, Any] = {name: text.format(**self.names) for name, text in route.fields.items()}
        return fields | ({"file": (io.BytesIO(draw()), "a.png")} if route.sends_file else {})

    @contextmanager
    def disabled(self) -> Iterator[None]:
        self.opened.owners.disable("alice")
        yield
        self.opened.owners.enable("alice")

    @contextmanager
    def as_it_is(self) -> Iterator[None]:
        yield

    def all_there_is(self) -> list[object]:
        return [*self.all_of_hers(), self.opened.owners.all(), self.opened.keys.all()]

    def all_of_hers(self) -> list[object]:
        """What nobody else may have changed."""
        opened, alice = self.opened, self.opened.owners.named("alice")
        return [
            alice,
            opened.library.get(self.names["photo"]),
            opened.albums.all(alice),
            opened.keys.of(alice),
            opened.sessions.own(alice, self.names["session"]),
        ]


def signed_in(client: FlaskClient, name: str = "") -> Visit:
    """`name` is empty for somebody who just looks at the form."""
    form = client.get("/dashboard/sign-in", base_url=PUBLIC_URL)
    visit = Visit(cookie_of(form), token_of(form.text))
    if not name:
        return visit
    fields = {"name": name, "password": PASSWORD, "token": visit.token}
    answer = client.post("/dashboard/sign-in", base_url=PUBLIC_URL, data=fields, headers={"Cookie": visit.cookie})
    cookie = cookie_of(answer)
    page = client.get("/dashboard/account", base_url=PUBLIC_URL, headers={"Cookie": cookie})
    return Visit(cookie, token_of(page.text))


def cookie_of(answer: TestResponse) -> str:
    check_cookies(answer)
    return answer.headers["Set-Cookie"].partition(";")[0]


@pytest.fixture
def imports(settings: Settings, opened: Opened) -> Iterator[Journals]:
    if not settings.storage.catalog:
        yield FileJournals(settings.data / "imports")
        return
    yield SharedJournals(opened.catalog)
    with opened.catalog.transaction() as db:
        db.execute("DROP SCHEMA IF EXISTS imports CASCADE")


@pytest.fixture
def house(
    app: Flask, opened: Opened, alice: Owner, add_image: Callable[..., Added], clock: FrozenClock, imports: Journals
) -> House:
    people: dict[str, Role] = {"other": "user", "admin": "admin"}
    owners = {name: opened.owners.add(name, role=role) for name, role in people.items()}
    albums = {}
    for name, owner in (("album", alice), ("album_of_other", owners["other"])):
        title = "Hushed album" if owner is alice else "Lake"
        opened.catalog.add_album(album := Album(new_id(), owner.id, title, clock.now(), privacy="private"))
        albums[name] = album.id
    photo = add_image(
        filename="hush-file.png", title="Hushed title", description="Hushed words", tags=("hushed-tag",),
        is_public=False, album_id=albums["album"],
    ).media  # fmt: skip
    key = opened.keys.issue(alice, "Hushed key")[0]
    session = opened.sessions.begin(alice, 10, "", None)
    with imported(imports, GOOD):
        pass
    names = albums | {"photo": photo.id, "key": key.id, "session": session.id, "owner": alice.id, "run": RUN}

    client = Client(app, use_cookies=False)
    for owner in (alice, *owners.values()):
        with_password(opened, owner)
    visits = {"nobody": signed_in(client), "signed-out": signed_in(client, "alice")}
    opened.accounts.sign_out_everywhere(alice)
    visits |= {name: signed_in(client, name) for name in owners}
    visits["owner"] = visits["disabled"] = signed_in(client, "alice")
    return House(client, opened, names, visits)


def check_answer(answer: TestResponse) -> None:
    """Nothing of the dashboard is kept anywhere; pages are closed, and cookies stay here."""
    assert "no-store" in answer.headers["Cache-Control"]
    check_cookies(answer)
    if answer.mimetype == "text/html" and answer.request.method != "HEAD":
        check_page(answer)


def leaks(answer: TestResponse) -> list[str]:
    told = f"{answer.headers} {answer.get_data(as_text=True)}"
    return [secret for secret in SECRETS if secret in told]


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_r29_everybody_gets_what_is_theirs_in_the_dashboard(house: House, route: Route) -> None:
    hers, found = house.all_of_hers(), []
    for who in VISITORS:
        answer = house.ask(route, who)
        found.append(str(answer.status_code))
        check_answer(answer)
        if who == "owner":
            continue
        assert leaks(answer) == [], who
        if not (who == "admin" and route.endpoint.startswith("owner")):
            assert house.all_of_hers() == hers, who
        if who in NOT_IN and answer.status_code == 303 and not route.is_for_all:
            assert answer.headers["Location"].startswith("/dashboard/sign-in?back="), who
    assert " ".join(found) == route.statuses


# One house for all routes: nothing changes here, and time goes on so that no rate is used up.


def test_r29_scripts_are_told_that_they_have_to_sign_in(house: House) -> None:
    for route in ROUTES:
        for who in () if route.is_for_all else NOT_IN:
            answer = house.ask(route, who, **SCRIPT)
            check_answer(answer)
            assert (answer.status_code, answer.json and answer.json["error"]["code"]) == (401, "SIGNED_OUT"), route


@pytest.mark.parametrize("token", ["", "0" * 64, "of another"])
def test_r29_without_the_right_token_nothing_is_done(house: House, token: str) -> None:
    before = house.all_there_is()
    for route in CHANGING:
        for who in VISITORS:
            given = house.visits["other" if who == "owner" else "owner"].token if token == "of another" else token
            answer = house.ask(route, who, token=given)
            assert (answer.status_code, leaks(answer)) == (403, []), (route, who)
            check_answer(answer)
            code = "SIGNED_OUT" if who in NOT_IN and not route.is_for_all else "TOKEN_WRONG"
            answer = house.ask(route, who, token=given, **SCRIPT)
            assert answer.json and answer.json["error"]["code"] == code, (route, who)
    assert house.all_there_is() == before


@pytest.mark.parametrize("foreign", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}], ids=str)
def test_r31_a_form_of_another_site_is_refused_by_the_dashboard(house: House, foreign: dict[str, str]) -> None:
    """Even with the right token; and nobody is signed out by it."""
    before = house.all_there_is()
    for route in CHANGING:
        for who in VISITORS:
            answer = house.ask(route, who, **foreign)
            assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False), (route, who)
            assert "another site" in answer.text
            check_answer(answer)
            answer = house.ask(route, who, **foreign, **SCRIPT)
            assert answer.json and answer.json["error"]["code"] == "FOREIGN_FORM", (route, who)
    assert house.all_there_is() == before


def test_r29_head_says_no_more_than_get_in_the_dashboard(house: House, clock: FrozenClock) -> None:
    for route in READ:
        clock.advance(minutes=1)
        for who in VISITORS:
            answer = house.ask(route, who, "HEAD")
            assert (answer.status_code, answer.data) == (route.expected()[who], b""), (route, who)
            check_answer(answer)
            assert who == "owner" or leaks(answer) == [], (route, who)


def test_r29_guessed_ids_are_not_told_from_others_in_the_dashboard(house: House, clock: FrozenClock) -> None:
    """Such as those of alice."""
    guessed = House(house.client, house.opened, dict.fromkeys(house.names, GUESSED), house.visits)
    ids = re.compile("|".join(map(re.escape, (*house.names.values(), GUESSED))))
    for route in READ:
        clock.advance(minutes=1)
        real, made_up = house.ask(route, "other"), guessed.ask(route, "other")
        assert real.status_code == made_up.status_code
        assert ids.sub("", real.text) == ids.sub("", made_up.text), route


def test_r29_whoever_stands_for_everybody_cannot_sign_in(house: House) -> None:
    guest = with_password(house.opened, house.opened.owners.add("guest", role="guest"))
    visit = house.visits["nobody"]
    fields = {"name": "guest", "password": PASSWORD, "token": visit.token}
    answer = house.client.post("/dashboard/sign-in", base_url=PUBLIC_URL, data=fields, headers={"Cookie": visit.cookie})
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)
    link = Route("owner_link", "POST", f"/dashboard/admin/owners/{guest.id}/link", "")
    answer = house.ask(link, "admin")
    assert answer.status_code == 400 and "/dashboard/password/" not in answer.text
