"""Builds the web application from settings and an opened data folder. With `store/opening.py` the only wiring."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from flask import Flask, request

from gateway.core.forwarding import Book
from gateway.core.plans import Plans
from gateway.settings import Settings
from gateway.store.opening import Opened
from gateway.telemetry import RequestIds
from gateway.urls import Urls
from gateway.web import failures, pages, picora
from gateway.web.bodies import StreamingRequest, streaming_request
from gateway.web.chevereto.addresses import Addresses
from gateway.web.chevereto.answer import Answers
from gateway.web.chevereto.forwarding import Forwarding
from gateway.web.chevereto.spelling import OneSlash
from gateway.web.chevereto.upload import UploadDoor
from gateway.web.clients import ClientAddress
from gateway.web.counting import Counter
from gateway.web.files import Files
from gateway.web.limits import GuessLimit, RateLimits, Rates
from gateway.web.picora import docs
from gateway.web.picora.door import Door
from gateway.web.visibility import Visibility

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
    counter = Counter(settings.limits.storage)
    rates = open_rates(settings, counter)
    open_legacy_door(app, settings, opened, urls, rates)
    thumb = (settings.images.thumb_width, settings.images.thumb_height)
    access = pages.Access(opened.galleries, urls, GuessLimit(counter))
    confirm_delete = settings.chevereto.confirm_delete
    addresses = Addresses(opened.library, access, urls, confirm_delete=confirm_delete, thumb=thumb)
    app.register_blueprint(addresses.blueprint())
    app.register_blueprint(pages.blueprint(opened.library, book, access, urls, thumb))
    app.register_blueprint(picora.blueprint(open_picora_door(settings, opened, urls, rates)))
    app.register_blueprint(docs.blueprint(urls))
    app.after_request(pages.harden(urls))
    failures.register(app)
    files = open_files(app.wsgi_app, settings, opened, urls, book)
    Forwarding(book, addresses, files).register(app)
    inside = ClientAddress(OneSlash(files), settings.server.trusted_proxies)
    app.wsgi_app = RequestIds(inside)  # type: ignore[method-assign]
    return app


def open_rates(settings: Settings, counter: Counter) -> RateLimits:
    limits = settings.limits
    rates = Rates(
        read=limits.read,
        upload=limits.upload,
        mutation=limits.mutation,
        hourly=limits.hourly,
        read_burst=limits.read_burst,
        upload_burst=limits.upload_burst,
        mutation_burst=limits.mutation_burst,
    )
    return RateLimits(rates, counter)


def open_picora_door(settings: Settings, opened: Opened, urls: Urls, rates: RateLimits) -> Door:
    return Door(
        library=opened.library,
        holdings=opened.holdings,
        signing=opened.signing,
        sessions=opened.sessions,
        keys=opened.keys,
        plans=Plans.named(settings.plans),
        rates=rates,
        urls=urls,
        clock=opened.clock,
        max_bytes=settings.uploads.max_size,
    )


def open_legacy_door(app: Flask, settings: Settings, opened: Opened, urls: Urls, rates: RateLimits) -> None:
    answers = Answers(urls, ZoneInfo(settings.chevereto.time_zone), settings.images.medium_width)
    door = UploadDoor(
        opened.library,
        opened.keys,
        opened.fetcher,
        opened.clock,
        answers,
        rates=rates,
        url_sources=settings.uploads.url_sources,
        camera_tags=settings.chevereto.camera_tags,
        max_bytes=settings.uploads.max_size,
    )
    methods = ["GET", "POST", "OPTIONS", "HEAD", "PUT", "PATCH", "DELETE"]  # all answered, if only with a refusal
    app.add_url_rule("/api", "legacy_api", door.view, methods=methods, provide_automatic_options=False)
    app.add_url_rule("/api/", "legacy_api_root", door.view, methods=methods, provide_automatic_options=False)
    app.add_url_rule("/api/<path:rest>", "legacy_upload", door.view, methods=methods, provide_automatic_options=False)


def open_files(app: WSGIApplication, settings: Settings, opened: Opened, urls: Urls, book: Book) -> Files:
    """The layer that sends files, in front of `app`."""
    return Files(
        app,
        opened.library,
        opened.derived,
        opened.blobs,
        Visibility(opened.keys, opened.signing, urls),
        book,
        opened.fallback,
        sendfile=settings.files.sendfile,
        accel_prefix=settings.files.accel_prefix,
        webp=settings.files.webp,
    )
