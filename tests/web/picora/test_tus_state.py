"""HEAD, GET and DELETE of `/v1/uploads/{id}`: how far an upload is, and giving it up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.store.opening import Opened
from gateway.sweeper import sweep_all
from tests.conftest import FrozenClock, draw
from tests.web.conftest import LATER
from tests.web.picora.api import Api, data_of, refused
from tests.web.picora.conftest import ApiOf
from tests.web.picora.tus import abandon, begun, look, offset, send

PICTURE = draw(seed=7)


def test_it_works(api: Api) -> None:
    path = begun(api, 100, filename="cat.png")
    send(api, path, b"x" * 40, 0)
    answer = look(api, path)
    assert answer.status_code == 200 and not answer.data
    assert (answer.headers["Upload-Offset"], answer.headers["Upload-Length"]) == ("40", "100")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Upload-Expires" in answer.headers


def test_get_says_it_as_json_too(api: Api) -> None:
    path = begun(api, 100)
    answer = api.get(path)
    assert data_of(answer) == {"id": path.rpartition("/")[2], "offset": 0, "length": 100, "mediaId": None}
    assert answer.headers["Upload-Offset"] == "0" and "Upload-Expires" in answer.headers


def test_what_became_of_it_may_be_deleted(api: Api) -> None:
    path = begun(api, len(PICTURE))
    id = send(api, path, PICTURE, 0).headers["X-Picora-Id"]
    api.delete(f"/images/{id}")
    answer = look(api, path)
    assert answer.headers["Upload-Offset"] == str(len(PICTURE))
    assert "X-Picora-Id" not in answer.headers


def test_another_version(api: Api) -> None:
    path = begun(api, 100)
    answer = api.call("HEAD", path, headers={"Tus-Resumable": "2.0.0"})
    assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")


def test_somebody_elses(api: Api, bob_api: Api) -> None:
    path = begun(api, 100)
    assert look(bob_api, path).status_code == 404
    refused(bob_api.get(path), 404, "NOT_FOUND")


def test_an_expired_one(api: Api, clock: FrozenClock) -> None:
    path = begun(api, 100)
    clock.advance(hours=23, minutes=59)
    assert look(api, path).status_code == 200
    clock.advance(minutes=1)
    assert look(api, path).status_code == 404


def test_the_setting_says_how_long_it_lives(api_of: ApiOf, clock: FrozenClock) -> None:
    api = api_of(uploads={"session_age": 60})
    path = begun(api, 100)
    clock.advance(seconds=60)
    assert look(api, path).status_code == 404


@pytest.mark.usefixtures("nothing_is_left")
def test_giving_it_up(api: Api) -> None:
    path = begun(api, 100)
    send(api, path, b"x" * 40, 0)
    answer = abandon(api, path)
    assert answer.status_code == 204 and answer.headers["Tus-Resumable"] == "1.0.0"
    assert look(api, path).status_code == 404
    refused(abandon(api, path), 404, "NOT_FOUND")


def test_giving_up_a_finished_one_keeps_what_it_became(api: Api) -> None:
    path = begun(api, len(PICTURE))
    id = send(api, path, PICTURE, 0).headers["X-Picora-Id"]
    assert abandon(api, path).status_code == 204
    assert look(api, path).status_code == 404
    assert data_of(api.get(f"/images/{id}"))["id"] == id


def test_giving_up_somebody_elses(api: Api, bob_api: Api) -> None:
    path = begun(api, 100)
    refused(abandon(bob_api, path), 404, "NOT_FOUND")
    assert offset(api, path) == 0


def test_a_method_that_is_none(api: Api) -> None:
    answer = api.call("PUT", begun(api, 100))
    refused(answer, 405, "METHOD_NOT_ALLOWED")
    assert "PATCH" in answer.headers["Allow"]


@pytest.mark.usefixtures("nothing_is_left")
def test_the_sweeper_removes_what_expired(api: Api, opened: Opened, clock: FrozenClock) -> None:
    finished = begun(api, len(PICTURE))
    id = send(api, finished, PICTURE, 0).headers["X-Picora-Id"]
    path = begun(api, 100)
    send(api, path, b"x" * 40, 0)
    swept = []
    for _ in range(24):  # a clock that jumps is not believed at once
        swept.append(opened.sessions.sweep_expired())
        clock.advance(hours=1)
    assert not any(swept)
    assert opened.sessions.sweep_expired() == 1
    assert opened.catalog.expired_sessions(clock.now() + timedelta(days=9), 9) == []
    api.delete(f"/images/{id}")


def test_the_sweeper_leaves_the_bytes_of_what_goes_on(api: Api, opened: Opened, clock: FrozenClock) -> None:
    """However long nobody touched them."""
    path = begun(api, 100)
    send(api, path, b"x" * 40, 0)
    clock.advance(hours=23)
    opened.library.sweep(timedelta(days=-30_000))
    assert offset(api, path) == 40
    assert send(api, path, b"x", 40).headers["Upload-Offset"] == "41"


def test_the_sweeper_removes_bytes_no_session_claims(opened: Opened, clock: FrozenClock) -> None:
    with opened.blobs.arriving("x" * 21) as stray:
        assert stray.resume(0)
        stray.write(b"stray")
        stray.settle()
    assert opened.blobs.arriving_names(LATER) == ["x" * 21]
    clock.advance(days=30_000)
    assert sweep_all(opened).incoming == 1
    assert opened.blobs.arriving_names(LATER) == []


def test_bytes_that_got_lost_are_not_made_up(api: Api, opened: Opened) -> None:
    """A restored backup has the catalog and not the folder of what is on its way."""
    path = begun(api, 100)
    send(api, path, b"x" * 40, 0)
    with opened.blobs.arriving(path.rpartition("/")[2]) as arriving:
        assert arriving.resume(39)
        arriving.settle()
    refused(send(api, path, b"x", 40), 404, "NOT_FOUND")
    assert look(api, path).status_code == 404
