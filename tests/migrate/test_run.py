"""Every item one verdict: what is brought, what is left out, what is said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.core.library import NewMedia
from gateway.core.moving import Origin
from gateway.core.records import Owner
from gateway.settings import Settings
from gateway.store.opening import Opened
from migrate.items import Absent, OldAddress, OldAlbum, OldCategory, OldOrigin, OldOwner, OldSite, OnDisk
from migrate.journals import Journals
from migrate.outcome import Summary
from tests.conftest import FrozenClock, draw
from tests.migrate.engine import Importer
from tests.migrate.fakes import SITE, FakeSource, item, lost, picture

THEN = datetime(2015, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture
def importer(opened: Opened, settings: Settings, journals: Journals) -> Importer:
    return Importer(opened, settings, kept=journals)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    (tmp_path / "old").mkdir()
    return tmp_path / "old"


def test_it_works(importer: Importer, opened: Opened, old: Path) -> None:
    one = picture(
        old, "cat.png", owner="1", album="7", category="3", title="A cat", description="Black", tags=("Cat", "cat"),
        is_nsfw=True, views=12, likes=3, created_at=THEN, created_local="2015-03-04 02:06:07", is_complete=True,
        exif_json='{"Make":"x"}', token_hashes=("$2y$10$" + "a" * 53,),
    )  # fmt: skip
    source = FakeSource(
        [one],
        people=[OldOwner("1", "bob", name="Bob", role="manager", origins=(OldOrigin(SITE.id, "1"),))],
        albums_there=[OldAlbum("7", "Pets", "1", origins=(OldOrigin(SITE.id, "7"),))],
        categories_there=[OldCategory("3", "Animals", "animals")],
    )
    summary = importer.bring(source)
    assert (summary.found, summary.verdicts, summary.exit_code) == (1, {"imported": 1}, 0)
    media = opened.library.get(importer.media_id("cat.png"))
    bob = opened.owners.named("bob")
    assert (media.owner_id, bob.role, bob.name, bob.media_count) == (bob.id, "manager", "Bob", 1)
    assert (media.title, media.description, media.tags) == ("A cat", "Black", ("Cat", "cat"))
    assert (media.is_nsfw, media.views, media.likes, media.exif_json) == (True, 12, 3, '{"Make":"x"}')
    assert (media.created_at, media.created_local) == (THEN, "2015-03-04 02:06:07")
    [album] = opened.library.albums()
    assert (album.name, album.id, album.owner_id, album.media_count) == ("Pets", media.album_id, bob.id, 1)
    assert opened.catalog.category_named("animals").id == media.category_id  # type: ignore[union-attr]
    assert opened.catalog.legacy_token_hashes(media.id) == list(one.token_hashes)
    [address] = opened.catalog.addresses_at(["/cat.png"])
    assert (address.target_id, address.site_id, address.mime) == (media.id, SITE.id, None)
    assert opened.catalog.origins(SITE.id, "media", ["cat.png"])["cat.png"].target_id == media.id


def test_a_second_run_changes_nothing_and_says_so(importer: Importer, opened: Opened, old: Path) -> None:
    source = FakeSource([picture(old, f"{n}.png", seed=n) for n in range(3)], people=[OldOwner("1", "bob")])
    importer.bring(source)
    before = opened.catalog.export_media("", 10)
    summary = importer.bring(source)
    assert (summary.verdicts, summary.exit_code) == ({"already-imported": 3}, 4)
    assert opened.catalog.export_media("", 10) == before


def test_a_dry_run_says_the_same_and_writes_nothing(
    importer: Importer, opened: Opened, settings: Settings, old: Path
) -> None:
    (old / "text.png").write_text("no picture")
    source = FakeSource(
        [picture(old, "a.png"), lost("b.png"), item("text.png", OnDisk(old / "text.png"))],
        people=[OldOwner("1", "bob"), OldOwner("2", "Bob")],
        albums_there=[OldAlbum("7", "Pets", "1", password="secret", privacy="password")],
    )
    planned = importer.bring(source, is_dry=True)
    said = importer.listener.outcomes.copy()
    assert not opened.catalog.owners() and not opened.catalog.albums() and not opened.catalog.sites()
    assert not list(opened.blobs.names())
    done = importer.bring(source)
    assert (planned.found, planned.verdicts, planned.added, planned.notes) == (
        done.found, done.verdicts, done.added, done.notes,
    )  # fmt: skip
    assert {key: replace(one, media_id=None) for key, one in said.items()} == {
        key: replace(one, media_id=None) for key, one in importer.listener.outcomes.items()
    }


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (Absent("no-file", "looked for it"), "missing"),
        (Absent("external", "on another server"), "missing"),
        (Absent("unreadable", "no rights"), "failed"),
        (Absent("unreadable-line", "line 7"), "rejected"),
        (Absent("another-owner", "line 7"), "rejected"),
        (Absent("not-an-address", "hello"), "rejected"),
    ],
)
def test_what_has_no_bytes_is_named(importer: Importer, content: Absent, verdict: str) -> None:
    summary = importer.bring(FakeSource([item("a.png", content)]))
    assert (summary.verdicts, summary.exit_code) == ({verdict: 1}, 3)
    assert importer.listener.outcomes["a.png"].reason == f"{content.reason}: {content.detail}"


def test_a_file_that_is_no_picture_is_rejected_and_the_rest_goes_on(importer: Importer, old: Path) -> None:
    (old / "page.png").write_text("<html>")
    source = FakeSource([item("page.png", OnDisk(old / "page.png")), picture(old, "b.png")])
    summary = importer.bring(source)
    assert importer.verdicts() == {"page.png": "rejected", "b.png": "imported"}
    assert (importer.listener.outcomes["page.png"].reason or "").startswith("file-unknown: ")
    assert summary.exit_code == 3


def test_a_file_that_goes_while_it_is_read_fails_and_is_tried_again(importer: Importer, old: Path) -> None:
    one = picture(old, "a.png")
    data = (old / "a.png").read_bytes()
    (old / "a.png").unlink()
    journal = importer.begin()
    importer.bring(FakeSource([one]), journal)
    assert importer.verdicts() == {"a.png": "failed"}
    (old / "a.png").write_bytes(data)
    summary = importer.bring(FakeSource([one]), journal)
    assert (summary.verdicts, summary.exit_code) == ({"imported": 1}, 0)


def test_what_cannot_be_read_fails(importer: Importer, old: Path) -> None:
    (old / "a.png").mkdir()
    importer.bring(FakeSource([item("a.png", OnDisk(old / "a.png"))]))
    assert importer.verdicts() == {"a.png": "failed"}
    assert (importer.listener.outcomes["a.png"].reason or "").startswith("unreadable: ")


def test_a_wrong_checksum_is_told_and_the_file_kept(importer: Importer, old: Path) -> None:
    summary = importer.bring(FakeSource([picture(old, "a.png", md5="0" * 32)]))
    [note] = importer.listener.outcomes["a.png"].notes
    assert note.startswith("checksum: the file has the MD5 ")
    assert (summary.verdicts, summary.attention, summary.exit_code) == ({"imported": 1}, 1, 3)


def test_a_reader_may_leave_an_item_out(importer: Importer, old: Path) -> None:
    summary = importer.bring(FakeSource([picture(old, "a.png", skip="expired: since 2020")]))
    assert (summary.verdicts, summary.exit_code) == ({"skipped": 1}, 4)


def test_only_since_and_limit(importer: Importer, old: Path) -> None:
    source = FakeSource(
        [
            picture(old, "2014/a.png", seed=1, created_at=datetime(2014, 1, 1, tzinfo=UTC)),
            picture(old, "2015/b.png", seed=2, created_at=THEN),
            picture(old, "2015/c.jpg", seed=3, created_at=THEN),
            picture(old, "2015/d.png", seed=4, created_at=THEN),
        ]
    )
    summary = importer.bring(source, only="*.png", since=datetime(2015, 1, 1, tzinfo=UTC), limit=3)
    assert importer.verdicts() == {"2014/a.png": "skipped", "2015/b.png": "imported", "2015/c.jpg": "skipped"}
    assert (summary.found, summary.adds_up) == (3, True)


def test_the_same_bytes_are_two_records_unless_asked_otherwise(importer: Importer, old: Path) -> None:
    source = FakeSource([picture(old, "a.png"), picture(old, "b.png")])
    importer.bring(source)
    assert importer.media_id("a.png") != importer.media_id("b.png")


def test_merging_leads_both_addresses_to_one_record(importer: Importer, opened: Opened, old: Path) -> None:
    source = FakeSource([picture(old, "a.png"), picture(old, "b.png", token_hashes=("$2y$10$" + "b" * 53,))])
    summary = importer.bring(source, duplicates="merge")
    assert importer.verdicts() == {"a.png": "imported", "b.png": "duplicate"}
    first = importer.media_id("a.png")
    assert {address.target_id for address in opened.catalog.addresses_at(["/a.png", "/b.png"])} == {first}
    assert opened.catalog.legacy_token_hashes(first)
    assert len({name.partition(".")[0] for name, _, _ in opened.blobs.names()}) == 1
    assert summary.exit_code == 0


def test_what_was_deleted_here_does_not_come_back(importer: Importer, opened: Opened, old: Path) -> None:
    source = FakeSource([picture(old, "a.png")])
    importer.bring(source)
    opened.library.remove(opened.library.get(importer.media_id("a.png")))
    summary = importer.bring(source)
    assert (importer.listener.outcomes["a.png"].reason or "").startswith("deleted: ")
    assert summary.exit_code == 4


def test_a_quota_refuses_one_file_and_not_the_rest(importer: Importer, opened: Opened, old: Path) -> None:
    size = len(draw(seed=1))
    source = FakeSource(
        [picture(old, "a.png", owner="1"), picture(old, "b.png", owner="1", seed=3), picture(old, "c.png", owner="2")],
        people=[OldOwner("1", "bob", quota_bytes=size + 10), OldOwner("2", "eve")],
    )
    importer.bring(source)
    assert importer.verdicts() == {"a.png": "imported", "b.png": "rejected", "c.png": "imported"}
    assert (importer.listener.outcomes["b.png"].reason or "").startswith("quota-exceeded: ")
    assert len({name.partition(".")[0] for name, _, _ in opened.blobs.names()}) == 2


def test_one_key_twice_is_an_error_of_the_source_and_told(importer: Importer, old: Path) -> None:
    one = picture(old, "a.png")
    summary = importer.bring(FakeSource([one, one]))
    assert summary.exit_code == 1
    assert summary.run.state == "failed"


# two sites side by side

OTHER = OldSite("other-site", "chevereto", "Other")


def test_a_path_that_another_site_has_is_a_verdict(importer: Importer, old: Path) -> None:
    importer.bring(FakeSource([picture(old, "a.png", seed=1)]))
    again = picture(old, "a.png", seed=2, origins=(OldOrigin(OTHER.id, "a.png"),))
    summary = importer.bring(FakeSource([again], sites_there=[OTHER]))
    reason = importer.listener.outcomes["a.png"].reason or ""
    assert reason.startswith("address-taken: /a.png belongs to Fake") and "--old-url" in reason
    assert summary.exit_code == 3


def test_a_folder_that_nobody_said_was_on_the_web_goes_without_a_taken_address(
    importer: Importer, opened: Opened, old: Path
) -> None:
    importer.bring(FakeSource([picture(old, "a.png", seed=1)]))
    folder = replace(OTHER, kind="folder")
    again = picture(old, "a.png", seed=2, origins=(OldOrigin(folder.id, "a.png"),))
    summary = importer.bring(FakeSource([again], sites_there=[folder]))
    assert (summary.verdicts, summary.exit_code) == ({"imported": 1}, 0)
    assert importer.listener.outcomes["a.png"].notes[0].startswith("address: /a.png belongs to Fake")
    assert {address.site_id for address in opened.catalog.addresses_at(["/a.png"])} == {SITE.id}


def test_hosts_tell_two_sites_apart(importer: Importer, opened: Opened, old: Path) -> None:
    importer.bring(FakeSource([picture(old, "a.png", seed=1)]))
    site = replace(OTHER, url="https://other.example.org")
    again = picture(old, "a.png", seed=2, origins=(OldOrigin(OTHER.id, "a.png"),))
    importer.bring(FakeSource([again], sites_there=[site]))
    assert importer.verdicts() == {"a.png": "imported"}
    assert {address.site_id for address in opened.catalog.addresses_at(["/a.png"])} == {SITE.id, OTHER.id}


def test_two_rows_for_one_file_are_two_records_with_one_address(importer: Importer, opened: Opened, old: Path) -> None:
    first = picture(old, "a.png")
    second = item("a again", first.content, addresses=first.addresses)  # type: ignore[arg-type]
    summary = importer.bring(FakeSource([first, second]))
    assert summary.verdicts == {"imported": 2}
    [address] = opened.catalog.addresses_at(["/a.png"])
    assert address.target_id == importer.media_id("a.png")


def test_short_ids_that_two_sites_would_read_differently_are_a_verdict(importer: Importer, old: Path) -> None:
    sites = [OldSite(f"site-{salt}", "chevereto", salt, salt=salt, padding=0) for salt in ("one", "two")]
    for site in sites:
        files = [
            picture(old, f"{site.salt}{n}.png", seed=n, key=str(n), origins=(OldOrigin(site.id, str(n)),))
            for n in range(1, 63)
        ]
        importer.bring(FakeSource(files, sites_there=[site]))
    assert "rejected" in importer.verdicts().values()
    assert any("the short id" in (one.reason or "") for one in importer.listener.outcomes.values())


# owners


def test_names_that_differ_in_case_alone_are_two_people(importer: Importer, opened: Opened) -> None:
    summary = importer.bring(FakeSource(people=[OldOwner("1", "Bob"), OldOwner("2", "bob")]))
    assert sorted(owner.username for owner in opened.catalog.owners()) == ["Bob", "bob-2"]
    assert "The name 'bob' is taken here: its owner is called 'bob-2'" in summary.notes


def test_a_namesake_here_is_somebody_else(importer: Importer, opened: Opened, bob: Owner, old: Path) -> None:
    importer.bring(FakeSource([picture(old, "a.png", owner="1")], people=[OldOwner("1", "bob", email="b@old.example")]))
    assert opened.owners.named("bob") == bob
    assert opened.owners.named("bob-2").media_count == 1


def test_the_same_email_address_is_the_same_person(importer: Importer, opened: Opened, old: Path) -> None:
    here = opened.owners.add("bob", email="Bob@example.org")
    importer.bring(
        FakeSource([picture(old, "a.png", owner="1")], people=[OldOwner("1", "bob", email="bob@example.org")])
    )
    assert opened.owners.named("bob").media_count == 1
    assert opened.catalog.owners()[0].id == here.id


def test_the_operator_of_both_is_one_person(importer: Importer, opened: Opened, old: Path) -> None:
    opened.owners.add("admin", role="admin")
    source = FakeSource(
        [picture(old, "a.png", owner="1")], people=[OldOwner("1", "admin", role="admin", email="a@x.org")]
    )
    importer.bring(source)
    assert [owner.username for owner in opened.catalog.owners()] == ["admin"]


def test_an_email_address_of_another_name_is_left_out(importer: Importer, opened: Opened) -> None:
    opened.owners.add("carol", email="bob@example.org")
    summary = importer.bring(FakeSource(people=[OldOwner("1", "bob", email="bob@example.org")]))
    assert opened.owners.named("bob").email is None
    assert any("email address of 'bob'" in note for note in summary.notes)


def test_everything_can_be_given_to_one_owner(importer: Importer, opened: Opened, alice: Owner, old: Path) -> None:
    source = FakeSource(
        [picture(old, "a.png", owner="1"), picture(old, "b.png", seed=2)], people=[OldOwner("1", "bob")]
    )
    importer.bring(source, owner="alice")
    assert [owner.username for owner in opened.catalog.owners()] == ["alice"]
    assert opened.owners.named("alice").media_count == 2


def test_old_names_are_mapped_to_names_here(importer: Importer, opened: Opened, alice: Owner, old: Path) -> None:
    source = FakeSource([picture(old, "a.png", owner="1")], people=[OldOwner("1", "bob"), OldOwner("2", "eve")])
    importer.bring(source, owners={"bob": "alice"})
    assert sorted(owner.username for owner in opened.catalog.owners()) == ["alice", "eve"]
    assert opened.owners.named("alice").media_count == 1


def test_a_banned_owner_is_disabled(importer: Importer, opened: Opened) -> None:
    importer.bring(FakeSource(people=[OldOwner("1", "mallory", is_active=False)]))
    assert not opened.owners.named("mallory").is_active


def test_guests_own_what_guests_sent(importer: Importer, opened: Opened, old: Path) -> None:
    site = replace(SITE, kind="chevereto")
    importer.bring(FakeSource([picture(old, "a.png")], sites_there=[site]))
    [guest] = opened.catalog.owners()
    assert (guest.role, guest.username, guest.media_count) == ("guest", "guest", 1)


def test_a_folder_belongs_to_who_runs_the_place(importer: Importer, opened: Opened, old: Path) -> None:
    opened.owners.add("admin", role="admin")
    importer.bring(FakeSource([picture(old, "a.png")]))
    assert opened.owners.named("admin").media_count == 1


def test_profile_pictures_come_with_their_addresses(importer: Importer, opened: Opened, old: Path) -> None:
    (old / "me.png").write_bytes(draw())
    person = OldOwner("1", "bob", avatar=old / "me.png", avatar_addresses=(OldAddress("/content/me.png"),))
    importer.bring(FakeSource(people=[person]))
    [asset] = opened.catalog.assets()
    assert opened.owners.named("bob").avatar_id == asset.id
    assert opened.catalog.addresses_at(["/content/me.png"])[0].target_id == asset.id
    assert opened.library.file_entry(asset.id)


# albums


def test_the_tree_of_albums_stays(importer: Importer, opened: Opened) -> None:
    source = FakeSource(albums_there=[OldAlbum("1", "Top"), OldAlbum("2", "Below", parent="1", privacy="link")])
    importer.bring(source)
    top, below = sorted(opened.library.albums(), key=lambda album: album.name, reverse=True)
    assert (below.parent_id, below.privacy) == (top.id, "link")


def test_an_albums_password_is_kept_as_a_hash(importer: Importer, opened: Opened) -> None:
    importer.bring(FakeSource(albums_there=[OldAlbum("1", "Secret", privacy="password", password="s3cret")]))
    [album] = opened.library.albums()
    assert album.privacy == "password" and album.password_hash and "s3cret" not in album.password_hash


def test_a_password_album_without_a_password_is_private(importer: Importer, opened: Opened) -> None:
    summary = importer.bring(FakeSource(albums_there=[OldAlbum("1", "Secret", privacy="password")]))
    assert opened.library.albums()[0].privacy == "private"
    assert any("had none" in note for note in summary.notes)


def test_the_cover_of_an_album_is_one_of_its_pictures(importer: Importer, opened: Opened, old: Path) -> None:
    source = FakeSource([picture(old, "a.png", album="1")], albums_there=[OldAlbum("1", "Top", cover="a.png")])
    importer.bring(source)
    assert opened.library.albums()[0].cover_id == importer.media_id("a.png")


# while people go on using it


def test_an_upload_in_the_middle_of_an_import_is_kept(
    importer: Importer, opened: Opened, alice: Owner, old: Path
) -> None:
    def upload(_: object) -> None:
        received = opened.blobs.receive(10**6)
        received.write(draw(seed=99))
        opened.library.add(alice, received, NewMedia(filename="mine.png"))
        received.discard()
        importer.listener.on_item = lambda _: None

    importer.listener.on_item = upload
    importer.bring(FakeSource([picture(old, f"{n}.png", seed=n) for n in range(120)]))
    assert opened.owners.named("alice").media_count == 1
    assert opened.library.usage().media_count == 121


def test_expiry_is_kept_and_a_past_one_kept_by_wish_is_dropped(importer: Importer, opened: Opened, old: Path) -> None:
    soon, past = opened.clock.now() + timedelta(days=9), opened.clock.now() - timedelta(days=9)
    importer.bring(FakeSource([picture(old, "a.png", expires_at=soon), picture(old, "b.png", seed=2, expires_at=past)]))
    assert opened.library.get(importer.media_id("a.png")).expires_at == soon
    assert opened.library.get(importer.media_id("b.png")).expires_at is None


def test_the_numbers_add_up(importer: Importer, old: Path) -> None:
    files = [picture(old, f"{n}.png", seed=n) if n % 3 else lost(f"{n}.png") for n in range(130)]
    summary: Summary = importer.bring(FakeSource(files), jobs=2)
    assert summary.found == 130
    assert summary.verdicts == {"imported": 86, "missing": 44}


def test_what_was_missing_is_missing_still_and_there_is_nothing_to_do(importer: Importer, old: Path) -> None:
    source = FakeSource([picture(old, "a.png"), lost("b.png")])
    assert importer.bring(source).exit_code == 3
    assert importer.bring(source).exit_code == 4


def test_a_merge_that_was_cut_off_does_not_make_the_older_record_the_runs_own(
    importer: Importer, opened: Opened, clock: FrozenClock, old: Path
) -> None:
    importer.bring(FakeSource([picture(old, "a.png")]))
    clock.advance(days=1)
    journal, again = importer.begin(), picture(old, "b.png", origins=(OldOrigin(SITE.id, "b.png"),))
    first = importer.media_id("a.png")
    opened.catalog.add_origins([Origin(SITE.id, "media", "b.png", first, journal.run.id)])
    importer.bring(FakeSource([again]), journal, duplicates="merge")
    assert importer.verdicts() == {"b.png": "duplicate"}
