"""Request bodies: a file part is hashed and stored while it is read, instead of read, stored and hashed in turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any, cast

from flask import Request

from gateway.core.errors import TooBig
from gateway.core.ports import Upload
from gateway.telemetry.requests import MEDIA


class ArrivingFile:
    """An upload as the form parser wants to see it. One that is too big ends the whole request, unless it is one of
    several: then the rest of it is passed over, and `refused` tells why."""

    def __init__(self, upload: Upload, *, is_one_of_several: bool = False) -> None:
        self.upload = upload
        self.is_one_of_several = is_one_of_several
        self.refused: TooBig | None = None

    def write(self, block: bytes) -> None:
        if self.refused:
            return
        try:
            self.upload.write(block)
        except TooBig as error:
            if not self.is_one_of_several:
                raise
            self.refused = error
            self.upload.discard()

    def seek(self, offset: int) -> None:
        """The parser rewinds what it wrote; readers of an upload start at the beginning anyway."""


class StreamingRequest(Request):
    """What `receive` gives out is discarded with the request, unless the store kept it by then."""

    receive: Callable[[], Upload]
    takes_several = False  # files, each of which is refused by itself; to be said before the form is read

    def _get_file_stream(
        self, total_content_length: int | None, content_type: str | None, filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:  # fmt: skip
        return cast(IO[bytes], ArrivingFile(self.new_upload(), is_one_of_several=self.takes_several))

    def new_upload(self) -> Upload:
        upload = self.receive()
        self.uploads.append(upload)
        return upload

    def became(self, media_id: str) -> None:
        """For the log."""
        self.environ[MEDIA] = media_id

    @property
    def uploads(self) -> list[Upload]:
        found: list[Upload] = self.environ.setdefault("picgate.uploads", [])
        return found

    def discard_uploads(self) -> None:
        for upload in self.uploads:
            upload.discard()


def streaming_request(receive: Callable[[], Upload], **limits: Any) -> type[StreamingRequest]:
    """A request class whose uploads come from `receive`."""
    return type("PicgateRequest", (StreamingRequest,), {"receive": staticmethod(receive), **limits})
