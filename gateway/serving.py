"""The HTTP server around the application: waitress, which reads a whole request before it takes a thread.

Added to it: refusals that waitress writes by itself reach old tools in their envelope; an answer sent while the client
still writes is not lost to a connection reset; files are sent by the kernel; SIGTERM lets running uploads finish.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from typing import TYPE_CHECKING, Any, BinaryIO

from flask import Response
from waitress import create_server, wasyncore
from waitress.buffers import ReadOnlyFileBasedBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError, TransferEncodingNotImplemented
from waitress.receiver import ChunkedReceiver
from waitress.server import BaseWSGIServer
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import BadRequest, RequestEntityTooLarge, build_http_date

from gateway.core.errors import GatewayError, InvalidInput, TooBig
from gateway.core.fallback import MOST_WAITING
from gateway.core.sizes import format_size
from gateway.cutting import CutOff, is_worth_keeping
from gateway.patience import is_too_slow
from gateway.settings import Settings
from gateway.telemetry.ids import choose_id
from gateway.telemetry.requests import Requests
from gateway.web.chevereto import envelope
from gateway.web.picora import cors
from gateway.web.picora import envelope as picora_envelope
from gateway.web.picora.door import speaks_picora

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger(__name__)

IN_MEMORY_BYTES = 8_000_000  # of a body, while it arrives; larger ones wait in a temporary file
LINGER_SECONDS = 30
STALLED_SECONDS = 5  # without a byte; when the gateway stops, it does not wait for such an upload
# Read at once. Each piece costs a turn around all connections; room for more than this costs even short requests time.
PIECE_BYTES = 128 * 1024
CHUNK_LINE_BYTES = 64_000  # of a line between chunks, or of the lines after the last


class Parser(HTTPRequestParser):
    """Refuses what waitress would drop without a word, call a fault of its own, or wait for."""

    completed: bool
    error: BadRequest | RequestEntityTooLarge | None

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except TransferEncodingNotImplemented as error:
            raise ParsingError(*error.args) from None
        except ValueError:  # a length of thousands of digits, an address with half a bracket
            raise ParsingError("Invalid address or length") from None

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        if not self.completed and isinstance(self.body_rcv, ChunkedReceiver):
            self.error = self.overrun(self.body_rcv)
            self.completed = bool(self.error)
        return consumed

    def overrun(self, body: ChunkedReceiver) -> BadRequest | RequestEntityTooLarge | None:
        if self.body_bytes_received + body.chunk_remainder >= self.adj.max_request_body_size:
            return RequestEntityTooLarge("a chunk is too long")
        if len(body.control_line) + len(body.trailer) > CHUNK_LINE_BYTES:
            return BadRequest("Chunk line too long")
        return None


class EnvelopeErrorTask(ErrorTask):
    """What waitress refuses before the application sees it, said as the door that was knocked at says things."""

    def execute(self) -> None:
        path = getattr(self.request, "path", "") or ""
        requests: Requests = self.channel.server.application
        request_id = choose_id(getattr(self.request, "headers", {}).get("X_REQUEST_ID", ""), requests.node)
        self.response_headers += [*requests.shared, ("X-Request-Id", request_id)]
        if path.startswith("/api"):
            self.answer(envelope.refusal(self.translated(), "json"))
        elif speaks_picora(path):
            response = picora_envelope.refusal(self.translated())
            response.headers.update(cors.SHARED)
            self.answer(response)
        else:
            if self.request.error.code == 413:
                limit = format_size(self.channel.server.adj.max_request_body_size)
                self.request.error.body = (
                    f"That is more than {limit}, the most that is taken at once. Send less at a time."
                )
            super().execute()
        method = getattr(self.request, "command", "") or ""
        requests.note_refused(request_id, method, path, int(self.status[:3]), self.content_length)

    def answer(self, response: Response) -> None:
        body = response.get_data()
        self.status = response.status
        self.response_headers.extend(response.headers.items())
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)

    def translated(self) -> GatewayError:
        error = self.request.error
        if error.code == 413:
            return TooBig(self.channel.server.file_limit)
        if error.code >= 500:
            return GatewayError("Something went wrong inside the gateway.")
        return InvalidInput(f"The request cannot be read: {error.body}.", code="BAD_REQUEST")


class SentFile(ReadOnlyFileBasedBuffer):
    """Waitress takes a piece of a buffer and sends it. The piece taken here is only a place in the file.

    The place is counted, not asked of the file, which would let other threads in each time.
    """

    def __init__(self, file: BinaryIO, block_size: int = 32768) -> None:
        self.file = file
        self.block_size = block_size
        self.at = 0

    def prepare(self, size: int | None = None) -> int:
        """`size` is what the application said in its Content-Length, and it has just looked."""
        self.at = self.file.tell()
        self.remain = os.fstat(self.file.fileno()).st_size - self.at if size is None else size
        return self.remain

    def get(self, numbytes: int = -1, skip: bool = False) -> SentFile:
        return self

    def skip(self, numbytes: int, allow_prune: bool = False) -> None:
        self.at += numbytes
        self.remain -= numbytes


class FileTask(WSGITask):
    sends_file = False

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ["wsgi.file_wrapper"] = self.wrap
        return environ

    def wrap(self, file: BinaryIO, block_size: int = 32768) -> SentFile:
        self.sends_file = True
        return SentFile(file, block_size)

    def build_response_header(self) -> bytes:
        """Waitress sorts headers and spells every name anew, which is a tenth of what sending a file costs; and it
        hangs up after each 304, because that has no length."""
        told = dict(self.response_headers)
        is_whole = self.sends_file and self.status == "200 OK" and "Content-Length" in told
        is_last = self.version != "1.1" or self.request.headers.get("CONNECTION", "").lower() == "close"
        if is_last or "Date" in told or not (is_whole or self.status == "304 Not Modified"):
            return bytes(super().build_response_header())
        own = (("Server", self.channel.server.adj.ident), ("Date", build_http_date(self.start_time)))
        lines = "".join([f"{name}: {value}\r\n" for name, value in (*self.response_headers, *own)])
        return f"HTTP/1.1 {self.status}\r\n{lines}\r\n".encode("latin-1")


class Channel(HTTPChannel):
    task_class = FileTask
    error_task_class = EnvelopeErrorTask
    parser_class = Parser
    answered_error = False
    has_answered = False
    has_handed_over = False
    lingering_until = 0.0
    arriving_since = 0.0

    def received(self, data: bytes) -> bool:
        """Blank lines before a request are none of it, and no reason to begin counting anew."""
        taken: bool = super().received(data)
        is_whole = self.request is None and data.strip()
        self.arriving_since = 0.0 if is_whole else self.arriving_since or time.monotonic()
        return taken

    def send_continue(self) -> None:
        """Asks for a body, unless there is none to come or it is refused already."""
        if self.request.completed:
            self.request.expect_continue = False
        else:
            super().send_continue()

    def service(self) -> None:
        self.answered_error = bool(self.requests[0].error)
        super().service()
        self.has_answered = True

    def send(self, data: bytes | SentFile, do_close: bool = True) -> int:
        """A file goes from the disk to the socket inside the kernel, not through our memory twice."""
        if not isinstance(data, SentFile):
            sent: int = super().send(data, do_close)
            return sent
        try:
            count = os.sendfile(self.socket.fileno(), data.file.fileno(), data.at, data.remain)
        except BlockingIOError:
            return 0
        except ConnectionError:
            count = 0
        if not count and do_close:  # nobody is there any more, or the file has become shorter
            self.handle_close()
        return count

    def handle_close(self) -> None:
        """Closing with unread input resets the connection, and the client would never read why it was refused:
        say that nothing more comes, and read on for a while."""
        if self.refused_early() and not self.lingering_until:
            self.lingering_until = time.monotonic() + LINGER_SECONDS
            self.will_close = self.close_when_flushed = False
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                super().handle_close()
            return
        if self.has_lingered() or not self.connected:
            self.hand_over_cut_off()
            super().handle_close()

    def hand_over_cut_off(self) -> None:
        """Once: a channel may be closed twice."""
        if is_worth_keeping(self.request) and not self.has_handed_over:
            self.has_handed_over = True
            self.server.add_task(CutOff(self, self.request))

    def refused_early(self) -> bool:
        return self.connected and self.answered_error and not self.total_outbufs_len

    def has_lingered(self) -> bool:
        return time.monotonic() >= self.lingering_until

    def readable(self) -> bool:
        if not self.lingering_until:
            return bool(super().readable())
        self.will_close = self.has_lingered()
        return True

    def handle_read(self) -> None:
        if not self.lingering_until:
            super().handle_read()
            return
        try:
            data = self.recv(self.adj.recv_bytes)
        except OSError:
            data = b""
        if not data:
            self.hang_up()
            self.handle_close()

    def hang_up(self) -> None:
        """Close once what is written has been sent, and linger no more."""
        self.will_close = True
        if self.lingering_until:
            self.lingering_until = time.monotonic()

    def is_too_slow(self, header_seconds: int) -> bool:
        """Whether the request that arrives does so only to hold the connection."""
        if not self.arriving_since or self.requests:  # then it is we who let it wait
            return False
        request = self.request
        return is_too_slow(
            time.monotonic() - self.arriving_since,
            header_seconds,
            headers_finished=bool(request and request.headers_finished),
            body_bytes=request.body_bytes_received if request else 0,
        )

    def is_waiting(self) -> bool:
        """Whether the client has its answer and has not begun to ask for more."""
        return self.has_answered and not (self.requests or self.request or self.total_outbufs_len)

    def is_busy(self) -> bool:
        """Whether a request is worked on, answered, or still arriving."""
        if self.lingering_until:
            return False
        if self.requests or self.total_outbufs_len:
            return True
        request = self.request
        has_begun = request and (request.headers_finished or request.header_plus.strip())
        return bool(has_begun and time.time() - self.last_activity < STALLED_SECONDS)


class Serving:
    def __init__(self, app: WSGIApplication, settings: Settings, body_limit: int) -> None:
        """`app` has `Requests` around it."""
        server = settings.server
        waiting = MOST_WAITING if settings.legacy.fallback_url else 0  # threads of their own: others need not wait
        self.grace = server.shutdown_grace
        self.keep_alive = server.keep_alive
        self.header_timeout = server.header_timeout
        self.server = create_server(
            app,
            host=server.host,
            port=server.port,
            threads=server.threads + waiting,
            ident="picgate",
            max_request_body_size=body_limit,
            recv_bytes=PIECE_BYTES,
            inbuf_overflow=IN_MEMORY_BYTES,
            channel_timeout=server.idle_timeout,
            cleanup_interval=10,
            connection_limit=server.max_connections,
            # Whom to believe, the application looks at itself.
            clear_untrusted_proxy_headers=False,
        )
        self.map: dict[int, Any] = self.server._map
        for listener in self.listeners():
            listener.channel_class = Channel
            listener.file_limit = settings.uploads.max_size
        self.stopping = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)

    def listeners(self) -> list[Any]:
        return [one for one in self.map.values() if isinstance(one, BaseWSGIServer)]

    def channels(self) -> list[Channel]:
        return [one for one in self.map.values() if isinstance(one, Channel)]

    def run(self) -> None:
        """Serve until SIGTERM or Ctrl-C, then finish what has begun."""
        next_look = 0.0
        while not self.stopping:
            wasyncore.poll2(1, self.map)
            if time.monotonic() >= next_look:
                next_look = time.monotonic() + 1
                self.hang_up_idle()
                self.hang_up_slow()
        self.drain()

    def hang_up_idle(self) -> None:
        """Some tools end only when the server hangs up; PicGo is one of them."""
        for channel in self.channels():
            if channel.is_waiting() and time.time() - channel.last_activity > self.keep_alive:
                channel.hang_up()

    def hang_up_slow(self) -> None:
        for channel in self.channels():
            if channel.is_too_slow(self.header_timeout):
                channel.hang_up()

    def stop(self, *_: object) -> None:
        self.stopping = True
        for listener in self.listeners():
            listener.pull_trigger()

    def drain(self) -> None:
        for listener in self.listeners():
            wasyncore.dispatcher.close(listener)
        deadline = time.monotonic() + self.grace
        while time.monotonic() < deadline:
            idle = [channel for channel in self.channels() if not channel.is_busy()]
            for channel in idle:
                channel.hang_up()
            if len(idle) == len(self.channels()):
                break
            wasyncore.poll2(0.1, self.map)
        self.server.task_dispatcher.shutdown(timeout=max(0.0, deadline - time.monotonic()))
