"""Keys: made, shown once, used for settings of tools, revoked."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.core.plans import Plan
from gateway.core.records import Owner
from gateway.core.scopes import SCOPES
from gateway.settings import Settings
from gateway.store.opening import Opened
from tests.conftest import PUBLIC_URL, Client, draw
from tests.web.dashboard.conftest import Person, text_of

KEYS = "/dashboard/keys"


def make(person: Person, name: str = "ShareX", scopes: Any = SCOPES) -> str:
    page = person.post(KEYS, name=name, scope=scopes).text
    match = re.search(r'id="key-text" type="text" value="(sk_live_[\w-]{32})"', page)
    assert match, text_of(page)
    return match[1]


def test_it_works(user: Person, opened: Opened, client: FlaskClient) -> None:
    assert "There is no key yet." in text_of(user.get(KEYS).text)
    text = make(user)
    caller = opened.keys.check(text)
    assert (caller.owner.username, caller.key.name, caller.key.scopes) == ("alice", "ShareX", SCOPES)
    shown = user.get(KEYS).text
    assert f"{text[:12]}…{text[-4:]}" in shown and "Everything" in text_of(shown)
    sent = client.post("/api/1/upload", headers={"X-API-Key": text}, data={"source": (io.BytesIO(draw()), "a.png")})
    assert sent.status_code == 200


def test_it_is_shown_once(user: Person, opened: Opened) -> None:
    text = make(user)
    [key] = opened.keys.all()
    for path in (KEYS, f"{KEYS}/{key.id}"):
        assert text not in user.get(path).text


def test_one_without_a_name_is_told_by_how_it_begins(user: Person, opened: Opened, alice: Owner) -> None:
    """As keys are that came from the old host."""
    key, _ = opened.keys.issue(alice, "", SCOPES)
    page = user.get(KEYS).text
    assert f'aria-label="Set up a tool with {key.prefix}…{key.last4}"' in page
    assert f"Tools that use {key.prefix}…{key.last4} are refused" in page


def test_it_may_do_what_was_chosen(user: Person, opened: Opened) -> None:
    text = make(user, scopes=["media.write"])
    assert opened.keys.check(text).key.scopes == ("media.write",)
    assert "Upload" in text_of(user.get(KEYS).text)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "  ", "scope": ["media.read"]}, "The key has no name."),
        ({"name": "x" * 101, "scope": ["media.read"]}, "Use at most 100 characters."),
        ({"name": "ShareX"}, "The key may do nothing."),
        ({"name": "ShareX", "scope": ["media.fly"]}, "Unknown scope"),
    ],
)
def test_a_key_that_cannot_be_made_keeps_what_was_typed(
    user: Person, opened: Opened, fields: dict[str, Any], said: str
) -> None:
    answer = user.post(KEYS, **fields)
    assert answer.status_code == 400 and said in text_of(answer.text)
    assert f'value="{fields["name"]}"' in answer.text
    assert opened.keys.all() == []


def test_a_plan_allows_only_so_many(settings: Settings, opened: Opened, alice: Owner) -> None:
    limited = replace(settings, plans=(Plan("default", max_keys=1),))
    opened.keys.plan_of = lambda _: limited.plans[0]
    person = Person(Client(create_app(limited, opened)))
    person.sign_in()
    make(person)
    assert "1 of 1" in text_of(person.get(KEYS).text)
    answer = person.post(KEYS, name="another", scope=["media.read"])
    assert answer.status_code == 403 and "more than 1 are not possible" in text_of(answer.text)


def test_a_name_is_never_markup(user: Person) -> None:
    make(user, name="<script>alert(1)</script>")
    assert "<script>alert" not in user.get(KEYS).text


def test_it_is_told_when_it_was_used(user: Person, opened: Opened) -> None:
    text = make(user)
    assert "Never used" in text_of(user.get(KEYS).text)
    opened.keys.check(text)
    assert "Used just now" in text_of(user.get(KEYS).text)


def test_it_is_revoked(user: Person, opened: Opened, client: FlaskClient) -> None:
    text = make(user)
    [key] = opened.keys.all()
    answer = user.post(f"{KEYS}/{key.id}/revoke", page=KEYS)
    assert answer.headers["Location"] == f"{KEYS}?done=key-revoked"
    assert client.get("/v1/images", headers={"Authorization": f"Bearer {text}"}).status_code == 401
    assert "One revoked key" in text_of(user.get(KEYS).text)
    assert "This key is revoked." in text_of(user.get(f"{KEYS}/{key.id}").text)


def test_nobody_sees_or_revokes_the_key_of_another(user: Person, opened: Opened, bob: Owner) -> None:
    key, text = opened.keys.issue(bob, "bobs secret tool")
    assert "bobs secret tool" not in user.get(KEYS).text
    assert user.get(f"{KEYS}/{key.id}").status_code == 404
    for path in (f"{KEYS}/{key.id}/revoke", f"{KEYS}/{key.id}/settings/sharex", f"{KEYS}/{key.id}"):
        assert user.post(path, page=KEYS, key=text).status_code == 404
    assert opened.keys.check(text).owner == bob


# settings of tools


def file(person: Person, opened: Opened, name: str, text: str = "") -> Any:
    key = next(key for key in opened.keys.all() if not key.revoked_at)
    return person.post(f"{KEYS}/{key.id}/settings/{name}", page=KEYS, key=text)


def test_the_key_stands_in_every_setting(user: Person, opened: Opened) -> None:
    page = unescape(user.post(KEYS, name="all", scope=list(SCOPES)).text)
    match = re.search(r"sk_live_[\w-]{32}", page)
    assert match and "YOUR_API_KEY" not in page
    for name in ("sharex", "sharex-v1", "picgo", "piclist", "upic", "flameshot", "script"):
        answer = file(user, opened, name, match[0])
        assert match[0] in answer.text
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="')
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_key_that_is_filled_in_stands_in_the_settings(user: Person, opened: Opened) -> None:
    text = make(user)
    [key] = opened.keys.all()
    assert "YOUR_API_KEY" in user.get(f"{KEYS}/{key.id}").text
    filled = user.post(f"{KEYS}/{key.id}", page=KEYS, key=f" {text} ")
    assert filled.status_code == 200 and text in filled.text and f'"X-API-Key": "{text}"' in unescape(filled.text)


def test_another_key_is_not_filled_in(user: Person, opened: Opened, bob: Owner) -> None:
    make(user)
    [key] = opened.keys.all()
    for wrong in ("x", "<script>", key.prefix, opened.keys.issue(bob, "b")[1]):
        answer = user.post(f"{KEYS}/{key.id}", page=KEYS, key=wrong)
        assert answer.status_code == 400 and f"Paste the one that begins with {key.prefix}." in text_of(answer.text)
        assert user.post(f"{KEYS}/{key.id}/settings/sharex", page=KEYS, key=wrong).status_code == 400


def test_a_key_that_would_need_quoting_is_not_filled_in(user: Person, opened: Opened, alice: Owner) -> None:
    key = opened.keys.adopt(alice, "old", "it's; $(rm) an old key")
    answer = user.post(f"{KEYS}/{key.id}", page=KEYS, key="it's; $(rm) an old key")
    assert answer.status_code == 400 and "Make a new key for it." in text_of(answer.text)


def test_without_the_key_there_is_a_place_for_it(user: Person, opened: Opened) -> None:
    make(user)
    assert json.loads(file(user, opened, "sharex").text)["Headers"] == {"X-API-Key": "YOUR_API_KEY"}


def test_there_are_no_other_settings(user: Person, opened: Opened) -> None:
    make(user)
    assert file(user, opened, "passwd").status_code == 404


def test_a_key_that_may_not_upload_says_so(user: Person, opened: Opened) -> None:
    make(user, scopes=["media.read"])
    assert "This key may not upload." in text_of(user.get(f"{KEYS}/{opened.keys.all()[0].id}").text)


def at(found: Any, path: str) -> Any:
    for step in path.removeprefix("{json:").removesuffix("}").split("."):
        found = found[step]
    return found


@pytest.mark.parametrize("name", ["sharex", "sharex-v1"])
def test_sharex_finds_what_it_looks_for(user: Person, opened: Opened, client: FlaskClient, name: str) -> None:
    settings = json.loads(file(user, opened, name, make(user)).text)
    data = {settings["FileFormName"]: (io.BytesIO(draw()), "a.png")}
    path = settings["RequestURL"].removeprefix(PUBLIC_URL)
    answer = client.post(path, headers=settings["Headers"], data=data)
    assert answer.status_code in (200, 201)
    for setting in ("URL", "ThumbnailURL", "DeletionURL"):
        if setting in settings:
            assert at(answer.json, settings[setting]).startswith(PUBLIC_URL)
    refused = client.post(path, headers=settings["Headers"], data={"other": "x"})
    assert isinstance(at(refused.json, settings["ErrorMessage"]), str)


@pytest.mark.parametrize("name", ["piclist", "upic", "obsidian"])
def test_other_tools_find_the_link(user: Person, opened: Opened, client: FlaskClient, name: str) -> None:
    text = make(user)
    if name == "piclist":
        bed = json.loads(file(user, opened, name, text).text)["picBed"]
        assert bed["current"] == bed["uploader"] == "advancedplist"
        found = bed["advancedplist"]
        url, field, path = found["endpoint"], found["formDataKey"], found["resDataPath"]
        headers = json.loads(found["headers"])
        assert json.loads(found["body"]) == {}
    elif name == "upic":
        [host] = json.loads(file(user, opened, name, text).text)
        found = json.loads(json.loads(host)["data"])
        url, field, path = found["url"], found["field"], ".".join(json.loads(found["resultPath"]))
        headers = {one["key"]: one["value"] for one in json.loads(found["headers"])}
    else:
        page = unescape(user.post(f"{KEYS}/{opened.keys.all()[0].id}", page=KEYS, key=text).text)
        found = dict(re.findall(r'id="obsidian-(\w+)" type="text" value="(.*?)" readonly', page))
        url, path, headers = found["address"], found["path"], json.loads(found["header"])
        [(field, value)] = json.loads(found["body"]).items()
        assert value == "$FILE"
    answer = client.post(url.removeprefix(PUBLIC_URL), headers=headers, data={field: (io.BytesIO(draw()), "a.png")})
    assert at(answer.json, path).startswith(PUBLIC_URL)


def test_a_key_page_needs_no_script(user: Person) -> None:
    page = user.post(KEYS, name="all", scope=list(SCOPES)).text
    assert 'data-copy="key-text"' in page and re.search(r'<button class="copy"[^>]* hidden>', page)
