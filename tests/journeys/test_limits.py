"""Rate limits of real gateways: two that share a Redis, one behind a proxy, one that lacks a package."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import LiveServer, free_port
from tests.journeys.commands import gateway, gateway_json
from tests.journeys.uploading import PATIENCE


def key_of(data: Path, name: str, role: str = "user") -> str:
    gateway(data, "owner", "add", name, "--role", role)
    key: str = gateway_json(data, "key", "add", "test", "--owner", name)["api_key"]
    return key


def verify(url: str, key: str, **headers: str) -> int:
    line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    line.request("GET", "/v1/auth/verify", headers={"Authorization": f"Bearer {key}"} | named)
    answer = line.getresponse()
    answer.read()
    line.close()
    return answer.status


def test_two_gateways_count_together(serve: Callable[..., LiveServer], redis: str) -> None:
    settings = {"GATEWAY_LIMITS__READ": "3", "GATEWAY_LIMITS__STORE": redis}
    one = serve(**settings)
    other = serve(data=one.data, **settings)
    key = key_of(one.data, "alice")
    assert [verify(server.url, key) for server in (one, other, one, other, one)] == [200, 200, 200, 429, 429]


def test_a_gateway_whose_redis_is_gone_serves(serve: Callable[..., LiveServer], redis: str) -> None:
    server = serve(GATEWAY_LIMITS__READ="2", GATEWAY_LIMITS__STORE=f"redis://127.0.0.1:{free_port()}")
    key = key_of(server.data, "alice")
    assert [verify(server.url, key) for _ in range(3)] == [200, 200, 429]
    log = server.data.with_name(server.data.name + ".log").read_text()
    assert log.count("limits.store cannot be reached") == 1


@pytest.mark.parametrize(("trusted", "codes"), [("127.0.0.0/8", [200, 200, 429]), ("", [200, 429, 429])])
def test_a_proxy_counts_only_where_it_is_trusted(
    serve: Callable[..., LiveServer], trusted: str, codes: list[int]
) -> None:
    server = serve(GATEWAY_LIMITS__READ="1", GATEWAY_SERVER__TRUSTED_PROXIES=trusted)
    key = key_of(server.data, "guest", "guest")
    clients = ("198.51.100.1", "198.51.100.2", "198.51.100.1")
    assert [verify(server.url, key, X_Forwarded_For=client) for client in clients] == codes


def test_a_redis_without_its_package_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "redis.py").write_text("raise ImportError")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        done = gateway(
            tmp_path / "data", "serve", GATEWAY_LIMITS__STORE="redis://127.0.0.1:1", PYTHONPATH=str(tmp_path),
            GATEWAY_SERVER__PORT=str(free.getsockname()[1]),
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.strip().endswith("Install it with: pip install 'picgate[redis]'")
    assert "Traceback" not in done.stderr
