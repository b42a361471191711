"""A form is done only when it is one of ours, and nothing typed in is lost over it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask

from gateway.core.records import Owner
from gateway.store.opening import Opened
from tests.conftest import PUBLIC_URL, FrozenClock
from tests.web.dashboard.conftest import PASSWORD, Person, text_of, token_of

HERE = {"Sec-Fetch-Site": "same-origin"}
KEY = {"name": "My <b>ShareX</b>", "scope": ["media.read", "media.write"]}


def changing(app: Flask) -> list[tuple[str, str]]:
    """Every method and address of the dashboard that changes something."""
    return sorted(
        (method, re.sub(r"<[^>]+>", "x", re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule)))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("dashboard.")
        for method in (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
    )


def test_no_address_changes_anything_without_the_token(app: Flask, user: Person) -> None:
    assert {"POST", "PATCH", "DELETE"} == {method for method, _ in changing(app)}
    for method, path in changing(app):
        for token in ("", "0" * 64, "é"):
            answer = user.client.open(path, method=method, base_url=PUBLIC_URL, data={"token": token})
            assert answer.status_code == 403, path
        assert "It was not sent" in text_of(answer.text) or "not sent from a page" in text_of(answer.text), path


def test_no_address_but_those_for_all_answers_strangers(app: Flask, stranger: Person) -> None:
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("dashboard.") or "GET" not in (rule.methods or ()):
            continue
        answer = stranger.get(re.sub(r"<[^>]+>", "x", rule.rule))
        if rule.endpoint in ("dashboard.sign_in", "dashboard.password", "dashboard.nothing"):
            assert answer.status_code in (200, 404, 410)
        else:
            assert answer.headers["Location"].startswith("/dashboard/sign-in"), rule


def test_the_token_of_somebody_else_is_no_good(
    person: Callable[[], Person], user: Person, bob: Owner, opened: Opened
) -> None:
    other = person()
    other.sign_in("bob")
    theirs = token_of(other.get("/dashboard/keys").text)
    assert user.send("/dashboard/keys", token=theirs, **KEY).status_code == 403
    assert opened.keys.all() == []


def test_the_token_of_before_signing_in_is_no_good_afterwards(stranger: Person, alice: Owner) -> None:
    before = token_of(stranger.get("/dashboard/sign-in").text)
    stranger.sign_in()
    assert stranger.send("/dashboard/account/sign-out", token=before).status_code == 403
    assert stranger.is_in


def test_a_script_sends_it_in_a_header(user: Person, opened: Opened) -> None:
    page = user.get("/dashboard/keys").text
    token = re.search(r'<meta name="csrf-token" content="(\w+)">', page)
    assert token
    user.send("/dashboard/keys", headers={"X-CSRF-Token": token[1]}, **KEY)
    assert len(opened.keys.all()) == 1


def test_a_script_is_answered_in_json(user: Person, stranger: Person) -> None:
    headers = {"Accept": "application/json"}
    for person, status, code in ((user, 403, "TOKEN_WRONG"), (stranger, 401, "SIGNED_OUT")):
        answer = person.send("/dashboard/keys", headers=headers, **KEY)
        assert (answer.status_code, answer.json and answer.json["error"]["code"]) == (status, code)
    german = user.send("/dashboard/keys", headers=headers | {"Accept-Language": "de"}).json
    assert german and german["error"]["message"].startswith("Das Formular kam nicht")
    missing = user.get("/dashboard/keys/x", headers=headers)
    assert missing.status_code == 404 and missing.json and missing.json["error"]["code"] == "NOT_FOUND"


# what was typed in


def fields_of(page: str) -> list[tuple[str, str]]:
    found = re.findall(r'<dd>.*?<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return [(unescape(name), unescape(value)) for name, value in found]


TYPED = [("name", "My <b>ShareX</b>"), ("scope", "media.read"), ("scope", "media.write")]


def test_a_form_with_an_old_token_is_shown_and_sent_again(user: Person, opened: Opened) -> None:
    answer = user.send("/dashboard/keys", token="0" * 64, headers=HERE, **KEY)
    assert answer.status_code == 403
    assert fields_of(answer.text) == TYPED
    assert 'action="/dashboard/keys"' in answer.text
    user.send("/dashboard/keys", token=token_of(answer.text.partition("<main")[2]), **KEY)
    assert [key.name for key in opened.keys.all()] == ["My <b>ShareX</b>"]


def test_a_form_of_somebody_signed_out_meanwhile_is_kept_over_signing_in(
    user: Person, opened: Opened, clock: FrozenClock
) -> None:
    token = token_of(user.get("/dashboard/keys").text)
    clock.advance(days=8)
    asked = user.send("/dashboard/keys", token=token, headers=HERE, **KEY)
    assert asked.status_code == 403 and "What you typed in is kept." in text_of(asked.text)
    kept = re.search(r'name="kept" value="([^"]*)"', asked.text)
    assert kept
    wrong = user.send(
        "/dashboard/sign-in", token=token_of(asked.text), name="alice", password="x", kept=unescape(kept[1])
    )
    assert f'name="kept" value="{kept[1]}"' in wrong.text
    shown = user.send(
        "/dashboard/sign-in", token=token_of(asked.text), name="alice", password=PASSWORD, kept=unescape(kept[1])
    )
    assert shown.status_code == 200 and fields_of(shown.text) == TYPED
    assert opened.keys.all() == []
    user.send("/dashboard/keys", token=token_of(shown.text.partition("<main")[2]), **KEY)
    assert len(opened.keys.all()) == 1


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"},
     {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site", "Origin": PUBLIC_URL}],
)  # fmt: skip
def test_what_another_site_made_a_browser_send_is_not_shown_again(
    user: Person, stranger: Person, headers: dict[str, str]
) -> None:
    for person in (user, stranger):
        answer = person.send("/dashboard/keys", token="0" * 64, headers=headers, **KEY)
        assert answer.status_code == 403
        assert "ShareX" not in answer.text and 'name="kept"' not in answer.text


def test_an_origin_of_ours_is_good_where_a_browser_says_no_more(user: Person) -> None:
    answer = user.send("/dashboard/keys", token="0" * 64, headers={"Origin": PUBLIC_URL}, **KEY)
    assert fields_of(answer.text) == TYPED


def test_passwords_are_never_shown_again(user: Person) -> None:
    answer = user.send(
        "/dashboard/account/password",
        token="0" * 64,
        headers=HERE,
        current_password=PASSWORD,
        new_password="secret words",
    )
    assert answer.status_code == 403
    assert PASSWORD not in answer.text and "secret words" not in answer.text
    assert "load it again" in text_of(answer.text)


@pytest.mark.parametrize(
    "kept", ["", "x", "[]", "{}", "null", "[1, 2]",
             '["https://evil.example/", [["a", "b"]]]', '["/v1/images", [["a", "b"]]]',
             '["/dashboard/keys", [["a"]]]', '["/dashboard/keys", "ab"]', '["/dashboard/keys", 7]'],
)  # fmt: skip
def test_what_is_no_form_of_ours_is_dropped(stranger: Person, alice: Owner, kept: str) -> None:
    answer = stranger.sign_in(kept=kept)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard")


def test_a_form_that_is_kept_leads_to_where_it_was_going(stranger: Person, alice: Owner) -> None:
    answer = stranger.sign_in(kept=json.dumps(["/dashboard/keys?a=b", [["name", '"><script>']]]))
    assert answer.status_code == 200 and 'action="/dashboard/keys?a=b"' in answer.text
    assert "<script>" not in answer.text.partition("<main")[2]


def test_a_form_is_only_so_large(user: Person, stranger: Person, opened: Opened) -> None:
    for person, headers in ((user, HERE), (stranger, HERE)):
        answer = person.send("/dashboard/keys", headers=headers, name="x" * 300_000)
        assert answer.status_code in (403, 413)
        assert "x" * 1000 not in answer.text
    assert opened.keys.all() == []
