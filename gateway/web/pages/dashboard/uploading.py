"""`/dashboard/upload`: files and addresses that somebody who is signed in brings in.

Scripts send one file in a request, and large ones in pieces (see `pieces.py`); without a script a form sends several
at once and is answered with what became of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request
from werkzeug.datastructures import MultiDict

from gateway.core.edits import checked_names
from gateway.core.errors import GatewayError, InvalidInput, NotAllowed
from gateway.core.library import Added, NewMedia
from gateway.core.ports import Upload
from gateway.core.records import Album, Media
from gateway.web.bodies import ArrivingFile, StreamingRequest
from gateway.web.pages.dashboard.choosing import shortened
from gateway.web.pages.dashboard.desk import Desk, client_address, me
from gateway.web.pages.dashboard.guard import with_files
from gateway.web.pages.dashboard.showing import wants_json
from gateway.web.pages.dashboard.tiles import Tiles
from gateway.web.pages.links import links
from gateway.web.pages.playing import still

LIVES = ("PT1H", "P1D", "P7D", "P1M", "P1Y")
FORMS = ("direct", "viewer", "markdown", "html", "bbcode")  # in which a link is given
PIECEWISE_FROM = 8_000_000  # what is larger comes in pieces, if a script sends it


def register(bp: Blueprint, desk: Desk) -> None:
    pages = UploadPages(desk)
    bp.add_url_rule("/upload", "upload", pages.form)
    bp.add_url_rule("/upload", "upload_send", with_files(pages.send), methods=["POST"])
    bp.context_processor(lambda: {"uploading": Offer(desk)})


@dataclass(frozen=True, slots=True)
class Offer:
    """What the form asks for, wherever it stands."""

    desk: Desk
    lives: tuple[str, ...] = LIVES
    forms: tuple[str, ...] = FORMS
    piecewise_from: int = PIECEWISE_FROM

    @property
    def max_bytes(self) -> int:
        return self.desk.sessions.limit_bytes(me())

    @property
    def max_together(self) -> int:
        """Of what a form without a script sends at once."""
        return int(current_app.config["MAX_CONTENT_LENGTH"])

    @property
    def takes_urls(self) -> bool:
        return self.desk.url_sources

    def albums(self) -> list[Album]:
        return shortened(self.desk.albums.all(me()), None)


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen for the files before they were sent."""

    is_public: bool
    album_id: str | None
    tags: tuple[str, ...]
    life: str | None

    @classmethod
    def read(cls, values: MultiDict[str, str]) -> Choices:
        """Raises `InvalidInput`."""
        visibility, life = values.get("visibility", "public"), values.get("life", "")
        if visibility not in ("public", "private"):
            raise InvalidInput("A file is either public or private.", code="VISIBILITY_UNKNOWN")
        if life and life not in LIVES:
            raise InvalidInput("There is no such time to choose.", code="LIFE_UNKNOWN")
        tags = checked_names([name for name in values.get("tags", "").split(",") if name.strip()])
        return cls(visibility == "public", values.get("album") or None, tags, life or None)

    def new_media(self, filename: str) -> NewMedia:
        return NewMedia(
            filename,
            tags=self.tags,
            album_id=self.album_id,
            is_public=self.is_public,
            expiration=self.life,
        )


def read_choices(desk: Desk, values: MultiDict[str, str]) -> Choices:
    """Those of somebody who can still change them. Raises `InvalidInput`, also for an album that is not theirs."""
    choices = Choices.read(values)
    if choices.album_id:
        try:
            desk.holdings.own_album(me(), choices.album_id)
        except InvalidInput:
            raise InvalidInput("There is no such album of yours, or not any more.", code="ALBUM_GONE") from None
    return choices


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that is there now. `links` are by their form; `is_whole` is false when something was left out of it."""

    id: str
    title: str
    path: str
    picture: str
    is_public: bool
    is_duplicate: bool
    is_whole: bool
    links: dict[str, str]

    @classmethod
    def of(cls, desk: Desk, media: Media, *, is_duplicate: bool = False, is_whole: bool = True) -> Uploaded:
        tile = Tiles(desk).tile(media)
        picture = still(media, desk.urls, (0, 0)).url
        return cls(
            id=media.id,
            title=tile.title,
            path=tile.path,
            picture=tile.picture,
            is_public=media.is_public,
            is_duplicate=is_duplicate,
            is_whole=is_whole,
            links={link.id: link.text for link in links(media, tile.title, picture, desk.urls)},
        )

    @classmethod
    def added(cls, desk: Desk, added: Added) -> Uploaded:
        return cls.of(desk, added.media, is_duplicate=added.is_duplicate, is_whole=not added.warnings)


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that was sent: a file that is here, or an address it is to be fetched from. `refused` is why the file
    is not here after all."""

    name: str
    upload: Upload | None = None
    refused: GatewayError | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """Either what came of a source, or why nothing did."""

    name: str
    uploaded: Uploaded | None = None
    error: GatewayError | None = None


class UploadPages:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def form(self) -> Response:
        return make_response(render_template("dashboard/upload.html"))

    def send(self) -> Response:
        if not wants_json():
            return make_response(render_template("dashboard/uploaded.html", results=self.results(), forms=FORMS))
        self.pay()
        choices, found = read_choices(self.desk, request.form), sources()
        if len(found) != 1:
            raise InvalidInput("Send one file, or one address, in a request.", code="SOURCE_MISSING")
        response = jsonify(Uploaded.added(self.desk, self.add(found[0], choices)))
        response.status_code = 201
        return response

    def results(self) -> list[Result]:
        """Of each source by itself: one that is refused keeps no other from coming in."""
        choices = read_choices(self.desk, request.form)
        results = []
        for source in sources():
            try:
                if source.refused:
                    raise source.refused
                self.pay()
                results.append(Result(source.name, Uploaded.added(self.desk, self.add(source, choices))))
            except GatewayError as error:
                results.append(Result(source.name, error=error))
        if not results:
            raise InvalidInput("Nothing was chosen. Choose a file or fill in an address.", code="SOURCE_MISSING")
        return results

    def add(self, source: Source, choices: Choices) -> Added:
        if source.upload:
            return self.desk.library.add(me(), source.upload, choices.new_media(source.name))
        if not self.desk.url_sources:
            raise NotAllowed("Files are not fetched from addresses here. Upload the file itself.", code="URL_OFF")
        upload = cast(StreamingRequest, request).new_upload()
        filename = self.desk.fetcher.fetch(source.name.replace(" ", "%20"), upload)
        return self.desk.library.add(me(), upload, choices.new_media(filename))

    def pay(self) -> None:
        self.desk.rates.take_owner(me(), "upload", client_address()).require()


def sources() -> list[Source]:
    return [*sent_files(), *(Source(url.strip()) for url in request.form.getlist("url") if url.strip())]


def sent_files() -> Iterator[Source]:
    """A browser form sends a nameless, empty part where no file was chosen."""
    for part in cast(StreamingRequest, request).files.getlist("file"):
        file = cast(ArrivingFile, part.stream)
        if file.upload.size or part.filename:
            yield Source(part.filename or "", file.upload, file.refused)
