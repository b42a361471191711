"""The front servers of the README, run as it has them: with the ports and folders of a test in place of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.conftest import LiveServer
from tests.journeys.commands import until

README = Path(__file__).parents[2] / "README.md"
SBIN = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"
NGINX = """
daemon off; pid {folder}/nginx.pid; error_log stderr; worker_processes 1; {user}
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {block}
}}
"""
CADDY = """
{{
	admin off
	auto_https off
	storage file_system {folder}/caddy
}}
{block}
"""


def block(name: str) -> str:
    """What stands in the README between the markers of that name."""
    text = README.read_text("utf-8")
    assert text.count(f"<!-- {name} -->") == text.count(f"<!-- /{name} -->") == 1, name
    lines = text.partition(f"<!-- {name} -->")[2].partition(f"<!-- /{name} -->")[0].strip().splitlines()
    return "\n".join(lines[1:-1])


def program(name: str) -> str:
    if found := shutil.which(name, path=SBIN):
        return found
    pytest.skip(f"{name} is not installed")


@contextmanager
def in_front(name: str, folder: Path, gateway: LiveServer, url: str) -> Iterator[None]:
    """`name` is that of a block: "nginx", "nginx sub-path", "caddy", "caddy sub-path". People come to `url`."""
    kind, place = name.partition(" ")[0], urlsplit(url).netloc
    found = block(name).replace("127.0.0.1:8080", urlsplit(gateway.url).netloc)
    config = folder / f"{kind}.conf"
    if kind == "nginx":
        found = found.replace("/srv/picgate/media/", f"{gateway.data}/media/")
        found = found.replace("server_name img.example.org;", f"listen {place};")
        found = found.replace("server_name www.example.org;", f"listen {place};")
        user = "user root;" if os.getuid() == 0 else ""
        config.write_text(NGINX.format(folder=folder, user=user, block=found))
        command = [program(kind), "-c", str(config), "-p", str(folder)]
    else:
        found = found.replace("img.example.org", f"http://{place}").replace("www.example.org", f"http://{place}")
        config.write_text(CADDY.format(folder=folder, block=found))
        command = [program(kind), "run", "--adapter", "caddyfile", "--config", str(config)]
    assert place in config.read_text(), "the block of the README names another host than this knows"
    with running(command, folder / f"{kind}.log", url):
        yield


@contextmanager
def running(command: list[str], log: Path, url: str) -> Iterator[None]:
    with log.open("w") as written:
        process = subprocess.Popen(command, stdout=written, stderr=written, cwd=log.parent)

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return requests.get(f"{url}/health", timeout=5).ok
        except requests.ConnectionError:
            return False

    try:
        until(answers, f"{command[0]} answers")
        yield
    finally:
        process.terminate()
        process.wait(30)
