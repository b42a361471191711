"""Who is let in at /v1: `Authorization: Bearer` and nothing else, with the scopes the address asks for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from gateway.core.records import Owner
from gateway.store.opening import Opened
from tests.web.picora.api import Api, data_of, refused


def test_it_works(api: Api, alice: Owner) -> None:
    assert data_of(api.get("/auth/verify"))["userId"] == alice.id


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER ", "Bearer   "])
def test_the_word_bearer_has_many_spellings(client: FlaskClient, alice_key: str, scheme: str) -> None:
    assert client.get("/v1/auth/verify", headers={"Authorization": scheme + alice_key}).status_code == 200


def test_no_key_is_401(anonymous: Api) -> None:
    answer = anonymous.get("/auth/verify")
    refused(answer, 401, "UNAUTHORIZED")
    assert "Authorization: Bearer" in answer.json["error"]
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header",
    [
        "Bearer", "Bearer ", "Basic YTpi", "sk_live_x", "Bearer sk_live_", "Bearer x", "Bearer sk_live_" + "x" * 32,
        "Bearer chv_x_y", "Bearer " + "x" * 5_000, "Bearer ü", "Bearer a b", "Bearer, x", "Bearer\tsk_live_x",
    ],
    ids=lambda header: header[:20],
)  # fmt: skip
def test_a_key_that_is_none_is_401(client: FlaskClient, alice: Owner, header: str) -> None:
    refused(client.get("/v1/auth/verify", headers={"Authorization": header}), 401, "UNAUTHORIZED")


def test_other_places_for_a_key_do_not_count(client: FlaskClient, alice_key: str) -> None:
    for answer in (
        client.get("/v1/auth/verify", headers={"X-API-Key": alice_key}),
        client.get(f"/v1/auth/verify?key={alice_key}"),
        client.get("/v1/auth/verify", headers={"Authorization": f"Basic {alice_key}"}),
    ):
        refused(answer, 401, "UNAUTHORIZED")


def test_a_revoked_key_is_refused_from_the_next_request_on(api: Api, opened: Opened) -> None:
    key_id = data_of(api.get("/auth/verify"))["apiKeyId"]
    opened.keys.revoke(key_id)
    refused(api.get("/auth/verify"), 401, "API_KEY_REVOKED")


def test_the_key_of_a_disabled_owner_is_403_until_they_are_enabled(api: Api, opened: Opened) -> None:
    opened.owners.disable("alice")
    refused(api.get("/auth/verify"), 403, "FORBIDDEN")
    opened.owners.enable("alice")
    assert api.get("/auth/verify").status_code == 200


@pytest.mark.parametrize(
    ("scope", "method", "path", "needed"),
    [
        ("media.read", "GET", "/user/me", "account.read"),
        ("account.read", "GET", "/user/me/usage", "usage.read"),
        ("media.write", "GET", "/images", "media.read"),
        ("read", "POST", "/images", "media.write"),
        ("read_write", "DELETE", "/images/AAAAAAAAAAA", "media.delete"),
    ],
)
def test_a_scope_the_key_lacks_is_named(
    api_with: Callable[..., Api], scope: str, method: str, path: str, needed: str
) -> None:
    assert refused(api_with(scope).call(method, path), 403, "FORBIDDEN") == {"required": needed}


@pytest.mark.parametrize(
    ("sent", "tier", "scopes"),
    [
        (["read"], "read", ["media.read", "account.read", "usage.read"]),
        (["images:read", "images:write"], "read_write", ["media.read", "media.write"]),
        (["write:media"], "read_write", ["media.write"]),
        (["usage:read"], "read", ["usage.read"]),
        ([], "read_write_delete", ["media.read", "media.write", "media.delete", "account.read", "usage.read"]),
    ],
)
def test_scopes_are_told_in_both_vocabularies(
    api_with: Callable[..., Api], sent: list[str], tier: str, scopes: list[str]
) -> None:
    facts = data_of(api_with(*sent).get("/auth/verify"))
    assert (facts["scope"], facts["scopesV2"], facts["scopeVersion"]) == (tier, scopes, 2)


def test_an_imported_key_and_the_key_of_guests_are_let_in(client: FlaskClient, opened: Opened) -> None:
    guest = opened.owners.add("guest", role="guest")
    opened.keys.adopt(guest, "guest key", "open-to-everybody")
    assert data_of(Api(client, "open-to-everybody").get("/auth/verify"))["userId"] == guest.id
