"""The program a decoder process runs: take a file, do the job, answer, until there is nobody left to answer.

Promises: once it has started, this process can write no file, opens next to none, and is ended by the kernel when a
job maps too much memory or goes on for too long, also when nobody is left to watch it.
"""

from __future__ import annotations

import gc
import importlib
import io
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from gateway.core.errors import GatewayError
from gateway.core.formats.wire import Message, Wire

Job = Callable[[BinaryIO, dict[str, Any]], Message]

# Decoders leak, and every job adds to what the limit on processor time counts. Then the server takes a new child.
JOBS_PER_CHILD = 1_000
# Where each job lives, and the package worth importing before the first file is waiting for it.
_JOBS = {
    "develop": ("gateway.core.formats.apart", "develop_here", "PIL.Image"),
    "measure": ("gateway.core.formats.measure", "measure_here", "PIL.Image"),
    "heic": ("gateway.core.formats.heic", "decode", "pillow_heif"),
    "video": ("gateway.core.formats.video", "examine", "av"),
    "audio": ("gateway.core.formats.audio", "examine", "tinytag"),
}
_OPEN_FILES = 64


def serve(jobs: Mapping[str, Job], seconds: int, memory_bytes: int) -> None:
    wire = Wire(socket.socket(fileno=os.dup(0)), sys.maxsize)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.close(nothing)
    _lock_down(seconds, memory_bytes)
    gc.freeze()
    with suppress(EOFError, OSError):
        wire.send(Message({}))
        while True:
            request, file = wire.receive_with_file()
            _arm(seconds)
            answer = _answer(jobs, request, file)
            signal.alarm(0)
            wire.send(answer)
            # PyAV's containers and streams hold each other, and with them tens of megabytes.
            gc.collect()


def _answer(jobs: Mapping[str, Job], request: Message, handle: int | None) -> Message:
    facts, label = request.facts, request.facts["label"]
    file: BinaryIO = io.BytesIO(request.parts[0]) if handle is None else os.fdopen(handle, "rb")
    try:
        with file:
            return jobs[facts["job"]](file, facts["options"])
    except GatewayError as refused:
        return Message({"refused": [type(refused).__name__, refused.message, refused.code, refused.meta]})
    except MemoryError:
        message = f"This {label} needs more memory to be read than is allowed."
        return Message({"refused": ["FileRefused", message, "FILE_BROKEN", {}], "is_spent": True})
    except Exception as reason:
        message = f"This {label} is damaged or cut short."
        return Message({"refused": ["FileRefused", message, "FILE_BROKEN", {}], "reason": repr(reason)[:1_000]})


def _lock_down(seconds: int, memory_bytes: int) -> None:
    mapped = 0
    with suppress(OSError):
        mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        # When memory runs out, the kernel shall choose this process and not the server.
        Path("/proc/self/oom_score_adj").write_text("1000")
    lifetime = (JOBS_PER_CHILD + 1) * (seconds + 1)
    for kind, limit in (
        (resource.RLIMIT_AS, mapped + memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CPU, lifetime),
    ):
        resource.setrlimit(kind, (limit, limit))


def _arm(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    lifetime = resource.getrlimit(resource.RLIMIT_CPU)[1]
    limit = min(lifetime, int(used.ru_utime + used.ru_stime) + seconds + 1)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, lifetime))
    signal.alarm(seconds + 1)


def _prepared() -> dict[str, Job]:
    jobs = {}
    for name, (module, function, package) in _JOBS.items():
        jobs[name] = getattr(importlib.import_module(module), function)
        # An extra that is not installed is a job nobody will ask for.
        with suppress(ImportError):
            importlib.import_module(package)
    return jobs


if __name__ == "__main__":
    serve(_prepared(), *map(int, sys.argv[1:3]))
