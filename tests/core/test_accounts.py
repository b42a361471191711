"""Signing in, passwords, and links that set one."""

from __future__ import annotations

from dataclasses import replace

import bcrypt
import pytest

from gateway.core.errors import GatewayError, InvalidInput, NotAllowed, NotFound, SignInRefused
from gateway.core.records import Owner
from gateway.store.opening import Opened
from tests.conftest import FrozenClock

PASSWORD = "four plain words here"


@pytest.fixture
def alice(opened: Opened) -> Owner:
    opened.owners.add("Alice", email="alice@example.org")
    return with_password(opened, "alice")


def with_password(opened: Opened, name: str, password: str = PASSWORD) -> Owner:
    opened.accounts.use_link(opened.accounts.make_link(opened.owners.named(name)), password)
    return opened.owners.named(name)


@pytest.mark.parametrize("name", ["Alice", "ALICE", "  alice ", "alice@example.org", "Alice@Example.ORG"])
def test_it_works(opened: Opened, alice: Owner, name: str) -> None:
    signed_in = opened.accounts.sign_in(name, PASSWORD)
    assert signed_in.owner == alice
    assert opened.accounts.still_in(alice.id, signed_in.stamp) == alice


@pytest.mark.parametrize(
    ("name", "password"),
    [("alice", "four plain words her"), ("alice", ""), ("alice", PASSWORD.upper()), ("bob", PASSWORD), ("", ""),
     ("\0", "\0"), ("'; --", PASSWORD)],
)  # fmt: skip
def test_a_wrong_name_and_a_wrong_password_are_refused_alike(
    opened: Opened, alice: Owner, name: str, password: str
) -> None:
    with pytest.raises(SignInRefused, match="There is no account with this name and this password") as refused:
        opened.accounts.sign_in(name, password)
    assert refused.value.code == "SIGN_IN_REFUSED"


def test_an_unknown_name_costs_a_comparison_too(opened: Opened, alice: Owner) -> None:
    """So that nobody learns from the time it takes which names there are."""
    compared: list[str] = []
    matches = opened.accounts.matches_password
    opened.accounts.matches_password = lambda password, stored: (
        bool(compared.append(stored)) or matches(password, stored)
    )
    opened.owners.add("bob")  # who has no password
    for name in ("alice", "bob", "nobody"):
        with pytest.raises(SignInRefused):
            opened.accounts.sign_in(name, "some other password")
    assert [stored.partition("$")[0] for stored in compared] == [str(alice.password_hash).partition("$")[0]] * 3
    assert compared[1] == compared[2] != compared[0]


def test_a_password_of_the_old_host_goes_on_working(opened: Opened) -> None:
    php = bcrypt.hashpw(b"old secret", bcrypt.gensalt(4)).decode().replace("$2b$", "$2y$")
    carol = opened.owners.add("carol", password_hash=php)
    assert opened.accounts.sign_in("carol", "old secret").owner == carol
    with pytest.raises(SignInRefused):
        opened.accounts.sign_in("carol", "old secre")


def test_an_owner_without_a_password_cannot_sign_in(opened: Opened) -> None:
    opened.owners.add("bob")
    for password in ("", "None", PASSWORD):
        with pytest.raises(SignInRefused):
            opened.accounts.sign_in("bob", password)


def test_a_disabled_owner_is_told_so_only_with_the_password(opened: Opened, alice: Owner) -> None:
    opened.owners.disable("alice")
    with pytest.raises(SignInRefused):
        opened.accounts.sign_in("alice", "some other password")
    with pytest.raises(NotAllowed, match="disabled") as refused:
        opened.accounts.sign_in("alice", PASSWORD)
    assert refused.value.code == "OWNER_DISABLED"


def test_disabling_an_owner_ends_what_they_are_signed_in_to(opened: Opened, alice: Owner) -> None:
    stamp = opened.accounts.sign_in("alice", PASSWORD).stamp
    opened.owners.disable("alice")
    assert opened.accounts.still_in(alice.id, stamp) is None


def test_the_guest_is_nobody_who_could_sign_in(opened: Opened) -> None:
    guest = opened.owners.guest()
    opened.catalog.set_password(guest.id, opened.accounts.hash_password(PASSWORD))
    with pytest.raises(SignInRefused):
        opened.accounts.sign_in("guest", PASSWORD)
    with pytest.raises(InvalidInput, match="cannot sign in"):
        opened.accounts.make_link(guest)


def test_signing_out_everywhere_ends_every_sign_in(opened: Opened, alice: Owner) -> None:
    stamp = opened.accounts.sign_in("alice", PASSWORD).stamp
    opened.accounts.sign_out_everywhere(alice)
    assert opened.accounts.still_in(alice.id, stamp) is None
    again = opened.accounts.sign_in("alice", PASSWORD)
    assert opened.accounts.still_in(alice.id, again.stamp) == alice


# changing the password


def test_a_password_is_changed(opened: Opened, alice: Owner) -> None:
    before = opened.accounts.sign_in("alice", PASSWORD).stamp
    changed = opened.accounts.change_password(alice, PASSWORD, "five other plain words here")
    assert opened.accounts.still_in(alice.id, before) is None
    assert opened.accounts.still_in(alice.id, changed.stamp) == changed.owner
    assert opened.accounts.sign_in("alice", "five other plain words here").owner.id == alice.id
    with pytest.raises(SignInRefused):
        opened.accounts.sign_in("alice", PASSWORD)


@pytest.mark.parametrize(
    ("current", "new", "code"),
    [
        ("some other password", "five other plain words", "PASSWORD_WRONG"),
        ("", "five other plain words", "PASSWORD_WRONG"),
        (PASSWORD, PASSWORD, "PASSWORD_SAME"),
        (PASSWORD, "123456789", "PASSWORD_SHORT"),
        (PASSWORD, "", "PASSWORD_SHORT"),
        (PASSWORD, "a1" * 501, "PASSWORD_LONG"),
        (PASSWORD, "alicealice", "PASSWORD_NAME"),
        (PASSWORD, "ALICE@example.org", "PASSWORD_NAME"),
        (PASSWORD, "Password123", "PASSWORD_COMMON"),
        (PASSWORD, "aaaaaaaaaaaa", "PASSWORD_COMMON"),
        (PASSWORD, "           ", "PASSWORD_COMMON"),
        (PASSWORD, "1212121212", "PASSWORD_COMMON"),
    ],
)
def test_a_password_that_is_no_good_changes_nothing(
    opened: Opened, alice: Owner, current: str, new: str, code: str
) -> None:
    stamp = opened.accounts.sign_in("alice", PASSWORD).stamp
    with pytest.raises(GatewayError) as refused:
        opened.accounts.change_password(alice, current, new)
    assert refused.value.code == code
    assert opened.accounts.still_in(alice.id, stamp) == alice


@pytest.mark.parametrize("password", ["correct horse battery", "pässwört😀😀", "x7!y8?" * 3, "  spaces at the ends  "])
def test_most_passwords_are_fine(opened: Opened, alice: Owner, password: str) -> None:
    opened.accounts.change_password(alice, PASSWORD, password)
    assert opened.accounts.sign_in("alice", password).owner.id == alice.id


# links


def test_a_link_sets_a_password_once(opened: Opened) -> None:
    bob = opened.owners.add("bob")
    token = opened.accounts.make_link(bob)
    assert opened.accounts.owner_of_link(token) == bob
    signed_in = opened.accounts.use_link(token, PASSWORD)
    assert opened.accounts.still_in(bob.id, signed_in.stamp) == signed_in.owner
    assert opened.accounts.sign_in("bob", PASSWORD) == signed_in
    with pytest.raises(NotFound) as gone:
        opened.accounts.use_link(token, "five other plain words")
    assert gone.value.code == "LINK_GONE"


def test_a_link_works_for_a_day(opened: Opened, clock: FrozenClock, alice: Owner) -> None:
    token = opened.accounts.make_link(alice)
    clock.advance(hours=23, minutes=59)
    assert opened.accounts.owner_of_link(token) == alice
    clock.advance(minutes=1)
    for use in (opened.accounts.owner_of_link, lambda token: opened.accounts.use_link(token, PASSWORD)):
        with pytest.raises(NotFound):
            use(token)


def test_a_link_outlives_a_password_that_was_refused(opened: Opened, alice: Owner) -> None:
    token = opened.accounts.make_link(alice)
    with pytest.raises(InvalidInput):
        opened.accounts.use_link(token, "short")
    assert opened.accounts.use_link(token, "five other plain words").owner.id == alice.id


def test_a_link_is_not_in_the_catalog_as_it_is(opened: Opened, alice: Owner) -> None:
    token = opened.accounts.make_link(alice)
    file = opened.catalog.file  # type: ignore[attr-defined]
    for part in file.parent.glob("catalog.db*"):
        assert token.encode() not in part.read_bytes()


def test_a_disabled_owner_has_no_link(opened: Opened, alice: Owner) -> None:
    token = opened.accounts.make_link(alice)
    opened.owners.disable("alice")
    with pytest.raises(NotFound):
        opened.accounts.use_link(token, PASSWORD)
    with pytest.raises(InvalidInput, match="gateway owner enable Alice"):
        opened.accounts.make_link(replace(alice, is_active=False))


@pytest.mark.parametrize("token", ["", "x" * 32, "\ud83d", "\0"])
def test_a_link_that_was_made_up_leads_nowhere(opened: Opened, alice: Owner, token: str) -> None:
    opened.accounts.make_link(alice)
    with pytest.raises(NotFound):
        opened.accounts.owner_of_link(token)
