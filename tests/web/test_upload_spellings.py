"""Every spelling of the address answers directly; the upload path never redirects."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient

from tests.conftest import draw
from tests.web.conftest import Post


@pytest.mark.parametrize(
    "path",
    [
        "/api/1/upload",
        "/api/1/upload/",
        "/api/1/upload/extra/segments",
        "/api//1/upload",
        "/api///1//upload/",
        "/api/1/upload?title=a+b",
        "/api/1/upload/?title=a+b&format=json",
    ],
)
def test_it_works(post: Post, path: str) -> None:
    assert post(path).status_code == 200


def test_a_slash_too_many_in_front_works(client: FlaskClient, alice_key: str) -> None:
    data = {"key": alice_key, "source": (io.BytesIO(draw()), "a.png")}

    assert client.post("/", data=data, environ_overrides={"PATH_INFO": "//api/1/upload"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        ("/api", 100, "No version provided"),
        ("/api/", 100, "No version provided"),
        ("/api/1", 100, "No action provided"),
        ("/api/1/?action=upload", 100, "No action provided"),
        ("/api/2/upload", 110, "Invalid API version."),
        ("/api/4/upload", 110, "Invalid API version."),
        ("/api/1/delete", 120, "Invalid API action"),
    ],
)
def test_other_paths_say_what_is_wrong(post: Post, path: str, code: int, message: str) -> None:
    answer = post(path)

    assert answer.status_code == 400
    assert answer.json["error"] == {"message": message, "code": code}


def test_a_missing_key_is_noticed_before_a_wrong_version(post: Post) -> None:
    assert post("/api/2/upload", key=None).json["error"]["message"] == "No key provided"


def test_a_wrong_key_is_noticed_before_a_wrong_action(post: Post) -> None:
    assert post("/api/1/delete", key="wrong").json["error"]["message"] == "Invalid API key."


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_other_methods_are_405_in_the_envelope(client: FlaskClient, method: str) -> None:
    answer = client.open("/api/1/upload", method=method)

    assert answer.status_code == answer.json["status_code"] == 405
    assert answer.headers["Allow"] == "GET, POST, OPTIONS"


def test_head_is_405_too(client: FlaskClient) -> None:
    assert client.head("/api/1/upload").status_code == 405


def test_a_preflight_from_any_page_is_answered(client: FlaskClient) -> None:
    answer = client.options("/api/1/upload", headers={"Origin": "https://any.example"})

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "X-API-Key" in answer.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_answers_may_be_read_by_any_page(post: Post) -> None:
    assert post().headers["Access-Control-Allow-Origin"] == "*"
    assert post(key="wrong").headers["Access-Control-Allow-Origin"] == "*"


def test_the_path_is_case_sensitive(post: Post) -> None:
    assert post("/API/1/upload").status_code == 404
