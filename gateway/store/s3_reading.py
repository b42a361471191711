"""A stored object as a file that is read from the front, or here and there.

Whoever reads on is served by one request. A connection that is left in the middle is closed; one that breaks is taken
up where it broke, as long as that leads any further. No more of the object is in memory than was asked for.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError
from urllib3.exceptions import HTTPError

from gateway.store.s3_bucket import Bucket, Held
from gateway.store.s3_errors import Unreachable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BUFFER_BYTES = 256 * 1024
STRETCH_BYTES = 8_000_000  # asked for at once by whoever jumps
SKIPPED_BYTES = 256 * 1024  # read and thrown away sooner than asked for anew
MOST_BREAKS = 5
LEADING_BYTES = 1_000_000


class S3File(io.RawIOBase):
    """With `body`, that of an answer, to be read to its end; without, whoever reads picks stretches."""

    def __init__(self, bucket: Bucket, key: str, held: Held, body: Any = None) -> None:
        self.bucket = bucket
        self.key = key
        self.held = held
        self.body = body
        self.position = 0
        self.body_at = 0
        self.body_end = held.size
        self.reads_on = body is not None
        self.breaks = 0
        self.broke_at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.held.size}[whence]
        if base + offset < 0:
            raise ValueError(f"a file has no byte {base + offset}")
        self.position = base + offset
        return self.position

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), self.held.size - self.position)
        if wanted <= 0:
            return 0
        while True:
            try:
                data: bytes = self.stretch(wanted).read(min(wanted, self.body_end - self.position))
                if data:
                    break
                self.broke(None)
            except (BotoCoreError, HTTPError) as error:
                self.broke(error)
        view[: len(data)] = data
        self.position += len(data)
        self.body_at = self.position
        if self.body_at == self.body_end:
            self.leave()
        return len(data)

    def readall(self) -> bytes:
        blocks = []
        while block := self.read(self.held.size - self.position):
            blocks.append(block)
        return b"".join(blocks)

    def stretch(self, wanted: int) -> Any:
        """The body of an answer, standing at the position."""
        if self.body and 0 < (ahead := self.position - self.body_at) <= min(
            SKIPPED_BYTES, self.body_end - self.body_at
        ):
            self.body_at += len(self.body.read(ahead))
        if self.body and self.body_at != self.position:
            self.reads_on = False
            self.leave()
        if not self.body:
            self.body = self.asked(wanted)
        return self.body

    def asked(self, wanted: int) -> Any:
        start, end = self.position, self.held.size
        if not self.reads_on:
            end = min(end, start + max(wanted, STRETCH_BYTES))
        got = self.bucket.get(self.key, (start, end - 1) if start or end < self.held.size else None, self.held.etag)
        if not got:
            raise Unreachable(
                f"{self.key} was deleted from {self.bucket.place.bucket} while it was read.\nNothing to do."
            )
        self.body_at, self.body_end = start, end
        return got[1]

    def broke(self, error: Exception | None) -> None:
        """Those that come again and again at the same place are no accident."""
        self.leave()
        if self.position - self.broke_at >= LEADING_BYTES:
            self.breaks = 0
        self.breaks, self.broke_at = self.breaks + 1, self.position
        if self.breaks > MOST_BREAKS:
            raise Unreachable(
                f"{self.key} cannot be read to its end from {self.bucket.place.bucket} (storage.blobs).\n"
                "See to the store and the network."
            ) from error

    def leave(self) -> None:
        body, self.body = self.body, None
        if body:
            body.close()

    def close(self) -> None:
        self.leave()
        super().close()


def opened(bucket: Bucket, key: str, held: Held, body: Any = None) -> io.BufferedReader:
    return io.BufferedReader(S3File(bucket, key, held, body), BUFFER_BYTES)
