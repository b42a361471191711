"""What the README promises for the first minute, and what goes wrong in it, said in one or two lines."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import LiveServer, draw, free_port, gateway_environment
from tests.journeys.commands import Result, gateway, gateway_json
from tests.journeys.uploading import acknowledged, get, lost, upload

Serve = Callable[..., LiveServer]


def cannot_serve(data: Path, *flags: str, before: tuple[str, ...] = ()) -> Result:
    """`gateway serve` where it has to give up by itself; `before` is put in front of the command."""
    return subprocess.run(
        [*before, sys.executable, "-m", "gateway", "serve", "--data", str(data), *flags],
        env=gateway_environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )


def said_in(failed: Result, lines: int) -> list[str]:
    assert failed.returncode == 1, failed
    assert failed.stdout == ""
    said = failed.stderr.strip().splitlines()
    assert len(said) == lines, failed.stderr
    assert said[0].startswith("Error: ")
    return said


def curl_lines(server: LiveServer) -> list[str]:
    return [line.strip() for line in server.greeting.splitlines() if line.strip().startswith("curl ")]


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_printed_curl_lines_work_as_they_are_printed(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    (tmp_path / "picture.jpg").write_bytes(draw(format="JPEG"))
    lines = curl_lines(server)
    assert len(lines) == 2
    for line in lines:
        ran = subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert ran.returncode == 0, ran.stderr
        answer = json.loads(ran.stdout)
        assert answer["success"] == {"message": "file uploaded", "code": 200}
        for url in (answer["image"]["url"], answer["image"]["url_viewer"], answer["image"]["thumb"]["url"]):
            assert url.startswith(f"{server.url}/")
            assert get(server.url, urlsplit(url).path).status == 200


def test_the_greeting_says_where_and_with_which_key(serve: Serve) -> None:
    server = serve()
    first = server.greeting.splitlines()[0]
    assert first.endswith(f" is ready on {server.url}")
    assert f"`gateway key add NAME --data {server.data}` makes another" in server.greeting
    assert server.key.startswith("sk_live_")
    assert get(server.url, "/tools").status == 200
    answer = upload(server.url, server.key, draw())
    assert list(lost(server.url, [acknowledged(answer, draw())])) == []


def test_the_key_is_shown_once(serve: Serve, tmp_path: Path) -> None:
    first = serve()
    assert first.stop() == 0
    second = serve()
    assert (second.key, curl_lines(second)) == ("", [])
    assert upload(second.url, first.key, draw()).status == 200
    for file in tmp_path.glob("live/**/*"):
        assert not file.is_file() or first.key.encode() not in file.read_bytes(), f"{file} holds the key"
    assert first.key not in (tmp_path / "live.log").read_text()


def test_links_start_with_the_public_url(serve: Serve) -> None:
    server = serve("--public-url", "https://img.example.org/pics")
    assert server.greeting.splitlines()[0].endswith("https://img.example.org/pics")
    image = upload(server.url, server.key, draw()).json["image"]
    assert image["url"].startswith("https://img.example.org/pics/")


def test_init_then_serve(serve: Serve, tmp_path: Path) -> None:
    data = tmp_path / "live"
    made = gateway_json(data, "init")
    assert (made["owner"], made["data_dir"]) == ("admin", str(data))
    again = gateway(data, "init", "--json")
    assert (again.returncode, again.stdout) == (4, "")
    server = serve()
    assert server.key == ""
    assert upload(server.url, made["api_key"], draw()).status == 200


def test_commands_on_a_folder_without_a_library_say_how_to_make_one(tmp_path: Path) -> None:
    said = said_in(gateway(tmp_path / "nothing", "stats"), 2)
    assert said[1].startswith("Make one with: gateway init")
    assert not (tmp_path / "nothing").exists()


def test_a_port_that_is_taken(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    port = str(urlsplit(server.url).port)
    said = said_in(cannot_serve(tmp_path / "other", "--port", port), 2)
    assert port in said[0]
    assert "--port" in said[1]
    assert get(server.url, "/health").status == 200


def test_a_first_start_that_failed_does_not_swallow_the_key(serve: Serve, tmp_path: Path) -> None:
    taken = serve()
    data = tmp_path / "other"
    said_in(cannot_serve(data, "--port", str(urlsplit(taken.url).port)), 2)
    server = serve(data=data)
    assert upload(server.url, server.key, draw()).status == 200


def test_a_folder_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "live"
    gateway_json(data, "init")
    with closing(sqlite3.connect(data / "catalog.db")) as catalog, catalog:
        catalog.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('picgate', 'from_2031', '2031')"
        )
    for failed in (cannot_serve(data, "--port", str(free_port())), gateway(data, "stats")):
        said = said_in(failed, 1)
        assert "newer version" in said[0]
        assert "from_2031" in said[0]


def test_a_catalog_that_is_none_is_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "live"
    data.mkdir()
    (data / "catalog.db").write_bytes(b"These are not the bytes of a catalog. " * 1000)
    before = (data / "catalog.db").read_bytes()
    said = cannot_serve(data, "--port", str(free_port()))
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
    assert (data / "catalog.db").read_bytes() == before


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "live").write_text("a file")
    said = said_in(cannot_serve(tmp_path / "live", "--port", str(free_port())), 2)
    assert "--data" in said[1]


@pytest.fixture
def as_ordinary_user() -> tuple[str, ...]:
    """What goes before a command to run it without root's right to write everywhere."""
    if os.getuid() != 0:
        return ()
    if not shutil.which("setpriv"):
        pytest.skip("root may write everywhere, and setpriv is not installed")
    rights = "-dac_override,-dac_read_search"
    return ("setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}")


@pytest.mark.parametrize("has_library", [True, False])
def test_a_folder_that_cannot_be_written(tmp_path: Path, as_ordinary_user: tuple[str, ...], has_library: bool) -> None:
    data = tmp_path / "live"
    if has_library:
        gateway_json(data, "init")
    else:
        data.mkdir()
    places = [data, *data.rglob("*")]
    for place in places:
        place.chmod(0o555 if place.is_dir() else 0o444)
    try:
        said = said_in(cannot_serve(data, "--port", str(free_port()), before=as_ordinary_user), 2)
    finally:
        for place in places:
            place.chmod(0o755)
    assert "Permission denied" in said[0]
    assert "--data" in said[1]
