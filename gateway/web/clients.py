"""Which address a request comes from, when it was handed on by a proxy we trust.

A proxy adds the address it was asked from to the end of `X-Forwarded-For`. What stands before the last address that is
not one of our proxies may be anybody's invention and is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


TRUSTED = "picgate.proxy"


class ClientAddress:
    """Puts it where everybody looks for it, in `REMOTE_ADDR`, and the proxy that was believed into `TRUSTED`."""

    def __init__(self, app: WSGIApplication, trusted: Iterable[str]) -> None:
        """`trusted` are addresses and networks."""
        self.app = app
        self.networks = [ip_network(one, strict=False) for one in trusted]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        forwarded = environ.get("HTTP_X_FORWARDED_FOR")
        peer = environ.get("REMOTE_ADDR", "")
        if forwarded and self.networks and self.is_trusted(peer):
            environ["REMOTE_ADDR"], environ[TRUSTED] = self.client(peer, forwarded), peer
        return self.app(environ, start_response)

    def client(self, peer: str, forwarded: str) -> str:
        """The last address that is no proxy of ours; of those who all are, the first."""
        for hop in reversed(forwarded.split(",")):
            if not self.is_trusted(peer) or not is_address(hop.strip()):
                break
            peer = hop.strip()
        return peer

    def is_trusted(self, address: str) -> bool:
        return is_address(address) and any(ip_address(address) in network for network in self.networks)


def is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
