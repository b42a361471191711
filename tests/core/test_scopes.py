"""What a key may do, in every spelling clients and documents use."""

from __future__ import annotations

import pytest

from gateway.core.errors import InvalidInput
from gateway.core.scopes import SCOPES, tier_of, understand_scopes

READ = ("media.read", "account.read", "usage.read")


def test_it_works() -> None:
    assert understand_scopes(["media.write", "media.read"]) == ("media.read", "media.write")


@pytest.mark.parametrize("scope", SCOPES)
def test_each_scope_is_itself(scope: str) -> None:
    assert understand_scopes([scope]) == (scope,)


@pytest.mark.parametrize(
    ("tier", "scopes"),
    [
        ("read", READ),
        ("read_write", ("media.read", "media.write", "account.read", "usage.read")),
        ("read_write_delete", SCOPES),
    ],
)
def test_tiers_stand_for_several(tier: str, scopes: tuple[str, ...]) -> None:
    assert understand_scopes([tier]) == scopes


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        ("images:write", "media.write"),
        ("write:images", "media.write"),
        ("write:media", "media.write"),
        ("media:read", "media.read"),
        ("image:delete", "media.delete"),
        ("read:videos", "media.read"),
        ("audio:write", "media.write"),
        ("delete:audios", "media.delete"),
        ("usage:read", "usage.read"),
        ("read:usage", "usage.read"),
        ("account:read", "account.read"),
        ("read:account", "account.read"),
    ],
)
def test_older_spellings_are_understood(name: str, scope: str) -> None:
    assert understand_scopes([name]) == (scope,)


def test_case_and_space_around_do_not_matter() -> None:
    assert understand_scopes([" Media.Write ", "READ:IMAGES"]) == ("media.read", "media.write")


def test_each_is_named_once_in_one_order() -> None:
    assert understand_scopes(["media.delete", "write:media", "media.write", "read"]) == SCOPES


def test_none_is_none() -> None:
    assert understand_scopes([]) == ()


@pytest.mark.parametrize(
    "name", ["", " ", "write", "admin", "*", "media", "media.*", "media:", ":", "media:admin", "usage:write",
             "write:account", "media.write,media.read", "media:read:write", "media.écrire", "image.read", "\ud800"],
)  # fmt: skip
def test_an_unknown_scope_is_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        understand_scopes(["media.read", name])
    assert repr(name.strip()) in refused.value.message
    assert "read_write_delete" in refused.value.message


@pytest.mark.parametrize(
    ("scopes", "tier"),
    [
        ((), "read"),
        (("media.read",), "read"),
        (("usage.read",), "read"),
        (("media.write",), "read_write"),
        (("media.delete",), "read_write_delete"),
        (SCOPES, "read_write_delete"),
    ],
)
def test_a_tier_names_what_scopes_allow(scopes: tuple[str, ...], tier: str) -> None:
    assert tier_of(scopes) == tier
