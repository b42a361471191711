"""Is it well?"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, jsonify

from gateway import __version__
from gateway.core.errors import StoreUnavailable
from gateway.core.library import Library


def blueprint(library: Library) -> Blueprint:
    bp = Blueprint("ops", __name__)
    bp.add_url_rule("/health", "health", health(library))
    return bp


def health(library: Library) -> Callable[[], tuple[Response, int]]:
    def view() -> tuple[Response, int]:
        try:
            library.usage()
        except StoreUnavailable as error:
            return jsonify(ok=False, version=__version__, error=error.message), 503
        return jsonify(ok=True, version=__version__), 200

    return view
