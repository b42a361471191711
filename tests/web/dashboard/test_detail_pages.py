"""What all pages of the dashboard have in common, for those of albums and of a media."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.core.album_edits import AlbumDraft
from gateway.core.library import Added
from gateway.core.records import Owner
from gateway.settings import Settings
from gateway.store.opening import Opened
from tests.media import film, photo_jpeg
from tests.web.dashboard import test_pages as common
from tests.web.dashboard.conftest import Person

NAMES = ["albums", "album", "album-add", "picture", "film"]


@pytest.fixture
def path(request: pytest.FixtureRequest, opened: Opened, alice: Owner, add_image: Callable[..., Added]) -> str:
    album = opened.albums.add(alice, AlbumDraft("Summer", "By the sea", "password", "x"))
    opened.albums.add(alice, AlbumDraft("June", parent_id=album.id))
    picture = add_image(data=photo_jpeg(), filename="a.jpg", album_id=album.id, tags=("sea",), is_nsfw=True).media
    moving = add_image(data=film(), filename="b.mp4", is_public=False, expiration="P3D").media
    paths = {
        "albums": "albums",
        "album": f"albums/{album.id}",
        "album-add": f"albums/{album.id}/add",
        "picture": f"media/{picture.id}?album={album.id}",
        "film": f"media/{moving.id}",
    }
    return f"/dashboard/{paths[request.param]}"


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("path", NAMES, indirect=True)
def test_it_is_whole_in_every_language(user: Person, path: str, language: str) -> None:
    common.test_it_is_whole_in_every_language(user, path, language)


@pytest.mark.parametrize("path", NAMES, indirect=True)
def test_it_is_as_every_page_is(user: Person, path: str) -> None:
    common.test_nothing_runs_or_looks_by_itself(user, path)
    common.test_it_is_hardened(user, path)
    common.test_everything_it_needs_is_there(user, path)
    common.test_every_field_has_a_label_and_every_id_is_one(user, path)


@pytest.mark.parametrize("path", NAMES, indirect=True)
def test_below_a_path_everything_is_below_it(settings: Settings, opened: Opened, alice: Owner, path: str) -> None:
    common.test_below_a_path_everything_is_below_it(settings, opened, alice, path)
