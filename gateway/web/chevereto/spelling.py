"""Some tools join their base address and the path with one slash too many; the old host redirected, and uploads died
of that. `//api//1/upload` means `/api/1/upload`, and `//v1/images` means `/v1/images`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DOUBLED = re.compile(r"/{2,}")


class OneSlash:
    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if "//" in path and (tidy := DOUBLED.sub("/", path)).startswith(("/api", "/v1")):
            environ["PATH_INFO"] = tidy
        return self.app(environ, start_response)
