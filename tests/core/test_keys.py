"""API keys: native ones, those imported with nothing but their hash, and the guest key of an imported site."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import bcrypt
import pytest

from gateway.core.errors import InvalidInput, KeyRefused, NotAllowed, NotFound
from gateway.core.keys import Caller, Keys
from gateway.core.owners import Owners
from gateway.core.records import Owner
from gateway.core.scopes import SCOPES
from gateway.settings import Settings
from gateway.store.opening import Opened
from gateway.store.passwords import matches_bcrypt
from tests.conftest import FrozenClock
from tests.contract.samples import an_old_key

OLD_KEY = "chv_NTI_" + "0123456789abcdef" * 8
OTHER_OLD_KEY = "chv_NTI_" + "fedcba9876543210" * 8
GUEST_KEY = "5d41402abc4b2a76b9719d911017c592"


class Counted:
    """bcrypt, and how often it was paid."""

    def __init__(self) -> None:
        self.paid = 0

    def __call__(self, secret: str, stored: str) -> bool:
        self.paid += 1
        return matches_bcrypt(secret, stored)


def php_hash(text: str) -> str:
    return bcrypt.hashpw(text.encode()[:72], bcrypt.gensalt(4)).decode().replace("$2b$", "$2y$")


@pytest.fixture
def slow() -> Counted:
    return Counted()


@pytest.fixture
def keys(opened: Opened, clock: FrozenClock, slow: Counted) -> Keys:
    return Keys(opened.catalog, clock, slow)


@pytest.fixture
def old_key(keys: Keys, alice: Owner) -> str:
    """Alice's key from the old host, of which only the hash was imported."""
    keys.catalog.add_key(an_old_key(alice, "chv_NTI_", php_hash(OLD_KEY)))
    return OLD_KEY


def refusal(keys: Keys, text: str) -> str:
    with pytest.raises(KeyRefused) as refused:
        keys.check(text)
    assert len(text) < 5 or text not in refused.value.message
    return refused.value.code


def test_it_works(keys: Keys, alice: Owner, clock: FrozenClock) -> None:
    key, text = keys.issue(alice, "sharex")
    assert re.fullmatch(r"sk_live_[A-Za-z0-9_-]{32}", text)
    assert (key.name, key.prefix, key.last4, key.scopes) == ("sharex", text[:12], text[-4:], SCOPES)
    assert keys.check(text) == Caller(alice, key)
    assert keys.all() == [replace(key, last_used_at=clock.now())]


def test_each_key_belongs_to_its_owner(keys: Keys, alice: Owner, bob: Owner) -> None:
    texts = {owner.username: keys.issue(owner, "key")[1] for owner in (alice, bob)}
    assert {name: keys.check(text).owner.username for name, text in texts.items()} == {"alice": "alice", "bob": "bob"}


def test_r28_a_key_is_in_no_file(keys: Keys, alice: Owner, settings: Settings, old_key: str) -> None:
    text = keys.issue(alice, "sharex")[1]
    keys.check(text)
    keys.check(old_key)
    stored = b"".join(path.read_bytes() for path in settings.data.rglob("*") if path.is_file())
    assert text[:12].encode() in stored
    assert text[12:-4].encode() not in stored
    assert old_key[8:40].encode() not in stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "sk_live_",
        "sk_live_" + "x" * 32,
        "chv_",
        "chv__",
        "chv_NTI_",
        "chv_NTI",
        "_",
        "%",
        "\0",
        "\ud83d",
        "chv_\ud83d_\udc00",
        "schlüssel 👍",
        pytest.param("x" * 1_000_000, id="a million x"),
    ],
)
def test_r28_what_is_no_key_is_refused(keys: Keys, alice_key: str, old_key: str, text: str) -> None:
    assert refusal(keys, text) == "KEY_INVALID"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1],
        lambda text: text + "x",
        lambda text: text + " ",
        lambda text: text[:-1] + ("a" if text[-1] != "a" else "b"),
        lambda text: text.upper(),
        lambda text: text.lower(),
        lambda text: " " + text,
        lambda text: text + "\ud83d",
        lambda text: text[:12],
        lambda text: text[:12] + "%",
    ],
)
def test_r28_nearly_a_key_is_refused(keys: Keys, alice: Owner, change: type[str]) -> None:
    text = next(text for text in (keys.issue(alice, "key")[1] for _ in range(9)) if text != text.lower())
    assert refusal(keys, change(text)) == "KEY_INVALID"


def test_a_revoked_key_is_refused_as_such(keys: Keys, alice: Owner) -> None:
    key, text = keys.issue(alice, "sharex")
    keys.revoke(key.id)
    assert refusal(keys, text) == "KEY_REVOKED"
    assert refusal(keys, text[:-1]) == "KEY_INVALID"


def test_revoking_one_key_leaves_the_others(keys: Keys, alice: Owner) -> None:
    key, other = keys.issue(alice, "one")[0], keys.issue(alice, "two")[1]
    keys.revoke(key.id)
    assert keys.check(other).owner == alice


def test_what_is_no_key_cannot_be_revoked(keys: Keys, alice: Owner) -> None:
    with pytest.raises(NotFound, match="no such id"):
        keys.revoke("no such id")


def test_the_key_of_a_disabled_owner_is_not_allowed(keys: Keys, alice: Owner, opened: Opened) -> None:
    text = keys.issue(alice, "sharex")[1]
    owners: Owners = opened.owners
    owners.disable("ALICE")
    with pytest.raises(NotAllowed) as refused:
        keys.check(text)
    assert refused.value.code == "OWNER_DISABLED"
    owners.enable("alice")
    assert keys.check(text).owner == alice


def test_a_key_does_what_its_scopes_say(keys: Keys, alice: Owner) -> None:
    caller = keys.check(keys.issue(alice, "reader", ["read", "media:delete"])[1])
    caller.require("media.read")
    caller.require("media.delete")
    with pytest.raises(NotAllowed) as refused:
        caller.require("media.write")
    assert (refused.value.code, refused.value.meta) == ("SCOPE_MISSING", {"required": "media.write"})


def test_an_unknown_scope_makes_no_key(keys: Keys, alice: Owner) -> None:
    with pytest.raises(InvalidInput, match="everything"):
        keys.issue(alice, "sharex", ["media.read", "everything"])
    assert keys.all() == []


def test_the_name_of_a_key_may_be_anything(keys: Keys, alice: Owner) -> None:
    assert [keys.issue(alice, name)[0].name for name in ("👩‍🚀", "a\0b", "\ud83d")] == ["👩‍🚀", "ab", "?"]
    assert len(keys.all()) == 3


def test_the_last_use_is_written_once_a_minute(keys: Keys, alice: Owner, clock: FrozenClock) -> None:
    text, first = keys.issue(alice, "sharex")[1], clock.now()
    keys.check(text)
    clock.advance(seconds=59.999)
    keys.check(text)
    assert keys.all()[0].last_used_at == first
    clock.advance(milliseconds=1)
    keys.check(text)
    assert keys.all()[0].last_used_at == first + timedelta(minutes=1)


# keys of the old host


def test_an_old_key_works_and_costs_its_slow_hash_once(keys: Keys, alice: Owner, old_key: str, slow: Counted) -> None:
    assert [keys.check(old_key).owner.username for _ in range(3)] == ["alice"] * 3
    assert slow.paid == 1


def test_once_an_old_key_was_used_a_wrong_one_costs_nothing(keys: Keys, old_key: str, slow: Counted) -> None:
    keys.check(old_key)
    assert refusal(keys, OTHER_OLD_KEY) == "KEY_INVALID"
    assert slow.paid == 1


def test_an_old_key_of_another_row_costs_nothing(keys: Keys, old_key: str, slow: Counted) -> None:
    assert refusal(keys, "chv_ABC_" + OLD_KEY[8:]) == "KEY_INVALID"
    assert refusal(keys, "chv_nti_" + OLD_KEY[8:]) == "KEY_INVALID"
    assert slow.paid == 0


def test_a_wrong_old_key_is_refused_and_changes_nothing(keys: Keys, alice: Owner, old_key: str) -> None:
    assert refusal(keys, OTHER_OLD_KEY) == "KEY_INVALID"
    assert keys.all()[0].sha256 is None
    assert keys.check(old_key).owner == alice


@pytest.mark.parametrize("is_used", [False, True])
@pytest.mark.parametrize("text", [OLD_KEY[:72], OLD_KEY[:73], OLD_KEY + " ", OLD_KEY[:72] + "ü👍\ud83d"])
def test_of_an_old_key_the_first_72_characters_count(
    keys: Keys, alice: Owner, old_key: str, text: str, is_used: bool
) -> None:
    if is_used:
        keys.check(old_key)
    assert keys.check(text).owner == alice


@pytest.mark.parametrize("is_used", [False, True])
@pytest.mark.parametrize("text", [OLD_KEY[:71], OLD_KEY[:71] + "é", OLD_KEY[:40], OLD_KEY[:71] + "\ud83d", "chv_NTI_"])
def test_71_characters_of_an_old_key_are_not_enough(keys: Keys, old_key: str, text: str, is_used: bool) -> None:
    if is_used:
        keys.check(old_key)
    assert refusal(keys, text) == "KEY_INVALID"


def test_a_revoked_old_key_is_refused_as_such(keys: Keys, old_key: str) -> None:
    keys.revoke(keys.all()[0].id)
    assert refusal(keys, old_key) == "KEY_REVOKED"
    assert refusal(keys, OTHER_OLD_KEY) == "KEY_INVALID"


@pytest.mark.parametrize("stored", ["", "not a hash", "$2y$10$short", "$argon2id$v=19$m=1", "\ud83d"])
def test_a_hash_of_another_kind_matches_nothing(stored: str) -> None:
    assert not matches_bcrypt(OLD_KEY, stored)


def test_an_old_key_has_the_scopes_it_was_imported_with(keys: Keys, alice: Owner) -> None:
    keys.catalog.add_key(an_old_key(alice, "chv_NTI_", php_hash(OLD_KEY), scopes=("media.write",)))
    assert keys.check(OLD_KEY).key.scopes == ("media.write",)


# the guest key


@pytest.mark.parametrize("text", [GUEST_KEY, "guest", "a guest key with spaces", "schlüssel", "chv_guest"])
def test_the_guest_key_of_an_old_site_works(keys: Keys, opened: Opened, text: str) -> None:
    guest = opened.owners.add("guest", role="guest")
    keys.adopt(guest, "guest key", text)
    assert keys.check(text).owner == guest


def test_nearly_the_guest_key_is_refused(keys: Keys, opened: Opened) -> None:
    keys.adopt(opened.owners.add("guest", role="guest"), "guest key", GUEST_KEY)
    for text in (GUEST_KEY.upper(), GUEST_KEY[:-1], GUEST_KEY + "0", GUEST_KEY[:12]):
        assert refusal(keys, text) == "KEY_INVALID"
