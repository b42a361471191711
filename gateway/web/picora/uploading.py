"""Reads an upload to `/v1`: one file, and what is said about it. What the file is, its content tells, and neither its
name nor the type its part has."""

from __future__ import annotations

from typing import cast

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from gateway.core.changes import checked_tags, checked_title
from gateway.core.errors import InvalidInput, TooBig
from gateway.core.library import Added, NewMedia
from gateway.core.ports import Upload
from gateway.core.records import Kind
from gateway.web.bodies import ArrivingFile, StreamingRequest
from gateway.web.picora import envelope
from gateway.web.picora.asking import sent, sent_flag, tag_list
from gateway.web.picora.door import Door
from gateway.web.picora.rendering import Json

DUPLICATE = "X-Picora-Duplicate"


def add_upload(door: Door, kind: Kind) -> Added:
    caller = door.admit("upload", "media.write")
    try:
        upload, filename = the_file()
    except RequestEntityTooLarge:
        raise TooBig(door.max_bytes) from None
    is_public = sent_flag(request.form, "is_public")
    album_id = sent(request.form, "album_id")
    new = NewMedia(
        filename=filename,
        title=checked_title(sent(request.form, "title")),
        tags=checked_tags(tag_list(sent(request.form, "tags"))),
        album_id=album_id and door.holdings.own_album(caller.owner, album_id).id,
        is_public=is_public is not False,
        kinds=(kind,),
    )
    added = door.library.add(caller.owner, upload, new)
    cast(StreamingRequest, request).became(added.media.id)
    return added


def the_file() -> tuple[Upload, str]:
    """A browser form sends a nameless, empty part where no file was chosen."""
    parts = cast(StreamingRequest, request).files.getlist("file")
    found = [(cast(ArrivingFile, part.stream).upload, part.filename or "") for part in parts]
    chosen = [(upload, filename) for upload, filename in found if upload.size or filename]
    if not chosen:
        raise InvalidInput(
            "There is no file in this request. Send it as multipart/form-data, in a part named file.", field="file"
        )
    if len(chosen) > 1:
        raise InvalidInput(f"There are {len(chosen)} parts named file. Send one file in a request.", field="file")
    return chosen[0]


def added_answer(added: Added, rendered: Json, status: int) -> Response:
    """What was left out of a file or of what was said about it is told, when anything was."""
    data = rendered | ({"warnings": list(added.warnings)} if added.warnings else {})
    return envelope.success(data, status, {DUPLICATE: "true"} if added.is_duplicate else None)
