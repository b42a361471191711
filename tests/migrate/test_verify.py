"""The proof: silent when all is here as it was, and one line for each thing that is not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.settings import Settings
from gateway.store.opening import Opened
from migrate.items import Absent, Gone, Item, OldAddress, OldAlbum, OldKey, OldOwner
from migrate.verify import CannotVerify
from tests.conftest import FrozenClock
from tests.migrate.fakes import FakeSource
from tests.migrate.proving import SITE, THEN, Prover, picture, whole_site


@pytest.fixture
def prover(opened: Opened, settings: Settings) -> Prover:
    return Prover.of(opened, settings)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    (tmp_path / "old").mkdir()
    return tmp_path / "old"


@pytest.fixture
def site(prover: Prover, old: Path) -> FakeSource:
    source = whole_site(old)
    prover.bring(source)
    return source


@pytest.mark.parametrize("read_data", [False, True])
def test_a_site_that_is_here_as_it_was_can_be_switched_off(prover: Prover, site: FakeSource, read_data: bool) -> None:
    verified = prover.prove(site, read_data=read_data)
    assert prover.hearing.findings == []
    assert (verified.found, verified.checked, verified.left_out, verified.differences) == (5, 5, {}, 0)
    assert (verified.is_safe, verified.exit_code, verified.notes) == (True, 0, {})
    assert prover.hearing.names == [f"/images/pic{number}.png" for number in range(1, 6)]
    assert (prover.hearing.total, prover.hearing.verified) == (5, verified)


def test_a_proof_changes_nothing(prover: Prover, site: FakeSource, settings: Settings) -> None:
    def dump() -> list[str]:
        with sqlite3.connect(settings.data / "catalog.db") as db:
            lines = list(db.iterdump())
        db.close()
        return lines

    before = dump()
    prover.prove(site, read_data=True)
    assert dump() == before


# one field at a time

ITEMS = {
    "title": "Other",
    "description": "Other",
    "filename": "other.png",
    "is_nsfw": 0,
    "likes": 4,
    "views": 11,
    "created_at": "2015-03-04T05:06:08.000Z",
    "created_local": "2015-03-04 02:06:08",
    "exif_json": "[]",
    "source_md5": "1" * 32,
    "is_resized": 0,
    "album_id": None,
    "category_id": None,
    "expires_at": "2099-01-01T00:00:00.000Z",
}


@pytest.mark.parametrize("column", ITEMS)
def test_every_field_of_a_file_is_compared(prover: Prover, site: FakeSource, column: str) -> None:
    prover.write(f"UPDATE media SET {column} = ? WHERE id = ?", ITEMS[column], prover.media_id("1"))
    found = [finding for finding in prover.differences(site) if f": {column}: " in finding]
    assert len(found) == 1
    assert found[0].startswith("item /images/pic1.png: ")


def test_a_line_tells_what_where_expected_and_found(prover: Prover, site: FakeSource) -> None:
    prover.write("UPDATE media SET title = 'Other' WHERE id = ?", prover.media_id("1"))
    assert prover.differences(site) == ["item /images/pic1.png: title: expected 'A cat & a dog', found 'Other'"]
    assert prover.hearing.verified
    assert (prover.hearing.verified.is_safe, prover.hearing.verified.exit_code) == (False, 3)


def test_an_owner_and_the_tags_of_a_file_are_compared(prover: Prover, site: FakeSource, opened: Opened) -> None:
    guest = next(owner for owner in opened.owners.all() if owner.role == "guest")
    prover.write("UPDATE media SET owner_id = ? WHERE id = ?", guest.id, prover.media_id("1"))
    prover.write("DELETE FROM media_tags WHERE tag_id = (SELECT id FROM tags WHERE name = 'Cat')")
    found = prover.differences(site)
    assert [line.split(": ")[1] for line in found] == ["owner_id", "tags"]
    assert found[1] == "item /images/pic1.png: tags: expected 'Cat, e?f', found 'e?f'"


def test_what_belonged_to_nobody_belongs_to_the_guests(prover: Prover, site: FakeSource, opened: Opened) -> None:
    prover.write("UPDATE media SET owner_id = ? WHERE id = ?", opened.owners.named("bob").id, prover.media_id("5"))
    assert prover.differences(site) == ["item /images/pic5.png: owner: expected guests, found 'bob'"]


def test_more_views_than_there_were_are_no_difference(prover: Prover, site: FakeSource) -> None:
    prover.write("UPDATE media SET views = views + 1")
    prover.write("UPDATE albums SET views = views + 1")
    assert prover.differences(site) == []


OWNERS = {
    "name": "Other",
    "email": None,
    "role": "admin",
    "is_active": 0,
    "password_hash": "x",
    "bio": None,
    "created_at": "2015-03-04T05:06:08.000Z",
    "username": "bobby",
}


@pytest.mark.parametrize("column", OWNERS)
def test_every_field_of_an_owner_is_compared(prover: Prover, site: FakeSource, column: str) -> None:
    prover.write(f"UPDATE owners SET {column} = ? WHERE username = 'bob'", OWNERS[column])
    assert f"owner bob: {column}" in [": ".join(line.split(": ")[:2]) for line in prover.differences(site)]


def test_hashes_are_compared_and_not_shown(prover: Prover, site: FakeSource) -> None:
    prover.write("UPDATE owners SET password_hash = 'secret' WHERE username = 'bob'")
    assert prover.differences(site) == ["owner bob: password_hash: expected as it was, found another one"]


ALBUMS = {
    "name": "Other",
    "description": None,
    "privacy": "link",
    "views": 2,
    "likes": 1,
    "created_at": "2015-03-04T05:06:08.000Z",
    "created_local": "2016",
    "parent_id": "nobody",
    "cover_id": None,
}


@pytest.mark.parametrize("column", ALBUMS)
def test_every_field_of_an_album_is_compared(prover: Prover, site: FakeSource, column: str) -> None:
    prover.write(f"UPDATE albums SET {column} = ? WHERE name = 'Open'", ALBUMS[column])
    field = {"cover_id": "cover"}.get(column, column)
    found = [line.split(": ")[:2] for line in prover.differences(site)]
    assert [line for line in found if line[0].startswith("album")] == [["album Open", field]]


def test_the_password_of_an_album_has_to_open_it(prover: Prover, site: FakeSource) -> None:
    prover.write("UPDATE albums SET password_hash = 'scrypt:1:1:1$x$y' WHERE name = 'Locked'")
    assert prover.differences(site) == ["album Locked: password: expected as it was, found another one"]


def test_an_album_holds_what_came_into_it(prover: Prover, site: FakeSource) -> None:
    prover.write("UPDATE albums SET media_count = 0 WHERE name = 'Inside'")
    assert prover.differences(site) == ["album Inside: files: expected 1, found 0"]


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("UPDATE categories SET name = 'Other'", "category Nature: name: expected 'Nature', found 'Other'"),
        ("UPDATE api_keys SET legacy_hash = 'x'", "key phone: key: expected here, found nothing"),
        ("UPDATE api_keys SET prefix = 'x'", "key phone: key: expected here, found nothing"),
        ("UPDATE api_keys SET sha256 = 'x'", "key Guest key: key: expected here, found nothing"),
        ("DELETE FROM delete_tokens", "item /images/pic1.png: delete links: expected as it was, found another one"),
        ("DELETE FROM origins WHERE key = '77'", "deleted media 77: number: expected known as gone, found nothing"),
        ("UPDATE legacy_sites SET padding = 1", "site Old: padding: expected 999, found 1"),
        ("DELETE FROM legacy_sites", "site Old: site: expected here, found nothing"),
    ],
)
def test_what_is_not_a_file_is_compared_as_well(prover: Prover, site: FakeSource, statement: str, line: str) -> None:
    prover.write(statement)
    assert line in prover.differences(site)


def test_a_key_that_was_used_since_is_the_same_key(prover: Prover, site: FakeSource, opened: Opened) -> None:
    [(phone, _)] = opened.catalog.keys_with_prefix("chv_NT_")
    opened.catalog.mark_key_used(phone.id, opened.clock.now(), "0" * 64)
    assert prover.differences(site) == []


# what is not here


def test_what_the_import_could_not_bring_is_a_difference(prover: Prover, old: Path) -> None:
    lost = replace(picture(old, 1), content=Absent("no-file", "looked everywhere"))
    broken = picture(old, 2)
    (old / "images" / "pic2.png").write_bytes(b"no picture at all")
    source = FakeSource([lost, broken], sites_there=[SITE])
    prover.bring(source)
    first, second = prover.differences(source)
    assert first == "item /images/pic1.png: file: expected here, found missing: no-file: looked everywhere"
    assert second.startswith("item /images/pic2.png: file: expected here, found rejected: ")


def test_what_a_rule_left_out_is_counted(prover: Prover, old: Path) -> None:
    source = FakeSource(
        [picture(old, 1, skip="expired: long ago"), picture(old, 2, skip="expired: long ago"), picture(old, 3)],
        sites_there=[SITE],
    )
    prover.bring(source)
    verified = prover.prove(source)
    assert (verified.left_out, verified.checked, verified.differences) == ({"expired": 2}, 1, 0)


def test_what_is_new_at_the_source_is_a_difference(prover: Prover, site: FakeSource, old: Path) -> None:
    site.files.append(picture(old, 6))
    assert prover.differences(site) == [
        "item /images/pic6.png: file: expected here, found nothing: it is new at the source; run the import again"
    ]


def test_what_the_source_has_no_more_is_noted(prover: Prover, site: FakeSource) -> None:
    site.files.pop()
    verified = prover.prove(site)
    assert (verified.differences, verified.notes) == (0, {"Items of the run that the source has no more": 1})


def test_what_was_left_out_by_a_limit_is_a_difference(prover: Prover, old: Path) -> None:
    source = FakeSource([picture(old, 1), picture(old, 2)], sites_there=[SITE])
    prover.bring(source, limit=1)
    assert len(prover.differences(source, limit=1)) == 1


def test_a_record_that_is_not_here_is_a_difference(prover: Prover, site: FakeSource) -> None:
    prover.write("DELETE FROM media WHERE id = ?", prover.media_id("2"))
    assert "item /images/pic2.png: file: expected here, found nothing" in prover.differences(site)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda old: old.people.append(OldOwner("9", "joe")), "owner joe: account: expected here, found nobody"),
        (lambda old: old.albums_there.append(OldAlbum("9", "New")), "album New: album: expected here, found nothing"),
        (
            lambda old: old.keys_there.append(OldKey("9", None, "New", text="some other key, long enough")),
            "key New: key: expected here, found nothing",
        ),
        (lambda old: old.gone_there.append(Gone("media", "99")), "deleted media 99: number: expected known as gone"),
    ],
)
def test_what_came_to_the_source_besides_files_is_a_difference(
    prover: Prover, site: FakeSource, change: Callable[[FakeSource], None], line: str
) -> None:
    change(site)
    [found] = prover.differences(site)
    assert found.startswith(line)


# what was changed here since


def test_what_was_changed_here_since_is_named_and_no_difference(
    prover: Prover, site: FakeSource, clock: FrozenClock
) -> None:
    prover.write(
        "UPDATE media SET title = 'Mine', updated_at = '2026-11-21T13:00:00.000Z' WHERE id = ?", prover.media_id("1")
    )
    assert prover.differences(site) == [
        "item /images/pic1.png: title: expected 'A cat & a dog', found 'Mine' (changed here since)"
    ]
    assert prover.hearing.verified
    assert (prover.hearing.verified.changed, prover.hearing.verified.is_safe) == (1, True)


def test_what_was_deleted_here_since_is_named_and_no_difference(
    prover: Prover, site: FakeSource, opened: Opened
) -> None:
    opened.library.remove(opened.library.get(prover.media_id("1")))
    verified = prover.prove(site)
    assert "item /images/pic1.png: file: expected here, found deleted (changed here since)" in [
        str(finding) for finding in prover.hearing.findings
    ]
    assert verified.changed == 1


def test_what_ran_out_since_is_left_out(prover: Prover, old: Path, clock: FrozenClock, opened: Opened) -> None:
    soon = clock.now() + timedelta(minutes=5)
    source = FakeSource([picture(old, 1, expires_at=soon), picture(old, 2)], sites_there=[SITE])
    prover.bring(source)
    assert prover.differences(source) == []
    clock.advance(minutes=6)
    assert prover.prove(source).left_out == {"expired": 1}
    opened.library.sweep_expired()
    verified = prover.prove(source)
    assert (verified.left_out, prover.hearing.findings) == ({"expired": 1}, [])


def test_a_second_run_is_proven_by_what_the_first_one_brought(
    prover: Prover, site: FakeSource, opened: Opened, settings: Settings, clock: FrozenClock
) -> None:
    """What was changed between the two is still what was changed here since."""
    prover.write(
        "UPDATE media SET title = 'Mine', updated_at = '2026-11-21T12:30:00.000Z' WHERE id = ?", prover.media_id("1")
    )
    clock.advance(hours=1)
    second = Prover.of(opened, settings)
    second.bring(site)
    verified = second.prove(site)
    assert (verified.checked, verified.differences, verified.changed) == (5, 0, 1)


# whose it is


def test_one_who_was_here_before_keeps_what_he_had(prover: Prover, old: Path, opened: Opened) -> None:
    opened.owners.add("bob", email="bob@example.org")
    source = whole_site(old)
    prover.bring(source)
    assert [line for line in prover.differences(source) if line.startswith("owner")] == []


def test_one_owner_for_everything_is_proven_as_well(prover: Prover, old: Path) -> None:
    source = FakeSource(
        [picture(old, 1, owner="1"), picture(old, 2)], people=[OldOwner("1", "bob")], sites_there=[SITE]
    )
    prover.bring(source, owner="carol")
    assert prover.differences(source, owner="carol") == []
    prover.opened.owners.add("dave")
    prover.write("UPDATE media SET owner_id = (SELECT id FROM owners WHERE username = 'dave')")
    assert [line.split(": ")[1] for line in prover.differences(source, owner="carol")] == ["owner_id"] * 2


def test_files_that_were_merged_are_proven_by_their_bytes_and_links(prover: Prover, old: Path) -> None:
    first, second = picture(old, 1, title="One"), picture(old, 2, title="Two")
    (old / "images" / "pic2.png").write_bytes((old / "images" / "pic1.png").read_bytes())
    (old / "images" / "pic2.th.png").write_bytes((old / "images" / "pic1.th.png").read_bytes())
    source = FakeSource([first, second], sites_there=[SITE])
    prover.bring(source, duplicates="merge")
    assert prover.importer.verdicts() == {"1": "imported", "2": "duplicate"}
    assert prover.differences(source, read_data=True) == []
    prover.write("DELETE FROM addresses WHERE path = '/images/pic2.png'")
    assert len(prover.differences(source)) == 2


# runs that prove nothing


@pytest.mark.parametrize(
    ("facts", "what", "then"),
    [
        ({"is_dry": True}, "was a dry run", "Run the import without --dry-run"),
        ({"state": "running"}, "is not finished", "Run `migrate resume"),
        ({"state": "stopped"}, "is not finished", "Run `migrate resume"),
        ({"state": "undone"}, "was undone", "Run the import again"),
    ],
)
def test_a_run_that_proves_nothing_says_what_to_do(
    prover: Prover, facts: dict[str, object], what: str, then: str
) -> None:
    prover.journal.save(replace(prover.journal.run, **({"state": "finished"} | facts)))  # type: ignore[arg-type]
    with pytest.raises(CannotVerify) as refused:
        prover.prove(FakeSource(sites_there=[SITE]))
    first, second = str(refused.value).split("\n")
    assert what in first
    assert then in second


def test_times_are_compared_as_they_are_kept(prover: Prover, old: Path) -> None:
    source = FakeSource([picture(old, 1, created_at=THEN + timedelta(microseconds=1234))], sites_there=[SITE])
    prover.bring(source)
    assert prover.differences(source) == []


def test_an_address_is_asked_on_the_host_it_was_on(prover: Prover, old: Path) -> None:
    """Another site has the same path, and nothing but the host tells the two apart."""
    mine = FakeSource([picture(old, 1)], sites_there=[SITE])
    (old / "other").mkdir()
    other_site = replace(SITE, id="0ther", salt="abcdef01", url="https://other.example.org")
    theirs = FakeSource([picture(old / "other", 1)], sites_there=[other_site])
    (old / "other" / "images" / "pic1.png").write_bytes((old / "images" / "pic1.th.png").read_bytes())
    prover.bring(mine)
    other = Prover.of(prover.opened, prover.settings)
    other.bring(theirs)
    assert (prover.differences(mine), other.differences(theirs)) == ([], [])


def test_addresses_that_were_written_down_for_albums_are_asked(prover: Prover, old: Path) -> None:
    album = OldAlbum("1", "Open", addresses=(OldAddress("/?album=7"), OldAddress("/old/album.html")))
    source = FakeSource([], albums_there=[album], sites_there=[SITE])
    prover.bring(source)
    assert prover.differences(source) == []
    prover.write("DELETE FROM addresses WHERE path = '/?album=7'")
    [line] = prover.differences(source)
    assert line.startswith("album Open: address /?album=7: expected the page of ")


def test_what_had_no_file_there_either_can_be_accepted(prover: Prover, old: Path) -> None:
    def lost(reason: str, number: int) -> Item:
        return replace(picture(old, number), content=Absent(reason, "looked for it"))

    source = whole_site(old, lambda source: source.files.append(lost("no-file", 7)))
    prover.bring(source)
    assert prover.prove(source).exit_code == 3
    verified = prover.prove(source, accept_missing=True)
    assert (verified.exit_code, verified.left_out) == (0, {"missing": 1})


def test_what_lies_on_another_server_is_not_accepted_as_missing(prover: Prover, old: Path) -> None:
    there = replace(picture(old, 7), content=Absent("external", "on another server"))
    source = whole_site(old, lambda source: source.files.append(there))
    prover.bring(source)
    assert prover.prove(source, accept_missing=True).exit_code == 3
