"""One thing done to many files: by forms alone, and as scripts ask for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from gateway.core.errors import StoreUnavailable
from gateway.core.library import Added
from gateway.core.records import Media, Owner
from gateway.store.opening import Opened
from gateway.web.pages.dashboard import many
from tests.contract.samples import a_media, a_token
from tests.web.dashboard.conftest import Person, text_of

LIBRARY = "/dashboard/library"
ACT = f"{LIBRARY}/act"
JSON = {"Accept": "application/json"}
Add = Callable[..., Added]


@pytest.fixture
def three(alice: Owner, add_image: Add) -> list[Media]:
    return [add_image(owner=alice, title=f"No. {number}", tags=("old",)).media for number in range(3)]


def now(opened: Opened, media: Media) -> Media | None:
    return opened.catalog.media(media.id)


def act(user: Person, action: str, *media: Media, **fields: Any) -> TestResponse:
    return user.post(ACT, page=LIBRARY, do=action, id=[one.id for one in media], **fields)


def act_as_script(user: Person, action: str, *media: Media, **fields: Any) -> TestResponse:
    return user.post(ACT, page=LIBRARY, headers=JSON, do=action, id=[one.id for one in media], **fields)


# by forms


@pytest.mark.parametrize(("action", "is_public"), [("private", False), ("public", True)])
def test_it_works(user: Person, opened: Opened, three: list[Media], action: str, is_public: bool) -> None:
    answer = act(user, action, *three[:2])
    assert answer.status_code == 303 and answer.headers["Location"] == f"{LIBRARY}?done=files-{action}"
    assert f"The files are {action} now" in text_of(user.get(answer.headers["Location"]).text)
    assert [bool(one and one.is_public) for one in map(lambda one: now(opened, one), three)] == [is_public] * 2 + [True]


def test_tags_are_asked_for_and_added(user: Person, opened: Opened, three: list[Media]) -> None:
    page = act(user, "tag", *three[:2]).text
    assert "This is about 2 files." in text_of(page) and "No. 0" in text_of(page)
    assert [unescape(one) for one in re.findall(r'name="id" value="([^"]+)"', page)] == [one.id for one in three[:2]]
    answer = act(user, "tag", *three[:2], new_tags="sea,  salt water ,")
    assert answer.status_code == 303
    for media in three[:2]:
        changed = now(opened, media)
        assert changed and set(changed.tags) == {"old", "sea", "salt water"}
    act(user, "untag", *three, new_tags="old,never there")
    last = now(opened, three[2])
    assert last and last.tags == ()


def test_a_tag_that_cannot_be_one_is_said_and_kept(user: Person, opened: Opened, three: list[Media]) -> None:
    answer = act(user, "tag", *three, new_tags="#no")
    assert answer.status_code == 400 and "#no cannot be a tag" in text_of(answer.text)
    assert 'value="#no"' in answer.text
    assert now(opened, three[0]) == three[0]


def test_an_album_is_asked_for(user: Person, alice: Owner, opened: Opened, three: list[Media]) -> None:
    album = opened.library.add_album(alice, "Outside")
    assert f'<option value="{album.id}">Outside</option>' in act(user, "move", *three).text
    act(user, "move", *three, new_album=album.id)
    assert [one and one.album_id for one in map(lambda one: now(opened, one), three)] == [album.id] * 3
    act(user, "move", three[0], new_album="-")
    out = now(opened, three[0])
    assert out and out.album_id is None


def test_nothing_goes_into_the_album_of_another(user: Person, bob: Owner, opened: Opened, three: list[Media]) -> None:
    album = opened.library.add_album(bob, "His")
    answer = act(user, "move", *three, new_album=album.id)
    assert answer.status_code == 400 and "There is no such album of yours" in text_of(answer.text)
    assert "His" not in answer.text and now(opened, three[0]) == three[0]


def test_deleting_asks_once_more(user: Person, opened: Opened, three: list[Media]) -> None:
    page = act(user, "delete", *three[:2])
    assert page.status_code == 200 and "gone for good" in text_of(page.text) and now(opened, three[0])
    assert act(user, "delete", *three[:2], sure="1").status_code == 303
    assert [now(opened, one) is None for one in three] == [True, True, False]
    assert [opened.blobs.size(one.blob()) is None for one in three] == [True, True, False]
    assert opened.blobs.size(three[0].blob("th")) is None


def test_what_is_gone_meanwhile_keeps_nothing_back(user: Person, opened: Opened, three: list[Media]) -> None:
    opened.library.remove(three[1])
    page = act(user, "delete", *three)
    assert page.status_code == 200 and "No. 0" in text_of(page.text) and "No. 1" not in text_of(page.text)
    done = act(user, "delete", *three, sure="1")
    assert "2 files are deleted." in text_of(done.text) and opened.library.usage().media_count == 0
    assert act(user, "delete", *three).status_code == 404


def test_everything_that_is_found(
    user: Person, opened: Opened, three: list[Media], add_image: Add, alice: Owner
) -> None:
    other = add_image(owner=alice, title="Elsewhere").media
    page = user.get(f"{LIBRARY}?q=No.").text
    assert '<input type="hidden" name="q" value="No.">' in page
    answer = act(user, "private", all="1", q="No.")
    assert answer.headers["Location"] == f"{LIBRARY}?q=No.&done=files-private"
    assert [one and one.is_public for one in map(lambda one: now(opened, one), [*three, other])] == [False] * 3 + [True]


def test_what_came_later_is_not_among_everything(
    user: Person, opened: Opened, three: list[Media], alice: Owner
) -> None:
    act(user, "delete", all="1", sure="1", until=three[0].created_at.isoformat())
    assert all(now(opened, one) for one in three)


def test_a_long_way_is_gone_in_steps(
    user: Person, opened: Opened, alice: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = [a_media(alice) for _ in range(7)]
    for one in media:
        opened.catalog.add_media(one, a_token(), reuse=False)
    monkeypatch.setattr(many, "HANDFUL", 2)
    monkeypatch.setattr(many, "HANDFULS", 2)
    page = act(user, "tag", all="1", new_tags="x").text
    assert "4 files have their tags." in text_of(page) and "There is more to do." in text_of(page)
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.partition("<main")[2]))
    answer = user.client.post(ACT, base_url="https://img.example.org", data=fields)
    assert answer.status_code == 303
    assert all(one and one.tags == ("x",) for one in map(lambda one: now(opened, one), media))


def test_those_that_failed_are_named(user: Person, opened: Opened, alice: Owner, three: list[Media]) -> None:
    full = a_media(alice, title="Full", tags=tuple(f"t{number}" for number in range(10)))
    opened.catalog.add_media(full, a_token(), reuse=False)
    page = act(user, "tag", three[0], full, new_tags="new").text
    assert "One file has its tags." in text_of(page)
    assert "With one file it did not work Full : That would be 11 tags" in text_of(page)


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"do": "tag"}, "No file is chosen."), ({"do": "fly", "id": ["x"]}, "not said what to do"),
     ({"id": ["x"]}, "not said what to do"), ({"do": "public", "id": [str(at) for at in range(501)]}, "More than 500")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(user: Person, fields: dict[str, Any], said: str) -> None:
    answer = user.post(ACT, page=LIBRARY, **fields)
    assert answer.status_code == 400 and said in text_of(answer.text)


def test_nobody_touches_what_is_anothers(user: Person, bob: Owner, opened: Opened, add_image: Add) -> None:
    his = add_image(owner=bob, title="His secret").media
    for action in ("private", "delete", "tag"):
        answer = act(user, action, his, sure="1", new_tags="x")
        assert "His secret" not in answer.text
    act(user, "delete", all="1", sure="1")
    assert now(opened, his) == his


def test_a_form_of_another_site_does_nothing(user: Person, opened: Opened, three: list[Media]) -> None:
    answer = user.send(ACT, do="delete", id=[three[0].id], sure="1")
    assert answer.status_code == 403 and now(opened, three[0])


# as scripts do


def test_scripts_are_told_how_it_went(
    user: Person, opened: Opened, three: list[Media], bob: Owner, add_image: Add
) -> None:
    his = add_image(owner=bob).media
    said = act_as_script(user, "private", three[0], his).json
    assert said["done"] == 1 and said["after"] == ""
    assert said["failed"] == [
        {"id": his.id, "title": "", "message": "There is nothing at this address, or it is not yours."}
    ]
    assert list(said["tiles"]) == [three[0].id] and 'title="Private"' in said["tiles"][three[0].id]


def test_scripts_need_not_be_sure(user: Person, opened: Opened, three: list[Media]) -> None:
    assert act_as_script(user, "delete", *three).json["done"] == 3
    assert not any(now(opened, one) for one in three)


def test_scripts_go_on_from_where_they_were(
    user: Person, opened: Opened, alice: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = [a_media(alice) for _ in range(5)]
    for one in media:
        opened.catalog.add_media(one, a_token(), reuse=False)
    monkeypatch.setattr(many, "HANDFUL", 2)
    after, done = "", []
    while True:
        said = act_as_script(user, "delete", all="1", after=after).json
        done.append(said["done"])
        if not (after := said["after"]):
            break
    assert done == [2, 2, 1] and opened.holdings.totals(alice).number() == 0


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"do": "tag"}, "TAGS_MISSING"), ({"do": "untag", "new_tags": " , "}, "TAGS_MISSING"),
     ({"do": "tag", "new_tags": "a/b"}, "TAG_UNFIT"), ({"do": "move"}, "ALBUM_MISSING"),
     ({"do": "move", "new_album": "x"}, "ALBUM_GONE"),
     ({"do": "tag", "new_tags": ",".join(f"t{number}" for number in range(11))}, "TAGS_TOO_MANY")],
)  # fmt: skip
def test_scripts_are_told_what_is_wrong(user: Person, three: list[Media], fields: dict[str, str], code: str) -> None:
    answer = user.post(ACT, page=LIBRARY, headers=JSON, id=[three[0].id], **fields)
    assert answer.status_code == 400 and answer.json["error"]["code"] == code


def test_scripts_are_told_in_the_language_of_the_reader(user: Person, three: list[Media]) -> None:
    answer = user.post(ACT, page=LIBRARY, headers=JSON | {"Accept-Language": "de"}, do="tag", id=[three[0].id])
    assert answer.json["error"]["message"].startswith("Es ist kein Tag genannt.")


def test_files_that_cannot_be_removed_just_now_hold_up_nothing(
    user: Person, opened: Opened, three: list[Media], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("The disk is gone.")

    monkeypatch.setattr(opened.library.blobs, "delete", fail)
    assert act_as_script(user, "delete", *three).json["done"] == 3
    assert not any(now(opened, one) for one in three)
