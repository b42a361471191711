"""One translator from what went wrong to each dialect: the legacy envelope below /api, Picora's below /v1, and a page
everywhere else."""

from __future__ import annotations

import logging

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from gateway.core.errors import GatewayError
from gateway.core.library import not_found
from gateway.core.sizes import format_size
from gateway.telemetry.recent import FAILURE
from gateway.web.chevereto import envelope
from gateway.web.chevereto.reading import FORMATS, Format
from gateway.web.picora import envelope as picora
from gateway.web.picora.door import is_picora

log = logging.getLogger(__name__)

PAGE_STATUS = {
    "FOREIGN_FORM": 403,
    "NOT_FOUND": 404,
    "STORE_UNAVAILABLE": 503,
    "RATE_LIMITED": 429,
    "VALIDATION_ERROR": 400,
    "INTERNAL": 500,
}
HTTP_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 412: "PRECONDITION_FAILED", 415: "UNSUPPORTED_MEDIA_TYPE"}


def register(app: Flask) -> None:
    app.register_error_handler(GatewayError, translate)
    app.register_error_handler(HTTPException, translate_http)
    app.register_error_handler(Exception, translate_crash)


def translate(error: GatewayError) -> Response:
    if is_legacy():
        return envelope.refusal(error, asked_format())
    if is_picora():
        return picora.refusal(error)
    status = PAGE_STATUS.get(error.code, 400)
    response = page(status, error.message)
    if status in (429, 503):
        response.headers["Retry-After"] = str(error.meta.get("retry_after", picora.SECONDS_UNTIL_BETTER))
    return response


def translate_http(error: HTTPException) -> Response:
    if is_legacy():
        code = "METHOD_NOT_ALLOWED" if error.code == 405 else "VALIDATION_ERROR"
        return envelope.refusal(GatewayError(error.description or error.name, code=code), asked_format())
    if is_picora():
        return with_allow(error, picora.refusal(http_refusal(error)))
    if error.code == 404:
        return translate(not_found())
    return with_allow(error, page(error.code or 500, error.description or error.name))


def http_refusal(error: HTTPException) -> GatewayError:
    """What the framework refuses by itself, as our doors would."""
    if isinstance(error, RequestEntityTooLarge):
        limit = format_size(request.max_content_length or 0)
        return GatewayError(f"The request is larger than {limit}, the most that is taken here.", code="FILE_TOO_BIG")
    if error.code == 404:
        return GatewayError(f"There is no {request.path} here.", code="NOT_FOUND")
    return GatewayError(error.description or error.name, code=HTTP_CODES.get(error.code or 400, "BAD_REQUEST"))


def with_allow(error: HTTPException, response: Response) -> Response:
    for name, value in error.get_headers(request.environ):
        if name == "Allow":
            response.headers[name] = value
    return response


def translate_crash(error: Exception) -> Response:
    request_id = request.environ.get("picgate.request_id", "-")
    log.error("request %s failed", request_id, exc_info=error)
    request.environ[FAILURE] = f"{type(error).__name__}: {error}"
    return translate(
        GatewayError(
            f"Something went wrong inside the gateway. Its log tells more: request {request_id}.", request_id=request_id
        )
    )


def is_api() -> bool:
    return is_legacy() or is_picora()


def is_legacy() -> bool:
    return request.path == "/api" or request.path.startswith("/api/")


def asked_format() -> Format:
    """How the caller wanted to be answered, as far as the request could be read."""
    try:
        asked = request.form.getlist("format")[-1:] or request.args.getlist("format")[-1:]
    except (RequestEntityTooLarge, GatewayError):
        asked = request.args.getlist("format")[-1:]
    return asked[0] if asked and asked[0] in FORMATS else "json"


def page(status: int, message: str) -> Response:
    return make_response(render_template("failure.html", status=status, message=message), status)
