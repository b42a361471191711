"""GET /health and /v1/health: without the envelope, without a key."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from gateway import __version__
from gateway.core.errors import StoreUnavailable
from gateway.core.library import Library
from tests.web.picora.api import Api

ADDRESSES = ("/health", "/v1/health")


@pytest.mark.parametrize("path", ADDRESSES)
def test_it_works(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.json == {
        "ok": True,
        "ts": "2026-11-21T12:00:00.123Z",
        "version": __version__,
        "features": {"kb": False, "mediaListingV2": True},
    }


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_catalog_that_cannot_be_read_is_503(client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    def fail(_: Library) -> None:
        raise StoreUnavailable("The catalog is busy.")

    monkeypatch.setattr(Library, "usage", fail)
    answer = client.get(path)

    assert (answer.status_code, answer.json["ok"]) == (503, False)


def test_a_key_that_is_not_good_does_not_matter(client: FlaskClient) -> None:
    assert Api(client, "sk_live_nonsense").get("/health").status_code == 200


def test_asking_how_it_is_costs_nothing(anonymous: Api) -> None:
    left = [anonymous.get("/health").headers["RateLimit-Remaining"] for _ in range(3)]
    assert left == ["600", "600", "600"]
