"""An export read back: every record as it was, and what is refused when somebody changed it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.core.ids import new_id
from gateway.core.library import Added
from gateway.core.moving import Address, Arrived, Origin, Site
from gateway.core.records import Album, ApiKey, Asset, Owner, Tombstone
from gateway.store.opening import Opened
from migrate.export import export
from migrate.items import Absent, Gone, Item, OldAddress, OldOrigin, OldSite, OldTombstone, OnDisk, SourceError
from tests.conftest import draw
from tests.migrate.test_export import back

BCRYPT = "$2b$10$" + "a" * 53


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def lines(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / "manifest.jsonl").read_text("utf-8").splitlines()]


def add_site(opened: Opened) -> Site:
    site = Site(
        "old", "chevereto", "Old", "https://old.example", "salt", 5, "UTC", {"image": "i"}, opened.clock.now(), "r"
    )
    opened.catalog.add_site(site)
    return site


def test_a_media_comes_back_with_everything_that_is_known_of_it(
    opened: Opened, out: Path, alice: Owner, add_image: Callable[..., Added]
) -> None:
    add_site(opened)
    album = opened.library.add_album(alice, "Summer")
    when = opened.clock.now()
    media = replace(
        add_image(data=draw(900, 600)).media,
        id="-_startsOdd",
        filename="K\u00e4se \U0001f9c0.png",
        title='<b>"\\\n &amp;',
        description="a;b\r\nc",
        source_sha256="a" * 64,
        source_md5="b" * 32,
        is_resized=True,
        exif_json='{"Model":"K\u00e4se",  "n": "1"}',
        is_360=True,
        is_public=False,
        is_nsfw=True,
        album_id=album.id,
        category_id=7,
        views=2**40,
        likes=5,
        duration=1.5,
        created_at=when - timedelta(days=3000),
        created_local="2018-01-01 00:00:00",
        expires_at=when - timedelta(days=1),
        tags=("x", "Y"),
    )
    opened.blobs.put({name: draw(seed=at) for at, name in enumerate(media.blobs())})
    arrived = Arrived(
        media,
        (Origin("old", "media", "17", media.id, "r"),),
        (Address("/i/100%.png", "old", "media", media.id, "th", "image/x"),),
        (BCRYPT, "c" * 64),
    )
    assert opened.catalog.add_arrived([arrived]) == [None]
    export(opened, out, wanted=lambda one: one.id == media.id)
    (item,) = back(out).items()
    folder = out / "files/-_"
    assert item == Item(
        key=media.id,
        name="files/-_/-_startsOdd.png",
        content=OnDisk(folder / "-_startsOdd.png"),
        filename=media.filename,
        owner=alice.id,
        album=album.id,
        category="7",
        title=media.title,
        description=media.description,
        tags=("x", "Y"),
        is_nsfw=True,
        is_public=False,
        views=2**40,
        likes=5,
        created_at=media.created_at,
        updated_at=media.updated_at,
        created_local="2018-01-01 00:00:00",
        expires_at=media.expires_at,
        exif_json=media.exif_json,
        is_360=True,
        width=900,
        height=600,
        duration=1.5,
        size_bytes=media.size_bytes,
        md5=media.md5,
        sha256=media.sha256,
        source_md5="b" * 32,
        source_sha256="a" * 64,
        is_resized=True,
        renditions={"th": folder / "-_startsOdd.th.png", "md": folder / "-_startsOdd.md.png"},
        token_hashes=(BCRYPT, "c" * 64),
        addresses=(OldAddress("/i/100%.png", "th", "image/x", "old"),),
        origins=(OldOrigin("old", "17"),),
        id=media.id,
        is_complete=True,
    )


def test_people_come_back_with_their_passwords_and_pictures(opened: Opened, out: Path) -> None:
    add_site(opened)
    asset = Asset(new_id(), new_id(), "image/png", "png", len(draw()), "0" * 64, opened.clock.now())
    owner = Owner(
        asset.owner_id, "Zo\u00eb", "z@example.org", "manager", False, 10**12, 0, 0, BCRYPT, opened.clock.now(),
        name="Z", bio="x\ny", website="https://z.example", time_zone="UTC", language="es", is_private=True,
        avatar_id=asset.id,
    )  # fmt: skip
    opened.catalog.add_owner(owner)
    opened.catalog.add_asset(asset)
    opened.blobs.put({asset.blob(): draw()})
    opened.catalog.add_origins([Origin("old", "owner", "3", owner.id, "r")])
    opened.catalog.add_addresses(
        [Address("/zo\u00eb", "old", "owner", owner.id), Address("/me.png", "old", "asset", asset.id)]
    )
    export(opened, out)
    (found,) = back(out).owners()
    assert found.avatar and found.avatar.read_bytes() == draw()
    assert (found.avatar_id, found.background_id, found.background) == (asset.id, None, None)
    assert found.avatar_addresses == (OldAddress("/me.png", site="old"),)
    assert (found.addresses, found.origins) == ((OldAddress("/zo\u00eb", site="old"),), (OldOrigin("old", "3"),))
    assert (found.key, found.id, found.username, found.name, found.email) == (
        owner.id, owner.id, "Zo\u00eb", "Z", "z@example.org",
    )  # fmt: skip
    assert (found.role, found.is_active, found.is_private, found.quota_bytes) == ("manager", False, True, 10**12)
    assert (found.password_hash, found.bio, found.website) == (BCRYPT, "x\ny", "https://z.example")
    assert (found.time_zone, found.language, found.created_at) == ("UTC", "es", owner.created_at)


def test_keys_come_back_as_they_are_kept(opened: Opened, out: Path, alice: Owner) -> None:
    now = opened.clock.now()
    native = opened.keys.issue(alice, "phone")[0]
    legacy = ApiKey(new_id(), alice.id, "old", "chv_x_", "1234", None, BCRYPT, ("media.write",), now, now, now)
    opened.catalog.add_key(legacy)
    opened.catalog.add_origins([Origin("old", "key", "5", legacy.id, "r")])
    export(opened, out)
    found = {key.id: key for key in back(out).keys()}  # noqa: SIM118 - a source, not a dict
    assert (found[native.id].sha256, found[native.id].scopes) == (native.sha256, native.scopes)
    old = found[legacy.id]
    assert (old.owner, old.name, old.prefix, old.last4, old.legacy_hash) == (alice.id, "old", "chv_x_", "1234", BCRYPT)
    assert (old.created_at, old.last_used_at, old.revoked_at, old.origins) == (now, now, now, (OldOrigin("old", "5"),))


def test_albums_come_back_parents_first(opened: Opened, out: Path, alice: Owner) -> None:
    now = opened.clock.now()
    inner, outer = new_id(), new_id()
    opened.catalog.add_album(
        Album(
            inner,
            alice.id,
            "Inner",
            now - timedelta(days=1),
            "d",
            outer,
            "password",
            BCRYPT,
            "cover",
            3,
            4,
            "2020-01-01",
        )
    )
    opened.catalog.add_album(Album(outer, alice.id, "Outer", now))
    export(opened, out)
    parent, child = back(out).albums()
    assert (parent.id, parent.parent, child.id, child.parent) == (outer, None, inner, outer)
    assert (child.privacy, child.password_hash, child.cover, child.views, child.likes) == (
        "password", BCRYPT, "cover", 3, 4,
    )  # fmt: skip
    assert (child.owner, child.description, child.created_local) == (alice.id, "d", "2020-01-01")


def test_sites_categories_and_what_is_gone_come_back(opened: Opened, out: Path, alice: Owner) -> None:
    add_site(opened)
    category = opened.catalog.add_category("Big Cats", "cats", "Grr")
    opened.catalog.add_addresses([Address("/category/cats", "old", "category", str(category.id))])
    opened.catalog.add_origins([Origin("old", "media", str(number), None, "r") for number in range(450)])
    stones = [Tombstone(f"gone{number:07}", "image", alice.id, opened.clock.now()) for number in range(450)]
    opened.catalog.add_tombstones(stones)
    export(opened, out)
    source = back(out)
    assert source.sites()[1:] == [
        OldSite("old", "chevereto", "Old", "https://old.example", "salt", 5, "UTC", {"image": "i"})
    ]
    (found,) = source.categories()
    assert (found.id, found.name, found.url_key, found.description) == (category.id, "Big Cats", "cats", "Grr")
    assert found.addresses == (OldAddress("/category/cats", site="old"),)
    gone = list(source.gone())
    assert {one.key for one in gone if one.site == "old"} == {str(number) for number in range(450)}
    assert [one for one in gone if one.tombstone] == [
        Gone("media", one.id, tombstone=OldTombstone("image", alice.id, one.deleted_at)) for one in stones
    ]


def test_an_export_of_a_later_version_is_refused(opened: Opened, out: Path) -> None:
    export(opened, out)
    first, *rest = lines(out)
    (out / "manifest.jsonl").write_text("\n".join(json.dumps(line) for line in [first | {"format": 2}, *rest]))
    with pytest.raises(SourceError, match="format 2"):
        back(out)


def test_an_export_is_the_same_site_wherever_it_lies(opened: Opened, out: Path, tmp_path: Path) -> None:
    export(opened, out)
    moved = Path(shutil.move(out, tmp_path / "moved"))
    assert back(moved).sites()[0] == OldSite("picgate", "picgate", "Picgate")


def test_a_record_that_lacks_its_id_is_noted(opened: Opened, out: Path, alice: Owner) -> None:
    export(opened, out)
    found = [line | {"id": None} if line["type"] == "owner" else line for line in lines(out)]
    (out / "manifest.jsonl").write_text("\n".join(json.dumps(line) for line in found))
    source = back(out)
    assert list(source.owners()) == []
    assert source.notes == {"A record of type 'owner' was left out: it has no id": 1}


@pytest.mark.parametrize("media_id", ["../../../x", "a", "x" * 30, ""])
def test_an_id_that_could_not_name_a_file_is_refused(
    opened: Opened, out: Path, add_image: Callable[..., Added], media_id: str
) -> None:
    add_image()
    export(opened, out)
    found = [line | {"id": media_id, "path": "p"} if line["type"] == "media" else line for line in lines(out)]
    (out / "manifest.jsonl").write_text("\n".join(json.dumps(line) for line in found))
    (item,) = back(out).items()
    assert isinstance(item.content, Absent)
    assert item.content.reason == "unreadable-line"


def test_albums_in_a_circle_are_cut_apart(opened: Opened, out: Path, alice: Owner) -> None:
    one = opened.library.add_album(alice, "One")
    opened.catalog.add_album(replace(one, id=new_id(), name="Two", parent_id=one.id))
    export(opened, out)
    ids = [line["id"] for line in lines(out) if line["type"] == "album"]
    found = [line | {"parent": ids[1]} if line.get("id") == ids[0] else line for line in lines(out)]
    (out / "manifest.jsonl").write_text("\n".join(json.dumps(line) for line in found))
    first, second = back(out).albums()
    assert (first.parent, second.parent) == (None, first.key)
