"""`/dashboard/upload/pieces`: a large file from the dashboard, over TUS 1.0.0, for whoever is signed in.

It is the same as `/v1/uploads`, with a session instead of a key, and answers a script understands. Beginning one counts
as an upload; its pieces cost nothing more.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from gateway.core.library import NewMedia
from gateway.core.pieces import Session
from gateway.web.pages.dashboard.desk import Desk, client_address, me
from gateway.web.pages.dashboard.guard import with_files
from gateway.web.pages.dashboard.uploading import Choices, Uploaded, read_choices
from gateway.web.picora import tus

DUPLICATE = "Picgate-Duplicate"


def register(bp: Blueprint, desk: Desk) -> None:
    pieces = Pieces(desk)
    bp.add_url_rule("/upload/pieces", "upload_begin", pieces.begin, methods=["POST"])
    bp.add_url_rule("/upload/pieces/<session_id>", "upload_state", pieces.look)
    bp.add_url_rule("/upload/pieces/<session_id>", "upload_append", with_files(pieces.append), methods=["PATCH"])
    bp.add_url_rule("/upload/pieces/<session_id>", "upload_abandon", pieces.abandon, methods=["DELETE"])


class Pieces:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.sessions = desk.sessions

    def begin(self) -> Response:
        self.desk.rates.take_owner(me(), "upload", client_address()).require()
        tus.refuse_other_version()
        text = request.headers.get("Upload-Metadata", "")
        read_choices(self.desk, tus.read_metadata(text).values)
        session = self.sessions.begin(me(), tus.asked_length(), text, None)
        response = jsonify({"id": session.id})
        response.status_code = 201
        response.headers["Location"] = f"{self.desk.home}/upload/pieces/{session.id}"
        return told(response, session)

    def look(self, session_id: str) -> Response:
        """How far it is, and what became of it. Raises `Conflict` while a piece is written."""
        self.desk.rates.take_owner(me(), "read", client_address()).require()
        session = self.sessions.settled(me(), session_id)
        media = self.sessions.became(session)
        uploaded = Uploaded.of(self.desk, media) if media else None
        return told(jsonify({"offset": session.offset_bytes, "file": uploaded}), session)

    def append(self, session_id: str) -> Response:
        tus.refuse_other_version()
        tus.refuse_other_type()
        session = self.sessions.own(me(), session_id)
        done = self.sessions.append(me(), session_id, tus.asked_piece(), new_media(session))
        response = told(Response(status=204), done.session)
        if done.added and done.added.is_duplicate:
            response.headers[DUPLICATE] = "true"
        return response

    def abandon(self, session_id: str) -> Response:
        self.desk.rates.take_owner(me(), "mutation", client_address()).require()
        self.sessions.abandon(me(), session_id)
        return Response(status=204)


def new_media(session: Session) -> NewMedia:
    values = tus.read_metadata(session.metadata).values
    return Choices.read(values).new_media(values.get("filename", ""))


def told(response: Response, session: Session) -> Response:
    response.headers.update(tus.state_of(session) | {"Tus-Resumable": tus.VERSION})
    return response
