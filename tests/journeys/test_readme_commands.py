"""Every command of the README is run as it stands there, by the shell, in its order, on real programs and servers.

What needs somebody's own machine is in `NOT_HERE`, with the reason; everything else has to work, also what is added.
"""

from __future__ import annotations

import gzip
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.settings import load
from tests.conftest import LiveServer, draw, free_port, gateway_environment
from tests.journeys.commands import gateway_json
from tests.shared import SHARED, needs_shared
from tests.stores import a_database, moto_server

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
SYSTEM = "changes the system it runs on"
DOCKER = "needs Docker, and packages of an index"
NOT_HERE = {
    "python3 -m venv .venv && .venv/bin/pip install -q -e '.[all,test]'"
    " && .venv/bin/python -m pytest -n auto --dist worksteal": "runs this very test, in .ci/run",
    "sudo useradd --system --home-dir /var/lib/picgate picgate": SYSTEM,
    "sudo python3 -m venv /opt/picgate/.venv && sudo /opt/picgate/.venv/bin/pip install -q '.[all]'": SYSTEM,
    "sudo install -D -m 640 -g picgate config.example.toml /etc/picgate/config.toml": SYSTEM,
    "sudo systemctl enable --now picgate": SYSTEM,
    "sudo journalctl -u picgate": SYSTEM,
    "docker compose up -d": DOCKER,
    "docker compose logs picgate": DOCKER,
}
INSTALLING = "python3 -m venv .venv && .venv/bin/pip install -q . && "  # .ci/run does the same for the tests
EXAMPLE = re.compile(r"(img|db|s3)\.example\.org")

pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")


def blocks(language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", README)


def commands() -> list[str]:
    """A line each, without what is said behind it."""
    lines = "".join(blocks("sh")).replace("\\\n", " ").splitlines()
    return [re.sub(r"\s+# .*$", "", line) for line in lines if line and not line.startswith("#")]


def of(program: str) -> list[str]:
    """`program` may have a sub-command: "gateway store"."""
    return [one for one in commands() if re.match(rf"(\.venv/bin/)?{program}\b", one)]


@dataclass(slots=True)
class Home:
    """A folder like that of somebody who follows the README, and what stands there for the names in it."""

    folder: Path
    names: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)

    def filled(self, command: str) -> str:
        for name, own in self.names.items():
            command = command.replace(name, own)
        return command.removeprefix(INSTALLING)

    def run(self, command: str, codes: tuple[int, ...] = (0,), **settings: str) -> str:
        """What it printed. An address that is an example's is not asked for."""
        line = self.filled(command)
        assert not EXAMPLE.search(line), f"nothing here stands for that address: {line}"
        ran = subprocess.run(
            ["bash", "-c", line], cwd=self.folder, env=self.environment(settings), capture_output=True, text=True,
            timeout=300,
        )  # fmt: skip
        assert ran.returncode in codes, f"{line}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout

    def environment(self, settings: dict[str, str]) -> dict[str, str]:
        found = gateway_environment(**self.settings, **settings)
        return found | {"PATH": f"{self.folder}/.venv/bin:{found.get('PATH', os.defpath)}"}

    @contextmanager
    def serving(self, command: str, **settings: str) -> Iterator[LiveServer]:
        """Until it is ready, and while somebody needs it."""
        port = free_port()
        line = self.filled(command).replace("--port 8080", f"--port {port}").replace("0.0.0.0", "127.0.0.1")
        settings = {"GATEWAY_SERVER__PORT": str(port)} | settings
        log = self.folder / "serve.log"
        with log.open("w") as written:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {line}"], cwd=self.folder, env=self.environment(settings), text=True,
                stdout=subprocess.PIPE, stderr=written,
            )  # fmt: skip
        assert process.stdout
        lines = []
        for one in process.stdout:
            lines.append(one)
            if one.startswith("Settings for"):
                break
        greeting = "".join(lines)
        assert " is ready on " in greeting, log.read_text()
        key = next((one.split()[-1] for one in lines if one.startswith("Your API key:")), "")
        server = LiveServer(f"http://127.0.0.1:{port}", key, self.folder / "data", process, greeting)
        try:
            yield server
        finally:
            assert server.stop() == 0
            process.communicate()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """With the programs where an installation puts them."""
    programs = tmp_path / ".venv/bin"
    programs.mkdir(parents=True)
    for name in ("gateway", "migrate"):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m {name} "$@"\n')
        program.chmod(0o755)
    (tmp_path / "picture.jpg").write_bytes(draw(format="JPEG"))
    return Home(tmp_path, {"curl ": "curl -sSf ", "/srv/picgate": str(tmp_path / "srv")})


def test_nothing_is_left_out_that_is_not_there() -> None:
    assert set(NOT_HERE) <= set(commands())


def test_from_the_first_start_to_a_backup(home: Home) -> None:
    """All that is not of an import or of other stores, which the tests below run."""
    mine = [one for one in commands() if one not in (*NOT_HERE, *of("migrate"), *of("gateway store"))]
    starts = [one for one in mine if one.startswith(INSTALLING)]
    assert mine[0] == starts[0], "the README begins with how it is run"
    home.names["/backup/pictures"] = str(home.folder / "backup")
    with home.serving(mine[0]) as server:
        home.names |= {
            "http://127.0.0.1:8080": server.url,
            "YOUR_API_KEY": server.key,
            "https://img.example.org --key": f"{server.url} --key",
        }
        for command in mine[1:]:
            if " serve" in command:
                with home.serving(command) as other:
                    assert other.greeting.splitlines()[0].endswith("ready on https://img.example.org")
            elif " restore " in command:
                home.run(command, GATEWAY_STORAGE__DATA=str(home.folder / "restored"))
                whole = gateway_json(home.folder / "data", "stats")["media_count"]
                assert gateway_json(home.folder / "restored", "stats")["media_count"] == whole > 0
            else:
                home.run(command, GATEWAY_SERVER__PORT=server.url.rpartition(":")[2])


@needs_shared("golden/v4/images.tar.gz")
def test_a_library_is_brought(home: Home) -> None:
    site = home.folder / "site"
    with tarfile.open(SHARED / "golden/v4/images.tar.gz") as archive:
        archive.extractall(site, filter="data")
    dump = next((SHARED / "golden/v4").glob("*.sql"))
    (home.folder / "site.sql.gz").write_bytes(gzip.compress(dump.read_bytes()))
    home.names["/srv/chevereto"] = str(site)
    home.run("gateway init")
    before = gateway_json(home.folder / "data", "stats")["media_count"]
    lines = of("migrate")
    assert [line.split()[1] for line in lines] == ["import", "import", "verify", "report"]
    for line in lines:
        # Three files of that site were lost in its own time: there is something to look at.
        told = home.run(line, codes=(0,) if "report" in line else (3,))
        if "--dry-run" in line:
            assert gateway_json(home.folder / "data", "stats")["media_count"] == before
        if "verify" in line:
            assert "3 differences: do not switch off the old site yet." in told
    assert gateway_json(home.folder / "data", "stats")["media_count"] > before
    assert "<html" in (home.folder / "moved.html").read_text("utf-8")


def test_a_library_moves_to_other_stores(home: Home) -> None:
    with home.serving(".venv/bin/gateway serve") as server:
        home.names |= {"http://127.0.0.1:8080": server.url, "YOUR_API_KEY": server.key}
        home.run(next(one for one in of("curl") if "key=" in one))
    with a_database() as catalog, moto_server() as store:
        place = store.place(store.bucket(), "library")
        home.settings |= store.environment()
        home.names |= {
            "postgresql://picgate@db.example.org/picgate": catalog,
            "s3://pictures/library?endpoint=https://s3.example.org": place,
        }
        for line in of("gateway store"):
            # What it says to set is set; the second time, nothing has come in between.
            has_moved = "GATEWAY_STORAGE__BLOBS" in home.settings
            home.run(line, codes=(4,) if has_moved else (0,))
            if "--blobs" in line:
                home.settings |= {
                    "GATEWAY_STORAGE__BLOBS": place,
                    "GATEWAY_STORAGE__BLOBS_BEFORE": str(home.folder / "data"),
                }
            elif "--dry-run" not in line:
                home.settings["GATEWAY_STORAGE__CATALOG"] = catalog
        del home.settings["GATEWAY_STORAGE__BLOBS_BEFORE"]
        home.run("gateway check --read-data")


@pytest.mark.parametrize("text", blocks("toml"))
def test_settings_are_some(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.toml").write_text(text)
    load(tmp_path / "config.toml", {})
