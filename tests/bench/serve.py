"""What sending a file costs, beside the least a WSGI application can do on the same server.

    python tests/bench/serve.py [--starts N] [--rounds N] [--json FILE]

A 150 KB original is asked for over one keep-alive connection: from a real `gateway serve`, and from a process that
only opens one fixed file for `wsgi.file_wrapper` under waitress. Both take turns; look at the ratio.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from measure import Line, free_port, in_a_row, print_table, running, rush, server_cpu, write_json
from PIL import Image
from upload import Gateway, form
from waitress import create_server

GETS = 600
THREADS = 8  # the gateway's default


def bare(file: str, port: int) -> None:
    """The other server: no address to read, no catalog, no ETag."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        size = os.stat(file).st_size
        start_response("200 OK", [("Content-Type", "image/png"), ("Content-Length", str(size))])
        blocks: Iterable[bytes] = environ["wsgi.file_wrapper"](open(file, "rb"), 32768)  # noqa: SIM115
        return blocks

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(app, host="127.0.0.1", port=port, threads=THREADS)
    print("ready", flush=True)
    server.run()


def original() -> bytes:
    """Grain hardly compresses: a PNG of very nearly as many bytes as pixels."""
    out = io.BytesIO()
    Image.effect_noise((420, 390), 60).save(out, "PNG")
    return out.getvalue()


def get(port: int, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


def measure(file: Path, folder: Path, lines: list[Line], rounds: int) -> None:
    """With both servers started anew: where a process happens to lie in memory makes some percent."""
    port, bare_port = free_port(), free_port()
    command = [sys.executable, "-m", "gateway", "serve", "--data", str(folder), "--port", str(port)]
    with (
        running([sys.executable, __file__, "--bare", str(file), str(bare_port)], ready="ready") as (bare_pid, _),
        running(command, ready="Settings for") as (pid, greeting),
    ):
        head, body = Gateway(port, pid, greeting).request(form(file.read_bytes()))
        url = in_a_row(port, [(head.replace(b"upload", b"upload?format=txt", 1), body)]).decode()
        plain, ours = [(get(bare_port, "/"),)] * GETS, [(get(port, url[url.rindex("/") :]),)] * GETS
        cpu, rate = lines
        for number in range(rounds + 1):
            base_cpu = server_cpu(bare_pid, partial(in_a_row, bare_port, plain))
            ours_cpu = server_cpu(pid, partial(in_a_row, port, ours))
            if number:  # the first round warms both up
                cpu.base.append(1e6 * base_cpu / GETS)
                cpu.ours.append(1e6 * ours_cpu / GETS)
                rate.base.append(rush(bare_port, bare_pid, plain, 16).per_second)
                rate.ours.append(rush(port, pid, ours, 16).per_second)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=6, help="how often both servers are started")
    parser.add_argument("--rounds", type=int, default=6, help="in turns, each time they are started")
    parser.add_argument("--json", type=Path, help="also write every round's figures to this file")
    parser.add_argument("--bare", nargs=2, metavar=("FILE", "PORT"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.bare:
        bare(asked.bare[0], int(asked.bare[1]))
        return
    lines = [
        Line("GET 150 KB: CPU per request", 1.25, unit="us"),
        Line("GET 150 KB: rate at 16", None, unit="/s", at_least=True),
    ]
    folder = Path(tempfile.mkdtemp(prefix="picgate-bench-"))
    file = folder / "original.png"
    file.write_bytes(original())
    try:
        for number in range(asked.starts):
            measure(file, folder / str(number), lines, asked.rounds)
    finally:
        shutil.rmtree(folder)
    print_table(lines, "bare", "gateway")
    if asked.json:
        write_json(asked.json, lines)


if __name__ == "__main__":
    main()
