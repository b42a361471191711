"""Two gateways over the same stores, as two processes or two machines would be: what one of them did, the other knows
at once, and whatever began at one goes on at the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.cli import make_first_owner
from gateway.core import old_sites
from gateway.core.library import Added
from gateway.settings import Settings
from gateway.store.opening import Opened, open_data
from gateway.sweeper import Sweeper
from gateway.urls import album_path
from tests.conftest import Client, FrozenClock, draw
from tests.old_host import OldHost, move_in
from tests.web.conftest import AddAlbum
from tests.web.picora import tus
from tests.web.picora.api import Api, data_of, refused


@dataclass(frozen=True, slots=True)
class Other:
    """The second gateway; the first one is that of the other fixtures."""

    opened: Opened
    client: FlaskClient

    def api(self, key: str) -> Api:
        return Api(self.client, key)


@pytest.fixture
def other(settings: Settings, opened: Opened, clock: FrozenClock, tmp_path: Path) -> Iterator[Other]:
    """With stores elsewhere, its data folder is on another machine."""
    storage, server = settings.storage, replace(settings.server, node="other")
    if storage.catalog:
        storage = replace(storage, data=str(tmp_path / "other"))
    there = open_data(settings := replace(settings, storage=storage, server=server), clock)
    yield Other(there, Client(create_app(settings, there)))
    there.close()


@pytest.fixture
def api(client: FlaskClient, alice_key: str) -> Api:
    return Api(client, alice_key)


def test_an_upload_here_is_sent_there(other: Other, add_image: Callable[..., Added]) -> None:
    media = add_image(data=draw()).media
    assert other.client.get(f"/{media.id}.png").data == draw()
    assert other.client.get(f"/{media.id}.th.png").status_code == 200
    assert other.client.get(f"/image/{media.id}", follow_redirects=True).status_code == 200


def test_what_is_deleted_here_is_gone_there(api: Api, other: Other, add_image: Callable[..., Added]) -> None:
    media = add_image().media
    paths = [f"/{media.id}.png", f"/{media.id}.png?w=30", f"/{media.id}.th.png"]
    assert [other.client.get(path).status_code for path in paths] == [200] * 3
    assert api.delete(f"/images/{media.id}").status_code == 204
    assert [other.client.get(path).status_code for path in paths] == [404] * 3


def test_what_is_made_private_here_is_private_there(api: Api, other: Other, add_image: Callable[..., Added]) -> None:
    media = add_image().media
    other.client.get(f"/{media.id}.png?w=30")
    assert api.patch(f"/images/{media.id}", {"isPublic": False}).status_code == 200
    assert [other.client.get(f"/{media.id}.png{query}").status_code for query in ("", "?w=30")] == [401, 401]


def test_the_same_bytes_sent_there_are_the_same_record(api: Api, other: Other, alice_key: str) -> None:
    first, again = api.upload(draw()), other.api(alice_key).upload(draw())
    assert data_of(first, 201)["id"] == data_of(again, 201)["id"]


def test_a_key_made_here_is_good_there(opened: Opened, other: Other, api: Api) -> None:
    _, text = opened.keys.issue(opened.owners.named("alice"), "new")
    assert data_of(other.api(text).get("/auth/verify"))["valid"]


def test_a_key_revoked_here_is_refused_there_at_once(opened: Opened, other: Other, alice_key: str) -> None:
    assert other.api(alice_key).get("/auth/verify").status_code == 200
    opened.keys.revoke(opened.keys.check(alice_key).key.id)
    refused(other.api(alice_key).get("/auth/verify"), 401, "API_KEY_REVOKED")
    answer = other.client.post("/api/1/upload", data={"key": alice_key, "source": "x"})
    assert answer.json and answer.json["status_code"] == 400


def test_an_owner_disabled_here_is_refused_there_at_once(opened: Opened, other: Other, alice_key: str) -> None:
    assert other.api(alice_key).get("/auth/verify").status_code == 200
    opened.catalog.set_owner_active(opened.owners.named("alice").id, False)
    refused(other.api(alice_key).get("/auth/verify"), 403, "FORBIDDEN")


def test_pieces_of_an_upload_may_go_to_either(api: Api, other: Other, alice_key: str) -> None:
    data, there = draw(300, 200), other.api(alice_key)
    path = tus.begun(api, len(data), filename="cat.png")
    assert tus.send(there, path, data[:100], 0).status_code == 204
    assert tus.offset(api, path) == 100
    assert tus.send(api, path, data[100:200], 100).status_code == 204
    done = tus.send(there, path, data[200:], 200)
    assert done.status_code == 204
    assert [one.get(f"/{done.headers['X-Picora-Id']}.png").data for one in (api.client, other.client)] == [data] * 2


def test_an_upload_abandoned_there_is_gone_here(api: Api, other: Other, alice_key: str) -> None:
    path = tus.begun(api, 100)
    tus.send(api, path, b"x" * 50, 0)
    assert tus.abandon(other.api(alice_key), path).status_code == 204
    assert tus.look(api, path).status_code == 404


def test_a_link_signed_here_opens_there(api: Api, other: Other, add_image: Callable[..., Added]) -> None:
    media = add_image(is_public=False).media
    url = data_of(api.post(f"/images/{media.id}/sign", {}))["signedUrl"]
    assert other.client.get(url.partition("example.org")[2]).status_code == 200


def test_who_gave_the_password_of_an_album_here_is_not_asked_there(
    client: FlaskClient, other: Other, add_album: AddAlbum
) -> None:
    album = add_album(password="cake")
    answer = client.post(f"/album/{album.id}", data={"password": "cake"})
    name, _, value = answer.headers["Set-Cookie"].partition(";")[0].partition("=")
    other.client.set_cookie(name, value, domain="localhost")
    page = other.client.get(album_path(album))
    assert page.status_code == 200 and 'type="password"' not in page.text


def test_sizes_made_to_measure_are_to_be_had_at_either(
    client: FlaskClient, other: Other, add_image: Callable[..., Added]
) -> None:
    media = add_image(data=draw(200, 100)).media
    here, there = (one.get(f"/{media.id}.png?w=50") for one in (client, other.client))
    assert here.status_code == there.status_code == 200
    assert (here.data, here.headers["ETag"]) == (there.data, there.headers["ETag"])


def test_a_site_that_was_undone_elsewhere_does_not_count_any_more(
    other: Other, old: OldHost, add_image: Callable[..., Added], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the host of a site no other one counts, and once it is gone, all do."""
    monkeypatch.setattr(old_sites, "FRESH", 0)
    move_in(old.catalog, "second").media(1, add_image().media, "/pic/cat.png")

    def asked() -> int:
        return other.client.get("/pic/cat.png", headers={"Host": "old.example"}).status_code

    assert asked() == 404
    old.catalog.withdraw_site(old.site.id, old.site.run_id)
    assert asked() == 200


def test_request_ids_tell_which_gateway_answered(client: FlaskClient, other: Other) -> None:
    assert other.client.get("/health").headers["X-Request-Id"].startswith("other-")
    assert not client.get("/health").headers["X-Request-Id"].startswith("other-")


def test_metrics_are_those_of_one_gateway(client: FlaskClient, other: Other) -> None:
    assert 'node="other"' in other.client.get("/metrics").text
    assert 'node="other"' not in client.get("/metrics").text


# sweeping


def test_what_is_past_its_time_is_swept_by_one(
    opened: Opened, other: Other, add_image: Callable[..., Added], clock: FrozenClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for _ in range(5):
        add_image(expiration="PT5M")
    clock.advance(hours=1)
    together = [threading.Thread(target=Sweeper(one, 60).sweep) for one in (opened, other.opened)]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join(60)
    assert opened.library.usage().media_count == 0
    assert [record.getMessage() for record in caplog.records if "expired files" in record.getMessage()] == [
        "removed 5 expired files"
    ]


def test_who_swept_last_goes_on_and_when_it_is_gone_another_does(
    opened: Opened, other: Other, add_image: Callable[..., Added], clock: FrozenClock
) -> None:
    first, second = Sweeper(opened, 60), Sweeper(other.opened, 60)
    first.sweep()
    add_image(expiration="PT5M")
    clock.advance(seconds=179)
    second.sweep()  # the first one has it still
    clock.advance(minutes=5)
    second.sweep()
    assert opened.library.usage().media_count == 0


def test_a_gateway_that_stops_does_not_look_through_all_files_first(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_looking = threading.Event()

    def without_end() -> Iterator[tuple[str, int, datetime]]:
        while True:
            is_looking.set()
            yield "AAAAAAAAAAA.png", 1, datetime.max.replace(tzinfo=UTC)

    monkeypatch.setattr(opened.blobs, "names", without_end)
    sweeper = Sweeper(opened, 0)
    sweeper.start()
    assert is_looking.wait(30)
    stopping = threading.Thread(target=sweeper.stop, daemon=True)
    stopping.start()
    stopping.join(30)
    assert not sweeper.is_alive()


def test_what_a_machine_has_for_itself_it_sweeps_itself(
    opened: Opened, other: Other, add_image: Callable[..., Added], clock: FrozenClock
) -> None:
    media = add_image(data=draw(200, 100)).media
    other.client.get(f"/{media.id}.png?w=50")
    cache = other.opened.library.cache
    [name] = cache.names(media.id)
    first, second = Sweeper(opened, 60), Sweeper(other.opened, 60)
    first.sweep()
    second.sweep()
    assert cache.names(media.id) == [name], "it is there still"
    opened.catalog.remove_media(media.id, clock.now())
    clock.advance(hours=25)
    first.sweep()
    second.sweep()
    assert cache.names(media.id) == []


def test_the_first_owner_is_made_once(opened: Opened, other: Other, settings: Settings) -> None:
    """However many gateways start over an empty library at the same time."""
    with opened.catalog.alone("first owner") as is_alone:
        assert is_alone and make_first_owner(other.opened, settings) is None
    keys = [make_first_owner(one, settings) for one in (opened, other.opened)]
    assert keys[0] and keys[1] is None
