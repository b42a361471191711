"""/docs: a page of ours around a program from a package, which may load nothing from elsewhere."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.conftest import PUBLIC_URL


@pytest.mark.parametrize("path", ["/docs", "/docs/"])
def test_it_works(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert 'data-description="/openapi.json"' in answer.text


def test_all_it_loads_is_here(client: FlaskClient) -> None:
    addresses = re.findall(r'(?:src|href|data-description)="(.*?)"', client.get("/docs").text)
    assert len(addresses) == 6
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200 and len(answer.data) > 100, address
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_nothing_else_may_run_or_be_asked(client: FlaskClient) -> None:
    policy = dict(rule.split(" ", 1) for rule in client.get("/docs").headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["connect-src"] == f"'self' {PUBLIC_URL}"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"


def test_what_does_not_change_is_kept_by_browsers(client: FlaskClient) -> None:
    answer = client.get("/docs/swagger-ui.css")
    assert "max-age" in answer.headers["Cache-Control"]
    assert client.get("/docs/swagger-ui.css", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("name", ["index.html", "oauth2-redirect.html", "swagger-ui.js", "LICENSE", "../__init__.py"])
def test_nothing_else_of_the_package_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/docs/{name}").status_code == 404
