"""Somebody in front of the dashboard, without a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import bcrypt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.core.records import Owner
from gateway.store.opening import Opened
from tests.conftest import PUBLIC_URL, Client

PASSWORD = "four plain words here"


class Person:
    """Loads a page, fills in its form, sends it. Cookies are kept as a browser keeps them."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, base_url=PUBLIC_URL, **options)

    def post(self, path: str, *, page: str = "", headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        """With the token that the form of `page` has, which is the one at `path` unless it is another."""
        token = token_of(self.get(page or path).text)
        return self.send(path, headers=headers, token=token, **fields)

    def send(self, path: str, headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        """Just these fields."""
        data = {
            name.replace("_", "-"): list(value) if isinstance(value, tuple) else value for name, value in fields.items()
        }
        return self.client.post(path, base_url=PUBLIC_URL, data=data, headers=headers)

    def sign_in(self, name: str = "alice", password: str = PASSWORD, **fields: Any) -> TestResponse:
        return self.post("/dashboard/sign-in", name=name, password=password, **fields)

    @property
    def is_in(self) -> bool:
        return self.get("/dashboard/account").status_code == 200


def token_of(page: str) -> str:
    match = re.search(r'name="token" value="([0-9a-f]{64})"', page)
    assert match, page
    return match[1]


def text_of(page: str) -> str:
    """What there is to read, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2])).split())


@pytest.fixture
def person(app: Flask) -> Callable[[], Person]:
    """person() is somebody with a browser of their own."""
    return lambda: Person(Client(app))


@pytest.fixture
def stranger(person: Callable[[], Person]) -> Person:
    return person()


@pytest.fixture
def alice(opened: Opened) -> Owner:
    """Here she has a password, and is an ordinary user."""
    return with_password(opened, opened.owners.add("alice", email="alice@example.org"))


@pytest.fixture
def bob(opened: Opened) -> Owner:
    return with_password(opened, opened.owners.add("bob"))


def with_password(opened: Opened, owner: Owner, password: str = PASSWORD) -> Owner:
    """One that came from the old host, and is quickly compared."""
    opened.catalog.set_password(owner.id, bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode())
    return opened.owners.named(owner.username)


@pytest.fixture
def user(person: Callable[[], Person], alice: Owner) -> Person:
    """Alice, signed in."""
    here = person()
    assert here.sign_in().status_code == 303
    return here
