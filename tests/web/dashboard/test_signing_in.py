"""Coming in and going out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from gateway.core.records import Owner
from gateway.store.opening import Opened
from tests.conftest import FrozenClock
from tests.web.dashboard.conftest import PASSWORD, Person, text_of, token_of, with_password

SIGN_IN = "/dashboard/sign-in"


def test_it_works(stranger: Person, alice: Owner) -> None:
    answer = stranger.sign_in()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard")
    assert "alice" in text_of(stranger.get("/dashboard/account").text)


@pytest.mark.parametrize("path", ["/dashboard", "/dashboard/", "/dashboard/keys", "/dashboard/usage?a=b&c=%26"])
def test_whoever_is_not_signed_in_is_asked_and_then_led_on(stranger: Person, alice: Owner, path: str) -> None:
    asked = stranger.get(path)
    assert asked.status_code == 303 and asked.headers["Location"].startswith(f"{SIGN_IN}?back=")
    page = stranger.get(asked.headers["Location"])
    back = page.request.args["back"]
    answer = stranger.send(SIGN_IN, token=token_of(page.text), name="alice", password=PASSWORD, back=back)
    assert answer.headers["Location"] == path


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/\\evil.example", "/dashboardish", "/", "", "dashboard",
             "/dashboard/\r\nX: y", "javascript:alert(1)"],
)  # fmt: skip
def test_nobody_is_led_to_another_place(stranger: Person, alice: Owner, back: str) -> None:
    assert stranger.sign_in(back=back).headers["Location"] == "/dashboard"


def test_whoever_is_in_is_not_asked_again(user: Person) -> None:
    answer = user.get(f"{SIGN_IN}?back=/dashboard/keys")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard/keys")


@pytest.mark.parametrize(("name", "password"), [("alice", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_password_is_said_and_the_name_is_kept(
    stranger: Person, alice: Owner, name: str, password: str
) -> None:
    answer = stranger.sign_in(name, password)
    assert answer.status_code == 403
    assert "There is no account with this name and this password." in text_of(answer.text)
    assert f'name="name" type="text" value="{name}"' in answer.text and PASSWORD not in answer.text
    assert not stranger.is_in


def test_a_disabled_owner_is_told(stranger: Person, opened: Opened, alice: Owner) -> None:
    opened.owners.disable("alice")
    answer = stranger.sign_in()
    assert answer.status_code == 403 and "This account is disabled." in text_of(answer.text)
    assert not stranger.is_in


def test_a_name_is_never_markup(stranger: Person, alice: Owner) -> None:
    assert '"><script>' not in stranger.sign_in('"><script>alert(1)</script>', "x").text


# how often


def guess(person: Person, times: int, **fields: str) -> list[TestResponse]:
    return [person.sign_in(password=f"guess {number}", **fields) for number in range(times)]


def test_guesses_of_one_address_are_limited(stranger: Person, alice: Owner) -> None:
    answers = guess(stranger, 11)
    assert [answer.status_code for answer in answers] == [403] * 10 + [429]
    assert "Too many tries." in text_of(answers[-1].text)
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert stranger.sign_in().status_code == 429


def test_other_names_are_no_way_around(stranger: Person, alice: Owner) -> None:
    for number in range(10):
        assert stranger.sign_in(f"name{number}", "guess").status_code == 403
    assert stranger.sign_in().status_code == 429


def test_an_address_that_was_made_up_is_no_way_around(stranger: Person, alice: Owner) -> None:
    codes = [
        stranger.sign_in(password="guess", headers={"X-Forwarded-For": f"203.0.113.{number}"}).status_code
        for number in range(11)
    ]
    assert codes[-1] == 429


def test_a_name_is_not_tried_from_everywhere(person: Callable[[], Person], alice: Owner, opened: Opened) -> None:
    """A hundred times in an hour, whoever tries."""
    limit = person().client.application.view_functions["dashboard.sign_in"].__wrapped__.__self__.desk.names
    for _ in range(100):
        limit.count("", "name alice")
    assert person().sign_in().status_code == 429
    with_password(opened, opened.owners.add("bob"))
    assert person().sign_in("bob").status_code == 303


def test_signing_in_is_not_counted_as_a_guess(person: Callable[[], Person], alice: Owner) -> None:
    assert [person().sign_in().status_code for _ in range(12)] == [303] * 12


# going out


def test_signing_out_ends_it_here(person: Callable[[], Person], alice: Owner) -> None:
    here, there = person(), person()
    for one in (here, there):
        one.sign_in()
    answer = here.post("/dashboard/sign-out", page="/dashboard/account")
    assert answer.headers["Location"] == f"{SIGN_IN}?done=signed-out"
    assert "You are signed out." in text_of(here.get(answer.headers["Location"]).text)
    assert (here.is_in, there.is_in) == (False, True)


def test_a_link_is_no_way_to_sign_somebody_out(user: Person) -> None:
    assert user.get("/dashboard/sign-out").status_code == 404
    assert user.is_in


# a link that sets a password


@pytest.fixture
def link(opened: Opened, bob: Owner) -> str:
    return f"/dashboard/password/{opened.accounts.make_link(bob)}"


NEW = {"new_password": "five other plain words", "repeated_password": "five other plain words"}


def test_a_link_sets_a_password_and_leads_in(stranger: Person, link: str) -> None:
    assert "For the account bob." in text_of(stranger.get(link).text)
    answer = stranger.post(link, **NEW)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard/library?done=password-set")
    assert "Your password is set" in text_of(stranger.get(answer.headers["Location"]).text)


def test_a_link_that_was_used_is_gone(person: Callable[[], Person], link: str) -> None:
    late = person()
    page = late.get(link)
    person().post(link, **NEW)
    answer = late.send(link, token=token_of(page.text), **NEW)
    assert answer.status_code == 410 and "This link does not work any more" in text_of(answer.text)
    assert not late.is_in and late.get(link).status_code == 410


def test_a_link_of_yesterday_is_gone(stranger: Person, link: str, clock: FrozenClock) -> None:
    clock.advance(days=1)
    assert stranger.get(link).status_code == 410


@pytest.mark.parametrize(
    ("new", "repeated", "said"),
    [("short", "short", "too short"), ("five other plain words", "five other plain word", "not the same")],
)
def test_a_password_that_is_no_good_is_asked_for_again(
    stranger: Person, link: str, new: str, repeated: str, said: str
) -> None:
    answer = stranger.post(link, new_password=new, repeated_password=repeated)
    assert answer.status_code == 400 and said in text_of(answer.text)
    assert stranger.post(link, **NEW).status_code == 303


def test_the_address_of_the_link_is_told_to_no_other_site(stranger: Person, link: str) -> None:
    assert stranger.get(link).headers["Referrer-Policy"] == "same-origin"
