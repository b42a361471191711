"""Reads an upload request in any of the shapes old tools send: what they ask for, not yet whether they may."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

from werkzeug.datastructures import FileStorage

from gateway.core.errors import InvalidInput
from gateway.core.library import NewMedia
from gateway.core.ports import Upload
from gateway.core.titles import MAX_TITLE
from gateway.web.bodies import ArrivingFile, StreamingRequest

Format = Literal["json", "txt", "redirect"]
FORMATS: tuple[Format, ...] = ("json", "txt", "redirect")
NAMES = ("key", "source", "image", "title", "name", "description", "tags", "album_id", "category_id", "width",
         "expiration", "nsfw", "format", "use_file_date")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameters:
    """Body and query in one, the body winning. What PHP takes for empty ("" and "0") counts as not sent."""

    values: dict[str, str]

    def get(self, name: str) -> str | None:
        value = self.values.get(name)
        return None if value in (None, "", "0") else value

    def sent(self, name: str) -> str | None:
        return self.values.get(name)


@dataclass(frozen=True, slots=True)
class UploadRequest:
    method: str
    key: str | None
    format: Format
    is_imgbb: bool
    file: FileStorage | None
    text: str | None
    parameters: Parameters

    def url(self) -> str | None:
        """The source, if it is an address to be fetched."""
        if self.text and re.match(r"\s*[a-z][a-z0-9+.-]*://", self.text[:64], re.IGNORECASE):
            return self.text.strip().replace(" ", "%20")  # a blank that some layer unescaped too early
        return None

    def new_media(self, filename: str, warnings: list[str], *, camera_tags: bool) -> NewMedia:
        get = self.parameters.get
        return NewMedia(
            filename=filename,
            title=(get("title") or get("name") or "")[:MAX_TITLE] or None,
            description=get("description"),
            tags=tuple((get("tags") or "").split(",")),
            album_id=get("album_id"),
            category_id=read_category(get("category_id")),
            is_nsfw=read_nsfw(get("nsfw"), warnings),
            resize_width=read_width(get("width"), warnings),
            expiration=get("expiration"),
            use_file_date=get("use_file_date") == "1",
            tag_camera=camera_tags,
        )


def read_upload(request: StreamingRequest) -> UploadRequest:
    values = request.args.to_dict(flat=False) | (read_json(request) if request.is_json else {})
    values |= request.form.to_dict(flat=False)
    parameters = Parameters({name: sent[-1] for name, sent in values.items() if sent})
    if lists := [name for name in NAMES if f"{name}[]" in values or f"{name}[]" in request.files]:
        raise InvalidInput(f"Array to string conversion: send {lists[0]} once, without [].", code="ARRAY_SENT")
    file = first_file(request, "source") or first_file(request, "image")
    return UploadRequest(
        method=request.method,
        key=read_key(request, parameters),
        format=read_format(parameters),
        is_imgbb="image" in values or "image" in request.files,
        file=file,
        text=None if file else (parameters.sent("source") or parameters.sent("image") or sent_empty(parameters)),
        parameters=parameters,
    )


def read_json(request: StreamingRequest) -> dict[str, list[str]]:
    try:
        body = request.get_json(silent=True)
        if isinstance(body, dict):
            return {name: [json_text(value)] for name, value in body.items() if value is not None}
    except RecursionError:  # brackets without end
        pass
    raise InvalidInput("The JSON body must be an object with the names of the form fields.", code="JSON_INVALID")


def json_text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list):
        return ",".join(json_text(part) for part in value)
    return str(value)


def read_key(request: StreamingRequest, parameters: Parameters) -> str | None:
    """The header wins over the parameter even when it is wrong; Bearer comes last."""
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    keys: tuple[Callable[[], str | None], ...] = (
        lambda: request.headers.get("X-API-Key"),
        lambda: parameters.get("key"),
        lambda: bearer if scheme.lower() == "bearer" else None,
    )
    found = (key.strip() for read in keys if (key := read()))
    return next((key for key in found if key), None)


def read_format(parameters: Parameters) -> Format:
    format = parameters.get("format")
    return format if format in FORMATS else "json"


def first_file(request: StreamingRequest, name: str) -> FileStorage | None:
    """A browser form sends a nameless, empty part where no file was chosen."""
    for file in request.files.getlist(name):
        if file.filename or upload_of(file).size:
            return file
    return None


def upload_of(file: FileStorage) -> Upload:
    return cast(ArrivingFile, file.stream).upload


def sent_empty(parameters: Parameters) -> str | None:
    """ "" for a source that was sent with nothing in it, None for one that was not sent."""
    return "" if "source" in parameters.values or "image" in parameters.values else None


def read_category(text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,18}", text.strip(), re.ASCII):
        raise InvalidInput(f"Invalid category_id {text!r}: send the number of a category, or leave it out.")
    return int(text)


def read_nsfw(text: str | None, warnings: list[str]) -> bool:
    if text not in (None, "1"):
        warnings.append(f"nsfw {text!r} was taken as 0; it is 0 or 1.")
    return text == "1"


def read_width(text: str | None, warnings: list[str]) -> int | None:
    """Numbers as PHP reads them (100.7 is 100); what is no number is ignored."""
    if text is None:
        return None
    if not re.fullmatch(r"[+-]?\d{1,9}(\.\d*)?", text.strip(), re.ASCII):
        warnings.append(f"width {text!r} is no number of pixels; the file keeps its size.")
        return None
    return int(float(text)) or None
