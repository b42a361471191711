"""The people a library belongs to."""

from __future__ import annotations

import pytest

from gateway.core.errors import InvalidInput, NotFound
from gateway.core.records import Owner
from gateway.store.opening import Opened
from tests.conftest import FrozenClock


def test_it_works(opened: Opened, clock: FrozenClock) -> None:
    owner = opened.owners.add("alice", role="admin", email="alice@example.org", quota_bytes=5_000_000_000)
    assert (owner.username, owner.role, owner.email, owner.quota_bytes) == (
        "alice", "admin", "alice@example.org", 5_000_000_000,
    )  # fmt: skip
    assert (owner.is_active, owner.storage_used_bytes, owner.media_count) == (True, 0, 0)
    assert owner.created_at == clock.now()
    assert len(owner.id) == 21
    assert opened.owners.named("ALICE") == owner


@pytest.mark.parametrize(
    "name", ["a", "x" * 64, "Zoë", "世界", "👩‍💻".replace("\u200d", ""), "a.b-c_d", "1", "%", "O'Neill"]
)
def test_most_names_are_fine(opened: Opened, name: str) -> None:
    assert opened.owners.add(name).username == name


@pytest.mark.parametrize(
    "name", ["", " ", "two words", "a\tb", "a\n", "a/b", "a\\b", "a@b", "x" * 65, "a\0b", "a\x1bb", "\ud83d",
             "\u202ebob", "no\u00a0break", "\udcff"],
)  # fmt: skip
def test_a_name_that_would_not_be_readable_is_refused(opened: Opened, name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be a name"):
        opened.owners.add(name)
    assert opened.owners.all() == []


@pytest.mark.parametrize(
    "email", ["", "alice", "@", "alice@", "@example.org", "a@b@c", "a b@c", "a@b\n", "a\0@b", "\ud83d@b"]
)
def test_what_is_no_email_address_is_refused(opened: Opened, email: str) -> None:
    with pytest.raises(InvalidInput, match="is not an email address"):
        opened.owners.add("alice", email=email)
    assert opened.owners.all() == []


def test_a_name_is_taken_once(opened: Opened, alice: Owner) -> None:
    with pytest.raises(InvalidInput, match="The name Alice is taken"):
        opened.owners.add("Alice")


def test_nobody_is_not_found(opened: Opened, alice: Owner) -> None:
    for attempt in (opened.owners.named, opened.owners.disable, opened.owners.enable):
        with pytest.raises(NotFound, match="no owner named 'bob'"):
            attempt("bob")
    with pytest.raises(NotFound):
        opened.owners.named("\ud83d")
