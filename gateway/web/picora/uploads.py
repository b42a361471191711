"""`/v1/uploads`: uploads that can be resumed, over TUS 1.0.0.

Beginning one counts as an upload; its pieces cost nothing more, so that many small ones are no worse than a large one.
Pieces may have any size. A proxy in front that keeps requests back until they are whole makes a piece what is lost when
a line breaks; without one, and behind the gateway's own server, whatever arrived is kept.
"""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, request
from werkzeug.exceptions import MethodNotAllowed

from gateway.core.keys import Caller
from gateway.core.library import Added
from gateway.core.pieces import Session
from gateway.core.sessions import CHECKSUMS, Appended
from gateway.web.bodies import StreamingRequest
from gateway.web.picora import envelope, tus
from gateway.web.picora.door import Door, client_address, spend
from gateway.web.picora.uploading import DUPLICATE

PATH = "/v1/uploads"
SCOPE = "media.write"


def register(bp: Blueprint, door: Door) -> None:
    uploads = Uploads(door)
    rules = (
        ("", "uploads_options", uploads.options, "OPTIONS"),
        ("", "uploads_begin", uploads.begin, "POST"),
        ("/<session_id>", "upload_options", uploads.options, "OPTIONS"),
        ("/<session_id>", "upload_state", uploads.look, "GET"),
        ("/<session_id>", "upload_append", uploads.append, "PATCH"),
        ("/<session_id>", "upload_abandon", uploads.abandon, "DELETE"),
        ("/<session_id>", "upload_override", uploads.override, "POST"),
    )
    for path, name, view, method in rules:
        bp.add_url_rule(f"/uploads{path}", name, view, methods=[method], provide_automatic_options=False,
                        strict_slashes=False)  # fmt: skip
    bp.after_app_request(tell_version)


def tell_version(response: Response) -> Response:
    """On every answer, refusals too: clients take one without it for somebody else's."""
    if request.path == PATH or request.path.startswith(f"{PATH}/"):
        response.headers["Tus-Resumable"] = tus.VERSION
        if response.status_code == 412:
            response.headers["Tus-Version"] = tus.VERSION
    return response


class Uploads:
    def __init__(self, door: Door) -> None:
        self.door = door

    def options(self, session_id: str = "") -> Response:
        return envelope.nothing(
            {
                "Tus-Version": tus.VERSION,
                "Tus-Extension": tus.EXTENSIONS,
                "Tus-Max-Size": str(self.door.max_bytes),
                "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
            }
        )

    def begin(self) -> Response:
        caller = self.door.admit("upload", SCOPE)
        tus.refuse_other_version()
        text = request.headers.get("Upload-Metadata", "")
        about = tus.read_metadata(text)
        new = about.new_media()
        if about.album_id:
            self.door.holdings.own_album(caller.owner, about.album_id)
        session = self.door.sessions.begin(caller.owner, tus.asked_length(), text, about.kind)
        done = Appended(session)
        if request.mimetype == tus.PIECE_TYPE:
            done = self.door.sessions.append(caller.owner, session.id, tus.first_piece(), new)
        location = f"{self.door.urls.root}{PATH}/{session.id}"
        return envelope.success({"id": session.id}, 201, {"Location": location, **self.state(done.session, done.added)})

    def look(self, session_id: str) -> Response:
        """How far it is. Who asks with HEAD means to go on from there."""
        caller, sessions = self.door.admit("read", SCOPE), self.door.sessions
        if request.method == "HEAD":
            tus.refuse_other_version()
            session = sessions.settled(caller.owner, session_id)
        else:
            session = sessions.own(caller.owner, session_id)
        data = {"id": session.id, "offset": session.offset_bytes, "length": session.length_bytes}
        return envelope.success(data | {"mediaId": session.media_id}, headers=self.state(session))

    def append(self, session_id: str) -> Response:
        caller = self.continuing()
        tus.refuse_other_version()
        tus.refuse_other_type()
        session = self.door.sessions.own(caller.owner, session_id)
        new = tus.read_metadata(session.metadata).new_media()
        done = self.door.sessions.append(caller.owner, session_id, tus.asked_piece(), new)
        return envelope.nothing(self.state(done.session, done.added))

    def abandon(self, session_id: str) -> Response:
        caller = self.door.admit("mutation", SCOPE)
        tus.refuse_other_version()
        self.door.sessions.abandon(caller.owner, session_id)
        return envelope.nothing()

    def override(self, session_id: str) -> Response:
        """For clients behind something that lets only GET and POST through."""
        views = {"PATCH": self.append, "DELETE": self.abandon}
        method = request.headers.get("X-HTTP-Method-Override", "").upper()
        if method not in views:
            raise MethodNotAllowed(["GET", "HEAD", "PATCH", "DELETE", "OPTIONS"])
        return views[method](session_id)

    def continuing(self) -> Caller:
        """Paid for when it began."""
        caller = self.door.identify()
        spend(self.door.rates.look(caller, client_address())["upload"])
        caller.require(SCOPE)
        return caller

    def state(self, session: Session, added: Added | None = None) -> dict[str, str]:
        headers = tus.state_of(session)
        media = added.media if added else self.door.sessions.became(session)
        if media:
            cast(StreamingRequest, request).became(media.id)
            headers |= {"X-Picora-Id": media.id, "X-Picora-Url": self.door.urls.file(media)}
        return headers | ({DUPLICATE: "true"} if added and added.is_duplicate else {})
