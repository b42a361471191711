"""Where the key may be, and which one counts."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient

from gateway.core.records import Owner
from gateway.store.opening import Opened
from tests.conftest import draw
from tests.contract.samples import an_old_key
from tests.web.conftest import Post


def refusal(answer: object) -> tuple[int, str, int]:
    body = answer.json  # type: ignore[attr-defined]
    return body["status_code"], body["error"]["message"], body["error"]["code"]


@pytest.mark.parametrize("header", ["X-API-Key", "x-api-key", "X-API-KEY"])
def test_it_works_in_the_header(post: Post, alice_key: str, header: str) -> None:
    assert post(key=None, headers={header: alice_key}).status_code == 200


def test_it_works_in_the_query_with_or_without_slash(post: Post, alice_key: str) -> None:
    assert post(f"/api/1/upload?key={alice_key}", key=None).status_code == 200
    assert post(f"/api/1/upload/?key={alice_key}&format=json", key=None).status_code == 200


def test_it_works_as_a_bearer_token(post: Post, alice_key: str) -> None:
    assert post(key=None, headers={"Authorization": f"Bearer {alice_key}"}).status_code == 200


def test_it_works_after_the_file(client: FlaskClient, alice_key: str) -> None:
    body = b"".join(
        (b'--b\r\nContent-Disposition: form-data; name="source"; filename="a.png"\r\n\r\n', draw(), b"\r\n",
         b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n', alice_key.encode(), b"\r\n--b--\r\n")
    )  # fmt: skip
    assert client.post("/api/1/upload", data=body, content_type="multipart/form-data; boundary=b").status_code == 200


def test_a_wrong_header_is_not_saved_by_a_right_parameter(post: Post) -> None:
    assert refusal(post(headers={"X-API-Key": "wrong"})) == (400, "Invalid API key.", 100)


def test_a_right_header_wins_over_a_wrong_parameter(post: Post, alice_key: str) -> None:
    assert post(key="wrong", headers={"X-API-Key": alice_key}).status_code == 200


def test_an_empty_header_gives_way_to_the_parameter(post: Post) -> None:
    assert post(headers={"X-API-Key": ""}).status_code == 200


def test_no_key_is_refused(post: Post) -> None:
    assert refusal(post(key=None)) == (400, "No key provided", 100)


def test_a_key_with_its_end_changed_is_refused(post: Post, alice_key: str) -> None:
    assert refusal(post(key=alice_key[:-1] + ("a" if alice_key[-1] != "a" else "b"))) == (400, "Invalid API key.", 100)


def test_a_revoked_key_is_refused_at_once(post: Post, opened: Opened) -> None:
    opened.keys.revoke(opened.keys.all()[0].id)

    assert refusal(post()) == (400, "Invalid API key.", 100)


def test_the_key_of_a_disabled_owner_is_refused(post: Post, opened: Opened) -> None:
    opened.owners.disable("alice")

    assert refusal(post()) == (400, "Request denied", 401)


def test_a_key_that_may_only_read_is_refused(post: Post, opened: Opened, alice: Owner) -> None:
    reader = opened.keys.issue(alice, "reader", ["read"])[1]

    assert refusal(post(key=reader)) == (400, "Request denied", 401)


def test_an_imported_key_works_and_its_slow_hash_is_paid_once(
    post: Post, opened: Opened, alice: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    import bcrypt

    text = "chv_NT_" + "5f" * 64
    hashed = bcrypt.hashpw(text.encode()[:72], bcrypt.gensalt(4)).decode().replace("$2b$", "$2y$")
    opened.catalog.add_key(an_old_key(alice, "chv_NT_", hashed))

    assert post(key=text[:-1] + " ", source=(io.BytesIO(draw(seed=1)), "a.png")).status_code == 200
    monkeypatch.setattr(bcrypt, "checkpw", lambda *_: pytest.fail("bcrypt was asked again"))
    assert post(key=text, source=(io.BytesIO(draw(seed=2)), "a.png")).status_code == 200
    assert refusal(post(key=text[:71])) == (400, "Invalid API key.", 100)


def test_an_imported_guest_key_works_and_guests_have_no_tags(post: Post, opened: Opened) -> None:
    guest = opened.owners.add("guest", role="guest")
    opened.keys.adopt(guest, "guest key", "GUESTKEY0123456789abcdef")
    answer = post(key="GUESTKEY0123456789abcdef", tags="a,b").json

    assert answer["image"]["tags"] == []
    assert answer["warnings"] == ["Guest uploads have no tags."]
