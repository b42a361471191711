"""The cookie of somebody who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.app import create_app
from gateway.core.records import Owner
from gateway.settings import Server, Settings
from gateway.store.opening import Opened, open_data
from tests.conftest import PUBLIC_URL, Client, FrozenClock
from tests.web.dashboard.conftest import PASSWORD, Person, token_of


def cookie_of(person: Person, path: str = "/dashboard") -> str:
    cookie = person.client.get_cookie("picgate", domain="img.example.org", path=path)
    assert cookie
    return cookie.value


def show(person: Person, value: str) -> None:
    person.client.set_cookie("picgate", value, domain="img.example.org", path="/dashboard")


def test_it_is_for_this_site_and_no_script(stranger: Person, alice: Owner) -> None:
    flags = stranger.sign_in().headers["Set-Cookie"].split("; ")[1:]
    assert {"HttpOnly", "SameSite=Lax", "Secure", "Path=/dashboard"} <= set(flags)


def test_over_plain_http_it_is_sent_all_the_same(settings: Settings, opened: Opened, alice: Owner) -> None:
    app = create_app(replace(settings, server=Server(public_url="http://nas.local:8080")), opened)
    assert "Secure" not in Client(app).get("/dashboard/sign-in").headers["Set-Cookie"]


def test_below_a_path_it_is_for_that_path(settings: Settings, opened: Opened, alice: Owner) -> None:
    client = Client(create_app(replace(settings, server=Server(public_url="https://example.org/pictures")), opened))
    answer = client.get("/dashboard/sign-in")
    assert "Path=/pictures/dashboard;" in answer.headers["Set-Cookie"]
    assert 'action="/pictures/dashboard/sign-in"' in answer.text
    asked = client.get("/dashboard/keys")
    assert asked.headers["Location"] == "/pictures/dashboard/sign-in?back=%2Fpictures%2Fdashboard%2Fkeys"


def test_signing_in_changes_it(stranger: Person, alice: Owner) -> None:
    """Whoever slipped somebody a cookie beforehand knows nothing of the one that counts."""
    page = stranger.get("/dashboard/sign-in").text
    before = cookie_of(stranger)
    stranger.send("/dashboard/sign-in", token=token_of(page), name="alice", password=PASSWORD)
    assert cookie_of(stranger) != before
    show(stranger, before)
    assert not stranger.is_in


def test_it_is_good_on_every_gateway_of_the_catalog(
    settings: Settings, opened: Opened, user: Person, clock: FrozenClock
) -> None:
    second = open_data(settings, clock)
    other = Person(Client(create_app(settings, second)))
    show(other, cookie_of(user))
    assert other.is_in
    second.close()


@pytest.mark.sqlite_disk_only("the other library is in another folder")
def test_it_is_good_for_no_other_library(settings: Settings, user: Person, clock: FrozenClock, alice: Owner) -> None:
    elsewhere = replace(settings, storage=replace(settings.storage, data=settings.storage.data + "2"))
    second = open_data(elsewhere, clock)
    second.catalog.add_owner(alice)
    other = Person(Client(create_app(elsewhere, second)))
    show(other, cookie_of(user))
    assert not other.is_in
    second.close()


@pytest.mark.parametrize("change", [lambda text: text[:-1] + "AE"[text[-1] == "A"], lambda text: "W" + text[1:],
                                    lambda text: text.partition(".")[0], lambda text: "", lambda text: "x.y",
                                    lambda text: text * 20])  # fmt: skip
def test_one_that_was_changed_is_none(user: Person, change: Callable[[str], str]) -> None:
    show(user, change(cookie_of(user)))
    assert not user.is_in


def test_it_ends_when_nobody_used_it_for_a_week(user: Person, clock: FrozenClock) -> None:
    clock.advance(days=6, hours=23)
    assert user.is_in
    clock.advance(days=6, hours=23)
    assert user.is_in
    clock.advance(days=7)
    assert not user.is_in


def test_it_ends_after_a_month_in_any_case(user: Person, clock: FrozenClock) -> None:
    for _ in range(29):
        clock.advance(days=1)
        assert user.is_in
    clock.advance(days=1)
    assert not user.is_in


def test_it_is_not_sent_with_every_answer(user: Person, clock: FrozenClock) -> None:
    assert "Set-Cookie" not in user.get("/dashboard/account").headers
    clock.advance(hours=1)
    assert "Set-Cookie" in user.get("/dashboard/account").headers
    assert "Set-Cookie" not in user.get("/dashboard/account").headers


@pytest.mark.parametrize(
    "end",
    [
        lambda opened, alice: opened.accounts.sign_out_everywhere(alice),
        lambda opened, alice: opened.owners.disable("alice"),
        lambda opened, alice: opened.accounts.use_link(opened.accounts.make_link(alice), "five other plain words"),
        lambda opened, alice: opened.catalog.withdraw("owner", [alice.id]),
    ],
    ids=["signed out everywhere", "disabled", "new password", "gone"],
)
def test_it_ends_with_what_it_stands_for(
    user: Person, opened: Opened, alice: Owner, end: Callable[[Opened, Owner], object]
) -> None:
    end(opened, alice)
    assert not user.is_in


def test_no_page_of_the_dashboard_is_kept_anywhere(user: Person) -> None:
    for path in ("/dashboard/account", "/dashboard/sign-in", "/dashboard/nowhere", "/dashboard/keys"):
        assert user.get(path).headers["Cache-Control"] == "private, no-store", path


def test_other_pages_set_no_cookie_of_the_dashboard(user: Person) -> None:
    assert PUBLIC_URL.startswith("https:")
    assert "Set-Cookie" not in user.get("/").headers
