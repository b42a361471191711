"""What the README says to put in front of a gateway, tried from outside by `gateway doctor`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import LiveServer, draw, free_port, gateway_environment
from tests.journeys.in_front import README, in_front

Serve = Callable[..., LiveServer]


def findings(url: str, key: str) -> list[dict[str, Any]]:
    """Of a doctor: what is not well."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "doctor", url, "--key", key, "--json"],
        env=gateway_environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout, done.stderr
    return [one for one in json.loads(done.stdout)["findings"] if one["state"] != "ok"]


def test_every_block_of_the_readme_is_run() -> None:
    """The one with three gateways is, too: by test_three_gateways.py."""
    found = re.findall(r"(?:<!-- ([\w -]+) -->\n\n)?```(?:nginx|caddyfile)\n", README.read_text("utf-8"))
    assert set(found) == {"nginx", "nginx sub-path", "caddy", "caddy sub-path", "balancer"}


@pytest.mark.parametrize("sendfile", ["direct", "x-accel"])
@pytest.mark.parametrize(("name", "path"), [("nginx", ""), ("nginx sub-path", "/pics")])
def test_nginx_breaks_nothing(serve: Serve, tmp_path: Path, name: str, path: str, sendfile: str) -> None:
    url = f"http://127.0.0.1:{free_port()}{path}"
    gateway = serve("--public-url", url, GATEWAY_FILES__SENDFILE=sendfile)
    with in_front(name, tmp_path, gateway, url):
        assert findings(url, gateway.key) == []


@pytest.mark.parametrize(("name", "path"), [("caddy", ""), ("caddy sub-path", "/pics")])
def test_caddy_breaks_nothing(serve: Serve, tmp_path: Path, name: str, path: str) -> None:
    url = f"http://127.0.0.1:{free_port()}{path}"
    gateway = serve("--public-url", url)
    with in_front(name, tmp_path, gateway, url):
        assert findings(url, gateway.key) == []


@pytest.mark.parametrize("name", ["nginx sub-path", "caddy sub-path"])
def test_what_else_is_at_that_address_stays_its_own(serve: Serve, tmp_path: Path, name: str) -> None:
    url = f"http://127.0.0.1:{free_port()}/pics"
    gateway = serve("--public-url", url)
    with in_front(name, tmp_path, gateway, url):
        image = requests.post(
            f"{url}/api/1/upload", {"key": gateway.key}, files={"source": ("a.png", draw())}, timeout=30
        ).json()["image"]
        bare = requests.get(url, timeout=30)
        outside = requests.get(image["url"].replace("/pics/", "/"), timeout=30)
    assert (bare.status_code, bare.url) == (200, f"{url}/")
    assert outside.content != draw()
