"""What the operator sees of a running gateway: a log line per request worth one, and an id that finds it again."""

from __future__ import annotations

import logging
import re
import secrets
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SENT_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def start_logging(level: str) -> None:
    logging.basicConfig(
        stream=sys.stderr, level=level.upper(), format="%(asctime)s %(levelname)-7s %(name)s: %(message)s", force=True
    )
    # Its warnings about a queue of waiting requests say nothing an operator could act on.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class RequestIds:
    """Every answer carries `X-Request-Id`: the one the caller sent, if it is a sane one, or a new one."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request_id = environ["picgate.request_id"] = choose_id(environ.get("HTTP_X_REQUEST_ID", ""))

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Callable[[bytes], object]:
            return start_response(status, [*headers, ("X-Request-Id", request_id)], *exc_info)

        return self.app(environ, start)


def choose_id(sent: str) -> str:
    return sent if SENT_ID.fullmatch(sent) else secrets.token_hex(8)
