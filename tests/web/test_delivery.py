"""Who sends the bytes of a file: the gateway, the store by a link, or a public place."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from tests.conftest import draw
from tests.store.standing_between import Between, standing_between
from tests.stores import S3Server

PICTURE = draw(600, 400, "JPEG", seed=3)
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
CDN = "https://cdn.example.org/pictures"


@dataclass(frozen=True, slots=True)
class Gateway:
    client: FlaskClient
    key: str

    def add(self, data: bytes = PICTURE, filename: str = "pic.jpg", **fields: Any) -> str:
        sent = {"source": (io.BytesIO(data), filename), "key": self.key} | fields
        answer = self.client.post("/api/1/upload", data=sent).json
        assert answer
        return str(answer["image"]["id_encoded"])

    def hide(self, media_id: str) -> None:
        answer = self.client.patch(
            f"/v1/images/{media_id}", json={"is_public": False}, headers={"Authorization": f"Bearer {self.key}"}
        )
        assert answer.status_code == 200, answer.data


@pytest.fixture
def blobs(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in s3_server.environment().items():
        monkeypatch.setenv(name, value)
    return s3_server.place(s3_server.bucket(), "library")


Deliver = Callable[..., Gateway]


@pytest.fixture
def deliver(client_with: Callable[..., tuple[FlaskClient, str]], blobs: str) -> Deliver:
    """deliver(sendfile="redirect") -> a gateway whose files are in a bucket."""
    return lambda place=blobs, **files: Gateway(*client_with(files=files, storage={"blobs": place}))


# links


def test_a_link_leads_to_the_bytes(deliver: Deliver) -> None:
    here = deliver(sendfile="redirect")
    answer = here.client.get(f"/{here.add()}.jpg")

    assert (answer.status_code, answer.data) == (302, b"")
    assert answer.headers["Cache-Control"] == "private, no-store"
    there = requests.get(answer.headers["Location"], timeout=10)
    assert there.content == PICTURE
    assert there.headers["Content-Type"] == "image/jpeg"


def test_a_link_is_good_for_a_while(deliver: Deliver) -> None:
    here = deliver(sendfile="redirect", link_life=42)

    assert "Expires=42" in here.client.get(f"/{here.add()}.jpg").headers["Location"]


def test_there_are_links_to_renditions(deliver: Deliver) -> None:
    here = deliver(sendfile="redirect")
    media_id = here.add()

    for variant in ("th", "md"):
        answer = here.client.get(f"/{media_id}.{variant}.jpg")
        assert requests.get(answer.headers["Location"], timeout=10).content.startswith(b"\xff\xd8")


def test_a_private_file_has_a_link_for_its_owner_alone(deliver: Deliver) -> None:
    here = deliver(sendfile="redirect", media_url=CDN)
    media_id = here.add()
    here.hide(media_id)

    assert here.client.get(f"/{media_id}.jpg").status_code == 401
    answer = here.client.get(f"/{media_id}.jpg", headers={"Authorization": f"Bearer {here.key}"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "private, no-store")
    there = requests.get(answer.headers["Location"], timeout=10)
    assert (there.content, there.headers["Cache-Control"]) == (PICTURE, "private, no-store")


@pytest.mark.parametrize("files", [{"sendfile": "redirect"}, {"media_url": CDN}])
def test_a_drawing_is_sent_with_its_policy(deliver: Deliver, files: dict[str, Any]) -> None:
    here = deliver(**files)
    answer = here.client.get(f"/{here.add(DRAWING, 'drawing.svg')}.svg")

    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("files", [{"sendfile": "redirect"}, {"media_url": CDN}])
def test_what_is_not_in_the_store_is_sent_from_here(deliver: Deliver, files: dict[str, Any]) -> None:
    here = deliver(**files)
    media_id = here.add()

    assert here.client.get(f"/{media_id}.jpg?w=100").headers["Content-Type"] == "image/jpeg"
    assert here.client.get(f"/{media_id}.jpg", headers={"Accept": "image/webp"}).headers["Content-Type"] == "image/webp"
    small = here.add(draw(64, 48, "JPEG", seed=9))
    assert here.client.get(f"/{small}.md.jpg").status_code == 404


@pytest.mark.parametrize("files", [{"sendfile": "redirect"}, {"media_url": CDN}, {}])
def test_whoever_wants_no_bytes_is_answered_here(deliver: Deliver, files: dict[str, Any]) -> None:
    here = deliver(**files)
    media_id = here.add()
    head = here.client.head(f"/{media_id}.jpg")

    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(PICTURE)))
    again = here.client.get(f"/{media_id}.jpg", headers={"If-None-Match": head.headers["ETag"]})
    assert (again.status_code, again.headers["ETag"]) == (304, head.headers["ETag"])


# a public place


def test_everybody_is_sent_to_the_public_place_for_a_minute(deliver: Deliver) -> None:
    here = deliver(media_url=f"{CDN}/")
    media_id = here.add()

    for name in (f"{media_id}.jpg", f"{media_id}.th.jpg"):
        answer = here.client.get(f"/{name}")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{CDN}/{name[:2]}/{name}")
        assert answer.headers["Cache-Control"] == "public, max-age=60"
        assert answer.headers["Vary" if ".th." not in name else "Access-Control-Allow-Origin"] in ("Accept", "*")


def test_a_private_file_is_never_sent_to_the_public_place(deliver: Deliver) -> None:
    here = deliver(media_url=CDN)
    media_id = here.add()
    here.hide(media_id)
    answer = here.client.get(f"/{media_id}.jpg", headers={"Authorization": f"Bearer {here.key}"})

    assert (answer.status_code, answer.data) == (200, PICTURE)


def test_files_in_a_folder_may_have_a_public_place_too(client_with: Callable[..., tuple[FlaskClient, str]]) -> None:
    here = Gateway(*client_with(files={"media_url": CDN}))
    media_id = here.add()

    assert here.client.get(f"/{media_id}.jpg").headers["Location"] == f"{CDN}/{media_id[:2]}/{media_id}.jpg"


# through the gateway


def test_the_gateway_sends_bytes_and_parts_of_them(deliver: Deliver) -> None:
    here = deliver()
    media_id = here.add()

    assert here.client.get(f"/{media_id}.jpg").data == PICTURE
    part = here.client.get(f"/{media_id}.jpg", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.data) == (206, PICTURE[100:200])
    parts = here.client.get(f"/{media_id}.jpg", headers={"Range": "bytes=0-9,-10"})
    assert PICTURE[:10] in parts.data and PICTURE[-10:] in parts.data


@pytest.fixture
def between(s3_server: S3Server) -> Any:
    with standing_between(s3_server.endpoint) as between:
        yield between


def test_a_known_etag_does_not_trouble_the_store(
    deliver: Deliver, blobs: str, s3_server: S3Server, between: Between
) -> None:
    here = deliver(blobs.replace(s3_server.endpoint, between.endpoint))
    media_id = here.add()
    etag = here.client.head(f"/{media_id}.jpg").headers["ETag"]
    between.asked.clear()

    assert here.client.get(f"/{media_id}.jpg", headers={"If-None-Match": etag}).status_code == 304
    assert between.asked == []


def test_a_store_that_is_ill_is_a_503_with_a_time_to_come_back(
    deliver: Deliver, blobs: str, s3_server: S3Server, between: Between
) -> None:
    here = deliver(blobs.replace(s3_server.endpoint, between.endpoint))
    media_id = here.add()
    between.refuse = lambda method, path: (403, "AccessDenied")
    answer = here.client.get(f"/{media_id}.jpg")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert b"storage.blobs" not in answer.data
