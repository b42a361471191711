"""PATCH /v1/images/{id}: what is said about an image changes, its bytes do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.core.records import Owner
from tests.conftest import FrozenClock
from tests.web.conftest import AddAlbum
from tests.web.picora.api import Api, data_of, refused


@pytest.fixture
def image(api: Api) -> dict[str, Any]:
    image: dict[str, Any] = data_of(api.upload(title="Old", tags='["old", "kept"]'), 201)
    return image


def path(image: dict[str, Any]) -> str:
    return f"/images/{image['id']}"


def test_it_works(api: Api, image: dict[str, Any], clock: FrozenClock) -> None:
    clock.advance(seconds=5)
    changes = {"title": "New", "description": "A lake", "tags": ["kept", "new"]}
    changed = data_of(api.patch(path(image), changes))

    later = {"updatedAt": "2026-11-21T12:00:05.123Z", "updated_at": "2026-11-21T12:00:05.123Z"}
    assert changed == image | changes | later
    assert data_of(api.get(path(image))) == changed


@pytest.mark.parametrize("name", ["isPublic", "is_public"])
def test_the_visibility_in_either_spelling(api: Api, image: dict[str, Any], name: str) -> None:
    changed = data_of(api.patch(path(image), {name: False}))

    assert (changed["isPublic"], changed["is_public"]) == (False, False)
    assert changed["title"] == "Old"


def test_the_camel_spelling_wins(api: Api, image: dict[str, Any]) -> None:
    assert data_of(api.patch(path(image), {"isPublic": False, "is_public": True}))["isPublic"] is False
    assert data_of(api.patch(path(image), {"is_public": False, "isPublic": True}))["isPublic"] is True


@pytest.mark.parametrize("name", ["albumId", "album_id"])
def test_it_moves_into_an_album_and_out_of_it(api: Api, image: dict[str, Any], add_album: AddAlbum, name: str) -> None:
    album = add_album()

    assert data_of(api.patch(path(image), {name: album.id}))["albumId"] == album.id
    assert data_of(api.patch(path(image), {name: None}))["albumId"] is None


def test_the_sites_that_may_show_it(api: Api, image: dict[str, Any]) -> None:
    sites = ["self", "Example.org", "*.example.net"]
    changed = data_of(api.patch(path(image), {"allowedReferers": sites}))

    assert changed["allowedReferers"] == ["self", "example.org", "*.example.net"]
    assert changed["allowed_referers"] == changed["allowedReferers"]
    assert data_of(api.patch(path(image), {"allowed_referers": []}))["allowedReferers"] == []
    assert data_of(api.patch(path(image), {"allowedReferers": None}))["allowedReferers"] is None


def test_null_clears_a_text(api: Api, image: dict[str, Any]) -> None:
    changed = data_of(api.patch(path(image), {"title": None, "description": None, "tags": []}))

    assert (changed["title"], changed["description"], changed["tags"]) == (None, None, [])


def test_the_type_of_the_body_does_not_matter(api: Api, image: dict[str, Any]) -> None:
    answer = api.patch(path(image), data='{"title": "New"}', headers={"Content-Type": "text/plain"})

    assert data_of(answer)["title"] == "New"


# refusals


def test_an_empty_one(api: Api, image: dict[str, Any]) -> None:
    refused(api.patch(path(image), {}), 422)


@pytest.mark.parametrize("body", [{"isPubilc": False}, {"title": "New", "kbId": "x"}, {"url": "https://x"}, {"": 1}])
def test_unknown_fields_are_named_and_nothing_is_changed(api: Api, image: dict[str, Any], body: dict[str, Any]) -> None:
    meta = refused(api.patch(path(image), body), 422)

    assert set(meta["fields"]) == set(body) - {"title"}
    assert data_of(api.get(path(image))) == image


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", 5),
        ("title", "a\0b"),
        ("title", "x" * 256),
        ("title", "\ud800"),
        ("description", ["x"]),
        ("description", "x" * 5001),
        ("tags", "travel"),
        ("tags", None),
        ("tags", [1]),
        ("tags", ["x" * 33]),
        ("tags", [f"t{number}" for number in range(11)]),
        ("tags", ["a\0b"]),
        ("isPublic", "false"),
        ("isPublic", 0),
        ("isPublic", None),
        ("is_public", []),
        ("isNsfw", "no"),
        ("albumId", 5),
        ("albumId", "not there"),
        ("allowedReferers", "example.org"),
        ("allowedReferers", [5]),
        ("allowedReferers", ["ex*mple.org"]),
        ("allowedReferers", ["https://example.org/"]),
        ("allowedReferers", [""]),
    ],
)
def test_a_value_that_cannot_be_kept(api: Api, image: dict[str, Any], field: str, value: object) -> None:
    meta = refused(api.patch(path(image), {"description": "changed", field: value}), 422)

    assert meta["field"].replace("_", "") == field.replace("_", "").lower()
    assert data_of(api.get(path(image))) == image


def test_an_album_of_somebody_else(api: Api, image: dict[str, Any], add_album: AddAlbum, bob: Owner) -> None:
    refused(api.patch(path(image), {"albumId": add_album(owner=bob).id}), 422)


@pytest.mark.parametrize("body", ["", "[]", "null", '"title"', "5", '{"title": ', "[" * 100_000, "\xff", "{'a': 1}"])
def test_a_body_that_is_no_object(api: Api, image: dict[str, Any], body: str) -> None:
    refused(api.patch(path(image), data=body.encode("latin-1"), headers={"Content-Type": "application/json"}), 422)


def test_a_body_that_is_too_long(api: Api, image: dict[str, Any]) -> None:
    refused(api.patch(path(image), {"title": "x" * 1_000_001}), 413)


def test_that_of_somebody_else_is_not_found(bob_api: Api, image: dict[str, Any]) -> None:
    refused(bob_api.patch(path(image), {"title": "Mine"}), 404, "NOT_FOUND")


def test_one_that_is_not_there(api: Api) -> None:
    refused(api.patch("/images/AAAAAAAAAAA", {"title": "New"}), 404, "NOT_FOUND")


def test_no_key(anonymous: Api, image: dict[str, Any]) -> None:
    refused(anonymous.patch(path(image), {"title": "New"}), 401, "UNAUTHORIZED")


def test_a_key_that_only_reads(api_with: Callable[..., Api], image: dict[str, Any]) -> None:
    assert refused(api_with("read").patch(path(image), {"title": "New"}), 403, "FORBIDDEN")["required"] == "media.write"
