"""One thing done to many files of the library: those that are ticked, or all that are found.

Scripts send one handful after the other and show how far they are; each answer says where the next one begins. Without
a script the form asks for what is missing, does as much as one request should, and offers to go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response, jsonify, make_response, redirect, render_template, request
from werkzeug.datastructures import MultiDict

from gateway.core.browsing import HANDFUL, Failure, Outcome
from gateway.core.edits import Edit
from gateway.core.errors import GatewayError, InvalidInput, NotFound
from gateway.core.library import not_found
from gateway.core.listing import Place
from gateway.web.pages.dashboard.choosing import shortened
from gateway.web.pages.dashboard.desk import Desk, client_address, me, texts
from gateway.web.pages.dashboard.filters import Filters
from gateway.web.pages.dashboard.showing import NOTICE, wants_json
from gateway.web.pages.dashboard.signing_in import answer
from gateway.web.pages.dashboard.tiles import Tiles
from gateway.web.pages.turning import place_after, read_place

ACTIONS = ("tag", "untag", "move", "public", "private", "delete")
NOTICES = {
    "tag": "files-tagged",
    "untag": "files-untagged",
    "move": "files-moved",
    "public": "files-public",
    "private": "files-private",
    "delete": "files-deleted",
}
HANDFULS = 10  # that one request of a reader without a script waits for
NO_ALBUM = "-"
MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """`is_all` is all that is found and was there at `until`, from `after` on; else it is just `ids`."""

    action: str
    ids: tuple[str, ...]
    is_all: bool
    filters: Filters
    until: datetime | None
    after: Place | None
    tags: tuple[str, ...]
    album: str
    is_sure: bool

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> Asked:
        """Raises `InvalidInput`."""
        asked = cls(
            action=form.get("do", ""),
            ids=tuple(dict.fromkeys(form.getlist("id"))),
            is_all=form.get("all") == "1",
            filters=Filters.read(form),
            until=read_moment(form.get("until", "")),
            after=read_place(form.get("after", "")),
            tags=tuple(name.strip() for name in form.get("new-tags", "").split(",") if name.strip()),
            album=form.get("new-album", "").strip(),
            is_sure=form.get("sure") == "1",
        )
        if asked.action not in ACTIONS:
            raise InvalidInput("It was not said what to do with the files.", code="ACTION_MISSING")
        if not asked.ids and not asked.is_all:
            raise InvalidInput("No file is chosen. Tick those it is about first.", code="NOTHING_CHOSEN")
        if len(asked.ids) > HANDFUL and not asked.is_all:
            raise InvalidInput(f"More than {HANDFUL} files are named.", code="TOO_MANY_NAMED", most=HANDFUL)
        return asked

    def edit(self) -> Edit:
        """Raises `InvalidInput` when something is missing."""
        if self.action in ("tag", "untag") and not self.tags:
            raise InvalidInput("No tag is named. Type one, or several with commas in between.", code="TAGS_MISSING")
        if self.action == "move" and not self.album:
            raise InvalidInput("No album is chosen.", code="ALBUM_MISSING")
        match self.action:
            case "tag":
                return Edit(add_tags=self.tags)
            case "untag":
                return Edit(remove_tags=self.tags)
            case "move":
                return Edit(album_id=None if self.album == NO_ALBUM else self.album)
        return Edit(is_public=self.action == "public")

    def fields(self) -> dict[str, str]:
        """What leads to the same files again, besides their ids."""
        fields = self.filters.fields() | {"do": self.action}
        if self.is_all:
            fields["all"] = "1"
        if self.until:
            fields["until"] = self.until.isoformat()
        return fields


@dataclass(frozen=True, slots=True)
class Step:
    """What came of a handful, and after which file the next one begins: None when there is no next one."""

    outcome: Outcome
    after: str | None


class ManyPages:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.tiles = Tiles(desk)

    def act(self) -> Response:
        asked = Asked.read(request.form)
        if wants_json():
            self.desk.rates.take_owner(me(), "mutation", client_address()).require()
            return self.told(asked, self.step(asked, asked.after))
        is_missing = {"delete": not asked.is_sure, "move": not asked.album}.get(
            asked.action, asked.action in ("tag", "untag") and not asked.tags
        )
        if is_missing:
            return self.ask(asked)
        try:
            return self.walk(asked)
        except GatewayError as error:
            return self.ask(asked, error)

    def step(self, asked: Asked, after: Place | None) -> Step:
        if not asked.is_all:
            return Step(self.do(asked, asked.ids), None)
        found = self.desk.browsing.page(asked.filters.query(me(), asked.until), after, HANDFUL)
        outcome = self.do(asked, [one.id for one in found.media])
        return Step(outcome, place_after(found.media[-1]) if found.goes_on else None)

    def do(self, asked: Asked, ids: list[str] | tuple[str, ...]) -> Outcome:
        if asked.action == "delete":
            return self.desk.browsing.remove(me(), ids)
        return self.desk.browsing.edit(me(), ids, asked.edit())

    def told(self, asked: Asked, step: Step) -> Response:
        """To a script. With those that look different now."""
        done, failed = step.outcome.done, step.outcome.failed
        looks_different = asked.action in ("public", "private") and not asked.is_all
        return jsonify(
            {
                "done": len(done),
                "failed": [{"id": one.id, "title": one.title, "message": said(one)} for one in failed],
                "after": step.after or "",
                "tiles": {one: self.drawn(one, asked.filters) for one in done} if looks_different else {},
            }
        )

    def drawn(self, media_id: str, filters: Filters) -> str:
        """Nothing for what is gone by now."""
        try:
            tile = self.tiles.tile(self.desk.holdings.own(me(), media_id), filters)
        except NotFound:
            return ""
        return render_template("dashboard/library_tiles.html", tiles=[tile])

    def ask(self, asked: Asked, error: GatewayError | None = None) -> Response:
        """For what is missing. With nothing missing but a yes, for that."""
        page = render_template(
            "dashboard/library_step.html",
            asked=asked,
            named=[] if asked.is_all else self.named(asked.ids),
            unnamed=len(asked.ids[MOST_NAMED:]),
            albums=shortened(self.desk.albums.all(me()), asked.album) if asked.action == "move" else [],
            no_album=NO_ALBUM,
            back=asked.filters.at(f"{self.desk.home}/library"),
            typed=request.form.get("new-tags", ""),
            error=error,
        )
        return answer(page, error)

    def named(self, ids: Sequence[str]) -> list[str]:
        """Titles of the first ones, without those of what is gone by now. Raises `NotFound` when all of it is."""
        found = []
        for one in ids[:MOST_NAMED]:
            with suppress(NotFound):
                media = self.desk.holdings.own(me(), one)
                found.append(media.title or media.filename)
        if not found and len(ids) <= MOST_NAMED:
            raise not_found()
        return found

    def walk(self, asked: Asked) -> Response:
        done, failed, after = request.form.get("done", 0, type=int), list[Failure](), asked.after
        for _ in range(HANDFULS):
            step = self.step(asked, after)
            done += len(step.outcome.done)
            failed += step.outcome.failed
            after = read_place(step.after or "")
            if not after:
                break
        back = asked.filters.at(f"{self.desk.home}/library")
        if not failed and not after:
            mark = "&" if "?" in back else "?"
            return make_response(redirect(f"{back}{mark}{NOTICE}={NOTICES[asked.action]}", 303))
        return make_response(
            render_template(
                "dashboard/library_done.html",
                asked=asked,
                done=done,
                failed=failed,
                after=step.after,
                back=back,
                said=said,
            )
        )


def said(failure: Failure) -> str:
    return str(texts().error(failure.error))


def read_moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
