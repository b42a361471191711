"""One strict server that the rough and the refused may share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import LiveServer, start_server


@pytest.fixture(scope="session")
def strict_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Takes files up to 1 MB; its sweeper sleeps, so that nothing but a request changes its folder."""
    server = start_server(
        tmp_path_factory.mktemp("strict") / "data",
        GATEWAY_UPLOADS__MAX_SIZE="1 MB",
        GATEWAY_SWEEPER__INTERVAL="86400",
    )
    yield server
    server.process.terminate()
    server.process.communicate(timeout=60)
