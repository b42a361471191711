"""`/dashboard/admin`: accounts, plans, health, and what failed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from gateway.core.plans import Plan
from gateway.core.records import Owner
from gateway.settings import Settings
from gateway.store.opening import Opened
from gateway.telemetry.recent import MOST, Recent
from gateway.web.pages.dashboard import admin as admin_page
from tests.web.dashboard.conftest import PASSWORD, Person, text_of, with_password


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, plans=(Plan("pro", image_bytes=5_000_000_000, max_keys=3),))


@pytest.fixture
def admin(opened: Opened, person: Callable[[], Person]) -> Person:
    """Rita, who runs the place."""
    with_password(opened, opened.owners.add("rita", role="admin"))
    here = person()
    assert here.sign_in("rita").status_code == 303
    return here


def link_in(page: str) -> str:
    match = re.search(r"https://img\.example\.org(/dashboard/password/[\w-]+)", page)
    assert match, text_of(page)
    return match[1]


@pytest.mark.parametrize("path", ["/dashboard/admin", "/dashboard/moves", "/dashboard/admin/owners/x"])
def test_there_is_nothing_here_for_others(user: Person, path: str) -> None:
    assert user.get(path).status_code == 404
    assert "/dashboard/admin" not in user.get("/dashboard/account").text


def test_others_change_nothing(user: Person, opened: Opened, bob: Owner) -> None:
    page = "/dashboard/account"
    for path in ("/owners", f"/owners/{bob.id}/disable", f"/owners/{bob.id}/link", f"/owners/{bob.id}/limits"):
        assert user.post(f"/dashboard/admin{path}", page=page, username="eve").status_code == 404
    assert [one.username for one in opened.owners.all() if not one.is_active or one.username == "eve"] == []


def test_it_works(admin: Person, alice: Owner) -> None:
    page = admin.get("/dashboard/admin")
    text = text_of(page.text)
    assert page.status_code == 200
    assert "2 accounts" in text
    assert "alice@example.org" in text
    assert "pro Pictures 5 GB" in text
    assert "all is well" in text
    assert "Nothing failed inside" in text


def test_an_account_is_added_and_its_link_sets_a_password(
    admin: Person, opened: Opened, person: Callable[[], Person]
) -> None:
    answer = admin.post(
        "/dashboard/admin/owners", page="/dashboard/admin", username="carol", email="carol@example.org", role="user",
        quota="5 GB", plan="pro",
    )  # fmt: skip
    assert "carol is added" in text_of(answer.text)
    carol = opened.owners.named("carol")
    assert (carol.email, carol.role, carol.quota_bytes, carol.plan) == (
        "carol@example.org", "user", 5_000_000_000, "pro",
    )  # fmt: skip
    here = person()
    set_it = here.post(link_in(answer.text), new_password=PASSWORD, repeated_password=PASSWORD)
    assert set_it.status_code == 303, text_of(set_it.text)
    assert here.is_in


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"username": "with space"}, "That cannot be a name."),
        ({"username": "RITA"}, "There is somebody of this name"),
        ({"username": "carol", "email": "nowhere"}, "That is not an email address."),
        ({"username": "carol", "quota": "much"}, "much is no size."),
        ({"username": "carol", "plan": "gold"}, "There is no plan gold."),
        ({"username": "carol", "role": "guest"}, "There is no such role."),
    ],
)
def test_what_cannot_be_is_said_beside_the_form(
    admin: Person, opened: Opened, fields: dict[str, str], said: str
) -> None:
    answer = admin.post("/dashboard/admin/owners", page="/dashboard/admin", **fields)
    assert (answer.status_code, said in text_of(answer.text)) == (400, True)
    assert f'value="{fields["username"]}"' in answer.text, "what was typed is still there"
    assert [one.username for one in opened.owners.all()] == ["rita"]


def test_limits_are_changed_and_taken_away(admin: Person, opened: Opened, alice: Owner) -> None:
    path = f"/dashboard/admin/owners/{alice.id}"
    answer = admin.post(f"{path}/limits", page=path, quota="2,5 GB", plan="pro")
    assert answer.status_code == 303
    assert "The limits are saved." in text_of(admin.get(answer.location).text)
    limited = opened.owners.named("alice")
    assert (limited.quota_bytes, limited.plan) == (2_500_000_000, "pro")
    admin.post(f"{path}/limits", page=path, quota="", plan="")
    free = opened.owners.named("alice")
    assert (free.quota_bytes, free.plan) == (None, None)


def test_saving_limits_as_they_are_changes_nothing(admin: Person, opened: Opened, alice: Owner) -> None:
    opened.owners.limit("alice", "gone", 1_234_567)
    path = f"/dashboard/admin/owners/{alice.id}"
    page = admin.get(path).text
    assert "gone (not in the settings any more)" in page
    match = re.search(r'name="quota"[^>]*value="([^"]*)"', page)
    assert match
    admin.post(f"{path}/limits", page=path, quota=match[1], plan="gone")
    same = opened.owners.named("alice")
    assert (same.quota_bytes, same.plan) == (1_234_567, "gone")


def test_an_account_is_disabled_and_let_in_again(admin: Person, user: Person, alice: Owner) -> None:
    path = f"/dashboard/admin/owners/{alice.id}"
    assert admin.post(f"{path}/disable", page=path).status_code == 303
    assert not user.is_in
    assert "disabled" in text_of(admin.get("/dashboard/admin").text)
    assert user.sign_in().status_code == 403
    assert admin.post(f"{path}/enable", page=path).status_code == 303
    assert user.sign_in().status_code == 303


def test_nobody_disables_themselves(admin: Person, opened: Opened) -> None:
    path = f"/dashboard/admin/owners/{opened.owners.named('rita').id}"
    assert f"{path}/disable" not in admin.get(path).text
    assert "This is your own account." in text_of(admin.post(f"{path}/disable", page=path).text)
    assert admin.is_in


def test_a_public_page_is_given_and_taken(admin: Person, alice: Owner) -> None:
    path = f"/dashboard/admin/owners/{alice.id}"
    admin.post(f"{path}/publish", page=path)
    assert "https://img.example.org/user/alice" in admin.get(path).text
    admin.post(f"{path}/conceal", page=path)
    assert "https://img.example.org/user/alice" not in admin.get(path).text


def test_a_link_for_somebody_who_is_here(admin: Person, alice: Owner, person: Callable[[], Person]) -> None:
    path = f"/dashboard/admin/owners/{alice.id}"
    link = link_in(admin.post(f"{path}/link", page=path).text)
    assert link not in admin.get(path).text, "it is shown once"
    here = person()
    assert here.post(link, new_password="quite another one", repeated_password="quite another one").status_code == 303


def test_many_accounts_come_page_by_page(admin: Person, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_page, "PAGE", 2)
    for name in ("Zoe", "anna", "Bert", "carl"):
        opened.owners.add(name)
    pages = [admin.get(f"/dashboard/admin?page={number}").text for number in (1, 2, 3, 99)]
    assert [re.findall(r'/admin/owners/[\w-]+">(\w+)<', page) for page in pages] == [
        ["anna", "Bert"], ["carl", "rita"], ["Zoe"], ["Zoe"],
    ]  # fmt: skip
    assert all("5 accounts" in page for page in pages)
    assert 'rel="next" href="/dashboard/admin?page=2#owners"' in pages[0] and 'rel="prev"' not in pages[0]
    assert 'rel="prev" href="/dashboard/admin?page=2#owners"' in pages[2] and 'rel="next"' not in pages[2]


def test_nobody_there_is_nothing_there(admin: Person) -> None:
    assert admin.get("/dashboard/admin/owners/nobody").status_code == 404


def test_what_fails_inside_is_listed_with_its_id(admin: Person, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("the roof fell in")

    monkeypatch.setitem(app.view_functions, "pages.tools", crash)
    answer = admin.get("/tools", headers={"X-Request-Id": "find-me-1"})
    assert answer.status_code == 500
    text = text_of(admin.get("/dashboard/admin").text)
    assert "GET /tools 500" in text
    assert "find-me-1" in text
    assert "RuntimeError: the roof fell in" in text


def test_secrets_in_an_address_that_fails_are_not_shown(
    admin: Person, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(**_: object) -> None:
        raise RuntimeError("again")

    monkeypatch.setitem(app.view_functions, "addresses.delete", crash)
    assert admin.get("/image/xK9mR2pQ7vB/delete/topsecret").status_code == 500
    assert "topsecret" not in admin.get("/dashboard/admin").text


def test_german_is_spoken(admin: Person, alice: Owner) -> None:
    german = {"Accept-Language": "de"}
    assert "Verwaltung" in admin.get("/dashboard/admin", headers=german).text
    assert "Was es nutzen darf" in admin.get(f"/dashboard/admin/owners/{alice.id}", headers=german).text


def test_of_many_failures_the_last_are_kept() -> None:
    recent = Recent()
    for number in range(MOST + 5):
        recent.add(str(number), "node", "GET", "/", 500, "x" * 1000)
    kept = recent.all()
    assert (len(kept), kept[0].request_id, kept[-1].request_id) == (MOST, str(MOST + 4), "5")
    assert len(kept[0].reason) < 1000
