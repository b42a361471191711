"""What the server and its decoder processes say to each other, over one socket and without pickle.

A message is two lengths, facts as JSON, then the parts, which are plain bytes; a file travels as its descriptor.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import time
from dataclasses import dataclass
from typing import Any

_LENGTHS = struct.Struct(">IQ")
_MAX_FACTS = 8 << 20


@dataclass(frozen=True, slots=True)
class Message:
    facts: dict[str, Any]
    parts: tuple[bytes, ...] = ()


class Wire:
    """One end. Methods raise `TimeoutError` when `deadline` (0: none) passes, other `OSError`s and `EOFError` when the
    other side is gone, and `ValueError` when it talks nonsense."""

    def __init__(self, end: socket.socket, max_bytes: int) -> None:
        self.end = end
        self.max_bytes = max_bytes
        self.deadline = 0.0

    def send(self, message: Message, file: int | None = None) -> None:
        text = json.dumps([message.facts, [len(part) for part in message.parts]]).encode()
        head = _LENGTHS.pack(len(text), sum(map(len, message.parts)))
        self._wait()
        if file is None:
            self.end.sendall(head)
        else:
            socket.send_fds(self.end, [head], [file])
        for block in (text, *message.parts):
            self._wait()
            self.end.sendall(block)

    def receive(self) -> Message:
        """A descriptor that comes along is closed by the kernel: the server wants none."""
        return self._rest(self._read(_LENGTHS.size))

    def receive_with_file(self) -> tuple[Message, int | None]:
        head, files, _, _ = socket.recv_fds(self.end, _LENGTHS.size, 1)
        return self._rest(bytearray(head) + self._read(_LENGTHS.size - len(head))), files[0] if files else None

    def _rest(self, head: bytearray) -> Message:
        text_length, length = _LENGTHS.unpack(head)
        if text_length > _MAX_FACTS or length > self.max_bytes:
            raise ValueError("a message far too long")
        facts, sizes = json.loads(self._read(text_length).decode())
        if sum(sizes) != length:
            raise ValueError("a message that does not add up")
        parts = tuple(bytes(self._read(size)) for size in sizes)
        return Message(facts, parts)

    def _read(self, count: int) -> bytearray:
        block = bytearray(count)
        view = memoryview(block)
        while view:
            self._wait()
            got = self.end.recv_into(view)
            if not got:
                raise EOFError
            view = view[got:]
        return block

    def _wait(self) -> None:
        if self.deadline:
            self.end.settimeout(max(0.001, self.deadline - time.monotonic()))


def reopened(handle: int) -> int:
    """The same file, read-only, with a position of its own."""
    return os.open(f"/dev/fd/{handle}", os.O_RDONLY)
