"""What an owner changes and removes: values that can be kept, and nothing of anybody else's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.changes import Changes, checked_tags, checked_title
from gateway.core.errors import GatewayError, InvalidInput, NotFound, QuotaExceeded, StoreUnavailable, TooBig
from gateway.core.holdings import Removed
from gateway.core.library import Added
from gateway.core.plans import Plan
from gateway.core.records import Media, Owner
from gateway.store.opening import Opened
from tests.conftest import FrozenClock, draw
from tests.core.filming import SOUND, encoded

AddImage = Callable[..., Added]


@pytest.fixture
def media(add_image: AddImage) -> Media:
    return add_image(title="Cat", tags=("cat",)).media


def test_it_works(opened: Opened, alice: Owner, media: Media, clock: FrozenClock) -> None:
    clock.advance(minutes=1)
    album = opened.library.add_album(alice, "Lake")
    changes = Changes(
        title=" Dog ", description="", tags=(" dog", "dog", "a  b"), is_public=False, album_id=album.id,
        allowed_referers=("SELF",),
    )  # fmt: skip
    changed = opened.holdings.change(alice, media.id, changes)
    assert changed == opened.holdings.own(alice, media.id)
    assert changed == replace(
        media, title="Dog", description=None, tags=("dog", "a b"), is_public=False, album_id=album.id,
        allowed_referers=("self",), updated_at=clock.now(),
    )  # fmt: skip


def test_changing_nothing_is_refused(opened: Opened, alice: Owner, media: Media) -> None:
    with pytest.raises(InvalidInput, match=r"Nothing to change\. Send at least one of title, "):
        opened.holdings.change(alice, media.id, Changes())


BAD: list[tuple[dict[str, Any], str]] = [
    ({"title": 5}, "title is not a text"),
    ({"title": "x" * 256}, "256 characters; up to 255"),
    ({"title": "a\0b"}, "cannot be kept"),
    ({"title": "half \ud83d"}, "cannot be kept"),
    ({"description": "x" * 5001}, "up to 5000"),
    ({"description": ["x"]}, "not a text"),
    ({"tags": [f"{number}" for number in range(11)]}, "11 tags; up to 10"),
    ({"tags": ["x" * 33]}, "up to 32 characters"),
    ({"tags": ["a,b"]}, "cannot be a tag"),
    ({"tags": "cat"}, "not a list of texts"),
    ({"tags": ["cat", 5]}, "not a list of texts"),
    ({"tags": None}, "not a list of texts"),
    ({"tags": ["a\0"]}, "cannot be kept"),
    ({"is_public": 1}, "neither true nor false"),
    ({"is_public": "true"}, "neither true nor false"),
    ({"is_nsfw": None}, "neither true nor false"),
    ({"album_id": 7}, "not a text"),
    ({"album_id": "no such album"}, "no such album of yours"),
    ({"allowed_referers": "self"}, "not a list of texts"),
    ({"allowed_referers": ["a*.org"]}, "is not a host"),
]


@pytest.mark.parametrize(("changes", "message"), BAD, ids=lambda value: str(value)[:40])
def test_a_value_that_cannot_be_kept_changes_nothing(
    opened: Opened, alice: Owner, media: Media, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message) as refused:
        opened.holdings.change(alice, media.id, Changes(**changes | {"is_nsfw": changes.get("is_nsfw", True)}))
    assert refused.value.meta == {"field": next(iter(changes))}
    assert opened.holdings.own(alice, media.id) == media


def test_what_is_as_long_as_it_may_be_is_kept(opened: Opened, alice: Owner, media: Media) -> None:
    tags = tuple(f"{number}".ljust(32, "x") for number in range(10))
    changed = opened.holdings.change(alice, media.id, Changes(title="x" * 255, description="y" * 5000, tags=tags))
    assert (changed.title, changed.description, changed.tags) == ("x" * 255, "y" * 5000, tags)


def test_anothers_album_is_refused(opened: Opened, alice: Owner, bob: Owner, media: Media) -> None:
    album = opened.library.add_album(bob, "Bob's")
    with pytest.raises(InvalidInput, match="no such album of yours"):
        opened.holdings.change(alice, media.id, Changes(album_id=album.id))


CALLS: dict[str, Callable[[Opened, Owner, str], object]] = {
    "own": lambda opened, owner, id: opened.holdings.own(owner, id),
    "change": lambda opened, owner, id: opened.holdings.change(owner, id, Changes(title="mine")),
    "remove": lambda opened, owner, id: opened.holdings.remove(owner, id),
}


@pytest.mark.parametrize("call", CALLS)
def test_anothers_media_is_not_found(opened: Opened, bob: Owner, media: Media, call: str) -> None:
    with pytest.raises(NotFound):
        CALLS[call](opened, bob, media.id)
    assert opened.library.get(media.id) == media


@pytest.mark.parametrize("call", CALLS)
def test_what_is_past_its_time_is_not_found(
    opened: Opened, alice: Owner, add_image: AddImage, clock: FrozenClock, call: str
) -> None:
    media = add_image(expiration="PT5M").media
    clock.advance(minutes=5)
    with pytest.raises(NotFound):
        CALLS[call](opened, alice, media.id)


def test_another_kind_than_asked_for_is_not_found(opened: Opened, alice: Owner, media: Media) -> None:
    assert opened.holdings.own(alice, media.id, ("video", "image")) == media
    with pytest.raises(NotFound):
        opened.holdings.own(alice, media.id, ("video",))


# removing


def test_many_are_removed_and_the_rest_is_told(opened: Opened, alice: Owner, bob: Owner, add_image: AddImage) -> None:
    one, two, bobs = add_image().media, add_image().media, add_image(owner=bob).media
    ids = [two.id, bobs.id, "no such id", one.id, two.id]
    assert opened.holdings.remove_many(alice, ids) == Removed((two.id, one.id), (bobs.id, "no such id", two.id))
    assert opened.library.get(bobs.id) == bobs
    assert opened.holdings.totals(alice).number() == 0
    assert opened.blobs.size(one.blob()) is None


def test_one_that_cannot_be_removed_now_does_not_stop_the_rest(
    opened: Opened, alice: Owner, add_image: AddImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = add_image().media, add_image().media
    remove = opened.catalog.remove_media

    def busy_once(media_id: str, at: Any) -> bool:
        if media_id == one.id:
            raise StoreUnavailable("The catalog is busy.")
        return remove(media_id, at)

    monkeypatch.setattr(opened.catalog, "remove_media", busy_once)
    assert opened.holdings.remove_many(alice, [one.id, two.id]) == Removed((two.id,), (one.id,))


# what uploads are told


def test_a_private_upload_is_private_from_the_start(add_image: AddImage) -> None:
    assert not add_image(is_public=False).media.is_public


def test_only_kinds_that_are_asked_for_are_taken(opened: Opened, add_image: AddImage) -> None:
    data = draw(seed=7)
    with pytest.raises(GatewayError, match="This is a picture; what is taken here is a video or a sound") as refused:
        add_image(data=data, kinds=("video", "audio"))
    assert refused.value.code == "FORMAT_UNSUPPORTED"
    assert opened.library.usage().media_count == 0
    add_image(data=data)
    with pytest.raises(GatewayError, match="taken here is a video"):
        add_image(data=data, kinds=("video",))
    assert add_image(data=data, kinds=("image",)).is_duplicate


def test_a_film_without_pictures_is_a_sound(add_image: AddImage) -> None:
    data = encoded("mp4", *SOUND, "-c:a", "aac")
    with pytest.raises(GatewayError, match="This is a sound; what is taken here is a video"):
        add_image(data=data, filename="song.mp4", kinds=("video",))
    assert add_image(data=data, filename="song.mp4", kinds=("audio",)).media.kind == "audio"
    with pytest.raises(GatewayError, match="taken here is a video"):  # nor is it one now that it is here
        add_image(data=data, filename="song.mp4", kinds=("video",))


@pytest.mark.parametrize(
    ("plan", "refusal"),
    [
        (Plan("small", max_file_bytes=50), TooBig),
        (Plan("small", image_bytes=50), QuotaExceeded),
        (Plan("small", uploads_per_day=0), QuotaExceeded),
    ],
    ids=str,
)
def test_a_plan_holds_at_every_door(
    opened: Opened, alice: Owner, add_image: AddImage, plan: Plan, refusal: type[GatewayError]
) -> None:
    opened.library.plan_of = lambda owner: plan
    with pytest.raises(refusal):
        add_image()
    assert opened.library.usage().media_count == 0
    assert list(opened.blobs.names()) == []
    assert opened.holdings.uploads(alice).day == 0


def test_the_checks_can_be_asked_before_an_upload() -> None:
    assert checked_title("  Cat ") == "Cat"
    assert checked_tags(["a", "a "]) == ("a",)
    with pytest.raises(InvalidInput):
        checked_tags({"a": 1})
