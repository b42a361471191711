"""Styles, scripts and the description of the API are sent packed to those who take them so; pages never are."""

from __future__ import annotations

import gzip

import pytest
from flask.testing import FlaskClient

TAKES = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.parametrize(
    "path", ["/static/picgate.css", "/static/library.js", "/openapi.json", "/docs/swagger-ui-bundle.js"]
)
def test_packed_it_is_the_same_and_smaller(client: FlaskClient, path: str) -> None:
    plain, packed = client.get(path), client.get(path, headers=TAKES)
    assert "Content-Encoding" not in plain.headers and packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.content_length == len(packed.data) < len(plain.data) * 0.7
    assert "Accept-Encoding" in plain.headers["Vary"] and "Accept-Encoding" in packed.headers["Vary"]
    assert packed.content_type == plain.content_type


@pytest.mark.parametrize("takes", ["", "identity", "br", "gzip;q=0, identity"])
def test_who_does_not_take_it_packed_gets_it_plain(client: FlaskClient, takes: str) -> None:
    answer = client.get("/static/picgate.css", headers={"Accept-Encoding": takes})
    assert "Content-Encoding" not in answer.headers and b"--accent" in answer.data


def test_what_was_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    packed = client.get("/static/picgate.css", headers=TAKES)
    assert packed.headers["ETag"].startswith("W/")
    again = client.get("/static/picgate.css", headers={**TAKES, "If-None-Match": packed.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "Accept-Encoding" in again.headers["Vary"]


def test_a_part_is_a_part_of_the_plain_text(client: FlaskClient) -> None:
    whole = client.get("/static/picgate.css").data
    part = client.get("/static/picgate.css", headers={**TAKES, "Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (206, whole[:10]) and "Content-Encoding" not in part.headers


def test_asked_for_the_head_it_tells_the_length_of_what_would_come(client: FlaskClient) -> None:
    whole, head = client.get("/static/library.js", headers=TAKES), client.head("/static/library.js", headers=TAKES)
    assert head.data == b"" and head.headers["Content-Length"] == whole.headers["Content-Length"]


def test_pages_are_not_packed_for_the_sake_of_what_is_secret_in_them(client: FlaskClient) -> None:
    for path in ("/", "/dashboard/sign-in", "/docs"):
        assert "Content-Encoding" not in client.get(path, headers=TAKES).headers
