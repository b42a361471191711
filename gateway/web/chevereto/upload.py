"""`/api/1/upload`: the door old tools keep knocking at. Every answer is the envelope or plain text."""

from __future__ import annotations

from typing import cast

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from gateway.core.errors import GatewayError, InvalidInput, KeyMissing, NotAllowed, TooBig
from gateway.core.keys import Caller, Keys
from gateway.core.library import Library
from gateway.core.ports import Clock, Fetcher, Upload
from gateway.telemetry.requests import OWNER
from gateway.urls import viewer_path
from gateway.web.bodies import StreamingRequest
from gateway.web.chevereto import base64text, envelope
from gateway.web.chevereto.answer import Answers
from gateway.web.chevereto.reading import UploadRequest, read_upload, upload_of
from gateway.web.limits import RateLimits

METHODS = ("GET", "POST")
PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "X-API-Key, Authorization, Content-Type, X-Requested-With, Cache-Control",
    "Access-Control-Max-Age": "86400",
}


class UploadDoor:
    def __init__(
        self, library: Library, keys: Keys, fetcher: Fetcher, clock: Clock, answers: Answers, *,
        rates: RateLimits, url_sources: bool, camera_tags: bool, max_bytes: int,
    ) -> None:  # fmt: skip
        self.library = library
        self.keys = keys
        self.fetcher = fetcher
        self.clock = clock
        self.answers = answers
        self.rates = rates
        self.url_sources = url_sources
        self.camera_tags = camera_tags
        self.max_bytes = max_bytes

    def view(self, rest: str = "") -> Response:
        """Any path below /api. Segments after the action are ignored, as are doubled slashes."""
        version, action = [*(part for part in rest.split("/") if part), "", ""][:2]
        if request.method == "OPTIONS":
            return Response(status=204, headers=PREFLIGHT)
        if request.method not in METHODS:
            raise not_a_method(request.method)
        asked = self.read()
        caller = self.admit(version, action, asked)
        upload, filename = self.source(asked)
        warnings: list[str] = []
        new = asked.new_media(filename, warnings, camera_tags=self.camera_tags)
        added = self.library.add(caller.owner, upload, new)
        cast(StreamingRequest, request).became(added.media.id)
        if asked.format == "txt":
            return envelope.text(self.answers.urls.file(added.media))
        if asked.format == "redirect":
            return envelope.redirect(self.answers.urls.root + viewer_path(added.media))
        image = self.answers.image(added.media, added.delete_token, self.clock.now())
        return envelope.success(success_body(image, [*warnings, *added.warnings], is_imgbb=asked.is_imgbb))

    def read(self) -> UploadRequest:
        try:
            return read_upload(cast(StreamingRequest, request))
        except RequestEntityTooLarge:
            raise TooBig(self.max_bytes) from None

    def admit(self, version: str, action: str, asked: UploadRequest) -> Caller:
        """The old host's checks, in its order: tools tell their faults apart by which comes first."""
        if not version:
            raise InvalidInput("No version provided", code="VERSION_MISSING")
        if not action:
            raise InvalidInput("No action provided", code="ACTION_MISSING")
        if not asked.key:
            raise KeyMissing("No key provided")
        if version != "1":
            raise InvalidInput("Invalid API version.", code="VERSION_INVALID")
        caller = self.keys.check(asked.key)
        request.environ[OWNER] = caller.owner.username
        caller.require("media.write")
        if action != "upload":
            raise InvalidInput("Invalid API action", code="ACTION_INVALID")
        self.rates.take(caller, "upload", request.remote_addr or "").require()
        return caller

    def source(self, asked: UploadRequest) -> tuple[Upload, str]:
        if asked.file:
            return upload_of(asked.file), asked.file.filename or ""
        if asked.text is None:
            raise InvalidInput("Empty upload source", code="SOURCE_MISSING")
        if not asked.text.strip():
            raise InvalidInput("Empty source", code="SOURCE_MISSING")
        upload = cast(StreamingRequest, request).new_upload()
        if url := asked.url():
            if not self.url_sources:
                raise NotAllowed("URL uploading is disabled", code="URL_OFF")
            return upload, self.fetcher.fetch(url, upload)
        if asked.method == "GET":
            raise InvalidInput("Upload using base64 source must be done using POST method.", code="BASE64_BY_GET")
        upload.write(base64text.decode(asked.text))
        return upload, ""


def success_body(image: dict[str, object], warnings: list[str], *, is_imgbb: bool) -> dict[str, object]:
    body: dict[str, object] = {"status_code": 200}
    if is_imgbb:
        body |= {"status": 200}
    body |= {"success": {"message": "file uploaded", "code": 200}}
    body |= {"data": image | {"id": image["id_encoded"]}} if is_imgbb else {"image": image}
    if warnings:
        body["warnings"] = warnings
    return body | {"status_txt": "OK"}


def not_a_method(method: str) -> GatewayError:
    return GatewayError(f"{method} is not used here. Upload with POST, or with GET for the URL of an image.",
                        code="METHOD_NOT_ALLOWED")  # fmt: skip
