"""Where it listens, where people find it, and what stands in between."""

from __future__ import annotations

import errno
import re
import socket
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from gateway.doctoring.findings import Findings
from gateway.settings import Settings

EVERYWHERE = ("0.0.0.0", "::")
PUBLIC_URL, PROXIES = "server.public_url", "server.trusted_proxies"
DOORS = re.compile(r"/(api(/1(/upload)?)?|v1|dashboard|upload|tools|docs|[^/]*\.(php|html?))/?$", re.IGNORECASE)
AT_HOME = (".lan", ".local", ".internal", ".home.arpa", ".home", ".localhost")
OURS = ("/api/", "/v1/", "/static/", "/dashboard/", "/image/", "/video/", "/audio/", "/album/", "/user/", "/tag/",
        "/category/", "/docs/", "/tools/")  # fmt: skip


def look_at_addresses(settings: Settings, findings: Findings) -> None:
    look_at_listening(settings, findings)
    look_at_public_url(settings, findings)
    look_at_proxies(settings, findings)
    look_at_accel(settings, findings)


def look_at_listening(settings: Settings, findings: Findings) -> None:
    """A port that somebody has already is most likely ours: the gateway runs."""
    server = settings.server
    try:
        family, kind, _, _, address = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        findings.broken("server.host", f"{server.host!r} is not known on this machine.",
                        "Give an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them.")  # fmt: skip
        return
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM):
                findings.broken(
                    "server.port",
                    f"{server.port} may not be used by this user: ports below 1024 are root's.",
                    "Choose one above, such as 8080, and let nginx or Caddy in front have the low one.",
                )
            elif error.errno == errno.EADDRNOTAVAIL:
                findings.broken("server.host", f"{server.host} is no address of this machine.",
                                "Give one that it has, or 0.0.0.0 for all of them.")  # fmt: skip


def look_at_public_url(settings: Settings, findings: Findings) -> None:
    server, place = settings.server, urlsplit(settings.public_url)
    host = (place.hostname or "").rstrip(".")
    if host in EVERYWHERE:
        findings.broken(PUBLIC_URL, f"Links would begin with {settings.public_url}, which leads nowhere.",
                        "Set it to the address people use, such as https://img.example.org.")  # fmt: skip
        return
    if not server.public_url:
        return
    if "@" in place.netloc:
        findings.broken(PUBLIC_URL, "It holds a name or a password, which would stand in every link.",
                        "Take what is in front of the @ out.")  # fmt: skip
    if not host.isascii():
        spelled = in_ascii(host)
        findings.broken(PUBLIC_URL, f"{host} is a name that some tools cannot read in a link.",
                        f"Write it as {spelled}." if spelled else "Give another one: this is no name of a host.",
                        )  # fmt: skip
    if found := DOORS.search(place.path):
        base = settings.public_url[: len(settings.public_url) - len(found[0])]
        findings.broken(PUBLIC_URL, f"It ends in {found[0]}, which is a place within the gateway, not the gateway.",
                        f"Set it to {base}.")  # fmt: skip
    elif place.path:
        findings.note(PUBLIC_URL, f"The gateway is below {place.path}: the proxy in front has to take that off.",
                      f"nginx: location {place.path}/ {{ proxy_pass {listening(settings)}/; }}",
                      f"Caddy: handle_path {place.path}/* {{ reverse_proxy {listening(settings)[7:]} }}")  # fmt: skip
    look_at_scheme(settings, place, host, findings)
    if is_loopback(host) and not is_loopback(server.host):
        findings.broken(PUBLIC_URL, f"Links lead to {host}, which for everybody else is their own machine.",
                        "Set it to the address people use, such as https://img.example.org.")  # fmt: skip


def in_ascii(host: str) -> str:
    """As DNS has it; "" for what it cannot have."""
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return ""


def look_at_scheme(settings: Settings, place: SplitResult, host: str, findings: Findings) -> None:
    if (place.scheme, place.port) in (("http", 443), ("https", 80)):
        other = "https" if place.scheme == "http" else "http"
        findings.broken(PUBLIC_URL, f"It says {place.scheme} with the port of {other}, {place.port}.",
                        f"Set it to {other}://{host}{place.path}.")  # fmt: skip
    elif place.scheme == "https" and place.port == settings.server.port and not is_loopback(settings.server.host):
        findings.broken(
            PUBLIC_URL,
            f"It is https at the port {place.port}, where the gateway itself listens and speaks http.",
            "Let nginx or Caddy in front speak https, and name their address here.",
        )
    elif place.scheme == "http" and has_proxy(settings) and not is_at_home(host):
        findings.note(PUBLIC_URL, "It begins with http. If the proxy in front speaks https, browsers refuse pictures "
                      "with such links in pages that are https, and sign-ins are not kept to https.",
                      f"If so, set it to https://{place.netloc}{place.path}.")  # fmt: skip


def look_at_proxies(settings: Settings, findings: Findings) -> None:
    server = settings.server
    networks = [ip_network(one, strict=False) for one in server.trusted_proxies]
    if wide := next((one for one in networks if not one.prefixlen), None):
        findings.broken(PROXIES, f"{wide} is everybody: whoever claims an address in X-Forwarded-For is believed, and "
                        "gets around every limit.", "Name only the proxies in front, such as 127.0.0.1.")  # fmt: skip
    if not networks and has_proxy(settings):
        findings.broken(
            PROXIES,
            f"It is empty, but people come through a proxy ({settings.public_url} is not {listening(settings)}). "
            "All of them seem to have one address, and share the limits for strangers and wrong passwords.",
            "Set trusted_proxies = "
            + ('["127.0.0.1"]' if is_loopback(server.host) else '["ADDRESS OF THE PROXY"]')
            + " below [server].",
            "nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;   (Caddy does so by itself)",
        )
    elif networks and is_loopback(server.host) and not any(is_near(network) for network in networks):
        findings.broken(PROXIES, f"The gateway listens on {server.host}, so the proxy comes from there, and is not "
                        "among them.", 'Add it: trusted_proxies = ["127.0.0.1"].')  # fmt: skip


def look_at_accel(settings: Settings, findings: Findings) -> None:
    files = settings.files
    if files.sendfile != "x-accel":
        return
    prefix = files.accel_prefix
    if not (prefix.startswith("/") and prefix.endswith("/") and prefix != "/") or prefix.startswith(OURS):
        findings.broken(
            "files.accel_prefix",
            f"{prefix!r} cannot be the place of the files in nginx.",
            "Give a path with a slash at both ends that is used for nothing else, such as /_media/.",
        )
    if not has_proxy(settings):
        findings.broken("files.sendfile", "It is x-accel, but people reach the gateway without an nginx in front: they "
                        "would get empty files.",
                        "Set it to direct, or set server.public_url to the address of the nginx.")  # fmt: skip


def has_proxy(settings: Settings) -> bool:
    """Whether there must be one: people use another address than the one where it listens."""
    server, place = settings.server, urlsplit(settings.public_url)
    if not server.public_url:
        return False
    own_port = place.port == server.port or (not place.port and server.port == 80)
    is_elsewhere = is_loopback(server.host) and not is_loopback(place.hostname or "")
    return place.scheme == "https" or is_elsewhere or (is_loopback(server.host) and not own_port) or bool(place.path)


def listening(settings: Settings) -> str:
    host = settings.server.host
    host = "127.0.0.1" if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    return f"http://{host}:{settings.server.port}"


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_near(network: IPv4Network | IPv6Network) -> bool:
    return any(ip_address(one) in network for one in ("127.0.0.1", "::1"))


def is_at_home(host: str) -> bool:
    """In a network where certificates are hard to come by."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith(AT_HOME)
