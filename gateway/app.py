"""Builds the web application from settings and an opened data folder. With `store/opening.py` the only wiring."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from flask import Flask, request

from gateway.core.forwarding import Book
from gateway.settings import Settings
from gateway.store.opening import Opened
from gateway.telemetry import RequestIds
from gateway.urls import Urls
from gateway.web import failures, ops, pages
from gateway.web.bodies import StreamingRequest, streaming_request
from gateway.web.chevereto.addresses import Addresses
from gateway.web.chevereto.answer import Answers
from gateway.web.chevereto.forwarding import Forwarding
from gateway.web.chevereto.spelling import OneSlash
from gateway.web.chevereto.upload import UploadDoor
from gateway.web.files import Files
from gateway.web.limits import GuessLimit, UploadLimit

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ROOM_FOR_FORM = 1_000_000  # boundaries, field names and texts around the file itself


def largest_body(settings: Settings) -> int:
    """A file of the largest size, spelled as base64 with every character of its own escaped by some careless tool."""
    return int(settings.uploads.max_size * 1.5) + ROOM_FOR_FORM


def create_app(settings: Settings, opened: Opened) -> Flask:
    app = Flask("gateway", template_folder="web/pages/templates", static_folder="web/pages/static")
    body_limit = largest_body(settings)
    app.config.update(MAX_CONTENT_LENGTH=body_limit, MAX_FORM_MEMORY_SIZE=body_limit)
    app.request_class = streaming_request(lambda: opened.blobs.receive(settings.uploads.max_size))
    app.teardown_request(lambda _: cast(StreamingRequest, request).discard_uploads())
    app.url_map.merge_slashes = False

    urls = Urls(settings.public_url)
    book = Book(opened.catalog, urls.root)
    open_legacy_door(app, settings, opened, urls)
    thumb = (settings.images.thumb_width, settings.images.thumb_height)
    access = pages.Access(opened.galleries, urls, GuessLimit())
    confirm_delete = settings.chevereto.confirm_delete
    addresses = Addresses(opened.library, access, urls, confirm_delete=confirm_delete, thumb=thumb)
    app.register_blueprint(addresses.blueprint())
    app.register_blueprint(pages.blueprint(opened.library, book, access, urls, thumb))
    app.register_blueprint(ops.blueprint(opened.library))
    app.after_request(pages.harden(urls))
    failures.register(app)
    files = open_files(app.wsgi_app, settings, opened, book)
    Forwarding(book, addresses, files).register(app)
    app.wsgi_app = RequestIds(OneSlash(files))  # type: ignore[method-assign]
    return app


def open_legacy_door(app: Flask, settings: Settings, opened: Opened, urls: Urls) -> None:
    answers = Answers(urls, ZoneInfo(settings.chevereto.time_zone), settings.images.medium_width)
    door = UploadDoor(
        opened.library,
        opened.keys,
        opened.fetcher,
        opened.clock,
        answers,
        limit=UploadLimit(settings.limits.uploads_per_minute).take,
        url_sources=settings.uploads.url_sources,
        camera_tags=settings.chevereto.camera_tags,
        max_bytes=settings.uploads.max_size,
    )
    methods = ["GET", "POST", "OPTIONS", "HEAD", "PUT", "PATCH", "DELETE"]  # all answered, if only with a refusal
    app.add_url_rule("/api", "legacy_api", door.view, methods=methods, provide_automatic_options=False)
    app.add_url_rule("/api/", "legacy_api_root", door.view, methods=methods, provide_automatic_options=False)
    app.add_url_rule("/api/<path:rest>", "legacy_upload", door.view, methods=methods, provide_automatic_options=False)


def open_files(app: WSGIApplication, settings: Settings, opened: Opened, book: Book) -> Files:
    """The layer that sends files, in front of `app`."""
    return Files(
        app,
        opened.library,
        opened.derived,
        opened.blobs,
        opened.keys,
        book,
        opened.fallback,
        sendfile=settings.files.sendfile,
        accel_prefix=settings.files.accel_prefix,
        webp=settings.files.webp,
    )
