"""`python -m tests.security.offsite TOOL`, in a namespace: a gateway, and the tool that asks for what is forbidden."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import free_port, start_server

PLACE = "198.18.0.1"  # no address of anybody, and here one of this machine
FETCH_SECONDS = 5


def main() -> int:
    subprocess.run(["ip", "address", "add", f"{PLACE}/32", "dev", "lo"], check=True)
    place = f"{PLACE}:{free_port()}"
    with tempfile.TemporaryDirectory() as folder:
        server = start_server(
            Path(folder) / "data",
            GATEWAY_UPLOADS__URL_ALLOW=place,
            GATEWAY_UPLOADS__URL_TIMEOUT=str(FETCH_SECONDS),
            **{f"GATEWAY_LIMITS__{tier}": "0" for tier in ("READ", "UPLOAD", "MUTATION", "HOURLY")},
        )
        try:
            asked = ("--base", server.url, "--key", server.key, "--pid", str(server.process.pid))
            more = ("--offsite", "--redirector", place, "--fetch-limit", str(FETCH_SECONDS + 15))
            return subprocess.run([sys.executable, sys.argv[1], "ssrf", *asked, *more]).returncode
        finally:
            server.process.kill()
            server.process.communicate()


if __name__ == "__main__":
    code = main()
    if code:
        raise SystemExit(f"the tool ended with {code}")
