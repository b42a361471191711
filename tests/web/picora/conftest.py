"""Alice and bob at the Picora door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.core.plans import Plan
from gateway.core.records import Owner
from gateway.settings import Settings
from gateway.store.opening import Opened, open_data
from tests.conftest import Client, FrozenClock
from tests.web.picora.api import Api


@pytest.fixture
def api(client: FlaskClient, alice_key: str) -> Api:
    """As alice, who may do everything with what is hers."""
    return Api(client, alice_key)


@pytest.fixture
def bob_api(client: FlaskClient, bob_key: str) -> Api:
    return Api(client, bob_key)


@pytest.fixture
def anonymous(client: FlaskClient) -> Api:
    return Api(client, None)


@pytest.fixture
def api_with(client: FlaskClient, opened: Opened, alice: Owner) -> Callable[..., Api]:
    """api_with("read") is alice with a key of these scopes."""
    return lambda *scopes: Api(client, opened.keys.issue(alice, "narrow", scopes)[1])


ApiOf = Callable[..., Api]


@pytest.fixture
def api_of(settings: Settings, clock: FrozenClock) -> Iterator[ApiOf]:
    """api_of(limits={"read": 2}, plans=[Plan("small", max_keys=1)], plan="small") is carol at a gateway of its own with
    these settings; what no section is named after says who carol is."""
    opened: list[Opened] = []

    def make(plans: tuple[Plan, ...] = (), **options: Any) -> Api:
        sections = {name: options.pop(name) for name in list(options) if hasattr(settings, name)}
        changed = {name: replace(getattr(settings, name), **keys) for name, keys in sections.items()}
        here = replace(settings, **changed, plans=tuple(plans))
        opened.append(one := open_data(here, clock))
        carol = one.owners.add(f"carol{len(opened)}", **options)
        return Api(Client(create_app(here, one)), one.keys.issue(carol, "test")[1])

    yield make
    for one in opened:
        one.close()
