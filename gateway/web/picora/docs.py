"""`/openapi.json`, and `/docs`, which shows it with Swagger UI from the package flask-swagger-ui: every byte of the
page comes from here, and it may load nothing from elsewhere."""

from __future__ import annotations

import json
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Response, render_template, request, send_from_directory

from gateway import __version__
from gateway.urls import Urls
from gateway.web.pages.site import Site
from gateway.web.picora.openapi import document

PACKAGE = "flask_swagger_ui"
ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js")
KEPT_SECONDS = 86_400


def blueprint(urls: Urls) -> Blueprint:
    bp = Blueprint("docs", __name__)
    docs = Docs(urls)
    bp.add_url_rule("/openapi.json", "description", docs.description)
    bp.add_url_rule("/docs", "page", docs.page, strict_slashes=False)
    for name in ASSETS:
        bp.add_url_rule(f"/docs/{name}", name.replace(".", "-"), docs.asset, defaults={"name": name})
    return bp


class Docs:
    def __init__(self, urls: Urls) -> None:
        self.urls = urls
        self.assets = Path(str(files(PACKAGE))) / "dist"

    @cached_property
    def text(self) -> str:
        return json.dumps(document(self.urls), ensure_ascii=False, separators=(",", ":")) + "\n"

    def description(self) -> Response:
        response = Response(self.text, content_type="application/json")
        response.headers |= {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"}
        response.add_etag()
        response.make_conditional(request)
        return response

    def page(self) -> Response:
        origin = Site.at(self.urls).origin
        response = Response(render_template("docs.html", version=__version__), content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = content_security_policy(origin)
        return response

    def asset(self, name: str) -> Response:
        return send_from_directory(self.assets, name, max_age=KEPT_SECONDS)


def content_security_policy(origin: str) -> str:
    """Swagger UI has pictures in its style sheet; requests go to the public address even where the page was opened by
    another."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            f"connect-src 'self' {origin}",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
