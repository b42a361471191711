"""The HTTP server around the application: waitress, which reads a whole request before it takes a thread.

Added to it: refusals that waitress writes by itself reach old tools in their envelope; an answer sent while the client
still writes is not lost to a connection reset; SIGTERM lets running uploads finish.
"""

from __future__ import annotations

import logging
import signal
import time
from typing import TYPE_CHECKING, Any

from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer
from waitress.task import ErrorTask

from gateway.core.errors import GatewayError, InvalidInput, TooBig
from gateway.settings import Settings
from gateway.web.chevereto import envelope

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger(__name__)

IN_MEMORY_BYTES = 8_000_000  # of a body, while it arrives; larger ones wait in a temporary file
LINGER_SECONDS = 5


class EnvelopeErrorTask(ErrorTask):
    """What waitress refuses before the application sees it, said as the legacy door says things."""

    def execute(self) -> None:
        path = getattr(self.request, "path", "") or ""
        if not path.startswith("/api"):
            super().execute()
            return
        response = envelope.refusal(self.translated(), "json")
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
        return InvalidInput(f"The request cannot be read: {error.body}.")


class Channel(HTTPChannel):
    error_task_class = EnvelopeErrorTask
    lingering_until = 0.0

    def handle_close(self) -> None:
        """Closing with unread input resets the connection, and the client would never read why it was refused:
        say that nothing more comes, and read on for a moment."""
        if self.refused_early() and not self.lingering_until:
            self.lingering_until = time.monotonic() + LINGER_SECONDS
            self.will_close = self.close_when_flushed = False
            try:
                self.socket.shutdown(1)
            except OSError:
                super().handle_close()
            return
        if time.monotonic() >= self.lingering_until or not self.connected:
            super().handle_close()

    def refused_early(self) -> bool:
        return self.connected and self.answered_error and not self.total_outbufs_len

    answered_error = False

    def service(self) -> None:
        self.answered_error = bool(self.requests[0].error)
        super().service()

    def readable(self) -> bool:
        return bool(self.lingering_until) or super().readable()

    def handle_read(self) -> None:
        if not self.lingering_until:
            super().handle_read()
            return
        try:
            data = self.recv(self.adj.recv_bytes)
        except OSError:
            data = b""
        if not data or time.monotonic() >= self.lingering_until:
            self.lingering_until = 0.001
            super().handle_close()


class Serving:
    def __init__(self, app: WSGIApplication, settings: Settings, body_limit: int) -> None:
        server = settings.server
        self.grace = server.shutdown_grace
        self.server = create_server(
            app,
            host=server.host,
            port=server.port,
            threads=server.threads,
            ident="picgate",
            max_request_body_size=body_limit,
            inbuf_overflow=IN_MEMORY_BYTES,
            channel_timeout=server.idle_timeout,
            cleanup_interval=10,
            connection_limit=server.max_connections,
            clear_untrusted_proxy_headers=True,
        )
        self.map: dict[int, Any] = self.server._map
        for listener in self.listeners():
            listener.channel_class = Channel
            listener.file_limit = settings.uploads.max_size
        self.stopping = False

    def listeners(self) -> list[Any]:
        return [one for one in self.map.values() if isinstance(one, BaseWSGIServer)]

    def channels(self) -> list[HTTPChannel]:
        return [one for one in self.map.values() if isinstance(one, HTTPChannel)]

    def run(self) -> None:
        """Serve until SIGTERM or Ctrl-C, then finish what has begun."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        while not self.stopping:
            wasyncore.poll2(1, self.map)
        self.drain()

    def stop(self, *_: object) -> None:
        self.stopping = True
        for listener in self.listeners():
            listener.pull_trigger()

    def drain(self) -> None:
        for listener in self.listeners():
            wasyncore.dispatcher.close(listener)
        deadline = time.monotonic() + self.grace
        while time.monotonic() < deadline:
            busy = [channel for channel in self.channels() if is_busy(channel)]
            for channel in self.channels():
                if channel not in busy:
                    channel.will_close = True
            if not busy:
                break
            wasyncore.poll2(0.1, self.map)
        self.server.task_dispatcher.shutdown(timeout=max(0.0, deadline - time.monotonic()))


def is_busy(channel: HTTPChannel) -> bool:
    return bool(channel.requests or channel.request or channel.total_outbufs_len)
