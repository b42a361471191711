"""R29: every route as everybody, with GET, HEAD, ranges and conditions: what is alice's stays hers."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.core.formats.registry import KNOWN_EXTENSIONS
from gateway.core.ids import new_id
from gateway.core.library import Added
from gateway.core.moving import Arrived
from gateway.core.records import VARIANTS, Album, Media, Owner
from gateway.store.opening import Opened
from tests.conftest import FrozenClock, draw
from tests.old_host import move_in
from tests.security.dashboard_routes import ROUTES
from tests.security.routes import BYTES, FILES, PEOPLE, ROWS, Row

PHOTO = draw(600, 400, "JPEG", quality=95)
SHA256 = hashlib.sha256(PHOTO).hexdigest()
SECRETS = (b"Hushed title", b"hush-file", b"Hushed words", SHA256[:24].encode(), PHOTO[300:340])
ELSEWHERE = "203.0.113.9"
# How bytes are asked for besides.
WISHES: dict[str, dict[str, str]] = {
    "a range": {"Range": "bytes=0-9"},
    "a range out of it": {"Range": "bytes=99999999-"},
    "what is another": {"If-None-Match": "*"},
    "what is newer": {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    "a WebP": {"Accept": "image/webp"},
    "from a page of ours": {"Referer": "https://img.example.org/"},
}


@dataclass(frozen=True, slots=True)
class World:
    client: FlaskClient
    opened: Opened
    names: dict[str, str]
    keys: dict[str, str]
    mine: tuple[Media, ...]

    def ask(self, row: Row, person: str, method: str = "", **more: str) -> TestResponse:
        if person == "disabled":
            self.opened.owners.disable("alice")
        try:
            return self.client.open(
                row.path.format(**self.names),
                method=method or row.method,
                headers=self.key_of(person) | dict(row.headers) | more,
                json=spelled(row.json, self.names),
                data=form(row, PEOPLE.index(person)),
                environ_base={"REMOTE_ADDR": ELSEWHERE},
            )
        finally:
            if person == "disabled":
                self.opened.owners.enable("alice")

    def key_of(self, person: str) -> dict[str, str]:
        key = self.keys.get(person)
        return {"Authorization": f"Bearer {key}", "X-API-Key": key} if key else {}

    def is_untouched(self) -> bool:
        return all(self.opened.library.get(media.id) == media for media in self.mine)


def form(row: Row, seed: int) -> dict[str, Any] | None:
    return {row.sends_file: (io.BytesIO(draw(seed=seed)), "a.png")} if row.sends_file else None


def spelled(value: Any, names: dict[str, str]) -> Any:
    match value:
        case str():
            return value.format(**names)
        case list():
            return [spelled(one, names) for one in value]
        case dict():
            return {name: spelled(one, names) for name, one in value.items()}
    return value


@pytest.fixture
def world(
    client: FlaskClient, opened: Opened, alice: Owner, add_image: Callable[..., Added], clock: FrozenClock
) -> World:
    opened.owners.publish("alice")
    opened.catalog.add_album(album := Album(new_id(), alice.id, "Hushed title", clock.now(), privacy="private"))
    category = opened.library.add_category("Hushed category", "hushed")
    photo = add_image(
        data=PHOTO, filename="hush-file.jpg", title="Hushed title", description="Hushed words", tags=("word",),
        is_public=False, category_id=category.id,
    ).media  # fmt: skip
    film = replace(photo, id=new_id(), kind="video", mime="video/mp4", extension="mp4", album_id=album.id)
    sound = replace(photo, id=new_id(), kind="audio", mime="audio/mpeg", extension="mp3")
    opened.catalog.add_arrived([Arrived(film), Arrived(sound)])
    for media in (film, sound):
        opened.blobs.put({media.blob("th"): PHOTO})
    old = move_in(opened.catalog)
    old.media(7, photo, "/old/hush.jpg", mime="image/jpeg")
    keys = {"owner": opened.keys.issue(alice, "good")[1], "revoked": issued_and_revoked(opened, alice)}
    keys["disabled"] = keys["owner"]
    for person, role in (("other", "user"), ("guest", "guest"), ("admin", "admin")):
        keys[person] = opened.keys.issue(opened.owners.add(person, role=role), person)[1]  # type: ignore[arg-type]
    begun = client.post(
        "/v1/uploads",
        headers={"Authorization": f"Bearer {keys['owner']}", "Tus-Resumable": "1.0.0", "Upload-Length": "10"},
    )
    names = {"photo": photo.id, "film": film.id, "sound": sound.id, "album": album.id, "word": "word",
             "sha256": SHA256, "session": begun.headers["Location"].rpartition("/")[2]}  # fmt: skip
    mine = tuple(opened.library.get(media.id) for media in (photo, film, sound))
    return World(client, opened, names, keys, mine)


def issued_and_revoked(opened: Opened, owner: Owner) -> str:
    record, key = opened.keys.issue(owner, "bad")
    opened.keys.revoke(record.id)
    return key


def told(answer: TestResponse) -> Iterator[bytes]:
    yield answer.data
    yield str(answer.headers).encode()


def leaks(answer: TestResponse, asked: object = None) -> list[bytes]:
    """What is said that was not in the question."""
    known = str(asked).encode()
    return [one for one in SECRETS for text in told(answer) if one in text and one not in known]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_r29_everybody_gets_what_is_theirs(world: World, row: Row) -> None:
    found = []
    for person in PEOPLE:
        answer = world.ask(row, person)
        found.append(str(answer.status_code))
        if person != "owner":
            assert leaks(answer, spelled(row.json, world.names)) == [], person
            assert world.is_untouched(), person
    assert " ".join(found) == row.statuses


READ = [row for row in ROWS if row.method == "GET"]


@pytest.mark.parametrize("row", READ, ids=str)
def test_r29_head_says_no_more_than_get(world: World, row: Row) -> None:
    for person in PEOPLE:
        status = world.ask(row, person).status_code
        answer = world.ask(row, person, "HEAD")
        assert answer.status_code in (status, 405), person  # the oldest door knows no HEAD
        assert answer.data == b"", person
        assert person == "owner" or leaks(answer) == [], person


@pytest.mark.parametrize("row", READ, ids=str)
def test_r29_no_wish_opens_what_is_closed(world: World, row: Row) -> None:
    for wish, headers in WISHES.items():
        for person, status in row.expected().items():
            answer = world.ask(row, person, **headers)
            assert person == "owner" or leaks(answer) == [], (person, wish)
            if status >= 400:
                assert answer.status_code == status, (person, wish)
                assert not {"ETag", "Last-Modified", "Content-Range"} & set(answer.headers.keys()), (person, wish)
            else:
                assert answer.status_code in (status, 206, 304, 416), (person, wish)


@pytest.mark.parametrize("row", FILES, ids=str)
def test_r29_what_is_private_is_kept_by_no_cache(world: World, row: Row) -> None:
    for wish in ({}, *WISHES.values()):
        answer = world.ask(row, "owner", **wish)
        expected = "no-store" if answer.status_code == 416 else "private, no-store"
        assert answer.headers["Cache-Control"] == expected
    for person in PEOPLE[:-1]:
        assert "no-store" in world.ask(row, person).headers["Cache-Control"], person


@pytest.mark.parametrize("variant", ["", *VARIANTS])
def test_r29_no_spelling_of_a_file_is_forgotten(world: World, variant: str) -> None:
    """Thumbnails, stills and every extension, whether there is such a file or not."""
    for extension in KNOWN_EXTENSIONS:
        path = "/".join(["", ".".join(filter(None, ["{photo}", variant, extension]))])
        for person, status in Row("", "GET", path, BYTES).expected().items():
            answer = world.ask(Row("", "GET", path, BYTES), person)
            assert person == "owner" or (answer.status_code, leaks(answer)) == (status, []), (person, path)


@pytest.mark.parametrize("path", ["/{photo}.jpg", "/{photo}.th.jpg", "/old/hush.jpg"])
def test_r29_a_link_past_its_life_opens_nothing(world: World, clock: FrozenClock, path: str) -> None:
    variant = "th" if ".th." in path else ""
    signature = world.opened.signing.sign(world.names["photo"], 60, variant)
    row = Row("", "GET", f"{path}?sig={signature.sig}&exp={signature.exp}", BYTES)
    assert world.ask(row, "anonymous").status_code == 200
    clock.advance(seconds=61)
    for person in PEOPLE[:-1]:
        answer = world.ask(row, person)
        assert (answer.status_code, leaks(answer)) == (403, []), person


def test_r29_guessed_ids_are_not_told_from_others(world: World) -> None:
    for person in ("anonymous", "other", "admin"):
        for path in ("/v1/images/{}", "/v1/media/{}", "/image/{}"):
            real, made_up = (
                world.ask(Row("", "GET", path.format(one), BYTES), person)
                for one in (world.names["photo"], "AAAAAAAAAAA")
            )
            assert real.status_code == made_up.status_code, (person, path)
            assert without_ids(real.text, world) == without_ids(made_up.text, world)


def without_ids(text: str, world: World) -> str:
    return text.partition('"requestId"')[0].replace(world.names["photo"], "").replace("AAAAAAAAAAA", "")


def test_r29_no_route_is_missing(app: Flask) -> None:
    there = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
        if method != "OPTIONS" or rule.endpoint.endswith("_options")
    }
    known = {(row.endpoint, row.method) for row in ROWS if row.endpoint}
    assert there == known | {(f"dashboard.{route.endpoint}", route.method) for route in ROUTES}
