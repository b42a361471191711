"""Pieces of resumable uploads whose client hangs up in the middle: the application gets what arrived, to keep it.

Everything else waitress forgets as soon as the connection ends, because half of it is of no use to anybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from waitress.parser import HTTPRequestParser

from gateway.web.picora.tus import PIECE_TYPE
from gateway.web.picora.uploads import PATH

if TYPE_CHECKING:
    from waitress.channel import HTTPChannel


class CutOff:
    """A task for a thread of the server. Nobody is there any more to be answered."""

    def __init__(self, channel: HTTPChannel, request: HTTPRequestParser) -> None:
        self.channel = channel
        self.request = request

    def service(self) -> None:
        environ = self.channel.task_class(self.channel, self.request).get_environment()
        try:
            answer = self.channel.server.application(environ, ignore_start)
            try:
                for _ in answer:
                    pass
            finally:
                if hasattr(answer, "close"):
                    answer.close()
        finally:
            self.request.close()

    def cancel(self) -> None:
        self.request.close()


def ignore_start(*_: Any) -> Any:
    return lambda _: None


def is_worth_keeping(request: HTTPRequestParser | None) -> bool:
    """Whether this is a piece that has begun to arrive and is not whole."""
    if not request or not request.headers_finished or request.completed or request.error:
        return False
    type = request.headers.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    is_piece = request.command in ("PATCH", "POST") and request.path.startswith(f"{PATH}/") and type == PIECE_TYPE
    return is_piece and request.body_rcv is not None and len(request.body_rcv) > 0
