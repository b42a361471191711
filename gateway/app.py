"""Builds the web application from settings and an opened data folder. With `store/opening.py` the only wiring."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from flask import Flask, request

from gateway.core.forwarding import Book
from gateway.core.plans import Plans
from gateway.settings import Settings
from gateway.store.opening import Opened
from gateway.sweeper import Sweeper
from gateway.telemetry.health import Health, disk_check, limits_check, store_check, sweeper_check
from gateway.telemetry.ids import node_name
from gateway.telemetry.metrics import Metrics, Watched
from gateway.telemetry.recent import Recent
from gateway.telemetry.requests import Requests, note_place
from gateway.telemetry.tallies import Tallies
from gateway.urls import Urls
from gateway.web import failures, ops, pages, picora
from gateway.web.bodies import StreamingRequest, streaming_request
from gateway.web.chevereto.addresses import Addresses
from gateway.web.chevereto.answer import Answers
from gateway.web.chevereto.forwarding import Forwarding
from gateway.web.chevereto.spelling import OneSlash
from gateway.web.chevereto.upload import UploadDoor
from gateway.web.clients import ClientAddress
from gateway.web.counting import Counter
from gateway.web.elsewhere import Elsewhere
from gateway.web.files import Files
from gateway.web.limits import NAME_GUESSES, GuessLimit, RateLimits, Rates
from gateway.web.pages import dashboard
from gateway.web.pages.dashboard.badges import Badges
from gateway.web.picora import docs
from gateway.web.picora.door import Door
from gateway.web.visibility import Visibility

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ROOM_FOR_FORM = 1_000_000  # boundaries, field names and texts around the file itself


def largest_body(settings: Settings) -> int:
    """A file of the largest size, spelled as base64 with every character of its own escaped by some careless tool."""
    return int(settings.uploads.max_size * 1.5) + ROOM_FOR_FORM


def create_app(settings: Settings, opened: Opened, sweeper: Sweeper | None = None) -> Flask:
    """`sweeper` is the one that runs beside it, if one does."""
    app = Flask("gateway", template_folder="web/pages/templates", static_folder="web/pages/static")
    body_limit = largest_body(settings)
    app.config.update(MAX_CONTENT_LENGTH=body_limit, MAX_FORM_MEMORY_SIZE=body_limit)
    app.request_class = streaming_request(lambda: opened.blobs.receive(settings.uploads.max_size))
    app.teardown_request(lambda _: cast(StreamingRequest, request).discard_uploads())
    app.url_map.merge_slashes = False
    app.before_request(note_place)

    urls = Urls(settings.public_url, settings.server.media_url)
    book = Book(opened.catalog, urls.root)
    counter = Counter(settings.limits.store)
    rates = open_rates(settings, counter)
    open_legacy_door(app, settings, opened, urls, rates)
    thumb = (settings.images.thumb_width, settings.images.thumb_height)
    access = pages.Access(opened.galleries, urls, GuessLimit(counter))
    confirm_delete = settings.chevereto.confirm_delete
    addresses = Addresses(opened.library, access, urls, confirm_delete=confirm_delete, thumb=thumb)
    app.register_blueprint(addresses.blueprint())
    app.register_blueprint(pages.blueprint(opened.library, book, access, urls, thumb))
    health, node, tallies = open_health(settings, opened, counter, sweeper), node_name(settings.server.node), Tallies()
    desk = open_desk(settings, opened, urls, rates, counter, health, recent := Recent())
    app.register_blueprint(dashboard.blueprint(desk))
    app.register_blueprint(picora.blueprint(open_picora_door(settings, opened, urls, rates), health, node))
    app.register_blueprint(docs.blueprint(urls))
    watched = Watched(node, tallies, opened.library, opened.moves, health, rates.refusals, settings.data, sweeper)
    app.register_blueprint(ops.blueprint(Metrics(watched), settings.metrics.token))
    elsewhere = open_elsewhere(settings, opened)
    app.before_request(pages.keep_to_files(urls))
    app.before_request(pages.refuse_foreign_forms(urls))
    app.after_request(pages.harden(urls, elsewhere.origins()))
    app.after_request(pages.pack_static)
    failures.register(app)
    files = open_files(app.wsgi_app, settings, opened, urls, book, elsewhere)
    Forwarding(book, addresses, files).register(app)
    inside = ClientAddress(OneSlash(files), settings.server.trusted_proxies)
    app.wsgi_app = Requests(  # type: ignore[method-assign]
        inside, node, tallies, recent, told=settings.log.requests, shared=pages.strict_transport(urls)
    )
    return app


def open_health(settings: Settings, opened: Opened, counter: Counter, sweeper: Sweeper | None) -> Health:
    checks = [
        store_check("catalog", opened.catalog.probe),
        store_check("files", opened.blobs.probe),
        disk_check(settings.data, settings.storage.min_free),
    ]
    if sweeper:
        checks.append(sweeper_check(lambda: sweeper.is_late))
    if counter.shared:
        checks.append(limits_check(lambda: counter.is_lost))
    return Health(checks)


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


def open_desk(
    settings: Settings, opened: Opened, urls: Urls, rates: RateLimits, counter: Counter, health: Health, recent: Recent
) -> dashboard.Desk:
    return dashboard.Desk(
        accounts=opened.accounts,
        owners=opened.owners,
        keys=opened.keys,
        library=opened.library,
        holdings=opened.holdings,
        browsing=opened.browsing,
        albums=opened.albums,
        details=opened.details,
        signing=opened.signing,
        sessions=opened.sessions,
        fetcher=opened.fetcher,
        moves=opened.moves,
        health=health,
        recent=recent,
        plans=Plans.named(settings.plans),
        rates=rates,
        guesses=GuessLimit(counter),
        names=GuessLimit(counter, NAME_GUESSES),
        badges=Badges(lambda: opened.catalog.secret("dashboard"), opened.clock, urls),
        urls=urls,
        clock=opened.clock,
        url_sources=settings.uploads.url_sources,
    )


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


def open_elsewhere(settings: Settings, opened: Opened) -> Elsewhere:
    """As long as some files are on their way, the public place lacks them."""
    return Elsewhere(
        opened.blobs,
        settings.files.sendfile,
        settings.files.accel_prefix,
        "" if settings.storage.blobs_before else settings.files.media_url,
        settings.files.link_life,
    )


def open_files(
    app: WSGIApplication, settings: Settings, opened: Opened, urls: Urls, book: Book, elsewhere: Elsewhere
) -> Files:
    """The layer that sends files, in front of `app`."""
    return Files(
        app,
        opened.library,
        opened.derived,
        opened.blobs,
        Visibility(opened.keys, opened.signing, urls),
        book,
        opened.fallback,
        elsewhere=elsewhere,
        webp=settings.files.webp,
    )
