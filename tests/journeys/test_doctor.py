"""`gateway doctor` against a real gateway, alone and behind a real nginx that breaks things as nginx is made to."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.conftest import LiveServer, free_port, gateway_environment, start_server
from tests.journeys.commands import gateway_json, until
from tests.stores import S3Server

Serve = Callable[..., LiveServer]
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")

CONFIG = """
daemon off; pid {folder}/nginx.pid; error_log stderr; worker_processes 1; user root;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  proxy_cache_path {folder}/cache keys_zone=pictures:1m;
  server {{
    listen 127.0.0.1:{port};
    {body_limit}
    location {place} {{
      proxy_pass {gateway};
      {lines}
    }}
  }}
}}
"""
GOOD = "proxy_request_buffering off; proxy_http_version 1.1;"
ROOM = "client_max_body_size 80m;"


@dataclass(frozen=True, slots=True)
class Told:
    code: int
    findings: list[dict[str, str]]

    def about(self, state: str) -> set[str]:
        return {one["about"] for one in self.findings if one["state"] == state}

    def text(self, about: str) -> str:
        """What is said of it that is not well, and what mends it."""
        found = [one for one in self.findings if one["about"] == about and one["state"] != "ok"]
        return "\n".join("\n".join([one["what"], *one["mend"]]) for one in found)


def doctor(url: str, key: str = "", *words: str) -> Told:
    given = ["--key", key] if key else []
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "doctor", url, *given, "--json", *words],
        env=gateway_environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout, done.stderr
    return Told(done.returncode, json.loads(done.stdout)["findings"])


@contextmanager
def nginx(
    folder: Path, gateway: str, port: int, lines: str = GOOD, body_limit: str = ROOM, place: str = "/"
) -> Iterator[str]:
    if NGINX is None:
        pytest.skip("nginx is not installed")
    config = folder / "nginx.conf"
    config.write_text(
        CONFIG.format(folder=folder, port=port, gateway=gateway, lines=lines, body_limit=body_limit, place=place)
    )
    with open(folder / "nginx.log", "w") as log:
        process = subprocess.Popen([NGINX, "-c", str(config), "-p", str(folder)], stderr=log)
    url = f"http://127.0.0.1:{port}"

    try:
        until(lambda: listens(url, process), "nginx answers")
        yield url
    finally:
        process.terminate()
        process.wait(10)


def listens(url: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "nginx did not start"
    try:
        requests.get(url, timeout=5, allow_redirects=False)
    except requests.ConnectionError:
        return False
    return True


@pytest.fixture(scope="module")
def port() -> int:
    """Of the nginx in front, which the gateway takes for its own address."""
    return free_port()


@pytest.fixture(scope="module")
def gateway(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    data = tmp_path_factory.mktemp("doctor") / "data"
    server = start_server(data, "--public-url", f"http://127.0.0.1:{port}", GATEWAY_LIMITS__UPLOAD="0")
    yield server
    server.process.terminate()
    server.process.communicate(timeout=60)


@pytest.fixture
def is_left_clean(gateway: LiveServer) -> Iterator[None]:
    yield
    assert gateway_json(gateway.data, "stats")["media_count"] == 0


def test_a_gateway_without_a_proxy_is_well(live_server: LiveServer) -> None:
    before = gateway_json(live_server.data, "stats")["media_count"]
    told = doctor(live_server.url, live_server.key)
    assert told.about("broken") | told.about("note") == set()
    assert told.code == 0
    assert {"upload of a file", "upload in pieces (TUS)", "private files", "WebP", "deleting"} <= told.about("ok")
    assert gateway_json(live_server.data, "stats")["media_count"] == before


def test_files_at_a_name_of_their_own_are_well(serve: Serve) -> None:
    port = free_port()
    there = serve(port=port, GATEWAY_SERVER__MEDIA_URL=f"http://localhost:{port}")
    told = doctor(there.url, there.key)
    assert told.about("broken") | told.about("note") == set(), told.findings
    assert {"picture", "parts", "WebP", "private files"} <= told.about("ok")


def test_files_that_the_store_sends_are_well(serve: Serve, s3_server: S3Server) -> None:
    place = {"GATEWAY_STORAGE__BLOBS": s3_server.place(s3_server.bucket()), "GATEWAY_FILES__SENDFILE": "redirect"}
    there = serve(**place, **s3_server.environment())
    told = doctor(there.url, there.key)
    assert told.about("broken") | told.about("note") == set(), told.findings
    assert f"from {s3_server.endpoint}" in next(one["what"] for one in told.findings if one["about"] == "picture")
    assert {"thumbnail", "private files", "deleting"} <= told.about("ok")


def test_without_a_key_it_only_looks(live_server: LiveServer) -> None:
    told = doctor(live_server.url)
    assert (told.code, told.about("broken"), told.about("note")) == (0, set(), {"key"})
    assert "upload of a file" not in told.about("ok")


def test_a_key_that_is_not_good_is_said(live_server: LiveServer) -> None:
    told = doctor(live_server.url, "sk_live_wrong")
    assert (told.code, told.about("broken")) == (1, {"key"})
    assert "Invalid API key" in told.text("key")


def test_nobody_there_is_said() -> None:
    told = doctor(f"http://127.0.0.1:{free_port()}")
    assert (told.code, told.about("broken")) == (1, {"gateway"})
    assert "connection refused" in told.text("gateway")


def test_a_key_that_may_not_delete_leaves_nothing_behind_all_the_same(live_server: LiveServer) -> None:
    before = gateway_json(live_server.data, "stats")["media_count"]
    words = ("key", "add", "weak", "--scope", "media.write", "--scope", "media.read")
    told = doctor(live_server.url, gateway_json(live_server.data, *words)["api_key"])
    assert (told.code, told.about("broken")) == (3, {"delete by key"})
    assert "media.delete" in told.text("delete by key")
    assert gateway_json(live_server.data, "stats")["media_count"] == before


@pytest.mark.usefixtures("is_left_clean")
def test_a_proxy_that_does_as_the_readme_says_is_well(gateway: LiveServer, port: int, tmp_path: Path) -> None:
    with nginx(tmp_path, gateway.url, port) as url:
        told = doctor(url, gateway.key)
    assert told.about("broken") | told.about("note") == set(), told.findings
    assert told.code == 0


PERMISSION = 'add_header Access-Control-Allow-Origin "*" always;'
BASIC = 'auth_basic "closed"; auth_basic_user_file /dev/null;'
CACHED = "proxy_cache pictures; proxy_ignore_headers Cache-Control Expires; proxy_cache_valid 200 1h;"
BREAKAGES = {
    "Range": ('proxy_set_header Range "";', {"parts"}, "proxy_set_header Range"),
    "conditions": ('proxy_set_header If-None-Match "";', {"conditions"}, "If-None-Match"),
    "ETag": ("proxy_hide_header ETag;", {"conditions"}, "proxy_hide_header ETag"),
    "X-API-Key": (
        'proxy_set_header X-API-Key "";',
        {"keys", "upload of a file", "upload for a link (txt)", "upload for a redirect"},
        "proxy_set_header X-API-Key $http_x_api_key;",
    ),
    "Authorization": (
        'proxy_set_header Authorization "";',
        {"keys", "upload to /v1/images", "upload in pieces (TUS)", "delete by key"},
        "proxy_set_header Authorization $http_authorization;",
    ),
    "error pages": (
        "proxy_intercept_errors on; error_page 400 404 /nowhere;",
        {"errors"},
        "proxy_intercept_errors off;",
    ),
    "gzip": ("gzip on; gzip_types *; gzip_proxied any;", {"compression"}, "gzip_types text/css"),
    "private cached": (
        f"{CACHED} proxy_cache_key $uri$is_args$args$http_accept;",
        {"private files"},
        "proxy_cache off;",
    ),
    "Accept": ('proxy_set_header Accept "";', {"WebP"}, "proxy_set_header Accept $http_accept;"),
    "two permissions": (PERMISSION, {"CORS", "headers"}, "no add_header Access-Control-"),
    "hidden headers": (
        "proxy_hide_header X-Request-Id; proxy_hide_header Content-Security-Policy; "
        "proxy_hide_header X-Content-Type-Options;",
        {"request ids", "pages", "headers"},
        "proxy_hide_header",
    ),
    "caching": ("proxy_hide_header Cache-Control;", {"headers", "private files"}, "add_header Cache-Control"),
}


@pytest.mark.usefixtures("is_left_clean")
@pytest.mark.parametrize(("lines", "broken", "mend"), BREAKAGES.values(), ids=BREAKAGES)
def test_what_a_proxy_breaks_is_found(
    gateway: LiveServer, port: int, tmp_path: Path, lines: str, broken: set[str], mend: str
) -> None:
    with nginx(tmp_path, gateway.url, port, GOOD + lines) as url:
        told = doctor(url, gateway.key)
    assert told.about("broken") == broken, told.findings
    assert any(mend in told.text(about) for about in broken), told.findings
    assert told.code == 3


@pytest.mark.usefixtures("is_left_clean")
def test_a_body_limit_is_found_without_a_key_and_without_sending_much(
    gateway: LiveServer, port: int, tmp_path: Path
) -> None:
    with nginx(tmp_path, gateway.url, port, body_limit="client_max_body_size 1m;") as url:
        told = doctor(url)
    assert (told.code, told.about("broken")) == (3, {"large files"})
    assert "client_max_body_size 51m;" in told.text("large files")


@pytest.mark.usefixtures("is_left_clean")
def test_a_proxy_that_keeps_requests_back_is_told_of(gateway: LiveServer, port: int, tmp_path: Path) -> None:
    with nginx(tmp_path, gateway.url, port, lines="") as url:
        told = doctor(url, gateway.key)
    assert (told.code, told.about("broken"), told.about("note")) == (0, set(), {"broken lines"})
    assert "proxy_request_buffering off;" in told.text("broken lines")


@pytest.mark.usefixtures("is_left_clean")
def test_methods_that_are_not_let_through_are_found(gateway: LiveServer, port: int, tmp_path: Path) -> None:
    lines = GOOD + "limit_except GET POST OPTIONS { deny all; }"
    with nginx(tmp_path, gateway.url, port, lines) as url:
        told = doctor(url, gateway.key)
    assert told.about("broken") == {"upload in pieces (TUS)", "delete by key"}, told.findings
    assert "limit_except" in told.text("upload in pieces (TUS)")
    assert list((gateway.data / "incoming").iterdir()) == [], "no upload in pieces is left half done"


def test_a_password_in_front_is_found(gateway: LiveServer, port: int, tmp_path: Path) -> None:
    with nginx(tmp_path, gateway.url, port, BASIC) as url:
        told = doctor(url, gateway.key)
    assert (told.code, told.about("broken")) == (1, {"gateway"})
    assert "auth_basic off;" in told.text("gateway")


def test_a_proxy_that_does_not_reach_the_gateway_is_found(port: int, tmp_path: Path) -> None:
    with nginx(tmp_path, f"http://127.0.0.1:{free_port()}", port) as url:
        told = doctor(url)
    assert (told.code, told.about("broken")) == (1, {"gateway"})
    assert "does not reach the gateway (502)" in told.text("gateway")


def test_an_address_that_sends_on_is_found(port: int, tmp_path: Path) -> None:
    with nginx(tmp_path, "http://127.0.0.1:9", port, "return 301 https://img.example.org$request_uri;") as url:
        told = doctor(url)
    assert (told.code, told.about("broken")) == (1, {"gateway"})
    assert "gateway doctor https://img.example.org" in told.text("gateway")


@pytest.mark.parametrize(
    ("public_url", "wrong"),
    [
        ("https://127.0.0.1:{port}", "another scheme"),
        ("http://img.example.org:{port}", "another host"),
        ("http://127.0.0.1", "another port"),
        ("http://127.0.0.1:{port}/pics", "another path"),
    ],
)
def test_links_that_lead_elsewhere_are_found_and_the_rest_is_tried_all_the_same(
    serve: Callable[..., LiveServer], public_url: str, wrong: str
) -> None:
    port = free_port()
    gateway = serve("--public-url", public_url.format(port=port), port=port)
    told = doctor(gateway.url, gateway.key)
    assert told.about("broken") == {"links"}, told.findings
    assert wrong in told.text("links")
    assert f'public_url = "{gateway.url}"' in told.text("links")


def test_a_sub_path_that_is_taken_off_is_well(serve: Callable[..., LiveServer], tmp_path: Path) -> None:
    port = free_port()
    gateway = serve("--public-url", f"http://127.0.0.1:{port}/pics")
    with nginx(tmp_path, f"{gateway.url}/", port, place="/pics/") as url:
        told = doctor(f"{url}/pics", gateway.key)
    assert told.about("broken") | told.about("note") == set(), told.findings


def test_a_sub_path_that_is_passed_on_is_found(serve: Callable[..., LiveServer], tmp_path: Path) -> None:
    port = free_port()
    gateway = serve("--public-url", f"http://127.0.0.1:{port}/pics")
    with nginx(tmp_path, gateway.url, port, place="/pics/") as url:
        told = doctor(f"{url}/pics", gateway.key)
    assert (told.code, told.about("broken")) == (1, {"gateway"})
    assert "location /pics/ { proxy_pass" in told.text("gateway")
