"""What an owner finds among what is theirs, and what is told to those who keep a copy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.core.changes import Changes
from gateway.core.library import Added
from gateway.core.listing import Place
from gateway.core.records import Owner
from gateway.core.search import Query, fold
from gateway.core.totals import Uploads
from gateway.store.opening import Opened
from tests.conftest import FrozenClock, draw

AddImage = Callable[..., Added]


def test_it_works(opened: Opened, alice: Owner, bob: Owner, add_image: AddImage, clock: FrozenClock) -> None:
    added = []
    for title in ("One", "Two", "Three"):
        added.append(add_image(title=title, tags=("cat",)).media)
        clock.advance(seconds=1)
    add_image(owner=bob)
    newest = [media.id for media in reversed(added)]

    def search(after: Place | None = None, limit: int = 9, **asked: Any) -> list[str]:
        return [one.id for one in opened.holdings.search(Query(alice.id, **asked), after, limit)]

    assert search(tag="cat") == newest
    assert search(Place(added[-1].created_at, added[-1].id), 1) == newest[1:2]
    assert search(text="THREE") == newest[:1]
    assert opened.holdings.totals(alice).number(("image",)) == 3
    assert opened.holdings.uploads(alice) == Uploads(3, 3)


def test_what_is_past_its_time_is_not_found(
    opened: Opened, alice: Owner, add_image: AddImage, clock: FrozenClock
) -> None:
    add_image(expiration="PT5M")
    clock.advance(minutes=5)
    assert opened.holdings.search(Query(alice.id), None, 9) == []
    assert opened.holdings.changes(alice, (), None, 9) == []


def test_what_is_here_is_known_by_its_hash(opened: Opened, alice: Owner, bob: Owner, add_image: AddImage) -> None:
    media = add_image().media
    converted = add_image(data=draw(format="BMP"), filename="pic.bmp").media
    assert converted.source_sha256
    asked = [media.sha256, converted.source_sha256, "0" * 64]
    assert opened.holdings.existing(alice, asked) == {media.sha256: media, converted.source_sha256: converted}
    assert opened.holdings.existing(bob, asked) == {}


def test_the_feed_tells_what_came_changed_and_went(
    opened: Opened, alice: Owner, add_image: AddImage, clock: FrozenClock
) -> None:
    one, two = add_image().media, add_image().media
    first = opened.holdings.changes(alice, (), None, 9)
    assert [change.media for change in first] == [one, two]
    changed = opened.holdings.change(alice, one.id, Changes(title="new"))
    opened.holdings.remove(alice, two.id)
    news = opened.holdings.changes(alice, ("image",), first[-1].place, 9)
    assert [(change.id, change.media) for change in news] == [(one.id, changed), (two.id, None)]
    assert opened.holdings.changes(alice, ("video",), None, 9) == []
    clock.advance(days=31)
    assert [change.id for change in opened.holdings.changes(alice, (), None, 9)] == [one.id]


@pytest.mark.parametrize(
    ("one", "other"), [("STRASSE", "straße"), ("e\u0301", "É"), ("ＡＢＣ", "abc"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("ﬁ", "FI")]
)
def test_case_and_composition_do_not_matter(one: str, other: str) -> None:
    assert fold(one) == fold(other)
