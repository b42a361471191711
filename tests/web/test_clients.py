"""The address a request comes from, with and without proxies in front."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.web.clients import ClientAddress

TRUSTED = ("192.0.2.0/24", "2001:db8::/32", "10.0.0.1")


def seen(peer: str, forwarded: str | None, trusted: tuple[str, ...] = TRUSTED) -> str:
    """What the application takes for the address of the client."""
    found: dict[str, Any] = {}
    environ = {"REMOTE_ADDR": peer} | ({} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded})
    layer = ClientAddress(lambda environ, _: found.update(environ) or [], trusted)  # type: ignore[func-returns-value]
    layer(environ, lambda *_: lambda _: None)
    return str(found["REMOTE_ADDR"])


def test_it_works() -> None:
    assert seen("10.0.0.1", "198.51.100.7") == "198.51.100.7"


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("198.51.100.7", None, "198.51.100.7"),
        ("198.51.100.7", "203.0.113.1", "198.51.100.7"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.1, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.1, 198.51.100.7,192.0.2.3 ,2001:db8::5", "198.51.100.7"),
        ("10.0.0.1", "192.0.2.1, 192.0.2.2", "192.0.2.1"),
        ("10.0.0.1", "203.0.113.1, unknown", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.1, unknown, 192.0.2.2", "192.0.2.2"),
        ("10.0.0.1", "198.51.100.7:4711", "10.0.0.1"),
        ("2001:db8::1", "2001:dead::1", "2001:dead::1"),
        ("", "203.0.113.1", ""),
    ],
)
def test_r27_only_a_proxy_we_trust_is_believed(peer: str, forwarded: str | None, client: str) -> None:
    assert seen(peer, forwarded) == client


def test_r27_without_trusted_proxies_nobody_is_believed() -> None:
    assert seen("10.0.0.1", "203.0.113.1", ()) == "10.0.0.1"
