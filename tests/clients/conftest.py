"""A real gateway that may fetch from a loopback site of pictures, and pictures nobody uploaded before."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import LiveServer, LiveStorage, draw, start_server
from tests.web.conftest import picture_server

PAGES = ("a", "forum/pic", "image/avatar", "images/x", "images/a%20b")
seeds = count(1)


@pytest.fixture(scope="session")
def pictures() -> Iterator[str]:
    """The address of a site where each of `PAGES`, with .png, is a picture."""
    with picture_server(**{page: draw(seed=next(seeds)) for page in PAGES}) as address:
        yield address


@pytest.fixture(scope="session")
def gateway(pictures: str, live_storage: LiveStorage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("clients") / "data"
    allowed = pictures.removeprefix("http://")
    # PicGo ends only once it is hung up on
    server = start_server(folder, GATEWAY_UPLOADS__URL_ALLOW=allowed, GATEWAY_SERVER__KEEP_ALIVE="1", **live_storage())
    yield server
    server.stop()
    server.process.communicate()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "pic.png"
    file.write_bytes(draw(seed=next(seeds)))
    return file


@pytest.fixture
def big_picture(tmp_path: Path) -> Path:
    """Noise, almost two megabytes of it."""
    file = tmp_path / "big.png"
    Image.frombytes("RGB", (800, 800), random.Random(next(seeds)).randbytes(800 * 800 * 3)).save(file)
    return file
