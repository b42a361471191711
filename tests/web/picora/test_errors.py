"""Whatever goes wrong below /v1 is the envelope, with a status, a code and nothing of the inside; never a page."""

from __future__ import annotations

import logging

import pytest
from flask.testing import FlaskClient

from gateway.core.errors import StoreUnavailable
from gateway.core.holdings import Holdings
from tests.conftest import Client
from tests.web.picora.api import Api, refused
from tests.web.picora.conftest import ApiOf

DEEP = b"[" * 100_000


@pytest.mark.parametrize(
    "path", ["/nothing", "/", "", "/user/me/", "/images/a/b/c", "/../v1/x", "/%00", "/x.png", "/i%C3%9F"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_address_that_is_none_is_404(api: Api, method: str, path: str) -> None:
    refused(api.call(method, path), 404, "NOT_FOUND")


def test_another_method_is_405_and_told_which_there_are(api: Api) -> None:
    answer = api.patch("/user/me", {})
    refused(answer, 405, "METHOD_NOT_ALLOWED")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_a_method_nobody_knows_is_405(api: Api) -> None:
    refused(api.call("BREW", "/user/me"), 405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"text"', b"1", b"null", b"\xff\xfe", DEEP, b'{"a":' * 50_000, b"9" * 5_000]
)
def test_a_body_that_is_no_json_object_is_422(api: Api, body: bytes) -> None:
    refused(api.delete("/images", data=body, content_type="application/json"), 422)


def test_a_body_larger_than_any_may_be_is_413(api_of: ApiOf) -> None:
    api = api_of(uploads={"max_size": 1000})
    answer = api.post("/images/exists", data=b"x" * 1_100_000, content_type="application/json")
    refused(answer, 413)
    assert "KB" in answer.json["error"] or "MB" in answer.json["error"]


def test_a_crash_inside_says_nothing_but_where_to_look(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("secret /srv/path")

    monkeypatch.setattr(Holdings, "totals", crash)
    answer = api.call("GET", "/user/me/usage", headers={"X-Request-Id": "find-me"})

    assert refused(answer, 500, "INTERNAL") == {"requestId": "find-me"}
    assert "find-me" in answer.json["error"] and "secret" not in answer.text
    assert "find-me" in caplog.text and "secret" in caplog.text


def test_a_busy_store_is_503_and_says_when_to_come_back(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise StoreUnavailable("The catalog is busy. Nothing was changed; try again in a moment.")

    monkeypatch.setattr(Holdings, "totals", busy)
    answer = api.get("/user/me/usage")

    refused(answer, 503, "INTERNAL")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_head_is_answered_as_a_get_without_its_body(api: Api) -> None:
    answer = api.call("HEAD", "/user/me")
    assert (answer.status_code, answer.data, answer.content_type) == (200, b"", "application/json")
    assert api.call("HEAD", "/nothing").content_type == "application/json"


@pytest.mark.parametrize("path", ["//v1/user/me", "//v1//user/me", "/v1//user/me"])
def test_a_slash_too_many_does_no_harm(client: FlaskClient, alice_key: str, path: str) -> None:
    headers = {"Authorization": f"Bearer {alice_key}"}
    assert client.get("/", headers=headers, environ_overrides={"PATH_INFO": path}).status_code == 200


def test_addresses_that_only_begin_alike_are_pages(client: Client) -> None:
    for path in ("/v1x", "/v12/images", "/healthy"):
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_nothing_of_a_key_is_logged(api: Api, client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    api.get("/user/me")
    Api(client, "sk_live_" + "x" * 32).get("/user/me")
    assert api.key and api.key not in caplog.text and "xxxx" not in caplog.text
