"""What the rows of a picture become, and what other tables say of it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from migrate.items import Item
from tests.migrate.old_site import BCRYPT, RowOf, TablesOf, image, items, open_site, paths, settings, write


@pytest.fixture
def files(tmp_path: Path) -> Path:
    write(tmp_path, "images/2026/11/21/pic.png")
    return tmp_path


def only(files: Path, row: RowOf, tables: TablesOf | None = None) -> Item:
    (found,) = items(files, {"images": [row], **(tables or {})})
    return found


def test_every_row_is_an_item_in_the_order_of_the_ids(files: Path) -> None:
    found = items(files, {"images": [image(10), image(9, "lost"), image(100)]})
    assert [one.key for one in found] == ["9", "10", "100"]


def test_texts_and_counters_are_kept_as_they_are(files: Path) -> None:
    found = only(
        files,
        image(
            1, title="<b>'quoted'</b>\n😀", description="two\nlines", views=7, original_filename="My Pic.PNG", nsfw=1,
            original_exifdata='{"Make":"X"}', size=12, width=3, height=4, duration=5, is_360=1,
        ),
    )  # fmt: skip
    assert (found.title, found.description) == ("<b>'quoted'</b>\n😀", "two\nlines")
    assert (found.views, found.filename, found.is_nsfw, found.is_360) == (7, "My Pic.PNG", True, True)
    assert (found.exif_json, found.size_bytes, found.width, found.height) == ('{"Make":"X"}', 12, 3, 4)
    assert found.duration == 5


def test_columns_that_a_version_lacks_are_unknown(files: Path) -> None:
    found = only(files, image(1))
    assert found.is_360 is None
    assert found.is_public
    assert (found.title, found.md5, found.size_bytes, found.expires_at) == (None, None, None, None)
    assert found.filename == "pic.png"


def test_what_was_not_approved_is_private(files: Path) -> None:
    assert not only(files, image(1, is_approved=0)).is_public


# dates


def test_a_date_is_kept_in_gmt_and_as_it_was_shown(files: Path) -> None:
    found = only(files, image(1))
    assert found.created_at == datetime(2026, 11, 21, 4, 3, 58, tzinfo=UTC)
    assert found.created_local == "2026-11-21 01:03:58"


def test_a_zero_date_in_gmt_is_made_of_the_local_one(files: Path) -> None:
    found = only(files, image(1, date_gmt="0000-00-00 00:00:00"))
    assert found.created_at == datetime(2026, 11, 21, 4, 3, 58, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Nowhere/Land", "America", "../etc"])
def test_a_time_zone_that_is_none_counts_as_gmt(files: Path, zone: str) -> None:
    rows = settings(default_timezone=zone)
    found = only(files, image(1, date_gmt="0000-00-00 00:00:00"), {"settings": rows})
    assert found.created_at == datetime(2026, 11, 21, 1, 3, 58, tzinfo=UTC)


def test_without_any_date_that_of_the_file_counts(files: Path) -> None:
    write(files, "images/pic.png")
    os.utime(files / "images/pic.png", (1_600_000_000, 1_600_000_000))
    zero = "0000-00-00 00:00:00"
    found = only(files, image(1, date=zero, date_gmt=zero, storage_mode="direct"))
    assert found.created_at == datetime.fromtimestamp(1_600_000_000, UTC)
    assert found.created_local is None


# expiry


def test_what_has_expired_is_left_out_unless_it_shall_be_kept(files: Path) -> None:
    rows = [
        image(1, expiration_date_gmt="2026-11-21 12:00:00"),
        image(2, expiration_date_gmt="2026-11-21 12:00:01"),
        image(3, expiration_date_gmt="0000-00-00 00:00:00"),
    ]
    found = items(files, {"images": rows})
    assert [(one.skip or "").partition(":")[0] for one in found] == ["expired", "", ""]
    assert found[1].expires_at == datetime(2026, 11, 21, 12, 0, 1, tzinfo=UTC)
    assert found[2].expires_at is None
    assert [one.skip for one in items(files, {"images": rows}, keep_expired=True)] == [None] * 3


# checksums


@pytest.mark.parametrize(
    ("row", "md5", "sha256"),
    [
        (image(1, md5="AB" * 16), "ab" * 16, None),
        (image(1, checksum="cd" * 16), "cd" * 16, None),
        (image(1, checksum="ef" * 32), None, "ef" * 32),
        (image(1, md5="x", checksum="01" * 16), "01" * 16, None),
        (image(1, md5="zz" * 16), None, None),
    ],
)
def test_a_checksum_is_what_looks_like_one(files: Path, row: RowOf, md5: str | None, sha256: str | None) -> None:
    found = only(files, row)
    assert (found.md5, found.sha256) == (md5, sha256)


def test_a_checksum_of_what_was_sent_tells_that_it_was_made_smaller(files: Path) -> None:
    resized = only(files, image(1, md5="ab" * 16, source_md5="cd" * 16))
    assert (resized.source_md5, resized.is_resized) == ("cd" * 16, True)
    same = only(files, image(1, checksum="ab" * 16, source_checksum="ab" * 16))
    assert (same.source_md5, same.is_resized) == ("ab" * 16, False)
    assert not only(files, image(1, md5="ab" * 16)).is_resized


# what rows point to


def test_people_albums_and_categories_that_are_there_are_pointed_to(files: Path) -> None:
    tables: TablesOf = {
        "users": [{"id": 2, "username": "bob"}],
        "albums": [{"id": 3, "name": "Trip"}],
        "categories": [{"id": 4, "url_key": "nature"}],
    }
    found = only(files, image(1, user_id=2, album_id=3, category_id=4), tables)
    assert (found.owner, found.album, found.category, found.notes) == ("2", "3", "4", ())


def test_what_is_gone_is_not_pointed_to_and_said(files: Path) -> None:
    found = only(files, image(1, user_id=2, album_id=3, category_id=4))
    assert (found.owner, found.album, found.category) == (None, None, None)
    assert found.notes == ("Its user 2 is gone.", "Its album 3 is gone.", "Its category 4 is gone.")


def test_guests_own_what_nobody_owns(files: Path) -> None:
    assert only(files, image(1, user_id=None)).notes == only(files, image(1, user_id=0)).notes == ()


# other tables, read in step


def test_tags_hashes_and_likes_come_to_their_own_pictures(files: Path) -> None:
    other = BCRYPT[:-1] + "1"
    tables: TablesOf = {
        "images": [image(2), image(9), image(10)],
        "tags": [{"id": 1, "name": "one"}, {"id": 2, "name": "One"}],
        "tags_files": [
            {"tag_id": 2, "file_id": 10}, {"tag_id": 1, "file_id": 10}, {"tag_id": 1, "file_id": 2},
            {"tag_id": 1, "file_id": 5}, {"tag_id": 77, "file_id": 9},
        ],
        "images_hash": [
            {"image_id": 10, "hash": BCRYPT}, {"image_id": 10, "hash": other}, {"image_id": 1, "hash": "-"},
        ],
        "likes": [
            {"content_id": 10, "content_type": "image"}, {"content_id": 10, "content_type": "image"},
            {"content_id": 10, "content_type": "album"}, {"content_id": 2, "content_type": "album"},
            {"content_id": 9, "content_type": "image"},
        ],
    }  # fmt: skip
    found = items(files, tables)
    assert [one.tags for one in found] == [("one",), (), ("one", "One")]
    assert [one.token_hashes for one in found] == [(), (), (BCRYPT, other)]
    assert [one.likes for one in found] == [0, 1, 2]


def test_likes_are_recounted_where_each_was_kept(files: Path) -> None:
    assert only(files, image(1, likes=5), {"likes": [{"content_id": 2, "content_type": "image"}]}).likes == 0
    assert only(files, image(1, likes=5)).likes == 5


def test_a_token_hash_that_cannot_be_checked_is_said(files: Path) -> None:
    found = only(files, image(1), {"images_hash": [{"image_id": 1, "hash": "sha256:00"}]})
    assert found.token_hashes == ()
    assert any("delete link" in note for note in found.notes)


@pytest.mark.parametrize("text", ["Big Tree, cat", '["Big Tree", "cat"]', '[{"name": "Big Tree"}, {"name": "cat"}]'])
def test_newer_versions_keep_tags_with_the_file(files: Path, text: str) -> None:
    assert only(files, image(1, tags=text)).tags == ("Big Tree", "cat")


def test_a_tag_is_there_once(files: Path) -> None:
    tables: TablesOf = {"tags": [{"id": 1, "name": "cat"}], "tags_files": [{"tag_id": 1, "file_id": 1}] * 2}
    assert only(files, image(1, tags="cat,dog"), tables).tags == ("cat", "dog")


# V3


def test_v3_found_a_picture_by_its_name_and_by_its_redirects(files: Path) -> None:
    redirects: list[RowOf] = [
        {"id": 1, "from": "/old/caf%C3%A9.html", "content_id": 1, "content_type": "image"},
        {"id": 2, "from": "/?album=%37", "content_id": 1, "content_type": "image"},
        {"id": 3, "from": "/elsewhere", "content_id": 1, "content_type": "album"},
    ]
    found = only(files, image(1), {"images_hash": None, "redirects": redirects})
    assert paths(found)[1:] == ["/?v=pic.png", "/old/café.html", "/?album=%37"]


def test_v4_found_nothing_by_its_name(files: Path) -> None:
    assert paths(only(files, image(1))) == ["/images/2026/11/21/pic.png"]


def test_reading_again_yields_the_same(files: Path) -> None:
    tables: TablesOf = {"images": [image(1), image(2)], "likes": [{"content_id": 1, "content_type": "image"}]}
    source = open_site(files, tables)
    assert list(source.items()) == list(source.items())
    assert source.count() == 2
