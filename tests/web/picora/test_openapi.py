"""/openapi.json describes what is served: every path, and nothing that is not there. What it says of answers is held
against each answer that `Api` gets, in the tests beside this one; here is one of every operation."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.core.records import Kind
from gateway.web.picora.envelope import REFUSALS
from tests.conftest import PUBLIC_URL, draw
from tests.media import film, sound
from tests.web.conftest import Post
from tests.web.picora import tus
from tests.web.picora.api import Api, data_of
from tests.web.picora.described import DOCUMENT, OPERATIONS, check

FAMILIES: dict[Kind, str] = {"image": "images", "video": "videos", "audio": "audio"}
FILES = {"image": draw, "video": film, "audio": sound}
LEGACY = "/api/1/upload"


def test_it_works(client: FlaskClient) -> None:
    answer = client.get("/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json == DOCUMENT
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert DOCUMENT["servers"] == [{"url": PUBLIC_URL}]


def test_who_has_it_already_is_told_so(client: FlaskClient) -> None:
    etag = client.get("/openapi.json").headers["ETag"]
    assert client.get("/openapi.json", headers={"If-None-Match": etag}).status_code == 304


def test_it_is_openapi() -> None:
    definitions = pytest.importorskip("schemathesis.specs.openapi.definitions", reason="schemathesis is not installed")
    definitions.OPENAPI_31_VALIDATOR.validate(DOCUMENT)


def served(app: Flask) -> set[tuple[str, str]]:
    """What the router knows below /v1 and as /health. HEAD goes with GET, and OPTIONS with everything, but for TUS."""
    found = set()
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?\w+>", "{id}", rule.rule)
        if path == "/health" or path.startswith("/v1/"):
            usual = set() if path.startswith("/v1/uploads") else {"HEAD", "OPTIONS"}
            found |= {(method, path) for method in (rule.methods or set()) - usual}
    return found


def test_it_has_every_path_and_method_there_is_and_no_other(app: Flask) -> None:
    described = {key for key in OPERATIONS if key[1] != LEGACY}
    assert described == served(app)
    assert {key for key in OPERATIONS if key[1] == LEGACY} == {("GET", LEGACY), ("POST", LEGACY)}


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    references = set(re.findall(r'"#/components/(\w+)/([\w.-]+)"', json.dumps(DOCUMENT)))
    components = DOCUMENT["components"]
    known = {(kind, name) for kind in ("schemas", "responses", "headers") for name in components[kind]}
    assert references == known


def test_every_code_is_described() -> None:
    described = {
        (int(name.partition(".")[0]), code)
        for name, response in DOCUMENT["components"]["responses"].items()
        for code in response["content"]["application/json"]["schema"]["properties"]["code"]["enum"]
    }
    assert described == set(REFUSALS.values())


def test_names_of_operations_are_unique() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(names) == len(set(names))


def test_every_tag_is_explained() -> None:
    used = {tag for operation in OPERATIONS.values() for tag in operation["tags"]}
    assert used == {tag["name"] for tag in DOCUMENT["tags"]}


def of_kind(api: Api, kind: Kind) -> Iterable[TestResponse]:
    family = FAMILIES[kind]
    yield (first := api.upload(FILES[kind](), "a file", to=f"/{family}", tags='["a"]', isPublic="false"))
    path = f"/{family}/{first.json['data']['id']}"
    yield api.upload(FILES[kind](), "a file", to=f"/{family}")
    yield api.patch(path, {"title": "Lake", "allowedReferers": ["self"]})
    yield from (api.get(f"/media/{path.rpartition('/')[2]}"), api.get("/media"), api.get("/sync/state"))
    yield api.get(path)
    yield api.post(f"{path}/sign", {"variant": "th"})
    if kind != "audio":
        yield api.get(f"/{family}")
    if kind == "video":
        yield api.get(f"{path}/status")
    yield api.delete(path)
    yield api.get("/sync/state")


def of_many(api: Api) -> Iterable[TestResponse]:
    yield api.post("/images/exists", {"hashes": [data_of(api.upload(), 201)["contentHash"], "0" * 64]})
    yield api.delete("/images", {"ids": [data_of(api.upload(draw(seed=1)), 201)["id"], "x"]})
    items = [{"id": data_of(api.upload(draw(seed=2)), 201)["id"], "type": "image"}, {"id": "x", "type": "image"}]
    yield api.delete("/media", {"items": items})


def of_account(api: Api) -> Iterable[TestResponse]:
    for path in ("/auth/verify", "/user/me", "/user/me/usage", "/user/me/rate-limits", "/health"):
        yield api.get(path)


def of_tus(api: Api) -> Iterable[TestResponse]:
    data = draw(seed=3)
    yield api.call("OPTIONS", "/uploads")
    yield tus.begin(api, len(data), filename="a.png")
    path = tus.begun(api, len(data))
    yield from (api.call("OPTIONS", path), api.get(path), tus.look(api, path))
    yield tus.send(api, path, data[:10], 0)
    yield tus.send(api, path, data[10:], 10)
    yield from (api.get(path), tus.look(api, path))
    yield tus.abandon(api, path)
    path = tus.begun(api, len(data))
    override = {"X-HTTP-Method-Override": "DELETE", "Tus-Resumable": "1.0.0"}
    yield api.post(path, headers=override)


def test_an_answer_of_every_operation(api: Api, client: FlaskClient, post: Post) -> None:
    answers: list[TestResponse] = [client.get("/health"), post()]
    for kind in FAMILIES:
        answers += of_kind(api, kind)
    for group in (of_many, of_account, of_tus):
        answers += group(api)
    assert [answer.status for answer in answers if answer.status_code >= 400] == []
    # Fetching needs a site to fetch from, which the tests of the legacy door have.
    described: set[str] = {operation["operationId"] for operation in OPERATIONS.values()}
    assert described - {check(answer) for answer in answers} == {"legacy_fetch"}


@pytest.mark.parametrize("format", ["json", "txt", "redirect"])
@pytest.mark.parametrize("name", ["source", "image"])
def test_what_old_tools_are_answered(post: Post, format: str, name: str) -> None:
    sent: dict[str, Any] = {"source": None} | {name: (io.BytesIO(draw(1000, 500)), "pic.png"), "format": format}
    answer = post(**sent, tags="a,b", nsfw="maybe", expiration="PT5M")
    assert answer.status_code == (302 if format == "redirect" else 200)
    assert check(answer) == "legacy_upload"


@pytest.mark.parametrize(("data", "name"), [(film, "a.mp4"), (sound, "a.mp3")])
def test_what_old_tools_are_answered_for_other_kinds(post: Post, data: Any, name: str) -> None:
    assert check(post(source=(io.BytesIO(data()), name))) == "legacy_upload"


@pytest.mark.parametrize("format", ["json", "txt", "redirect"])
def test_what_old_tools_are_refused_with(post: Post, client: FlaskClient, format: str) -> None:
    assert check(post(key="wrong", format=format)) == "legacy_upload"
    assert check(client.get(LEGACY, query_string={"format": format})) == "legacy_fetch"
