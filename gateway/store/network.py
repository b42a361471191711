"""Which IP addresses belong to the public internet, and which ones a host name stands for.

Everything not known to be public is refused. The tables do not lean on `ipaddress` alone, whose idea of "global"
differs between Python releases.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

IpAddress = IPv4Address | IPv6Address

# IPv4 with a special purpose (RFC 6890 and its successors).
RESERVED_V4 = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network; Linux connects 0.0.0.0 to itself
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier NAT, and the metadata service of one cloud
        "127.0.0.0/8",
        "168.63.129.16/32",  # looks public, but is Azure's host agent seen from inside
        "169.254.0.0/16",  # link-local, and the metadata service of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved and broadcast
    )
)

# IPv6 is public inside 2000::/3 alone. Being outside refuses, without naming them: loopback, every way to write IPv4 in
# ::/64 (compatible, mapped, translated), NAT64 64:ff9b::, unique local, link-local, site-local fec0::/10, multicast.
PUBLIC_V6 = ip_network("2000::/3")
RESERVED_V6 = tuple(
    ip_network(network)
    for network in (
        "2001::/23",  # protocol assignments, among them Teredo, which carries an IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address
        "3fff::/20",
    )
)


def is_public(address: IpAddress) -> bool:
    if not address.is_global or address.is_multicast:
        return False
    if address.version == 4:
        return not any(address in network for network in RESERVED_V4)
    return address in PUBLIC_V6 and not any(address in network for network in RESERVED_V6)


def resolve(host: str, port: int, seconds: float) -> list[IpAddress]:
    """Every address of `host`, best first; none when it is unknown or the answer takes longer than `seconds`."""
    with suppress(ValueError):
        return [ip_address(host)]
    answers: list[IpAddress] = []

    def ask() -> None:
        with suppress(OSError, ValueError):
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.extend([ip_address(where[0]) for _, _, _, _, where in found])

    # The C library cannot be interrupted. A thread it holds up is left to end by itself when the resolver gives up.
    thread = threading.Thread(target=ask, name="resolve", daemon=True)
    thread.start()
    thread.join(seconds)
    return [] if thread.is_alive() else answers
