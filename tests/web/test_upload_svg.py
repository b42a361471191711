"""Drawings: kept without what could act, served so that nothing could, and their own thumbnail."""

from __future__ import annotations

import gzip
import hashlib

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Send

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="120"'
PLAIN = f'{HEAD}><rect width="200" height="120" fill="#2f62d9"/></svg>'.encode()
POISONED = f'{HEAD} onload="alert(1)"><script>alert(2)</script><rect width="9" height="9"/></svg>'.encode()
ENTITIES = b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + PLAIN.replace(b"<rect", b"<desc>&a;</desc><rect")


def test_it_works(send: Send, client: FlaskClient) -> None:
    answer = send(PLAIN, "Blue flag.svg")
    image = answer["image"]

    assert "warnings" not in answer
    assert (image["extension"], image["mime"], image["type"]) == ("svg", "image/svg+xml", "image")
    assert (image["width"], image["height"], image["title"]) == (200, 120, "Blue flag")
    assert image["checksum"] == hashlib.md5(client.get(image["url"]).data).hexdigest()
    assert b"<rect" in client.get(image["url"]).data


def test_it_is_its_own_thumbnail(send: Send, client: FlaskClient) -> None:
    image = send(PLAIN, "a.svg")["image"]

    assert image["chain"] == 5
    assert (image["thumb"], image["medium"]["url"]) == (image["image"], None)
    assert image["display_url"] == image["url"]
    assert image["thumb_size"] == image["size"]
    for variant in ("th", "md"):
        answer = client.get(f"/{image['name']}.{variant}.svg")
        assert (answer.status_code, answer.data) == (200, client.get(image["url"]).data)
        assert answer.mimetype == "image/svg+xml"


def test_no_browser_runs_anything_in_it(send: Send, client: FlaskClient) -> None:
    image = send(PLAIN, "a.svg")["image"]
    for path in (f"/{image['name']}.svg", f"/{image['name']}.th.svg"):
        headers = client.get(path).headers
        assert headers["Content-Type"] == "image/svg+xml"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert (
            headers["Content-Security-Policy"]
            == "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
        )


def test_what_was_removed_is_said(send: Send, client: FlaskClient) -> None:
    answer = send(POISONED, "a.svg")

    assert sorted(answer["warnings"]) == [
        "Removed from the drawing: event attributes (1).",
        "Removed from the drawing: script elements (1).",
    ]
    stored = client.get(answer["image"]["url"]).data
    assert b"alert" not in stored and b"<rect" in stored
    assert answer["image"]["source_checksum"] == hashlib.md5(POISONED).hexdigest()
    assert answer["image"]["checksum"] == hashlib.md5(stored).hexdigest()


def test_a_compressed_one_is_kept_plain(send: Send, client: FlaskClient) -> None:
    image = send(gzip.compress(PLAIN), "a.svgz")["image"]

    assert (image["extension"], image["original_filename"]) == ("svg", "a.svgz")
    assert client.get(image["url"]).data == client.get(send(PLAIN, "a.svg")["image"]["url"]).data


def test_the_same_one_twice_is_one_record(send: Send) -> None:
    first, second = send(POISONED, "a.svg")["image"], send(POISONED, "b.svg")["image"]

    assert first["id_encoded"] == second["id_encoded"]
    assert first["delete_url"] != second["delete_url"]


def test_its_cleaned_form_sent_again_is_kept_as_sent(send: Send, client: FlaskClient) -> None:
    stored = client.get(send(POISONED, "a.svg")["image"]["url"]).data
    answer = send(stored, "a.svg")

    assert "warnings" not in answer
    assert client.get(answer["image"]["url"]).data == stored


@pytest.mark.usefixtures("nothing_is_left")
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (PLAIN[:-20], 425),
        (ENTITIES, 425),
        (gzip.compress(PLAIN)[:-9], 425),
        (gzip.compress(PLAIN) + b"PK\3\4", 425),
        (gzip.compress(b"just text"), 610),
        (PLAIN + b"<script>alert(1)</script>", 425),
        (PLAIN.replace(b"<rect", b"\xff<rect"), 425),
        (b"<p>" + PLAIN, 610),
    ],
    ids=["cut", "entities", "cut gzip", "gzip and more", "gzip of text", "two roots", "not UTF-8", "inside HTML"],
)
def test_what_is_no_drawing_is_refused(send: Send, data: bytes, code: int) -> None:
    answer = send(data, "a.svg")

    assert (answer["status_code"], answer["error"]["code"]) == (400, code)


@pytest.mark.usefixtures("nothing_is_left")
def test_a_large_one_is_refused_with_its_limit(send: Send) -> None:
    answer = send(PLAIN.replace(b"<rect", b"<!--" + b"x" * 2_000_001 + b"--><rect"), "a.svg")

    assert answer["status_code"] == 400
    assert "2 MB" in answer["error"]["message"]
