"""Albums in the dashboard: made, filled, shared, put into each other, deleted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.core.changes import Changes
from gateway.core.library import Added
from gateway.core.records import Album, Owner
from gateway.store.opening import Opened
from gateway.urls import album_path
from tests.web.dashboard.conftest import Person, text_of

AddImage = Callable[..., Added]
ALBUMS = "/dashboard/albums"


def make(person: Person, name: str = "Holiday", **fields: Any) -> str:
    """The path of its page."""
    answer = person.post(ALBUMS, **{"name": name, "privacy": "public"} | fields)
    assert answer.status_code == 303, text_of(answer.text)
    path: str = answer.headers["Location"].partition("?")[0]
    return path


def find(opened: Opened, path: str) -> Album:
    album = opened.catalog.album(path.rpartition("/")[2])
    assert album
    return album


def titles(page: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'<span class="under">([^<]*)', page)]


def names(page: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'<span class="album-name">(.*?)</span>', page)]


def test_it_works(user: Person, opened: Opened, add_image: AddImage) -> None:
    assert "There is no album yet." in text_of(user.get(ALBUMS).text)
    path = make(user, "Holiday", description="By the sea.\r\nIn June.")
    album = find(opened, path)
    assert (album.name, album.description, album.privacy) == ("Holiday", "By the sea.\nIn June.", "public")
    media = add_image(title="Boat").media
    answer = user.post(f"{path}/add", id=(media.id,))
    assert answer.headers["Location"] == f"{path}?done=put-in"
    page = user.get(path).text
    assert titles(page) == ["Boat"] and f'href="/dashboard/media/{media.id}?album={album.id}"' in page
    assert "1 Open" not in page and "One file" in text_of(page)
    assert names(user.get(ALBUMS).text) == ["Holiday"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " \t "}, "The album has no name."),
        ({"name": "x" * 101}, "Use at most 100 characters."),
        ({"description": "x" * 5001}, "Use at most 5,000 characters."),
        ({"privacy": "secret"}, "Choose who may see the album."),
        ({"privacy": "password"}, "Type in the password"),
        ({"privacy": "password", "album_password": "x" * 1001}, "Use at most 1,000 characters."),
        ({"parent": "nowhere"}, "There is no such album of yours any more."),
    ],
)
def test_what_cannot_be_kept_is_said_and_stays_typed(
    user: Person, opened: Opened, fields: dict[str, str], said: str
) -> None:
    make(user, "There")
    asked = {"name": "New", "description": "Words", "privacy": "public"} | fields
    for path in (ALBUMS, make(user, "Changed")):
        answer = user.post(path, **asked)
        assert answer.status_code == 400, path
        assert said in text_of(answer.text)
        assert f'value="{asked["name"]}"' in answer.text and asked["description"] in unescape(answer.text)
    assert sorted(album.name for album in opened.catalog.albums()) == ["Changed", "There"]


def test_a_name_is_never_markup(user: Person, add_image: AddImage) -> None:
    evil = '"><script>alert(1)</script>'
    path = make(user, evil, description=evil)
    make(user, evil, parent=path.rpartition("/")[2])
    add_image(title=evil)
    for page in (ALBUMS, path, f"{path}/add"):
        assert "<script>alert" not in user.get(page).text


# who may see it


def test_a_password_is_set_kept_changed_and_removed(user: Person, opened: Opened, client: FlaskClient) -> None:
    path = make(user, privacy="password", album_password="first")
    album = find(opened, path)
    assert opened.galleries.opens(album, "first") and "first" not in (album.password_hash or "")
    assert "Protected by a password" in client.get(album_path(album)).text
    user.post(path, name="Renamed", privacy="password")
    assert opened.galleries.opens(find(opened, path), "first")
    user.post(path, name="Renamed", privacy="password", album_password="second")
    assert opened.galleries.opens(find(opened, path), "second")
    user.post(path, name="Renamed", privacy="public", album_password="ignored")
    assert find(opened, path).password_hash is None
    assert client.get(album_path(find(opened, path))).status_code == 200


def test_a_private_album_has_no_page_for_others(user: Person, opened: Opened, client: FlaskClient) -> None:
    path = make(user)
    shown = album_path(find(opened, path))
    assert client.get(shown).status_code == 200 and f'href="https://img.example.org{shown}"' in user.get(path).text
    user.post(path, name="Holiday", privacy="private")
    assert client.get(shown).status_code == 404
    page = user.get(path).text
    assert shown not in page and "Nobody but you sees this album." in text_of(page)


@pytest.mark.parametrize("privacy", ["public", "link", "password", "private"])
def test_it_is_told_who_may_see_it(user: Person, privacy: str) -> None:
    page = user.get(make(user, privacy=privacy, album_password="x")).text
    assert re.search(rf'value="{privacy}" checked', page)
    says = {"public": "Public", "link": "By link only", "password": "With a password", "private": "Private"}
    assert says[privacy] in text_of(page)


# what lies in what


def test_albums_lie_in_albums(user: Person, opened: Opened) -> None:
    top = make(user, "Top")
    low = make(user, "Low", parent=top.rpartition("/")[2])
    assert names(user.get(ALBUMS).text) == ["Top"] and "one album" in text_of(user.get(ALBUMS).text)
    assert names(user.get(top).text) == ["Low"]
    assert f'<a href="{top}">Top</a>' in user.get(low).text
    assert f'value="{low.rpartition("/")[2]}"' not in user.get(top).text  # not offered to be put into
    answer = user.post(top, name="Top", privacy="public", parent=low.rpartition("/")[2])
    assert answer.status_code == 400 and "cannot lie in itself" in text_of(answer.text)
    assert find(opened, top).parent_id is None


def test_an_album_that_is_deleted_leaves_what_was_in_it(user: Person, opened: Opened, add_image: AddImage) -> None:
    top = make(user, "Top")
    middle = make(user, "Middle", parent=top.rpartition("/")[2])
    low = make(user, "Low", parent=middle.rpartition("/")[2])
    media = add_image(album_id=middle.rpartition("/")[2]).media
    answer = user.post(f"{middle}/delete", page=middle)
    assert answer.headers["Location"] == f"{top}?done=album-deleted"
    assert user.get(middle).status_code == 404
    assert opened.library.get(media.id).album_id is None
    assert find(opened, low).parent_id == find(opened, top).id
    assert user.post(f"{top}/delete", page=top).headers["Location"] == f"{ALBUMS}?done=album-deleted"


def test_a_large_one_is_emptied_by_the_handful(
    user: Person, opened: Opened, add_image: AddImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.core.albums.HANDFUL", 2)
    path = make(user)
    ids = [add_image(album_id=path.rpartition("/")[2]).media.id for _ in range(5)]
    user.post(f"{path}/delete", page=path)
    assert [opened.library.get(one).album_id for one in ids] == [None] * 5
    assert not opened.catalog.recount()


# what is in it


def test_the_cover_is_chosen_from_what_is_in_it(user: Person, opened: Opened, add_image: AddImage) -> None:
    path = make(user)
    album_id = path.rpartition("/")[2]
    first, second = (add_image(album_id=album_id).media for _ in range(2))
    assert f"/{second.id}.th.png" in user.get(ALBUMS).text or f"/{first.id}.th.png" in user.get(ALBUMS).text
    for media in (first, second):
        user.post(f"{path}/files", page=path, do="cover", id=(media.id,))
        assert f"/{media.id}.th.png" in user.get(ALBUMS).text
    user.post(f"{path}/files", page=path, do="take-out", id=(second.id,))
    assert f"/{first.id}.th.png" in user.get(ALBUMS).text


def test_the_cover_is_one_and_in_the_album(user: Person, opened: Opened, add_image: AddImage) -> None:
    path = make(user)
    inside = [add_image(album_id=path.rpartition("/")[2]).media.id for _ in range(2)]
    outside = add_image().media.id
    for ids, said in ((inside, "Choose one file."), ([outside], "has to be one of the files"), ([], "No file is")):
        answer = user.post(f"{path}/files", page=path, do="cover", id=tuple(ids))
        assert answer.status_code == 400 and said in text_of(answer.text)
    assert find(opened, path).cover_id is None


def test_files_are_taken_out_of_this_album_alone(user: Person, opened: Opened, add_image: AddImage) -> None:
    here, there = make(user, "Here"), make(user, "There")
    mine = add_image(album_id=here.rpartition("/")[2]).media
    other = add_image(album_id=there.rpartition("/")[2]).media
    answer = user.post(f"{here}/files", page=here, do="take-out", id=(mine.id, other.id, "nothing"))
    assert answer.headers["Location"] == f"{here}?done=taken-out"
    assert opened.library.get(mine.id).album_id is None
    assert opened.library.get(other.id).album_id == there.rpartition("/")[2]


def test_what_is_not_in_it_is_offered_and_can_be_looked_for(user: Person, add_image: AddImage) -> None:
    here, there = make(user, "Here"), make(user, "There")
    add_image(title="Inside", album_id=here.rpartition("/")[2])
    add_image(title="Elsewhere", album_id=there.rpartition("/")[2])
    add_image(title="Boat")
    page = user.get(f"{here}/add").text
    assert sorted(titles(page)) == ["Boat", "Elsewhere"] and "now in There" in page
    assert titles(user.get(f"{here}/add?q=boa").text) == ["Boat"]
    answer = user.post(f"{here}/add", q="boa")
    assert answer.status_code == 400 and titles(answer.text) == ["Boat"] and "No file is chosen." in answer.text


def test_a_private_file_is_shown_to_its_owner(user: Person, add_image: AddImage) -> None:
    path = make(user)
    media = add_image(album_id=path.rpartition("/")[2], is_public=False).media
    page = unescape(user.get(path).text)
    match = re.search(rf'src="https://img\.example\.org(/{media.id}\.th\.png\?sig=[^"]+)"', page)
    assert match and user.get(match[1]).status_code == 200
    assert match[1] in unescape(user.get(ALBUMS).text)


def test_a_long_album_has_pages(user: Person, add_image: AddImage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.web.pages.dashboard.albums.PAGE_SIZE", 2)
    path = make(user)
    for at in range(5):
        add_image(title=f"No {at}", album_id=path.rpartition("/")[2])
    seen, query = list[str](), ""
    while True:
        page = user.get(path + query).text
        seen += titles(page)
        match = re.search(rf'rel="next" href="{path}(\?[^"]+)"', page)
        if not match:
            break
        query = unescape(match[1])
    assert sorted(seen) == [f"No {at}" for at in range(5)]


def test_many_albums_have_pages_and_can_be_looked_for(user: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.web.pages.dashboard.albums.PAGE_SIZE", 10)
    for at in range(13):
        make(user, f"Year {2000 + at}")
    first, second = (user.get(f"{ALBUMS}?page={page}").text for page in (1, 2))
    assert names(first) + names(second) == [f"Year {2000 + at}" for at in range(13)]
    assert names(user.get(f"{ALBUMS}?q=YEAR 2007").text) == ["Year 2007"]
    assert "Nothing is called “x”." in text_of(user.get(f"{ALBUMS}?q=x").text)
    for odd in ("page=0", "page=-7", "page=x", "page=99999"):
        assert user.get(f"{ALBUMS}?{odd}").status_code == 200


# of others


def test_nobody_sees_or_changes_the_album_of_another(
    user: Person, opened: Opened, bob: Owner, add_image: AddImage
) -> None:
    album = opened.library.add_album(bob, "Bobs secrets")
    theirs = add_image(owner=bob, album_id=album.id).media
    path = f"{ALBUMS}/{album.id}"
    assert "Bobs secrets" not in user.get(ALBUMS).text
    for asked in (path, f"{path}/add"):
        assert user.get(asked).status_code == 404
    for asked in (path, f"{path}/delete", f"{path}/files", f"{path}/add"):
        answer = user.post(asked, page=ALBUMS, name="Mine", privacy="public", id=(theirs.id,), do="cover")
        assert answer.status_code == 404
    assert opened.catalog.album(album.id) == opened.catalog.albums()[0]
    assert user.post(ALBUMS, name="x", privacy="public", parent=album.id).status_code == 400
    mine = make(user)
    user.post(f"{mine}/add", id=(theirs.id,))
    assert opened.library.get(theirs.id).album_id == album.id


def test_what_somebody_else_has_in_an_album_is_not_shown(
    user: Person, opened: Opened, alice: Owner, bob: Owner, add_image: AddImage
) -> None:
    """No such thing can be made here, but an import may bring it."""
    path = make(user)
    media = add_image(owner=bob, is_public=False).media
    opened.catalog.change_media(media.id, Changes(album_id=path.rpartition("/")[2]), opened.clock.now())
    opened.catalog.set_album_cover(path.rpartition("/")[2], media.id)
    assert media.id not in user.get(ALBUMS).text and media.id not in user.get(path).text
    answer = user.post(f"{path}/files", page=ALBUMS, do="cover", id=(media.id,))
    assert answer.status_code == 400


def test_albums_that_lie_in_each_other_are_all_shown(user: Person, opened: Opened, alice: Owner) -> None:
    """No such thing can be made here, but an import may bring it."""
    one = opened.library.add_album(alice, "One")
    opened.catalog.add_album(replace(one, id="two", name="Two", parent_id="three"))
    opened.catalog.add_album(replace(one, id="three", name="Three", parent_id="two"))
    for album_id in (one.id, "two", "three"):
        assert user.get(f"{ALBUMS}/{album_id}").status_code == 200
    assert names(user.get(f"{ALBUMS}?q=t").text) == ["Three", "Two"]
