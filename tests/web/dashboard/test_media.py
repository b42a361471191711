"""The page of one media in the dashboard."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.core.library import Added
from gateway.core.moving import Address, Site
from gateway.core.records import Media, Owner
from gateway.store.opening import Opened
from gateway.web.pages.dashboard.media_exif import read_exif
from gateway.web.pages.texts import texts_in
from tests.conftest import PUBLIC_URL, FrozenClock
from tests.media import film, photo_jpeg, sound
from tests.web.dashboard.conftest import Person, text_of

AddImage = Callable[..., Added]
FIELDS = {"title": "Boat", "description": "", "tags": "", "album": "", "shown": "public", "sites": "any"}


def at(media: Media, query: str = "") -> str:
    return f"/dashboard/media/{media.id}{query}"


def value(page: str, name: str) -> str:
    """What stands in a line to copy."""
    match = re.search(rf'<input id="{name}" type="text" value="([^"]*)"', page)
    assert match, text_of(page)
    return unescape(match[1])


def opens(client: FlaskClient, url: str) -> int:
    assert url.startswith(PUBLIC_URL)
    return client.get(url.removeprefix(PUBLIC_URL)).status_code


def test_it_works(user: Person, opened: Opened, add_image: AddImage) -> None:
    album = opened.library.add_album(opened.owners.named("alice"), "Summer")
    media = add_image(title="Boat", description="On the lake", tags=("sea", "a b"), album_id=album.id).media
    page = user.get(at(media)).text
    said = text_of(page)
    assert "<h1>Boat</h1>" in page and "On the lake" in page
    assert f'<img src="{PUBLIC_URL}/{media.id}.png" alt="Boat" width="64" height="48">' in page
    assert f'href="/dashboard/albums/{album.id}">Summer</a>' in page
    assert 'href="/dashboard/library?tag=a+b"' in page and 'value="sea, a b"' in page
    assert "64 × 48" in said and "PNG, " in said and "pic.png" in said and media.sha256 in said
    assert "From the camera" not in said and "Old addresses" not in said


def test_links_are_ready_to_copy(user: Person, add_image: AddImage) -> None:
    media = add_image(title="A [big] boat").media
    page = user.get(at(media)).text
    file = f"{PUBLIC_URL}/{media.id}.png"
    assert value(page, "link-direct") == file
    assert value(page, "link-viewer") == f"{PUBLIC_URL}/image/A-%5Bbig%5D-boat.{media.id}"
    assert value(page, "link-markdown") == rf"![A \[big\] boat]({file})"
    assert value(page, "link-bbcode").endswith(f"[img]{file}[/img][/url]")
    assert value(page, "link-html").startswith('<a href="')
    assert value(page, "size-th") == f"{PUBLIC_URL}/{media.id}.th.png"


def test_films_and_sounds_play(user: Person, add_image: AddImage) -> None:
    moving = add_image(data=film(), filename="a.mp4", is_public=False).media
    page = unescape(user.get(at(moving)).text)
    match = re.search(r'<video src="([^"]+)" poster="([^"]+)"', page)
    assert match and all(opens(user.client, url) == 200 for url in match.groups())
    assert "0:03" in page
    heard = add_image(data=sound(), filename="a.mp3").media
    assert f'<audio src="{PUBLIC_URL}/{heard.id}.mp3"' in user.get(at(heard)).text
    unplayable = add_image(data=film("avi"), filename="a.avi").media
    assert "Browsers cannot play" in user.get(at(unplayable)).text


def test_a_private_one_is_seen_by_its_owner(user: Person, client: FlaskClient, add_image: AddImage) -> None:
    media = add_image(is_public=False).media
    page = unescape(user.get(at(media)).text)
    match = re.search(r'class="picture" href="([^"]+)"><img src="([^"]+)"', page)
    assert match and all(opens(client, url) == 200 for url in match.groups())
    assert "open for nobody until you make it public" in page
    assert opens(client, value(page, "link-direct")) == 401


def test_nobody_sees_or_changes_what_is_of_another(
    user: Person, opened: Opened, bob: Owner, add_image: AddImage
) -> None:
    media = add_image(owner=bob, title="Bobs secret").media
    for path in (at(media), "/dashboard/media/nothing"):
        assert user.get(path).status_code == 404
        for end in ("", "/sign", "/delete-link", "/delete"):
            answer = user.post(f"{path}{end}", page="/dashboard/keys", **FIELDS)
            assert answer.status_code == 404 and "Bobs secret" not in answer.text
    assert opened.library.get(media.id) == media


# changing


def test_everything_is_changed_at_once(user: Person, opened: Opened, alice: Owner, add_image: AddImage) -> None:
    media, album = add_image().media, opened.library.add_album(alice, "Summer")
    answer = user.post(
        at(media), title=" New ", description="Two\r\nlines", tags="sea, a  b,,sea", album=album.id, shown="private",
        nsfw="1", expires="2026-12-24T18:30", sites="some", referers="Example.org\r\n*.example.net\r\nself",
    )  # fmt: skip
    assert answer.headers["Location"] == f"{at(media)}?done=media-changed"
    kept = opened.library.get(media.id)
    assert (kept.title, kept.description, kept.album_id) == ("New", "Two\nlines", album.id)
    assert sorted(kept.tags) == ["a b", "sea"]
    assert (kept.is_public, kept.is_nsfw) == (False, True)
    assert kept.expires_at == datetime(2026, 12, 24, 18, 30, tzinfo=UTC)
    assert kept.allowed_referers == ("example.org", "*.example.net", "self")
    page = user.get(at(media)).text
    for there in ('value="New"', 'value="2026-12-24T18:30"', 'value="private" checked', 'value="some" checked'):
        assert there in page
    user.post(at(media), **FIELDS | {"title": ""})
    assert opened.library.get(media.id) == replace(
        kept, title=None, description=None, album_id=None, tags=(), is_public=True, is_nsfw=False, expires_at=None,
        allowed_referers=None,
    )  # fmt: skip


def test_what_is_sent_as_it_is_changes_nothing(user: Person, opened: Opened, add_image: AddImage) -> None:
    """Not even the seconds of a moment that is shown without them."""
    media = add_image(title="Boat", tags=("sea",), expiration="PT5M").media
    user.post(at(media), **FIELDS | {"tags": "sea", "expires": f"{media.expires_at:%Y-%m-%dT%H:%M}"})
    assert opened.library.get(media.id) == media


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": "x" * 256}, "The title cannot be kept."),
        ({"title": "a\0b"}, "The title cannot be kept."),
        ({"description": "x" * 5001}, "The description cannot be kept."),
        ({"tags": "a/b"}, "These tags cannot be kept."),
        ({"tags": ",".join(map(str, range(11)))}, "These tags cannot be kept."),
        ({"album": "nowhere"}, "There is no such album of yours any more."),
        ({"shown": "some"}, "Choose who may see it."),
        ({"expires": "2026-11-21T12:00"}, "That moment is over."),
        ({"expires": "0001-01-01T00:00"}, "That moment is over."),
        ({"expires": "soon"}, "That is no date and time."),
        ({"expires": "99999-01-01T00:00"}, "That is no date and time."),
        ({"sites": "some", "referers": "https://example.org"}, "One of these is not a site."),
    ],
)
def test_what_cannot_be_kept_is_said_beside_it(
    user: Person, opened: Opened, add_image: AddImage, fields: dict[str, str], said: str
) -> None:
    media = add_image(title="Boat").media
    answer = user.post(at(media), **FIELDS | {"title": "Changed"} | fields)
    assert answer.status_code == 400 and said in text_of(answer.text)
    [(name, typed)] = list(fields.items())[-1:]
    if name not in ("album", "shown", "title") and len(typed) < 100:
        assert typed in unescape(answer.text)
    assert 'aria-invalid="true"' in answer.text or name == "shown"
    assert opened.library.get(media.id) == media


def test_problems_are_told_in_the_language_of_the_reader(user: Person, add_image: AddImage) -> None:
    answer = user.post(at(add_image().media), headers={"Accept-Language": "de"}, **FIELDS | {"tags": "a/b"})
    assert "Diese Tags lassen sich nicht speichern." in text_of(answer.text)


def test_the_moment_is_one_where_the_reader_lives(
    user: Person, opened: Opened, alice: Owner, add_image: AddImage
) -> None:
    opened.catalog.set_owner_profile(replace(alice, time_zone="Europe/Berlin"))
    media = add_image(title="Boat").media
    user.post(at(media), **FIELDS | {"expires": "2026-12-24T18:30"})
    assert opened.library.get(media.id).expires_at == datetime(2026, 12, 24, 17, 30, tzinfo=UTC)
    page = user.get(at(media)).text
    assert 'value="2026-12-24T18:30"' in page and "Available until (CET)" in page


def test_what_was_typed_in_stays_text(user: Person, add_image: AddImage) -> None:
    evil = '"><script>alert(1)</script>'
    media = add_image(title=evil, description=evil, tags=('"<i>',), filename=f"{evil}.png").media
    page = user.post(at(media), **FIELDS | {"title": evil, "expires": evil}).text
    assert "<script>alert" not in page and "<script>alert" not in user.get(at(media)).text


# links that are made


def test_a_signed_link_opens_for_as_long_as_was_chosen(
    user: Person, client: FlaskClient, add_image: AddImage, clock: FrozenClock
) -> None:
    media = add_image(is_public=False).media
    url = value(user.post(f"{at(media)}/sign", page=at(media), life="600").text, "signed-url")
    assert opens(client, url) == 200
    clock.advance(minutes=9)
    assert opens(client, url) == 200
    clock.advance(minutes=2)
    assert opens(client, url) == 403


@pytest.mark.parametrize("life", ["0", "-1", "86401", "999999999999"])
def test_a_life_that_cannot_be_had_is_refused(user: Person, add_image: AddImage, life: str) -> None:
    media = add_image().media
    answer = user.post(f"{at(media)}/sign", page=at(media), life=life)
    assert answer.status_code == 400 and "signed-url" not in answer.text
    assert "Choose how long the link is to be good." in text_of(answer.text)


def test_a_delete_link_is_shown_once_and_works(user: Person, opened: Opened, add_image: AddImage) -> None:
    added = add_image()
    page = user.post(f"{at(added.media)}/delete-link", page=at(added.media)).text
    url = value(page, "delete-url")
    assert url.startswith(f"{PUBLIC_URL}/image/{added.media.id}/delete/")
    assert url not in user.get(at(added.media)).text
    assert opened.library.with_delete_token(added.media.id, url.rpartition("/")[2]).id == added.media.id
    assert opened.library.with_delete_token(added.media.id, added.delete_token).id == added.media.id


# in a list


def shelf(add_image: AddImage, clock: FrozenClock, number: int = 3, **facts: Any) -> list[Media]:
    """Newest first."""
    found = []
    for at in range(number):
        found.insert(0, add_image(title=f"No {at}", **facts).media)
        clock.advance(minutes=1)
    return found


def beside(page: str) -> tuple[str, str]:
    """Where it leads: to what is newer, to what is older."""
    newer, older = (re.search(rf'rel="{rel}" href="([^"]+)"', page) for rel in ("prev", "next"))
    return unescape(newer[1]) if newer else "", unescape(older[1]) if older else ""


def test_it_leads_to_what_is_next_to_it(user: Person, add_image: AddImage, clock: FrozenClock) -> None:
    new, middle, old = shelf(add_image, clock)
    assert beside(user.get(at(new)).text) == ("", at(middle))
    assert beside(user.get(at(middle)).text) == (at(new), at(old))
    assert beside(user.get(at(old)).text) == (at(middle), "")


@pytest.mark.parametrize(
    ("query", "facts"),
    [("?kind=image", {}), ("?shown=private", {"is_public": False}), ("?tag=sea", {"tags": ("sea",)}),
     ("?q=no", {}), ("?expiring=1", {"expiration": "P3D"}), ("?q=NO&shown=private", {"is_public": False})],
)  # fmt: skip
def test_the_list_is_the_one_it_was_opened_from(
    user: Person, add_image: AddImage, clock: FrozenClock, query: str, facts: dict[str, Any]
) -> None:
    new, old = shelf(add_image, clock, 2, **facts)
    add_image(title="Something else")
    page = user.get(at(new, query)).text
    assert beside(page) == ("" if facts or "q=" in query else beside(page)[0], at(old, query))
    assert beside(user.get(at(old, query)).text) == (at(new, query), "")
    assert f'href="/dashboard/library{query}"' in unescape(page)
    answer = user.post(at(new, query), **FIELDS)
    assert answer.headers["Location"] == f"{at(new, query)}&done=media-changed"


def test_of_an_album_it_leads_back_to_the_album(
    user: Person, opened: Opened, alice: Owner, add_image: AddImage, clock: FrozenClock
) -> None:
    album = opened.library.add_album(alice, "Summer")
    new, old = shelf(add_image, clock, 2, album_id=album.id)
    query = f"?album={album.id}"
    page = user.get(at(new, query)).text
    assert beside(page) == ("", at(old, query)) and f'href="/dashboard/albums/{album.id}"' in page
    answer = user.post(f"{at(new)}/delete{query}", page=at(new))
    assert answer.headers["Location"] == f"/dashboard/albums/{album.id}?done=media-deleted"


def test_what_is_not_on_the_list_has_nothing_next_to_it(user: Person, add_image: AddImage, clock: FrozenClock) -> None:
    media = shelf(add_image, clock)[1]
    for query in ("?q=other", "?tag=none", "?kind=video", "?shown=private", "?expiring=1", "?album=x"):
        assert beside(user.get(at(media, query)).text) == ("", "")


def test_a_long_list_of_what_holds_a_text(
    user: Person, add_image: AddImage, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.core.details.HANDFUL", 2)
    monkeypatch.setattr("gateway.core.details.MOST_WALKED", 6)
    listed = shelf(add_image, clock, 9)
    for number, media in enumerate(listed):
        newer = listed[number - 1] if 0 < number <= 5 else None
        assert beside(user.get(at(media, "?q=no")).text)[0] == (at(newer, "?q=no") if newer else "")


@pytest.mark.parametrize("album", ["../../x", "//evil.example", "a%0d%0ab", "%3Cscript%3E"])
def test_nobody_is_led_away(user: Person, add_image: AddImage, album: str) -> None:
    media = add_image().media
    answer = user.post(f"{at(media)}/delete?album={album}", page=at(media))
    path = answer.headers["Location"].removeprefix("/dashboard/albums/").partition("?")[0]
    assert answer.status_code == 303 and "/" not in path and "<" not in path


def test_it_is_deleted(user: Person, opened: Opened, add_image: AddImage) -> None:
    media = add_image().media
    answer = user.post(f"{at(media)}/delete?q=pic", page=at(media))
    assert answer.headers["Location"] == "/dashboard/library?q=pic&done=media-deleted"
    assert user.get(at(media)).status_code == 404 and opened.catalog.media(media.id) is None


# where it came from


def test_old_addresses_are_told_whole(user: Person, opened: Opened, add_image: AddImage) -> None:
    media = add_image().media
    now = datetime.now(UTC) - timedelta(days=1)
    for site_id, url in (("s1", "http://old.example/gallery"), ("s2", None)):
        opened.catalog.add_site(Site(site_id, "chevereto", f"Site {site_id}", url, None, 0, "UTC", {}, now, "r"))
    opened.catalog.add_addresses(
        [Address("/gallery/images/ä b?c.png", "s1", "media", media.id), Address("/x.png", "s2", "media", media.id)]
    )
    page = user.get(at(media)).text
    assert "http://old.example/gallery/images/%C3%A4%20b?c.png" in page and "<code>/x.png</code>" in page
    assert "Site s1" in page


def test_a_photo_tells_what_its_camera_wrote(user: Person, add_image: AddImage) -> None:
    media = add_image(data=photo_jpeg(), filename="a.jpg").media
    page = user.get(at(media)).text
    told = dict(re.findall(r'<th scope="row">([^<]+)</th><td>([^<]+)</td>', page))
    assert told["Camera"] and told["Model"]


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ({"Make": "Canon", "Model": "Canon EOS 5"}, {"camera": "Canon EOS 5"}),
        ({"Make": "SONY", "Model": "A7"}, {"camera": "SONY A7"}),
        ({"ExposureTime": "10/2500", "FNumber": "28/10"}, {"exposure": "1/250 s", "aperture": "f/2,8"}),
        ({"ExposureTime": "5/2", "ISOSpeedRatings": ["200", "0"]}, {"exposure": "2,5 s", "iso": "ISO 200"}),
        ({"FocalLength": "50/1", "DateTimeOriginal": "2026:03:01 12:00:09"},
         {"taken": "2026-03-01 12:00:09", "focal": "50 mm"}),
        ({"GPSLatitude": ["33/1", "51/1", "36/1"], "GPSLatitudeRef": "S",
          "GPSLongitude": ["151/1", "12/1", "0/1"], "GPSLongitudeRef": "E"}, {"place": "-33.86000, 151.20000"}),
        ({"FNumber": "1/0", "ExposureTime": "x", "FocalLength": [], "ISOSpeedRatings": None, "GPSLatitude": ["x"],
          "GPSLongitude": "1/1", "DateTime": "0000:00:00 00:00:00"}, {}),
    ],
)  # fmt: skip
def test_exif_is_read_as_people_say_it(tags: dict[str, object], told: dict[str, str]) -> None:
    assert dict(read_exif(json.dumps(tags), texts_in("de")).told) == told


@pytest.mark.parametrize("text", [None, "", "{", "[]", "7", '"x"', "{}", '{"COMPUTED": {"html": "x"}, "IPTC": []}'])
def test_exif_that_says_nothing_is_left_out(text: str | None) -> None:
    exif = read_exif(text, texts_in("en"))
    assert exif.told == exif.rest == ()
