"""What people set about themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.core.records import Owner
from gateway.store.opening import Opened
from tests.web.dashboard.conftest import PASSWORD, Person, text_of, token_of

ACCOUNT = "/dashboard/account"
CHANGE = {"new_password": "five other plain words", "repeated_password": "five other plain words"}


def change(person: Person, current: str = PASSWORD, **fields: str) -> tuple[int, str]:
    answer = person.post(f"{ACCOUNT}/password", page=ACCOUNT, current_password=current, **CHANGE | fields)
    return answer.status_code, answer.headers.get("Location") or text_of(answer.text)


def test_it_works(user: Person) -> None:
    text = text_of(user.get(ACCOUNT).text)
    assert "alice, user since 21 November 2026" in text and "alice@example.org" in text


def test_a_new_password_signs_out_everybody_else(person: Callable[[], Person], user: Person) -> None:
    other = person()
    other.sign_in()
    assert change(user) == (303, f"{ACCOUNT}?done=password-changed")
    assert (user.is_in, other.is_in) == (True, False)
    assert other.sign_in().status_code == 403
    assert other.sign_in(password="five other plain words").status_code == 303


@pytest.mark.parametrize(
    ("current", "fields", "status", "said"),
    [
        ("wrong", {}, 403, "That is not your password so far."),
        (PASSWORD, {"repeated_password": "other"}, 400, "The two passwords are not the same."),
        (PASSWORD, {"new_password": "short", "repeated_password": "short"}, 400, "Use at least 10 characters."),
        (PASSWORD, {"new_password": PASSWORD, "repeated_password": PASSWORD}, 400, "the password you have already"),
    ],
)
def test_a_password_that_cannot_be_changed(
    person: Callable[[], Person], user: Person, current: str, fields: dict[str, str], status: int, said: str
) -> None:
    found, text = change(user, current, **fields)
    assert found == status and said in text
    assert person().sign_in().status_code == 303


def test_the_password_so_far_is_not_guessed_here_without_end(user: Person) -> None:
    assert [change(user, "wrong")[0] for _ in range(11)] == [403] * 10 + [429]
    assert change(user)[0] == 429


def test_signing_out_everywhere(person: Callable[[], Person], user: Person) -> None:
    other = person()
    other.sign_in()
    answer = user.post(f"{ACCOUNT}/sign-out", page=ACCOUNT)
    assert answer.headers["Location"] == "/dashboard/sign-in?done=signed-out-everywhere"
    assert (user.is_in, other.is_in) == (False, False)
    assert user.sign_in().status_code == 303 and user.is_in


def test_a_page_is_shown_and_taken_away(user: Person) -> None:
    assert user.get("/user/alice").status_code == 404
    for choice, done, status in (("public", "page-shown", 200), ("none", "page-hidden", 404)):
        answer = user.send(f"{ACCOUNT}/page", token=token_of(user.get(ACCOUNT).text), page=choice)
        assert answer.headers["Location"] == f"{ACCOUNT}?done={done}"
        assert user.get("/user/alice").status_code == status
        assert ("https://img.example.org/user/alice" in user.get(ACCOUNT).text) == (status == 200)


# the language


@pytest.mark.parametrize(
    ("asked", "language"),
    [("de", "de"), ("de-AT,en;q=0.5", "de"), ("fr, de;q=0.4, en;q=0.3", "de"), ("en-GB,de;q=0.9", "en"), ("fr", "en"),
     ("", "en"), ("de;q=0, en", "en"), ("x" * 5000, "en"), ("*", "en")],
)  # fmt: skip
def test_the_browser_is_answered_in_its_language(stranger: Person, asked: str, language: str) -> None:
    page = stranger.get("/dashboard/sign-in", headers={"Accept-Language": asked}).text
    assert f'<html lang="{language}">' in page
    assert ("Anmelden" in page) == (language == "de")


def test_a_language_is_chosen_before_signing_in(stranger: Person) -> None:
    answer = stranger.post("/dashboard/language", page="/dashboard/sign-in", language="de", back="/dashboard/sign-in")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard/sign-in")
    assert '<html lang="de">' in stranger.get("/dashboard/sign-in").text


def test_the_language_of_an_account_goes_along(person: Callable[[], Person], user: Person, opened: Opened) -> None:
    user.post("/dashboard/language", page=ACCOUNT, language="de", back=ACCOUNT)
    assert opened.owners.named("alice").language == "de"
    other = person()
    assert '<html lang="en">' in other.get("/dashboard/sign-in").text
    other.sign_in()
    assert '<html lang="de">' in other.get(ACCOUNT).text


def test_a_language_that_is_not_spoken_changes_nothing(user: Person, opened: Opened) -> None:
    for language in ("fr", "", "../de", "DE"):
        user.post("/dashboard/language", page=ACCOUNT, language=language, back="https://evil.example")
    assert opened.owners.named("alice").language is None


@pytest.mark.parametrize(("kept", "language"), [("de_AT", "de"), ("DE", "de"), ("fr", "en"), ("", "en")])
def test_the_language_an_account_was_imported_with(
    user: Person, opened: Opened, alice: Owner, kept: str, language: str
) -> None:
    opened.catalog.set_owner_profile(replace(alice, language=kept))
    assert f'<html lang="{language}">' in user.get(ACCOUNT).text


@pytest.mark.parametrize(
    ("zone", "said"),
    [("Europe/Berlin", "13:00 CET"), (None, "12:00 UTC"), ("Nowhere/Land", "12:00 UTC"), ("../x", "12:00 UTC")],
)
def test_times_are_those_of_the_reader(user: Person, opened: Opened, alice: Owner, zone: str | None, said: str) -> None:
    opened.keys.issue(alice, "test")
    opened.catalog.set_owner_profile(replace(alice, time_zone=zone))
    assert f'title="21 November 2026, {said}"' in user.get("/dashboard/keys").text
