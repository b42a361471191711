"""GET /v1/images: what an owner has, newest first, a page at a time."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from gateway.core.ids import new_image_id
from gateway.core.library import Added
from gateway.core.moving import Arrived
from gateway.core.records import Media, Owner
from gateway.store.opening import Opened
from tests.conftest import FrozenClock
from tests.contract.samples import a_media
from tests.core.filming import needs_ffmpeg
from tests.media import sound
from tests.web.conftest import Fill
from tests.web.picora.api import Api, data_of, refused

Add = Callable[..., Added]
SEED_CURSOR = "eyJpZCI6IlhLOU1SMlBRN3ZCIiwiY3JlYXRlZEF0IjoiMjAyNi0wNC0xNiJ9"


def ids(answer_data: dict[str, list[dict[str, str]]]) -> list[str]:
    return [item["id"] for item in answer_data["items"]]


def test_it_works(api: Api, fill: Fill) -> None:
    newest_first = [media.id for media in fill(25)][::-1]
    page = data_of(api.get("/images"))

    assert ids(page) == newest_first[:20]
    assert page["images"] == page["items"]
    assert (page["total"], page["hasMore"], page["has_more"]) == (25, True, True)
    assert page["nextCursor"] == page["next_cursor"]
    rest = data_of(api.get("/images", cursor=page["nextCursor"]))
    assert ids(rest) == newest_first[20:]
    assert (rest["total"], rest["hasMore"], rest["nextCursor"]) == (25, False, None)


def test_an_item_is_what_the_image_itself_is(api: Api) -> None:
    image = data_of(api.upload(tags='["a"]'), 201)

    assert data_of(api.get("/images"))["items"] == [image]


def test_nothing_is_an_empty_page(api: Api) -> None:
    page = data_of(api.get("/images"))

    assert (page["items"], page["images"], page["nextCursor"], page["hasMore"], page["total"]) == (
        [],
        [],
        None,
        False,
        0,
    )


@needs_ffmpeg
def test_others_and_other_kinds_are_not_listed(api: Api, bob_api: Api) -> None:
    bob_api.upload()
    data_of(api.upload(sound(), "a.mp3", to="/audio"), 201)

    assert data_of(api.get("/images"))["total"] == 0
    assert data_of(api.get("/images"))["items"] == []


@pytest.mark.parametrize("limit", [1, 3, 7, 24, 25, 100])
def test_a_walk_sees_each_once_whatever_the_page_size(api: Api, fill: Fill, limit: int) -> None:
    expected = [media.id for media in fill(25)][::-1]

    assert walk(api, limit) == expected


def walk(api: Api, limit: int, meanwhile: Callable[[], object] = lambda: None) -> list[str]:
    seen: list[str] = []
    cursor = ""
    while True:
        page = data_of(api.get("/images", limit=limit, cursor=cursor))
        seen += ids(page)
        if not page["hasMore"]:
            return seen
        cursor = page["nextCursor"]
        meanwhile()


def test_a_walk_over_the_same_moment_sees_each_once(api: Api, opened: Opened, alice: Owner) -> None:
    """The time alone does not order them."""
    media = [a_media(alice) for _ in range(20)]
    opened.catalog.add_arrived([Arrived(one) for one in media])

    assert walk(api, 3) == sorted((one.id for one in media), reverse=True)


@pytest.mark.long
@pytest.mark.parametrize(("limit", "number"), [(1, 500), (37, 10_000), (100, 2_000)])
def test_a_walk_over_ten_thousand_sees_each_once_while_others_come_and_go(
    opened: Opened, alice: Owner, clock: FrozenClock, limit: int, number: int, api: Api
) -> None:
    """Deleted are those already seen, and added are newer ones."""
    media = [a_media(alice, created_at=clock.now() - timedelta(milliseconds=at // 7)) for at in range(number)]
    opened.catalog.add_arrived([Arrived(one) for one in media])
    expected = [one.id for one in sorted(media, key=lambda one: (one.created_at, one.id), reverse=True)]
    gone = iter(expected)

    def come_and_go() -> None:
        clock.advance(seconds=1)
        opened.catalog.remove_media(next(gone), clock.now())
        newer = a_media(alice, id=new_image_id(), created_at=clock.now())
        opened.catalog.add_arrived([Arrived(newer)])

    assert walk(api, limit, come_and_go) == expected


def test_a_limit_above_the_most_is_the_most(api: Api, fill: Fill) -> None:
    fill(101)

    for limit in ("101", "100", "99999999", "0100"):
        assert len(data_of(api.get("/images", limit=limit))["items"]) == 100


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "٣", "1e2", "9" * 5000, " 5"])
def test_a_limit_that_is_none(api: Api, text: str) -> None:
    assert refused(api.get("/images", limit=text), 422)["field"] == "limit"


def test_an_empty_parameter_was_not_sent(api: Api, fill: Fill) -> None:
    fill(3)
    page = data_of(api.get("/images?cursor=&limit=&tag=&q=&start_date=&end_date=&is_public="))

    assert len(page["items"]) == 3


# the cursor


def encoded(place: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def test_the_cursor_of_the_documentation_is_read(api: Api) -> None:
    data_of(api.get("/images", cursor=SEED_CURSOR))


def test_either_alphabet_is_read_and_padding_may_be_there(api: Api, fill: Fill) -> None:
    media = fill(3)
    place = {"id": media[1].id, "createdAt": media[1].created_at.isoformat(), "note": "?>?>~~"}
    text = json.dumps(place).encode()
    for cursor in (base64.b64encode(text), base64.urlsafe_b64encode(text), base64.b64encode(text).rstrip(b"=")):
        assert ids(data_of(api.get("/images", cursor=cursor.decode()))) == [media[0].id]


def test_a_cursor_holds_the_whole_time(api: Api, fill: Fill) -> None:
    media = fill(2)[1]
    cursor = data_of(api.get("/images", limit=1))["nextCursor"]

    assert "=" not in cursor
    place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    assert place == {"id": media.id, "createdAt": "2026-11-21T12:00:01.123Z"}


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "!!!",
        "é",
        "e",
        encoded([]),
        encoded({"id": "x"}),
        encoded({"id": 5, "createdAt": "2026-04-16"}),
        encoded({"id": "x", "createdAt": "yesterday"}),
        encoded({"id": "x", "createdAt": 5}),
        encoded({"id": "x", "createdAt": "0001-01-01T00:00:00+14:00"}),
        encoded({"id": "a\0b", "createdAt": "2026-04-16"}),
        encoded({"id": "\ud800", "createdAt": "2026-04-16"}),
        SEED_CURSOR[:-5],
        SEED_CURSOR * 9,
    ],
)
def test_a_broken_cursor(api: Api, cursor: str) -> None:
    assert refused(api.get("/images", cursor=cursor), 422)["field"] == "cursor"


# filters


@pytest.fixture
def cats(add_image: Add, clock: FrozenClock) -> list[Media]:
    """Two with tags, and one without, a day apart each."""
    added = []
    for title, tags in (("Cat", ("cat", "pet")), ("Big CAT", ("cat",)), ("Lake", ())):
        added.append(add_image(title=title, tags=tags).media)
        clock.advance(days=1)
    return added


def test_a_tag_is_whole_and_its_case_matters(api: Api, cats: list[Media]) -> None:
    assert ids(data_of(api.get("/images", tag="cat"))) == [cats[1].id, cats[0].id]
    assert ids(data_of(api.get("/images", tag="pet"))) == [cats[0].id]
    assert [ids(data_of(api.get("/images", tag=tag))) for tag in ("Cat", "ca", "dog")] == [[], [], []]


def test_a_text_is_looked_for_in_title_and_file_name(api: Api, cats: list[Media]) -> None:
    assert ids(data_of(api.get("/images", q="cat"))) == [cats[1].id, cats[0].id]
    assert ids(data_of(api.get("/images", q="PIC.png"))) == [one.id for one in cats[::-1]]


def test_the_total_is_that_of_the_library(api: Api, cats: list[Media]) -> None:
    assert data_of(api.get("/images", tag="pet"))["total"] == 3


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"start_date": "2026-11-22"}, [2, 1]),
        ({"end_date": "2026-11-22"}, [1, 0]),
        ({"start_date": "2026-11-22", "end_date": "2026-11-22"}, [1]),
        ({"startDate": "2026-11-22", "endDate": "2026-11-22"}, [1]),
        ({"start_date": "2026-11-22T12:00:00.123Z"}, [2, 1]),
        ({"start_date": "2026-11-22T12:00:00.124Z"}, [2]),
        ({"end_date": "2026-11-22T12:00:00.123Z"}, [1, 0]),
        ({"end_date": "2026-11-22T14:00:00.122+02:00"}, [0]),
        ({"start_date": "2026-11-24"}, []),
        ({"end_date": "9999-12-31"}, [2, 1, 0]),
        ({"start_date": "2026-11-23", "end_date": "2026-11-21"}, []),
    ],
)
def test_both_dates_are_inclusive(api: Api, cats: list[Media], query: dict[str, str], expected: list[int]) -> None:
    assert ids(data_of(api.get("/images", **query))) == [cats[at].id for at in expected]


@pytest.mark.parametrize("name", ["start_date", "end_date"])
@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "22.11.2026", "0001-01-01T00:00:00+14:00"])
def test_a_date_that_is_none(api: Api, name: str, text: str) -> None:
    assert refused(api.get("/images", **{name: text}), 422)["field"] == name


@pytest.mark.parametrize("name", ["is_public", "isPublic"])
def test_the_visibility_is_asked_for(api: Api, cats: list[Media], name: str) -> None:
    data_of(api.patch(f"/images/{cats[1].id}", {"isPublic": False}))

    assert ids(data_of(api.get("/images", **{name: "false"}))) == [cats[1].id]
    assert ids(data_of(api.get("/images", **{name: "true"}))) == [cats[2].id, cats[0].id]
    assert len(ids(data_of(api.get("/images")))) == 3


def test_a_visibility_that_is_none(api: Api) -> None:
    assert refused(api.get("/images", is_public="maybe"), 422)["field"] == "is_public"


@pytest.mark.parametrize("name", ["tag", "q", "cursor", "limit", "start_date"])
def test_a_nul_in_a_parameter(api: Api, name: str) -> None:
    refused(api.get(f"/images?{name}=a%00b"), 422)


def test_what_is_past_its_time_is_not_listed(api: Api, add_image: Add, clock: FrozenClock) -> None:
    add_image(expiration="PT5M")
    clock.advance(minutes=6)

    assert ids(data_of(api.get("/images"))) == []


def test_no_key(anonymous: Api) -> None:
    refused(anonymous.get("/images"), 401, "UNAUTHORIZED")


def test_a_key_that_may_not_read(api_with: Callable[..., Api]) -> None:
    assert refused(api_with("account.read").get("/images"), 403, "FORBIDDEN")["required"] == "media.read"
