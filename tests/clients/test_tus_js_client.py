"""tus-js-client, the library behind most upload widgets: large files, interrupted and resumed."""

from __future__ import annotations

import hashlib
import json
import random
import urllib.request
import wave
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.clients.line import line_that_breaks
from tests.clients.tools import CLIENTS, needs_client, run
from tests.conftest import LiveServer, LiveStorage, start_server

pytestmark = needs_client("tus-js-client")

SCRIPT = Path(__file__).with_name("tus_upload.cjs")
SIZE = 60_000_000
MB = 1_000_000

Upload = Callable[..., Any]


@pytest.fixture(scope="module")
def roomy(live_storage: LiveStorage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    data = tmp_path_factory.mktemp("roomy") / "data"
    server = start_server(data, GATEWAY_UPLOADS__MAX_SIZE="100 MB", **live_storage())
    yield server
    server.stop()
    server.process.communicate()


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """60 MB of noise, new each time."""
    file = tmp_path / "noise.wav"
    with wave.open(str(file), "wb") as out:
        out.setparams((2, 2, 44_100, 0, "NONE", ""))
        out.writeframes(random.randbytes(SIZE))
    return file


@pytest.fixture
def upload(roomy: LiveServer, sound: Path) -> Upload:
    """upload(stopAfter=…) runs the client once; a second run goes on where the first one hung up."""

    def start(server: LiveServer = roomy, **options: Any) -> Any:
        asked = {
            "client": str(CLIENTS / "tus-js-client/node_modules/tus-js-client"),
            "file": str(sound),
            "endpoint": f"{server.url}/v1/uploads",
            "key": server.key,
            "metadata": {"filename": "noise.wav", "contentType": "audio/wav", "resourceType": "audio"},
            "memory": str(sound.with_name("memory.json")),
        }
        done = run("node", SCRIPT, json.dumps(asked | options), home=sound.parent)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    return start


def digest(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return hashlib.file_digest(answer, "sha256").hexdigest()


def arrived_whole(done: Any, sound: Path) -> bool:
    with sound.open("rb") as file:
        return bool(done["id"]) and digest(done["url"]) == hashlib.file_digest(file, "sha256").hexdigest()


def test_it_works(upload: Upload, sound: Path) -> None:
    done = upload()
    assert done["resumed"] == 0 and arrived_whole(done, sound)


def test_in_chunks_with_a_break(upload: Upload, sound: Path) -> None:
    assert upload(chunkSize=5 * MB, stopAfter=25 * MB) == {"stopped": True}
    done = upload(chunkSize=5 * MB)
    assert 15 * MB <= done["resumed"] < SIZE and arrived_whole(done, sound)


def test_in_one_piece_over_a_line_that_breaks(roomy: LiveServer, upload: Upload, sound: Path) -> None:
    """What arrived of the only piece is not sent again."""
    with line_that_breaks(roomy.url, after=40 * MB) as url:
        done = upload(replace(roomy, url=url))
    assert 30 * MB <= done["resumed"] <= 41 * MB
    assert arrived_whole(done, sound)


def test_the_first_piece_comes_with_the_beginning(upload: Upload, sound: Path) -> None:
    done = upload(duringCreation=True, chunkSize=8 * MB)
    assert arrived_whole(done, sound)


def test_the_length_comes_last(upload: Upload, sound: Path) -> None:
    done = upload(deferred=True, chunkSize=8 * MB)
    assert arrived_whole(done, sound)


def test_the_same_file_again(upload: Upload, sound: Path) -> None:
    first = upload()
    sound.with_name("memory.json").unlink()
    assert upload()["id"] == first["id"]


def test_a_server_that_is_killed_in_between(
    serve: Callable[..., LiveServer], live_storage: LiveStorage, upload: Upload, sound: Path
) -> None:
    settings = {"GATEWAY_UPLOADS__MAX_SIZE": "100 MB", **live_storage()}
    server = serve(**settings)
    upload(server, chunkSize=5 * MB, stopAfter=25 * MB)
    server.process.kill()
    server.process.wait(60)
    port = int(server.url.rpartition(":")[2])
    again = serve(port=port, **settings)
    done = upload(replace(again, key=server.key), chunkSize=5 * MB)
    assert 15 * MB <= done["resumed"] < SIZE and arrived_whole(done, sound)
