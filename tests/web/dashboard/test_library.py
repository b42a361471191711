"""The library: what is seen of it, what is found, and how its pages are turned."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.core.changes import Changes
from gateway.core.library import Added
from gateway.core.records import Media, Owner
from gateway.store.opening import Opened
from tests.conftest import PUBLIC_URL, FrozenClock
from tests.contract.samples import a_media, a_token
from tests.web.dashboard.conftest import Person, text_of

LIBRARY = "/dashboard/library"
Add = Callable[..., Added]


@pytest.fixture
def known(opened: Opened, alice: Owner, clock: FrozenClock) -> Callable[..., Media]:
    """known(title="Cat") is one of Alice's without its bytes, newer than the one before."""

    def add(owner: Owner = alice, **facts: Any) -> Media:
        clock.time += timedelta(seconds=1)
        media = a_media(owner, created_at=clock.now(), updated_at=clock.now(), **facts)
        opened.catalog.add_media(media, a_token(), reuse=False)
        return media

    return add


def shown(page: str) -> list[str]:
    """The ids of the squares, in order."""
    return re.findall(r'<li class="tile" data-id="([^"]+)"', page)


def titles(page: str) -> list[str]:
    return [unescape(title) for title in re.findall(r'<img src="[^"]+" alt="([^"]+)" width="320"', page)]


def test_an_empty_library_tells_how_to_begin(user: Person) -> None:
    page = user.get(LIBRARY).text
    assert "Nothing here yet" in text_of(page) and 'href="/dashboard/keys"' in page
    assert 'id="filters"' not in page


def test_it_works(user: Person, alice: Owner, bob: Owner, add_image: Add) -> None:
    media = add_image(owner=alice, title="A <cat> & a hat").media
    add_image(owner=bob, title="Not hers")
    page = user.get(LIBRARY).text
    assert shown(page) == [media.id] and titles(page) == ["A <cat> & a hat"]
    assert f'src="{PUBLIC_URL}/{media.id}.th.png"' in page
    assert "One file" in text_of(page) and "Not hers" not in page


def test_a_square_keeps_its_place_and_loads_late(user: Person, known: Callable[..., Media]) -> None:
    known()
    [picture] = re.findall(r"<img src=[^>]*width=\"320\"[^>]*>", user.get(LIBRARY).text)
    assert 'height="320" loading="lazy"' in picture


def test_marks_tell_what_is_not_as_usual(user: Person, known: Callable[..., Media], clock: FrozenClock) -> None:
    known(title="plain")
    assert 'class="mark"' not in user.get(LIBRARY).text
    known(kind="video", mime="video/mp4", extension="mp4", duration=65.0)
    known(kind="audio", mime="audio/mpeg", extension="mp3", duration=3.0)
    known(is_public=False)
    known(expires_at=clock.now() + timedelta(days=1))
    page = user.get(LIBRARY).text
    for label in ("Video", "Sound", "Private", "Will be gone some day"):
        assert page.count(f'<span class="mark" title="{label}">') == 1
    assert "1:05" in text_of(page) and "0:03" in text_of(page)


def test_a_sound_without_a_picture_has_its_title(user: Person, known: Callable[..., Media]) -> None:
    known(kind="audio", mime="audio/mpeg", extension="mp3", title="Voice", thumb_bytes=0)
    page = user.get(LIBRARY).text
    assert '<span class="blank">Voice</span>' in page and "<img src=" not in page.partition("<main")[2]


def test_its_owner_sees_a_private_picture(
    user: Person, client: FlaskClient, alice: Owner, add_image: Add, opened: Opened
) -> None:
    media = add_image(owner=alice).media
    opened.holdings.change(alice, media.id, Changes(is_public=False))
    [address] = re.findall(r'<img src="([^"]+\.th\.[^"]+)"', user.get(LIBRARY).text)
    path = unescape(address).removeprefix(PUBLIC_URL)
    assert client.get(path).status_code == 200
    assert client.get(path.partition("?")[0]).status_code == 401


def test_the_address_of_a_private_picture_stays_a_while(
    user: Person, known: Callable[..., Media], clock: FrozenClock
) -> None:
    known(is_public=False)

    def address() -> str:
        [found] = re.findall(r"sig=[^\"]+", user.get(LIBRARY).text)
        return str(found)

    first = address()
    clock.time += timedelta(minutes=1)
    assert address() == first
    clock.time += timedelta(hours=7)
    assert address() != first


def test_one_past_its_time_is_not_seen(user: Person, known: Callable[..., Media], clock: FrozenClock) -> None:
    known(expires_at=clock.now() + timedelta(minutes=5))
    clock.time += timedelta(minutes=10)
    assert shown(user.get(LIBRARY).text) == []


def test_pages_are_turned_without_a_script(user: Person, known: Callable[..., Media]) -> None:
    media = [known().id for _ in range(130)]
    seen, path = [], LIBRARY
    while path:
        page = user.get(path).text
        seen += shown(page)
        match = re.search(r'rel="next" href="([^"]+)"', page)
        path = unescape(match[1]) if match else ""
    assert seen == media[::-1]
    assert "To the newest" in text_of(page)


def test_the_next_page_comes_as_squares_for_scripts(user: Person, known: Callable[..., Media]) -> None:
    media = [known(title=f"No. {number}").id for number in range(70)]
    page = user.get(LIBRARY).text
    match = re.search(r'data-older="([^"]+)"', page)
    assert match
    found = user.get(f"{LIBRARY}/more?after={match[1]}").json
    assert shown(found["tiles"]) == media[9::-1] and found["older"] == ""
    assert "<html" not in found["tiles"]


@pytest.mark.parametrize(("asked", "given"), [("5", 5), ("0", 1), ("-3", 1), ("x", 60), ("100000", 70)])
def test_scripts_may_ask_for_more_at_once(user: Person, known: Callable[..., Media], asked: str, given: int) -> None:
    for _ in range(70):
        known()
    assert len(shown(user.get(f"{LIBRARY}/more?size={asked}").json["tiles"])) == given


def test_one_square_for_a_script_that_added_it(user: Person, known: Callable[..., Media], bob: Owner) -> None:
    media, his = known(title="New"), known(owner=bob)
    found = user.get(f"{LIBRARY}/tile/{media.id}").json
    assert shown(found["tile"]) == [media.id] and found["seen"] > media.created_at.isoformat()
    for wrong in (his.id, "nothing"):
        assert user.get(f"{LIBRARY}/tile/{wrong}", headers={"Accept": "application/json"}).status_code == 404


# finding


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=lake", ["Lake", "Lake at night"]),
        ("q=LAKE&shown=private", ["Lake at night"]),
        ("tag=snow", ["Hill"]),
        ("tag=Snow", []),
        ("kind=video", ["Walk"]),
        ("kind=image&shown=public", ["Lake", "Hill"]),
        ("shown=private", ["Lake at night"]),
        ("expiring=1", ["Hill"]),
        ("expiring=1&q=lake", []),
        ("album={album}", ["Walk", "Lake"]),
        ("album={album}&kind=image", ["Lake"]),
        ("album={album}&q=walk", ["Walk"]),
        ("kind=sculpture&shown=nobody&expiring=maybe", ["Walk", "Lake", "Lake at night", "Hill"]),
    ],
)
def test_it_finds(
    user: Person, alice: Owner, opened: Opened, known: Callable[..., Media], clock: FrozenClock, query: str,
    found: list[str],
) -> None:  # fmt: skip
    album = opened.library.add_album(alice, "Outside")
    known(title="Hill", tags=("snow",), expires_at=clock.now() + timedelta(days=1))
    known(title="Lake at night", is_public=False)
    known(title="Lake", album_id=album.id)
    known(title="Walk", kind="video", extension="mp4", mime="video/mp4", album_id=album.id)
    page = user.get(f"{LIBRARY}?{query.format(album=album.id)}").text
    assert titles(page) == found
    if not found:
        assert "Nothing is found." in text_of(page)


def test_the_filters_are_kept_in_every_address(user: Person, alice: Owner, known: Callable[..., Media]) -> None:
    for _ in range(61):
        known(title="a & b", tags=("x y",))
    page = user.get(f"{LIBRARY}?q=a+%26&tag=x+y&kind=image&shown=public").text
    match = re.search(r'rel="next" href="([^"]+)"', page)
    assert match and len(shown(user.get(unescape(match[1])).text)) == 1
    assert 'value="a &amp;"' in page and 'value="x y"' in page
    assert '<option value="image" selected>' in page and '<option value="public" selected>' in page


def test_how_many_is_told_where_it_is_known(user: Person, alice: Owner, opened: Opened, known: Any) -> None:
    album = opened.library.add_album(alice, "Outside")
    for number in range(3):
        known(is_public=number > 0, album_id=album.id if number > 1 else None)
    for query, said in (("", "3 files"), ("?shown=public", "2 files"), (f"?album={album.id}", "One file")):
        assert said in text_of(user.get(LIBRARY + query).text)
    assert 'id="number"' not in user.get(f"{LIBRARY}?q=cat").text


def test_an_album_of_another_is_not_found(user: Person, opened: Opened, bob: Owner) -> None:
    album = opened.library.add_album(bob, "His")
    for wrong in (album.id, "nothing"):
        assert user.get(f"{LIBRARY}?album={wrong}").status_code == 404
    assert "His" not in user.get(LIBRARY).text


@pytest.mark.parametrize(
    "query", ["q=%00", "tag=%00", "q=" + "x" * 5000, "after=9999999999999999.x", "after=%F0", "q=%ED%A0%80"]
)
def test_odd_addresses_are_pages(user: Person, known: Callable[..., Media], query: str) -> None:
    known()
    assert user.get(f"{LIBRARY}?{query}").status_code == 200
    assert user.get(f"{LIBRARY}/more?{query}").status_code == 200


def test_tags_are_suggested(user: Person, known: Callable[..., Media], bob: Owner) -> None:
    known(tags=("sun", "sunset", "sea"))
    known(owner=bob, tags=("sunrise",))
    assert user.get(f"{LIBRARY}/tags?begins=sun").json == {"tags": ["sun", "sunset"]}


def test_a_full_page_is_light(user: Person, known: Callable[..., Media], clock: FrozenClock) -> None:
    for _ in range(61):
        known(title="Screenshot 2026-11-21 at 09.41.22", is_public=False, expires_at=clock.now() + timedelta(days=1))
    assert len(user.get(LIBRARY).data) < 100_000


def test_strangers_are_asked_who_they_are(stranger: Person) -> None:
    assert stranger.get(LIBRARY).status_code == 303
    for path in ("more", "tags", "tile/x"):
        answer = stranger.get(f"{LIBRARY}/{path}", headers={"Accept": "application/json"})
        assert answer.status_code == 401 and answer.json["error"]["code"] == "SIGNED_OUT"
