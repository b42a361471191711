"""What a TUS client does, one call each."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from werkzeug.test import TestResponse

from tests.web.picora.api import Api

PIECE = "application/offset+octet-stream"


def metadata(**values: str) -> str:
    return ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in values.items())


def begin(api: Api, length: int | None, headers: dict[str, str] | None = None, **said: str) -> TestResponse:
    """begin(api, 100, filename="cat.png"); a length of None is told later."""
    sent = {"Upload-Length": str(length)} if length is not None else {"Upload-Defer-Length": "1"}
    sent |= {"Tus-Resumable": "1.0.0", "Upload-Metadata": metadata(**said)} | (headers or {})
    return api.post("/uploads", headers={name: value for name, value in sent.items() if value})


def begun(api: Api, length: int | None, **said: str) -> str:
    """The path of an upload, below /v1."""
    answer = begin(api, length, **said)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"].removeprefix("/v1")


def send(api: Api, path: str, data: bytes, offset: int, **headers: str) -> TestResponse:
    """send(api, path, b"…", 0, upload_checksum="sha1 …"); a header that is empty is left out."""
    sent = {"tus_resumable": "1.0.0", "upload_offset": str(offset), "content_type": PIECE} | headers
    spelled = {name.replace("_", "-"): value for name, value in sent.items() if value}
    return api.call("PATCH", path, data=data, headers=spelled)


def offset(api: Api, path: str) -> int:
    answer = look(api, path)
    assert answer.status_code == 200, answer.text
    return int(answer.headers["Upload-Offset"])


def look(api: Api, path: str, **options: Any) -> TestResponse:
    return api.call("HEAD", path, headers={"Tus-Resumable": "1.0.0"}, **options)


def abandon(api: Api, path: str) -> TestResponse:
    return api.delete(path, headers={"Tus-Resumable": "1.0.0"})
