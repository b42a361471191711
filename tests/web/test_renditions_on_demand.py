"""GET /{id}.th.jpg where there is none yet: it is made, kept, and noted in the record."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from gateway.core.healing import damaged
from gateway.core.library import Added
from gateway.core.records import VARIANTS, Media, Variant
from gateway.store.opening import Opened
from tests.conftest import Client, draw
from tests.core.filming import film, needs_av, needs_ffmpeg, sounding
from tests.web.conftest import Hide

Add = Callable[..., Added]
PHOTO = draw(800, 600, "JPEG")


@pytest.fixture
def media(add_image: Add, opened: Opened) -> Media:
    """As imported without renditions."""
    return bare(opened, add_image(data=PHOTO, filename="a.jpg").media)


def bare(opened: Opened, media: Media) -> Media:
    opened.blobs.delete(media.blobs()[1:])
    for variant in VARIANTS:
        opened.catalog.set_rendition(media.id, variant, 0, (0, 0))
    without = opened.library.get(media.id)
    assert without.blobs() == (without.blob(),)
    return without


@pytest.fixture
def developed(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry for each decode."""
    runs: list[object] = []
    develop = opened.derived.intake.develop_again
    monkeypatch.setattr(opened.derived.intake, "develop_again", lambda file: runs.append(file) or develop(file))  # type: ignore[func-returns-value]
    return runs


def test_it_works(client: FlaskClient, media: Media) -> None:
    for variant, size in (("th", (320, 320)), ("md", (500, 375))):
        answer = client.get(f"/{media.id}.{variant}.jpg")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
        assert Image.open(io.BytesIO(answer.data)).size == size


def test_they_are_the_same_as_made_at_the_upload(client: FlaskClient, add_image: Add, opened: Opened) -> None:
    media = add_image(data=PHOTO).media
    before = [client.get(f"/{media.id}.{variant}.jpg").data for variant in ("th", "md")]
    bare(opened, media)

    assert [client.get(f"/{media.id}.{variant}.jpg").data for variant in ("th", "md")] == before
    assert replace(opened.library.get(media.id), updated_at=media.updated_at) == media


@needs_av
@needs_ffmpeg
@pytest.mark.parametrize(("draw_it", "variants"), [(sounding, ("th",)), (film, ("th", "md", "fr"))])
def test_sounds_and_videos_get_theirs_too(
    client: FlaskClient, add_image: Add, opened: Opened, draw_it: Callable[[], bytes], variants: tuple[Variant, ...]
) -> None:
    media = add_image(data=draw_it(), filename="a").media
    before = [client.get(f"/{media.id}.{variant}.jpeg").data for variant in variants]
    bare(opened, media)

    assert [client.get(f"/{media.id}.{variant}.jpeg").data for variant in variants] == before
    assert [opened.library.get(media.id).rendition_bytes(variant) for variant in variants] == [*map(len, before)]


def test_one_decode_makes_both_and_once(client: FlaskClient, media: Media, developed: list[object]) -> None:
    for variant in ("th", "md", "th", "md"):
        client.get(f"/{media.id}.{variant}.jpg")

    assert len(developed) == 1


def test_however_many_ask_at_once_they_are_made_once(app: Flask, media: Media, developed: list[object]) -> None:
    together = threading.Barrier(8)

    def ask(number: int) -> int:
        together.wait(30)
        return Client(app).get(f"/{media.id}.{('th', 'md')[number % 2]}.jpg").status_code

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(8))) == {200}
    assert len(developed) == 1


def test_a_lost_one_is_made_again_and_the_other_left(client: FlaskClient, add_image: Add, opened: Opened) -> None:
    media = add_image(data=PHOTO).media
    opened.blobs.delete([media.blob("th")])

    assert client.get(f"/{media.id}.th.jpg").status_code == 200
    assert damaged(opened.blobs, opened.library.get(media.id)) == []


def test_a_format_that_is_switched_off_by_now_still_gets_its_thumbnail(
    client: FlaskClient, media: Media, opened: Opened
) -> None:
    opened.derived.intake.disabled_formats = ("jpeg",)

    assert client.get(f"/{media.id}.th.jpg").status_code == 200


def test_deleting_deletes_them_too(client: FlaskClient, media: Media, opened: Opened) -> None:
    client.get(f"/{media.id}.th.jpg")
    opened.library.remove(opened.library.get(media.id))

    assert [name for name, *_ in opened.blobs.names()] == []


def test_deleting_meanwhile_leaves_nothing(
    client: FlaskClient, media: Media, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    develop = opened.derived.intake.develop_again

    def deleting(file: object) -> object:
        developed = develop(file)  # type: ignore[arg-type]
        opened.library.remove(media)
        return developed

    monkeypatch.setattr(opened.derived.intake, "develop_again", deleting)

    assert client.get(f"/{media.id}.th.jpg").status_code == 404
    assert [name for name, *_ in opened.blobs.names()] == []


def test_a_small_picture_has_no_medium_and_is_not_decoded_for_it(
    client: FlaskClient, add_image: Add, developed: list[object]
) -> None:
    media = add_image(data=draw(100, 80)).media

    assert client.get(f"/{media.id}.md.png").status_code == 404
    assert client.get(f"/{media.id}.fr.jpeg").status_code == 404
    assert developed == []


def test_a_picture_that_cannot_be_read_has_none_and_is_tried_once(
    client: FlaskClient, media: Media, opened: Opened, developed: list[object]
) -> None:
    opened.blobs.delete([media.blob()])
    opened.blobs.put({media.blob(): PHOTO[:2_000]})

    assert {client.get(f"/{media.id}.th.jpg").status_code for _ in range(3)} == {404}
    assert len(developed) == 1


def test_a_stranger_cannot_have_a_private_one_made(
    client: FlaskClient, media: Media, hide: Hide, developed: list[object]
) -> None:
    hide(media)

    assert client.get(f"/{media.id}.th.jpg").status_code == 401
    assert developed == []


def test_without_the_original_there_is_nothing_to_make_it_from(
    client: FlaskClient, media: Media, opened: Opened
) -> None:
    opened.blobs.delete([media.blob()])

    assert client.get(f"/{media.id}.th.jpg").status_code == 404
