"""Pages of any origin may call /v1 with a key of their own, and read what the answer says in its headers."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.web.picora.api import Api

EXPOSED = (
    "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-RateLimit-Limit", "X-RateLimit-Remaining",
    "X-RateLimit-Reset", "Retry-After", "X-Request-Id", "X-Picora-Duplicate", "Location", "Upload-Offset",
)  # fmt: skip
ALLOWED = ("Authorization", "Content-Type", "Tus-Resumable", "Upload-Length", "Upload-Metadata", "Upload-Offset",
           "X-Picora-Client")  # fmt: skip


def parts(header: str) -> set[str]:
    return {part.strip().lower() for part in header.split(",")}


def preflight(client: FlaskClient, path: str, method: str = "POST") -> dict[str, str]:
    answer = client.options(
        path,
        headers={
            "Origin": "https://app.example",
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization, content-type",
        },
    )
    assert answer.status_code == 204 and answer.data == b""
    assert "Access-Control-Allow-Credentials" not in answer.headers
    return dict(answer.headers)


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/v1/images", "/v1/user/me", "/v1/uploads/x", "/v1/nothing", "/health"])
def test_it_works(client: FlaskClient, path: str, method: str) -> None:
    headers = preflight(client, path, method)
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert method.lower() in parts(headers["Access-Control-Allow-Methods"])
    assert parts(",".join(ALLOWED)) <= parts(headers["Access-Control-Allow-Headers"])
    assert int(headers["Access-Control-Max-Age"]) >= 600


def test_an_answer_can_be_read_with_its_headers(api: Api) -> None:
    headers = api.get("/user/me").headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert parts(",".join(EXPOSED)) <= parts(headers["Access-Control-Expose-Headers"])
    assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize("path", ["/user/me", "/nothing", "/images/AAAAAAAAAAA"])
def test_a_refusal_can_be_read_too(anonymous: Api, path: str) -> None:
    answer = anonymous.get(path)
    assert answer.status_code in (401, 404)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_old_door_lets_any_origin_in(client: FlaskClient) -> None:
    assert preflight(client, "/api/1/upload")["Access-Control-Allow-Origin"] == "*"


def test_other_questions_about_options_are_told_the_methods(client: FlaskClient) -> None:
    answer = client.options("/v1/user/me")
    assert (answer.status_code, answer.data) == (204, b"")
    assert parts(answer.headers["Allow"]) == {"get", "head", "options"}


def test_pages_are_not_shared(client: FlaskClient) -> None:
    assert "Access-Control-Allow-Origin" not in client.get("/").headers


def test_options_names_every_method_there_is(anonymous: Api) -> None:
    allowed = anonymous.call("OPTIONS", "/images").headers["Allow"]
    assert parts(allowed) == {"get", "head", "post", "delete", "options"}
