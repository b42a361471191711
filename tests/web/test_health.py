"""GET /health."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from gateway import __version__
from gateway.core.errors import StoreUnavailable
from gateway.core.library import Library


def test_it_works(client: FlaskClient) -> None:
    answer = client.get("/health")

    assert (answer.status_code, answer.json) == (200, {"ok": True, "version": __version__})
    assert answer.headers["X-Request-Id"]


def test_a_catalog_that_cannot_be_read_is_503(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Library) -> None:
        raise StoreUnavailable("The catalog is busy.")

    monkeypatch.setattr(Library, "usage", fail)

    assert client.get("/health").status_code == 503


def test_a_request_id_is_echoed_when_it_is_a_sane_one(client: FlaskClient) -> None:
    assert client.get("/health", headers={"X-Request-Id": "abc-1"}).headers["X-Request-Id"] == "abc-1"
    assert client.get("/health", headers={"X-Request-Id": "a b<"}).headers["X-Request-Id"] != "a b<"
