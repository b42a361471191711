"""Alice and bob, a library in a temporary folder, a clock that stands still, and real servers for those who ask."""

from __future__ import annotations

import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageDraw
from werkzeug.test import TestResponse

from gateway.app import create_app
from gateway.core.library import Added, NewMedia
from gateway.core.records import Owner
from gateway.settings import Server, Settings, Storage
from gateway.store.opening import Opened, open_data
from tests.kept import keep_decoders, keep_routes, keep_s3_clients, keep_templates
from tests.shared import SHARED
from tests.stores import EmptiedCatalog, S3Server, a_database, an_emptied_catalog, moto_server

PUBLIC_URL = "https://img.example.org"
DOORS = [Path(__file__).with_name(name) for name in ("web", "clients", "security")]
EMBEDDED, ELSEWHERE = "sqlite-disk", "postgres-s3"


def refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Where everything is installed (`PICGATE_NO_SKIPS`), a test that skips has found something missing."""
    if report.skipped and os.environ.get("PICGATE_NO_SKIPS"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if SHARED.is_dir() or "shared" not in reason:
            report.outcome = "failed"
            report.longrepr = f"{reason} - but nothing may skip here"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """What a test printed may hold half a character, which xdist cannot hand on."""
    return without_halves((yield))


def without_halves(data: Any) -> Any:
    match data:
        case str():
            return data.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {key: without_halves(value) for key, value in data.items()}
        case list() | tuple():
            return [without_halves(value) for value in data]
    return data


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What passes a door does so with every pair of stores. `-m doors` runs these tests alone, `-k postgres-s3` half of
    them."""
    if any(metafunc.definition.path.is_relative_to(folder) for folder in DOORS):
        only = metafunc.definition.get_closest_marker("sqlite_disk_only")
        pairs = [pytest.param(pair, marks=pytest.mark.doors) for pair in (EMBEDDED, *(() if only else (ELSEWHERE,)))]
        for fixture, scope in (("storage", "function"), ("live_storage", "session")):
            if fixture in metafunc.fixturenames:
                metafunc.parametrize(fixture, pairs, indirect=True, scope=scope)


class FrozenClock:
    """Moves only when told to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 12, 0, 0, 123000, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, **duration: float) -> None:
        self.time += timedelta(**duration)


def draw(width: int = 64, height: int = 48, format: str = "PNG", seed: int = 0, **options: Any) -> bytes:
    """A small picture; another seed gives other bytes."""
    image = Image.new("RGB", (width, height), (30 + seed * 37 % 200, 90, 160))
    ImageDraw.Draw(image).ellipse(
        (width // 4, height // 4, width * 3 // 4, height * 3 // 4), fill=(240, seed % 256, 60)
    )
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


@pytest.fixture(scope="session", autouse=True)
def kept() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, keep_decoders(patch):
        keep_routes(patch)
        keep_templates(patch)
        yield


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture(scope="session")
def emptied_catalog() -> Iterator[EmptiedCatalog]:
    with an_emptied_catalog() as emptied:
        yield emptied


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    with moto_server() as server:
        yield server


@pytest.fixture
def storage_elsewhere(
    emptied_catalog: EmptiedCatalog, s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Storage:
    for name, value in s3_server.environment().items():
        monkeypatch.setenv(name, value)
    return Storage(str(tmp_path / "data"), emptied_catalog(), s3_server.place(s3_server.bucket(), "library"))


@pytest.fixture
def storage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """Where the records and the files of this test are: a library that was opened before, and holds nothing."""
    if getattr(request, "param", EMBEDDED) == EMBEDDED:
        shutil.copytree(request.getfixturevalue("empty_library"), tmp_path / "data")
        return Storage(str(tmp_path / "data"))
    elsewhere: Storage = request.getfixturevalue("storage_elsewhere")
    request.getfixturevalue("emptied_catalog").claim(elsewhere, request.getfixturevalue("s3_server"))
    keep_s3_clients(monkeypatch)
    return elsewhere


@pytest.fixture(scope="session")
def empty_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty") / "data"
    open_data(Settings(storage=Storage(str(folder)))).close()
    return folder


@pytest.fixture
def settings(storage: Storage) -> Settings:
    return Settings(server=Server(public_url=PUBLIC_URL), storage=storage)


@pytest.fixture
def opened(settings: Settings, clock: FrozenClock) -> Iterator[Opened]:
    opened = open_data(settings, clock)
    yield opened
    opened.close()


@pytest.fixture
def app(settings: Settings, opened: Opened) -> Flask:
    return create_app(settings, opened)


class Client(FlaskClient):
    """Reads every answer to its end, as a real client does, so that no file stays open."""

    def open(self, *args: Any, buffered: bool = True, **options: Any) -> TestResponse:
        answer = super().open(*args, buffered=buffered, **options)
        answer.request.environ["wsgi.input"].close()  # a temporary file, when the body was large
        return answer


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return Client(app)


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Not below the folder of pytest, which is its user's alone."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)
        for path in Path(name).iterdir():
            path.chmod(0o755)


@pytest.fixture
def alice(opened: Opened) -> Owner:
    return opened.owners.add("alice")


@pytest.fixture
def bob(opened: Opened) -> Owner:
    return opened.owners.add("bob")


@pytest.fixture
def alice_key(opened: Opened, alice: Owner) -> str:
    return opened.keys.issue(alice, "test")[1]


@pytest.fixture
def bob_key(opened: Opened, bob: Owner) -> str:
    return opened.keys.issue(bob, "test")[1]


@pytest.fixture
def add_image(opened: Opened, alice: Owner) -> Callable[..., Added]:
    """add_image(title="Cat") uploads a small picture of alice's; the same `data` twice is a duplicate."""
    count = 0

    def add(*, owner: Owner = alice, data: bytes | None = None, filename: str = "pic.png", **facts: Any) -> Added:
        nonlocal count
        count += 1
        upload = opened.blobs.receive(50_000_000)
        upload.write(draw(seed=count) if data is None else data)
        try:
            return opened.library.add(owner, upload, NewMedia(filename=filename, **facts))
        finally:
            upload.discard()

    return add


@dataclass(frozen=True, slots=True)
class LiveServer:
    """A `gateway serve` process and what it printed first."""

    url: str
    key: str
    data: Path
    process: subprocess.Popen[str]
    greeting: str

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def gateway_environment(**settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    return kept | settings


def start_server(data: Path, *flags: str, port: int | None = None, **settings: str) -> LiveServer:
    port = port or free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "serve", "--data", str(data), "--port", str(port), *flags],
        env=gateway_environment(**settings),
        stdout=subprocess.PIPE,
        stderr=(log := open(data.with_name(data.name + ".log"), "a")),  # noqa: SIM115 - the child keeps it
        text=True,
    )
    log.close()
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Settings for"):
            break
    greeting = "".join(lines)
    assert "is ready on" in greeting, data.with_name(data.name + ".log").read_text()
    key = next((line.split()[-1] for line in lines if line.startswith("Your API key:")), "")
    return LiveServer(f"http://127.0.0.1:{port}", key, data, process, greeting)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., LiveServer]]:
    """serve("--public-url", …, GATEWAY_UPLOADS__MAX_SIZE="1 MB") starts a real server; all are stopped afterwards."""
    started: list[LiveServer] = []

    def start(*flags: str, data: Path = tmp_path / "live", port: int | None = None, **settings: str) -> LiveServer:
        started.append(server := start_server(data, *flags, port=port, **settings))
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            server.process.kill()
        server.process.communicate()


LiveStorage = Callable[[], dict[str, str]]


@pytest.fixture(scope="session")
def live_storage(request: pytest.FixtureRequest) -> Iterator[LiveStorage]:
    """live_storage() is what a new server is told about where its records and its files are."""
    if getattr(request, "param", EMBEDDED) == EMBEDDED:
        yield dict
        return
    s3_server: S3Server = request.getfixturevalue("s3_server")
    with ExitStack() as databases:

        def elsewhere() -> dict[str, str]:
            url = databases.enter_context(a_database())
            place = s3_server.place(s3_server.bucket(), "library")
            return s3_server.environment() | {"GATEWAY_STORAGE__CATALOG": url, "GATEWAY_STORAGE__BLOBS": place}

        yield elsewhere


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One real server for all tests that only talk to it."""
    server = start_server(tmp_path_factory.mktemp("live") / "data")
    yield server
    server.process.terminate()
    server.process.communicate(timeout=60)


@pytest.fixture(scope="session")
def redis() -> str:
    """The address of a Redis."""
    pytest.importorskip("redis", reason="redis is not installed")
    address = os.environ.get("PICGATE_TEST_REDIS", "redis://127.0.0.1:6379")
    place = urlsplit(address)
    try:
        socket.create_connection((place.hostname or "", place.port or 6379), 1).close()
    except OSError:
        pytest.skip(f"no Redis answers at {address}")
    return address
