"""GET `/v1/sync/state`: what came, changed and was deleted since last time."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.core.library import Added
from gateway.core.records import Owner
from gateway.settings import Settings
from gateway.store.opening import Opened
from gateway.web.picora.envelope import time_text
from tests.conftest import FrozenClock
from tests.core.filming import film
from tests.web.conftest import Fill
from tests.web.picora.api import Api, data_of, refused

AddImage = Callable[..., Added]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Whoever looks as often as they can is not held back."""
    return replace(settings, limits=replace(settings.limits, read=0, hourly=0))


def state(api: Api, **query: Any) -> Any:
    return data_of(api.get("/sync/state", **query))


def walk(api: Api, **query: Any) -> Iterator[dict[str, Any]]:
    """Every change, page by page."""
    while True:
        page = state(api, **query)
        yield from page["changes"]
        if not page["hasMore"]:
            return
        query["since"] = page["nextCursor"]


def test_it_works(api: Api, add_image: AddImage) -> None:
    media = add_image(filename="cat.png").media
    page = state(api)
    assert page["changes"] == [
        {
            "op": "upsert",
            "type": "image",
            "id": media.id,
            "updatedAt": time_text(media.updated_at),
            "url": f"https://img.example.org/{media.id}.png",
            "contentHash": media.sha256,
            "sizeBytes": media.size_bytes,
            "mimeType": "image/png",
            "filename": "cat.png",
            "isPublic": True,
        }
    ]
    assert page["hasMore"] is False and isinstance(page["nextCursor"], str)


def test_nothing_happened_yet(api: Api) -> None:
    assert state(api) == {"changes": [], "nextCursor": None, "hasMore": False}


def test_going_on_where_it_ended(api: Api, add_image: AddImage, clock: FrozenClock) -> None:
    first = add_image().media
    cursor = state(api)["nextCursor"]
    assert state(api, since=cursor)["changes"] == []
    clock.advance(minutes=1)
    second = add_image().media
    assert [one["id"] for one in state(api, since=cursor)["changes"]] == [second.id]
    assert first.id != second.id


def test_a_deletion(api: Api, add_image: AddImage, clock: FrozenClock) -> None:
    media = add_image().media
    cursor = state(api)["nextCursor"]
    clock.advance(minutes=1)
    api.delete(f"/images/{media.id}")
    gone = {"op": "delete", "type": "image", "id": media.id, "updatedAt": time_text(clock.now())}
    assert state(api, since=cursor)["changes"] == [gone]
    assert state(api)["changes"] == [gone]


def test_a_change(api: Api, add_image: AddImage, clock: FrozenClock) -> None:
    first, second = add_image().media, add_image().media
    clock.advance(minutes=1)
    api.patch(f"/images/{first.id}", {"isPublic": False})
    changes = state(api)["changes"]
    assert [one["id"] for one in changes] == [second.id, first.id]
    assert [one["isPublic"] for one in changes] == [True, False]


def test_since_a_time(api: Api, add_image: AddImage, clock: FrozenClock) -> None:
    add_image()
    clock.advance(minutes=1)
    later = add_image().media
    for time in (time_text(clock.now()), clock.now().isoformat(), "2026-11-21T12:00:30Z", "2026-11-21T13:00:30+01:00"):
        assert [one["id"] for one in state(api, since=time)["changes"]] == [later.id]
    assert len(state(api, since="2026-11-21")["changes"]) == 2
    assert state(api, since="2026-11-22")["changes"] == []


def test_a_cursor_as_other_servers_write_it(api: Api, add_image: AddImage) -> None:
    media = add_image().media
    cursor = b64encode(f'{{"ts": "{time_text(media.updated_at)}", "id": "{media.id}"}}'.encode()).decode()
    assert state(api, since=cursor)["changes"] == []


@pytest.mark.parametrize(("type", "kinds"), [("image", ["image"]), ("video", ["video"]), ("all", ["image", "video"])])
def test_of_one_type(api: Api, add_image: AddImage, type: str, kinds: list[str]) -> None:
    add_image()
    api.upload(film(), "clip.mp4", to="/videos")
    assert [one["type"] for one in state(api, type=type)["changes"]] == kinds


def test_a_deletion_keeps_its_type(api: Api, add_image: AddImage) -> None:
    api.delete(f"/images/{add_image().media.id}")
    assert state(api, type="video")["changes"] == []
    assert [one["op"] for one in state(api, type="image")["changes"]] == ["delete"]


def test_deletions_are_told_for_thirty_days(api: Api, add_image: AddImage, clock: FrozenClock) -> None:
    api.delete(f"/images/{add_image().media.id}")
    clock.advance(days=29, hours=23)
    assert len(state(api)["changes"]) == 1
    clock.advance(hours=2)
    assert state(api)["changes"] == []


@pytest.mark.parametrize("limit", [1, 3, 7, 500])
def test_pages_of_any_size(api: Api, fill: Fill, limit: int) -> None:
    ids = {media.id for media in fill(20)}
    found = list(walk(api, limit=limit))
    assert len(found) == 20 and {one["id"] for one in found} == ids
    assert [(one["updatedAt"], one["id"]) for one in found] == sorted((one["updatedAt"], one["id"]) for one in found)


def test_a_hundred_by_default_and_five_hundred_at_most(api: Api, fill: Fill) -> None:
    fill(502)
    assert len(state(api)["changes"]) == 100
    page = state(api, limit=100_000)
    assert len(page["changes"]) == 500 and page["hasMore"] is True


def test_nothing_is_missed_while_things_change(api: Api, opened: Opened, alice: Owner, add_image: AddImage) -> None:
    """Uploads and deletions go on during the walk; afterwards, the copy is what the library is."""
    kept: set[str] = set()
    for at in range(6):
        add_image(filename=f"{at}.png")

    def busy() -> None:
        added = [add_image(owner=alice) for _ in range(25)]
        for one in added[::2]:
            opened.library.remove(one.media)
        finished.set()

    finished = threading.Event()
    others = threading.Thread(target=busy)
    others.start()
    seen: list[tuple[str, str, str]] = []
    since = ""
    while True:
        was_finished = finished.is_set()
        page = data_of(api.get("/sync/state", limit=2, since=since))
        for one in page["changes"]:
            seen.append((one["updatedAt"], one["id"], one["op"]))
            kept = kept | {one["id"]} if one["op"] == "upsert" else kept - {one["id"]}
        since = page["nextCursor"] or since
        if was_finished and not page["hasMore"]:
            break
    others.join()
    assert kept == {one["id"] for one in walk(api) if one["op"] == "upsert"}
    assert len(kept) == 6 + 12
    assert len(seen) == len(set(seen)), "something was told twice"
    assert [one[:2] for one in seen] == sorted(one[:2] for one in seen)


def test_other_peoples_changes_are_theirs(api: Api, bob_api: Api, add_image: AddImage) -> None:
    add_image()
    assert state(bob_api)["changes"] == []
    assert len(state(api)["changes"]) == 1


def test_expired_ones_are_not_told(api: Api, add_image: AddImage, opened: Opened, clock: FrozenClock) -> None:
    media = add_image(expiration="PT1H").media
    clock.advance(hours=1, minutes=1)
    assert state(api)["changes"] == []
    opened.library.sweep(timedelta(days=1))
    assert [(one["op"], one["id"]) for one in state(api)["changes"]] == [("delete", media.id)]


def test_without_a_key(anonymous: Api) -> None:
    refused(anonymous.get("/sync/state"), 401, "UNAUTHORIZED")


def test_a_key_that_may_not_read(api_with: Callable[..., Api]) -> None:
    assert refused(api_with("media.write").get("/sync/state"), 403, "FORBIDDEN") == {"required": "media.read"}


@pytest.mark.parametrize("type", ["images", "ALL", "document"])
def test_a_type_that_is_none(api: Api, type: str) -> None:
    refused(api.get("/sync/state", type=type), 422)


@pytest.mark.parametrize("limit", ["0", "-1", "ten", "1.5"])
def test_a_limit_that_is_none(api: Api, limit: str) -> None:
    refused(api.get("/sync/state", limit=limit), 422)


@pytest.mark.parametrize("since", ["yesterday", "e30", "W10=", "bnVsbA", "%", "x" * 5_000, "eyJ0cyI6MSwiaWQiOjF9"])
def test_a_cursor_that_cannot_be_read(api: Api, since: str) -> None:
    assert refused(api.get("/sync/state", since=since), 422) == {"field": "since"}
