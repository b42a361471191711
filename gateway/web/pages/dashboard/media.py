"""`/dashboard/media/{id}`: one picture, video or sound with all that is known about it, and all its owner can do.

The address carries the list it was opened from (`?album=…&q=…`, as on the library page): what comes before and after it
is meant in that list, and there the reader goes back to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, make_response, redirect, render_template, request

from gateway.core.errors import GatewayError
from gateway.core.records import VARIANTS, Media, Variant
from gateway.urls import as_part
from gateway.web.pages.dashboard.choosing import shortened
from gateway.web.pages.dashboard.desk import Desk, me, texts
from gateway.web.pages.dashboard.filters import Filters
from gateway.web.pages.dashboard.media_exif import read_exif
from gateway.web.pages.dashboard.media_form import MediaForm
from gateway.web.pages.dashboard.showing import NOTICE
from gateway.web.pages.dashboard.signing_in import answer
from gateway.web.pages.dashboard.tiles import Tiles
from gateway.web.pages.links import links
from gateway.web.pages.playing import PREVIEW_BYTES, clock_time, is_playable, still
from gateway.web.pages.viewer import label_of

LIVES = (600, 3600, 21_600, 86_400)  # seconds a signed link may be good for


def register(bp: Blueprint, desk: Desk) -> None:
    pages = MediaPages(desk)
    bp.add_url_rule("/media/<media_id>", "media", pages.view)
    bp.add_url_rule("/media/<media_id>", "media_change", pages.change, methods=["POST"])
    bp.add_url_rule("/media/<media_id>/sign", "media_sign", pages.sign, methods=["POST"])
    bp.add_url_rule("/media/<media_id>/delete-link", "media_delete_link", pages.delete_link, methods=["POST"])
    bp.add_url_rule("/media/<media_id>/delete", "media_delete", pages.delete, methods=["POST"])


@dataclass(frozen=True, slots=True)
class Made:
    """What was just made, and is shown this once."""

    delete_url: str = ""
    signed_url: str = ""
    good_until: datetime | None = None
    life: int = LIVES[1]


class MediaPages:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.tiles = Tiles(desk)

    def view(self, media_id: str) -> Response:
        return self.show(self.desk.holdings.own(me(), media_id))

    def show(
        self, media: Media, form: MediaForm | None = None, error: GatewayError | None = None, made: Made | None = None
    ) -> Response:
        filters, t = Filters.read(request.args), texts()
        beside = self.desk.details.beside(media, filters.query(me()))
        albums = self.desk.albums.all(me())
        page = render_template(
            "dashboard/media.html",
            media=media,
            title=media.title or media.filename,
            stage=Stage.of(media, self.tiles.address),
            album=next((one for one in albums if one.id == media.album_id), None),
            albums=shortened(albums, media.album_id),
            form=form or MediaForm.of(media, t.zone),
            zone=f"{self.desk.clock.now().astimezone(t.zone):%Z}",
            links=links(media, media.title or media.blob(), still(media, self.desk.urls, (0, 0)).url, self.desk.urls),
            sizes=[(one, self.desk.urls.file(media, one)) for one in VARIANTS if media.has(one)],
            label=label_of(media),
            length=clock_time(media.duration) if media.duration else "",
            exif=read_exif(media.exif_json, t),
            old=self.desk.details.old_addresses(media),
            newer=self.at(beside.newer, filters),
            older=self.at(beside.older, filters),
            back=self.back(filters),
            query=filters.at(""),
            lives=LIVES,
            made=made or Made(),
            error=error,
        )
        return answer(page, error)

    def at(self, media_id: str | None, filters: Filters) -> str:
        return filters.at(f"{self.desk.home}/media/{media_id}") if media_id else ""

    def back(self, filters: Filters) -> str:
        """To the list it was opened from."""
        if filters.album and filters == Filters(album=filters.album):
            return f"{self.desk.home}/albums/{as_part(filters.album)}"
        return filters.at(f"{self.desk.home}/library")

    # changing

    def change(self, media_id: str) -> Response:
        media, form = self.desk.holdings.own(me(), media_id), MediaForm.read(request.form)
        try:
            moment = form.moment(media, texts().zone)
            if moment != media.expires_at:
                self.desk.details.refuse_past(moment)
            self.desk.holdings.change(me(), media.id, form.changes())
            if moment != media.expires_at:
                self.desk.details.keep_until(media, moment)
        except GatewayError as error:
            return self.show(media, form, error)
        return self.leave(f"{self.desk.home}/media/{media.id}", "media-changed")

    def leave(self, path: str, notice: str) -> Response:
        """With the list it was opened from. `NOTICE` is said there."""
        return make_response(redirect(Filters.read(request.args).at(path, **{NOTICE: notice}), 303))

    def sign(self, media_id: str) -> Response:
        media = self.desk.holdings.own(me(), media_id)
        life = request.form.get("life", LIVES[1], type=int)
        try:
            signature = self.desk.signing.sign(media.id, life)
        except GatewayError as error:
            return self.show(media, error=error)
        url = f"{self.desk.urls.file(media)}?sig={signature.sig}&exp={signature.exp}"
        return self.show(media, made=Made(signed_url=url, good_until=signature.expires_at, life=life))

    def delete_link(self, media_id: str) -> Response:
        media = self.desk.holdings.own(me(), media_id)
        return self.show(media, made=Made(self.desk.urls.delete(media, self.desk.details.new_delete_token(media))))

    def delete(self, media_id: str) -> Response:
        self.desk.holdings.remove(me(), media_id)
        path, _, query = self.back(Filters.read(request.args)).partition("?")
        return make_response(redirect(f"{path}?{query}{'&' if query else ''}{NOTICE}=media-deleted", 303))


@dataclass(frozen=True, slots=True)
class Stage:
    """What is looked at. `source` is empty for what no browser can play; `picture` for a sound without a cover."""

    kind: str
    source: str
    whole: str
    picture: str
    width: int
    height: int

    @classmethod
    def of(cls, media: Media, address: Callable[[Media, Variant | None], str]) -> Stage:
        whole, width, height = address(media, None), media.width, media.height
        if media.kind == "image":
            picture = whole
            if media.size_bytes > PREVIEW_BYTES and media.has("md"):
                picture, width, height = address(media, "md"), media.medium_width, media.medium_height
            return cls("image", "", whole, picture, width, height)
        variant: Variant | None = "fr" if media.has("fr") else "th" if media.has("th") else None
        picture = address(media, variant) if variant else ""
        return cls(media.kind, whole if is_playable(media) else "", whole, picture, width, height)
