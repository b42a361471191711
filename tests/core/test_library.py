"""Adding to the library: what is kept of what was sent and said, and what is left out with a word about it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image

from gateway.core.errors import InvalidInput
from gateway.core.formats.families import Developed
from gateway.core.library import Added
from gateway.core.records import Owner, Usage
from gateway.store.opening import Opened
from tests.conftest import FrozenClock
from tests.core.drawing import camera_exif, drawn

AddImage = Callable[..., Added]
TAKEN_AT = datetime(2018, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def admin(opened: Opened) -> Owner:
    return opened.owners.add("admin", role="admin")


@pytest.fixture
def guest(opened: Opened) -> Owner:
    return opened.owners.add("guest", role="guest")


def photo(title: str | None = None, taken: str | None = None) -> bytes:
    """A picture as a camera leaves it."""
    exif = camera_exif()
    if title is not None:
        exif[0x9C9B] = title.encode("utf-16-le") + b"\0\0"
    if taken is not None:
        exif[0x0132] = exif.get_ifd(0x8769)[0x9003] = taken
    return drawn("JPEG", 64, 48, exif=exif)


def nameless_photo() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 1
    return drawn("JPEG", 64, 48, exif=exif)


def stored(opened: Opened, name: str) -> bytes | None:
    blob = opened.blobs.open(name)
    if not blob:
        return None
    with blob.file as file:
        return file.read()


def test_it_works(opened: Opened, alice: Owner, add_image: AddImage, clock: FrozenClock) -> None:
    data = drawn("PNG", 640, 480)
    added = add_image(data=data, filename="My_Cat.png", title="Cat", description="a cat", tags=("cat", "b&w"))
    media = added.media
    assert (media.owner_id, media.kind, media.mime, media.extension) == (alice.id, "image", "image/png", "png")
    assert (media.filename, media.title, media.description, media.tags) == (
        "My_Cat.png", "Cat", "a cat", ("cat", "b&w"),
    )  # fmt: skip
    assert (media.size_bytes, media.width, media.height) == (len(data), 640, 480)
    assert (media.sha256, media.md5) == (hashlib.sha256(data).hexdigest(), hashlib.md5(data).hexdigest())
    assert (media.source_sha256, media.source_md5, media.is_resized) == (None, None, False)
    assert (media.created_at, media.updated_at, media.expires_at) == (clock.now(), clock.now(), None)
    assert (media.is_public, media.is_nsfw, media.views) == (True, False, 0)
    assert len(media.id) == 11
    assert (added.is_duplicate, added.warnings) == (False, ())
    assert opened.library.get(media.id) == media
    assert opened.library.usage() == Usage(1, len(data), 1, 0, 0, 0)


def test_the_bytes_and_both_renditions_are_kept(opened: Opened, add_image: AddImage) -> None:
    media = add_image(data=(data := drawn("JPEG", 640, 480))).media
    assert stored(opened, media.blob()) == data
    for name, size in ((media.blob("th"), media.thumb_bytes), (media.blob("md"), media.medium_bytes)):
        kept = stored(opened, name)
        assert kept and len(kept) == size
    assert (media.medium_width, media.medium_height) == (500, 375)


def test_a_small_picture_has_no_medium(opened: Opened, add_image: AddImage) -> None:
    media = add_image().media
    assert media.medium_bytes == 0
    assert stored(opened, media.blob("md")) is None
    assert media.blobs() == (media.blob(), media.blob("th"))


def test_a_converted_picture_tells_of_both(opened: Opened, add_image: AddImage) -> None:
    media = add_image(data=(data := drawn("BMP", 64, 48))).media
    kept = stored(opened, media.blob())
    assert kept and kept.startswith(b"\x89PNG")
    assert (media.size_bytes, media.sha256) == (len(kept), hashlib.sha256(kept).hexdigest())
    assert (media.source_sha256, media.source_md5) == (
        hashlib.sha256(data).hexdigest(), hashlib.md5(data).hexdigest(),
    )  # fmt: skip
    assert not media.is_resized


def test_a_resized_picture_tells_of_both(opened: Opened, add_image: AddImage) -> None:
    media = add_image(data=(data := drawn("PNG", 640, 480)), resize_width=320).media
    kept = stored(opened, media.blob())
    assert kept and (media.size_bytes, media.md5) == (len(kept), hashlib.md5(kept).hexdigest())
    assert (media.width, media.height, media.is_resized) == (320, 240, True)
    assert media.source_md5 == hashlib.md5(data).hexdigest()


def test_two_uploads_have_nothing_in_common(opened: Opened, add_image: AddImage) -> None:
    one, two = add_image(), add_image()
    assert one.media.id != two.media.id
    assert one.delete_token != two.delete_token
    assert opened.library.with_delete_token(one.media.id, one.delete_token) == one.media


def test_what_was_said_is_kept(opened: Opened, add_image: AddImage, alice: Owner) -> None:
    album = opened.library.add_album(alice, "Holiday")
    category = opened.library.add_category("Nature", "nature")
    added = add_image(is_nsfw=True, album_id=album.id, category_id=category.id)
    assert (added.media.is_nsfw, added.media.album_id, added.media.category_id) == (True, album.id, category.id)
    assert added.warnings == ()


# titles


@pytest.mark.parametrize(
    ("title", "in_photo", "kept"),
    [
        ("Given", "Written by the camera", "Given"),
        (None, "Written by the camera", "Written by the camera"),
        ("", "Written by the camera", "Written by the camera"),
        (None, None, "Holiday Photo 01"),
        ("\0\0", None, "Holiday Photo 01"),
        (None, "Grüße 👩‍🚀", "Grüße 👩‍🚀"),
        ("x" * 300, None, "x" * 100),
        (None, "y" * 300, "y" * 100),
        ("0", None, "0"),
    ],
)
def test_the_title_is_given_or_in_the_photo_or_the_file_name(
    add_image: AddImage, title: str | None, in_photo: str | None, kept: str
) -> None:
    assert add_image(data=photo(in_photo), filename="Holiday_Photo-01.jpg", title=title).media.title == kept


def test_a_name_that_says_nothing_gives_no_title(add_image: AddImage) -> None:
    media = add_image(filename="___.png").media
    assert (media.filename, media.title) == ("___.png", None)


def test_a_nameless_upload_gets_a_name_of_its_type(add_image: AddImage) -> None:
    names = [add_image(filename=name).media.filename for name in ("", "/", "\0")]
    assert all(len(name) == 16 and name.endswith(".png") for name in names)
    assert len(set(names)) == 3


@pytest.mark.parametrize(
    ("description", "kept"), [("Given", "Given"), (None, "A described photo"), ("\0", None), ("", "A described photo")]
)
def test_the_description_is_given_or_in_the_photo(
    add_image: AddImage, description: str | None, kept: str | None
) -> None:
    assert add_image(data=photo(), description=description).media.description == kept


def test_a_description_may_be_long(add_image: AddImage) -> None:
    assert add_image(description="wörter " * 50_000).media.description == "wörter " * 50_000


ODD = "a\0b \ud83d c\x01\x1b\t\n\x7f\u202e \U0001f469\u200d\U0001f680"
KEPT = "ab ? c\x01\x1b\t\n\x7f\u202e \U0001f469\u200d\U0001f680"


def test_any_text_can_be_kept(opened: Opened, add_image: AddImage) -> None:
    added = add_image(
        filename=f"{ODD}.png", title=ODD, description=ODD, tags=("a\0b\ud83d\x01", "\ud83d"), album_id=ODD
    )
    media = opened.library.get(added.media.id)
    assert media == added.media
    assert (media.filename, media.title, media.description) == (f"{KEPT}.png", KEPT, KEPT)
    assert media.tags == ("ab?\x01",)
    assert len(added.warnings) == 2
    " ".join(added.warnings).encode()


# albums, categories, tags


def test_a_foreign_album_is_left_out(opened: Opened, add_image: AddImage, bob: Owner, admin: Owner) -> None:
    album = opened.library.add_album(bob, "Bob's")
    for owner in (None, admin):
        added = add_image(album_id=album.id, **({"owner": owner} if owner else {}))
        assert added.media.album_id is None
        assert added.warnings == (f"Album {album.id!r} is not one of yours; the file is in no album.",)


def test_an_album_that_is_removed_during_an_upload_is_left_out(
    opened: Opened, alice: Owner, add_image: AddImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    album = opened.library.add_album(alice, "Holiday")
    develop = opened.library.intake.develop

    def remove_and_develop(*given: Any) -> Developed:
        opened.albums.remove(alice, album.id)
        return develop(*given)

    monkeypatch.setattr(opened.library.intake, "develop", remove_and_develop)
    added = add_image(album_id=album.id)
    assert added.media == opened.library.get(added.media.id)
    assert added.media.album_id is None
    assert added.warnings == (f"Album {album.id!r} is not one of yours; the file is in no album.",)


def test_a_guest_is_not_put_into_an_album_of_others(
    opened: Opened, add_image: AddImage, alice: Owner, guest: Owner
) -> None:
    album = opened.library.add_album(alice, "Alice's")
    added = add_image(owner=guest, album_id=album.id)
    assert added.media.album_id is None
    assert len(added.warnings) == 1


@pytest.mark.parametrize("album_id", ["unknown", "0", "%", "' OR 1=1 --", "\ud83d", "x" * 10_000])
def test_an_unknown_album_is_left_out(add_image: AddImage, album_id: str) -> None:
    added = add_image(album_id=album_id)
    assert added.media.album_id is None
    assert "is not one of yours" in added.warnings[0]


def test_an_unknown_category_is_kept_as_a_number(opened: Opened, add_image: AddImage) -> None:
    added = add_image(category_id=99)
    assert opened.library.get(added.media.id).category_id == 99
    assert added.warnings == ("There is no category 99 yet; the file keeps that number.",)


def test_tags_that_are_none_are_left_out(opened: Opened, add_image: AddImage) -> None:
    added = add_image(tags=(" One ", "one", "a/b", "!!!", "", "x" * 33, "One"))
    assert opened.library.get(added.media.id).tags == added.media.tags == ("One", "one")
    assert [warning.split("'")[1] for warning in added.warnings] == ["a/b", "!!!", "x" * 33]


def test_tags_stand_in_the_order_the_library_met_them(opened: Opened, add_image: AddImage) -> None:
    add_image(tags=("zoo", "ape"))
    media = add_image(tags=("ape", "lion", "zoo")).media
    assert opened.library.get(media.id).tags == media.tags == ("zoo", "ape", "lion")


def test_a_guest_has_no_tags(add_image: AddImage, guest: Owner) -> None:
    added = add_image(owner=guest, data=photo(), tags=("cat",), tag_camera=True)
    assert added.media.tags == ()
    assert added.warnings == ("Guest uploads have no tags.",)


def test_the_camera_becomes_a_tag_when_asked_for(add_image: AddImage) -> None:
    assert add_image(data=photo("one"), tags=("cat",), tag_camera=True).media.tags == ("cat", "Canon EOS 5D")
    assert add_image(data=photo("two"), tags=("Canon EOS 5D",), tag_camera=True).media.tags == ("Canon EOS 5D",)
    assert add_image(data=photo("three"), tags=("cat",)).media.tags == ("cat",)
    assert add_image(data=nameless_photo(), tag_camera=True).media.tags == ()


# dates


def test_an_admin_may_use_the_date_of_the_photo(add_image: AddImage, admin: Owner, clock: FrozenClock) -> None:
    added = add_image(owner=admin, data=photo(), use_file_date=True)
    assert (added.media.created_at, added.media.updated_at) == (TAKEN_AT, clock.now())
    assert added.warnings == ()


def test_others_get_the_date_of_the_upload(add_image: AddImage, clock: FrozenClock) -> None:
    added = add_image(data=photo(), use_file_date=True)
    assert added.media.created_at == clock.now()
    assert added.warnings == ("use_file_date is for admins; the file has the date of the upload.",)


@pytest.mark.parametrize("taken", ["2099:01:01 00:00:00", "0000:00:00 00:00:00", "yesterday", ""])
def test_a_date_that_cannot_be_is_not_used(add_image: AddImage, admin: Owner, clock: FrozenClock, taken: str) -> None:
    added = add_image(owner=admin, data=photo(taken=taken), use_file_date=True)
    assert added.media.created_at == clock.now()
    assert "does not say when it was taken" in added.warnings[0]


def test_a_camera_whose_clock_was_never_set_is_believed(opened: Opened, add_image: AddImage, admin: Owner) -> None:
    added = add_image(owner=admin, data=photo(taken="0001:01:01 00:00:00"), use_file_date=True)
    assert opened.library.get(added.media.id).created_at == datetime(1, 1, 1, tzinfo=UTC)


def test_an_expiry_is_kept_to_the_millisecond(opened: Opened, add_image: AddImage) -> None:
    media = add_image(expiration="P1M").media
    assert media.expires_at == datetime(2026, 12, 21, 12, 0, 0, 123000, tzinfo=UTC)
    assert opened.library.get(media.id) == media


# albums and categories themselves


@pytest.mark.parametrize("name", ["Holiday", " Holiday ", "x" * 100, "👩‍🚀 & co", "a\0b", "\ud83d"])
def test_an_album_may_have_most_names(opened: Opened, alice: Owner, name: str) -> None:
    album = opened.library.add_album(alice, name)
    assert opened.library.albums() == [album]
    assert album.name == name.strip().replace("\0", "").replace("\ud83d", "?")


@pytest.mark.parametrize("name", ["", "  ", "\n", "\0", " \0 ", "x" * 101])
def test_an_album_needs_a_name(opened: Opened, alice: Owner, name: str) -> None:
    with pytest.raises(InvalidInput, match="1 to 100"):
        opened.library.add_album(alice, name)
    assert opened.library.albums() == []


@pytest.mark.parametrize(("name", "key"), [("", "nature"), ("Nature", ""), (" ", "nature"), ("\0", "n"), ("N", "\0")])
def test_a_category_needs_a_name_and_a_key(opened: Opened, name: str, key: str) -> None:
    with pytest.raises(InvalidInput, match="needs a name and a key"):
        opened.library.add_category(name, key)
    assert opened.library.categories() == []


def test_views_are_counted(opened: Opened, add_image: AddImage) -> None:
    media = add_image().media
    for _ in range(3):
        opened.library.count_view(media)
    assert opened.library.get(media.id) == replace(media, views=3)
