"""One request to one address that was checked before, under the name it was asked for.

`requests-hardened` connects to the address it checked and keeps Host and SNI, but of several addresses it looks at the
first alone, lets a few ranges through and has no total deadline. So `fetch` resolves and checks by itself, and this
adapter shows the library the chosen address instead of the name: its filter stays as a second opinion, and there is no
second lookup that could answer differently.
"""

from __future__ import annotations

import socket
from functools import partial
from typing import Any

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool

from gateway.store.deadline import Deadline
from gateway.store.network import IpAddress
from gateway.store.target import Target


class WatchedConnection(HTTPConnection):
    """Hands its socket to the deadline as soon as there is one: before TLS, before the first header."""

    def __init__(self, *args: Any, deadline: Deadline, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deadline = deadline

    def _new_conn(self) -> socket.socket:
        # The hook urllib3's own SOCKS support overrides; there is none between connecting and the TLS handshake.
        connection = super()._new_conn()
        self.deadline.watch(connection)
        return connection


class WatchedTlsConnection(WatchedConnection, HTTPSConnection):
    pass


class PinnedAdapter(IPFilterAdapter):  # type: ignore[misc]
    """Without `is_filtered` the library's second opinion is not asked: the operator allowed a private host."""

    def __init__(self, target: Target, address: IpAddress, deadline: Deadline, *, is_filtered: bool) -> None:
        super().__init__(is_https_proto=target.scheme == "https")
        self.target = target
        self.address = address
        self.deadline = deadline
        self.is_filtered = is_filtered

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: bool | str, cert: str | tuple[str, str] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        pinned = request.copy()
        literal = f"[{self.address}]" if self.address.version == 6 else str(self.address)
        pinned.url = f"{self.target.scheme}://{literal}:{self.target.port}/"
        build = super().build_connection_pool_key_attributes
        if not self.is_filtered:
            build = partial(HTTPAdapter.build_connection_pool_key_attributes, self)
        where, how = build(pinned, verify, cert)
        if self.target.scheme == "https":
            how["server_hostname"] = how["assert_hostname"] = self.target.host
        return where, how

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        pool: HTTPConnectionPool = super().get_connection_with_tls_context(*args, **kwargs)
        kind = WatchedTlsConnection if self.target.scheme == "https" else WatchedConnection
        pool.ConnectionCls = partial(kind, deadline=self.deadline)  # type: ignore[assignment]
        return pool
