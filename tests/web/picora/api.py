"""Calls to `/v1` with a key, and what answers must look like whatever they say."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import draw
from tests.web.picora import described


@dataclass(frozen=True, slots=True)
class Api:
    """api.get("/images"), api.patch("/images/x", {"title": "Cat"}), api.upload(tags='["a"]'). Every answer has to be
    one that `/openapi.json` describes."""

    client: FlaskClient
    key: str | None

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        headers |= options.pop("headers", {})
        if body is not None:
            options["json"] = body
        answer = self.client.open(f"/v1{path}", method=method, headers=headers, **options)
        described.check(answer)
        return answer

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.call("GET", path, query_string=query or None)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.call("POST", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.call("PATCH", path, body, **options)

    def delete(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.call("DELETE", path, body, **options)

    def upload(
        self, data: bytes | None = None, filename: str = "pic.png", *, to: str = "/images", **fields: Any
    ) -> TestResponse:
        """file=None leaves the file out."""
        parts = {"file": (io.BytesIO(draw() if data is None else data), filename)} | fields
        return self.post(to, data={name: part for name, part in parts.items() if part is not None})


def data_of(answer: TestResponse, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.json and answer.json["success"] is True
    return answer.json["data"]


def refused(answer: TestResponse, status: int, code: str = "VALIDATION_ERROR") -> dict[str, Any]:
    """The meta of an answer that has to be this refusal."""
    assert (answer.status_code, answer.json and answer.json["code"]) == (status, code), answer.text
    assert answer.json and answer.json["success"] is False
    assert isinstance(answer.json["error"], str) and len(answer.json["error"]) > 10
    assert isinstance(answer.json["meta"], dict)
    meta: dict[str, Any] = answer.json["meta"]
    return meta
