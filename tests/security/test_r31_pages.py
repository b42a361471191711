"""R31: nothing foreign runs in, frames, or sends the forms of a page, and cookies go nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.core.ids import new_id
from gateway.core.library import Added
from gateway.core.records import Album, Media, Owner
from gateway.settings import Settings
from gateway.store.opening import Opened
from gateway.store.passwords import hash_password
from gateway.urls import viewer_path
from tests.conftest import PUBLIC_URL, Client, FrozenClock, draw
from tests.security.pages import check_cookies, check_headers, check_page, policy_of

pytestmark = pytest.mark.sqlite_disk_only("about pages alone")

NASTY = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
MEDIA_URL = "https://media.example.net"
HOST = urlsplit(PUBLIC_URL).netloc
HOME = {"base_url": PUBLIC_URL}


@pytest.fixture
def album(opened: Opened, alice: Owner, clock: FrozenClock) -> Album:
    """One that asks for a password, with a nasty name."""
    album = Album(new_id(), alice.id, NASTY, clock.now(), NASTY, privacy="password", password_hash=hash_password("x"))
    opened.catalog.add_album(album)
    return album


@pytest.fixture
def media(opened: Opened, add_image: Callable[..., Added]) -> Media:
    opened.owners.publish("alice")
    return add_image(title=NASTY, description=NASTY, filename=f"{NASTY}.png", tags=("nasty",)).media


def paths(media: Media, album: Album) -> list[str]:
    return ["/", "/tools", "/docs", "/user/alice", "/user/alice/albums", "/tag/nasty", viewer_path(media),
            f"/album/{album.id}", "/nothing/here", f"/image/{media.id}?deleted", "/album/none"]  # fmt: skip


def test_r31_every_page_is_closed(client: FlaskClient, media: Media, album: Album) -> None:
    for path in paths(media, album):
        check_page(client.get(path, **HOME, follow_redirects=True))


def test_r31_the_page_that_asks_before_it_deletes_is_closed(
    settings: Settings, opened: Opened, add_image: Callable[..., Added]
) -> None:
    asking = replace(settings, chevereto=replace(settings.chevereto, confirm_delete=True))
    added = add_image(title=NASTY)
    page = check_page(
        Client(create_app(asking, opened)).get(f"/image/{added.media.id}/delete/{added.delete_token}", **HOME)
    )
    assert len(page.forms) == 1


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Origin": f"https://evil.{HOST}", "Sec-Fetch-Site": "same-site"},
    {"Origin": f"https://{HOST}.evil.example"},
    {"Origin": f"https://{HOST}@evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
]
OWN = [
    {},
    {"Origin": PUBLIC_URL},
    {"Origin": PUBLIC_URL, "Sec-Fetch-Site": "same-origin"},
    {"Origin": "null", "Sec-Fetch-Site": "same-origin"},  # of a page that tells nobody where it is
    {"Origin": "null"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_r31_a_form_of_another_site_is_refused(
    client: FlaskClient, opened: Opened, album: Album, add_image: Callable[..., Added], headers: dict[str, str]
) -> None:
    added = add_image()
    delete = f"/image/{added.media.id}/delete/{added.delete_token}"
    for path, form in ((f"/album/{album.id}", {"password": "x"}), (delete, {})):
        answer = client.post(path, data=form, headers=headers, **HOME)
        assert answer.status_code == 403
        assert "another site" in answer.text and "Set-Cookie" not in answer.headers
        check_page(answer)
    assert opened.library.get(added.media.id)


@pytest.mark.parametrize("headers", OWN, ids=str)
def test_r31_a_form_of_ours_is_taken(client: FlaskClient, album: Album, headers: dict[str, str]) -> None:
    answer = client.post(f"/album/{album.id}", data={"password": "x"}, headers=headers, **HOME)
    assert answer.status_code == 303
    check_cookies(answer)


def test_r31_a_form_opened_by_another_name_of_ours_is_taken(client: FlaskClient, album: Album) -> None:
    """In the LAN, say, where no line is encrypted: such a cookie would never come back if it asked for one."""
    answer = client.post(
        f"/album/{album.id}",
        data={"password": "x"},
        headers={"Origin": "http://nas.lan:8080"},
        base_url="http://nas.lan:8080",
    )
    assert answer.status_code == 303
    assert "Secure" not in answer.headers["Set-Cookie"]


def test_r31_uploads_of_other_sites_are_none_of_it(client: FlaskClient, alice_key: str) -> None:
    """They come with a key, which no browser sends by itself."""
    answer = client.post("/api/1/upload", headers={"X-API-Key": alice_key} | FOREIGN[1], data={"source": "x"})
    assert "another site" not in answer.text
    assert client.get("/v1/user/me", headers={"Authorization": f"Bearer {alice_key}"} | FOREIGN[1]).status_code == 200


def test_r31_nobody_may_bring_cookies_along(client: FlaskClient, alice_key: str, media: Media) -> None:
    for path in ("/v1/images", "/api/1/upload", "/health", f"/{media.id}.png", "/openapi.json"):
        for method in ("OPTIONS", "GET"):
            answer = client.open(path, method=method, headers={"Origin": "https://evil.example"})
            assert "Access-Control-Allow-Credentials" not in answer.headers
            assert answer.headers.get("Access-Control-Allow-Origin", "*") == "*"


@pytest.mark.parametrize(
    "path", ["/", "/health", "/api/1/upload", "/v1/images", "/nothing", "/{id}.png", "/{id}.th.png"]
)
@pytest.mark.parametrize(("public_url", "told"), [("https://img.example.org", True), ("http://img.example.org", False)])
def test_r31_every_answer_asks_for_encryption_where_there_is_some(
    settings: Settings, opened: Opened, media: Media, path: str, public_url: str, told: bool
) -> None:
    here = replace(settings, server=replace(settings.server, public_url=public_url))
    answer = Client(create_app(here, opened)).get(path.format(id=media.id))
    assert ("Strict-Transport-Security" in answer.headers) is told


# files at a name of their own


@pytest.fixture
def split(settings: Settings, opened: Opened) -> FlaskClient:
    here = replace(settings, server=replace(settings.server, media_url=MEDIA_URL))
    return Client(create_app(here, opened))


def test_r31_files_may_have_a_name_of_their_own(split: FlaskClient, alice_key: str, media: Media) -> None:
    told = split.get(f"/v1/images/{media.id}", headers={"Authorization": f"Bearer {alice_key}"}).json["data"]
    page = split.get(viewer_path(media), **HOME)

    assert told["url"] == f"{MEDIA_URL}/{media.id}.png"
    assert f'src="{MEDIA_URL}/{media.id}' in page.text
    assert MEDIA_URL in policy_of(page)["img-src"] and MEDIA_URL in policy_of(page)["media-src"]
    assert policy_of(page)["script-src"] == ["'self'"]
    assert MEDIA_URL in policy_of(split.get("/dashboard/sign-in", **HOME))["img-src"]
    assert split.get(f"/{media.id}.png", base_url=MEDIA_URL).status_code == 200


def test_r31_at_the_name_of_files_there_is_no_page_and_no_cookie(
    split: FlaskClient, media: Media, album: Album
) -> None:
    for path in paths(media, album):
        answer = split.get(path, base_url=MEDIA_URL)
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (302, False)
        assert answer.headers["Location"].startswith(f"{PUBLIC_URL}/")
    answer = split.post(f"/album/{album.id}", data={"password": "x"}, base_url=MEDIA_URL)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (404, False)
    assert split.get("/health", base_url=MEDIA_URL).status_code == 200


def test_r31_cookies_open_no_file(split: FlaskClient, album: Album, add_image: Callable[..., Added]) -> None:
    hidden = add_image(is_public=False, data=draw(seed=99)).media
    assert split.post(f"/album/{album.id}", data={"password": "x"}, **HOME).status_code == 303
    for base_url in (PUBLIC_URL, MEDIA_URL):
        assert split.get(f"/{hidden.id}.png", base_url=base_url).status_code == 401


def test_r31_pages_show_what_comes_from_elsewhere(settings: Settings, opened: Opened, media: Media) -> None:
    """People are sent there for the bytes, and the policy counts where a picture ends up."""
    here = replace(settings, files=replace(settings.files, media_url="https://cdn.example.net/pictures"))
    client = Client(create_app(here, opened))
    for path in (viewer_path(media), "/dashboard/sign-in"):
        page = client.get(path, **HOME)
        check_headers(page)
        assert "https://cdn.example.net" in policy_of(page)["img-src"]
