"""Who is who: owners of an old site found or made here, and whose name the API keys act in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.core.records import Owner
from gateway.settings import Settings
from gateway.store.opening import Opened
from migrate.items import OldAddress, OldKey, OldOwner, OldSite
from tests.conftest import draw
from tests.migrate.engine import Importer
from tests.migrate.fakes import FakeSource, picture
from tests.migrate.proving import Prover

THEN = datetime(2015, 3, 4, 5, 6, 7, tzinfo=UTC)
HASH = "$2y$10$" + "a" * 53
SITE = OldSite("0ld", "chevereto", "Old", "https://old.example.org", "231e0d82", 999)
OLD_KEY = OldKey("1", "1", "phone", legacy_hash="$2y$10$" + "k" * 53, prefix="chv_NT_")
GUEST_KEY = OldKey("guest", None, "Guest key", text="a guest key in plain text")


@pytest.fixture
def importer(opened: Opened, settings: Settings) -> Importer:
    return Importer(opened, settings)


@pytest.fixture
def prover(opened: Opened, settings: Settings) -> Prover:
    return Prover.of(opened, settings)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    folder = tmp_path / "old"
    folder.mkdir()
    return folder


def bob(old: Path, **facts: object) -> OldOwner:
    (old / "face.png").write_bytes(draw(seed=99))
    given: dict[str, object] = {
        "key": "1",
        "username": "bob",
        "name": "Bob",
        "email": "bob@example.org",
        "role": "admin",
        "password_hash": HASH,
        "bio": "Me",
        "created_at": THEN,
        "avatar": old / "face.png",
        "avatar_addresses": (OldAddress("/images/users/x/face.png"),),
        "addresses": (OldAddress("/bob"),),
    }
    return OldOwner(**(given | facts))  # type: ignore[arg-type]


def site(old: Path, *people: OldOwner) -> FakeSource:
    return FakeSource([picture(old, "a.png", owner="1")], people=list(people), sites_there=[SITE])


def names(opened: Opened) -> list[str]:
    return sorted(owner.username for owner in opened.catalog.owners())


def test_a_new_name_keeps_the_person_whole(prover: Prover, old: Path) -> None:
    source, opened = site(old, bob(old)), prover.opened
    prover.bring(source, owners={"bob": "robert"})
    here = opened.owners.named("robert")
    assert names(opened) == ["robert"]
    assert (here.role, here.password_hash, here.email, here.name, here.bio, here.created_at) == (
        "admin", HASH, "bob@example.org", "Bob", "Me", THEN,
    )  # fmt: skip
    assert here.avatar_id
    assert here.media_count == 1
    assert "The old site's 'bob' is called 'robert' here" in prover.journal.summary().notes
    assert prover.differences(source, owners={"bob": "robert"}) == []


def test_what_a_new_name_lost_is_a_difference(prover: Prover, old: Path) -> None:
    source = site(old, bob(old))
    prover.bring(source, owners={"bob": "robert"})
    prover.write("UPDATE owners SET role = 'user'")
    assert len(prover.differences(source, owners={"bob": "robert"})) == 1


def test_an_owner_here_takes_the_things_of_another_name_and_keeps_his_own(prover: Prover, old: Path) -> None:
    opened = prover.opened
    before = opened.owners.add("robert", email="robert@example.org")
    source = site(old, bob(old))
    prover.bring(source, owners={"bob": "robert"})
    here = opened.owners.named("robert")
    assert (here.id, here.role, here.email, here.media_count) == (before.id, "user", "robert@example.org", 1)
    assert (here.password_hash, here.name) == (HASH, "Bob")  # which were empty
    assert "The old site's 'bob' is your 'robert'" in prover.journal.summary().notes
    assert prover.differences(source, owners={"bob": "robert"}) == []


def test_a_picture_of_ones_own_stays_and_the_old_one_answers_at_its_address(prover: Prover, old: Path) -> None:
    opened = prover.opened
    opened.owners.add("robert")
    first = FakeSource(
        people=[bob(old, email=None, addresses=(), avatar_addresses=())],
        sites_there=[OldSite("first", "chevereto", "First", "https://first.example.org")],
    )
    Importer(opened, prover.settings).bring(first, owners={"bob": "robert"})
    own = opened.owners.named("robert").avatar_id
    source = site(old, bob(old))
    (old / "face.png").write_bytes(draw(seed=100))
    prover.bring(source, owners={"bob": "robert"})
    assert opened.owners.named("robert").avatar_id == own
    [address] = opened.catalog.addresses_at(["/images/users/x/face.png"])
    assert address.target_id != own
    assert prover.differences(source, owners={"bob": "robert"}) == []


def test_an_old_email_address_of_somebody_else_here_is_left_out(importer: Importer, old: Path) -> None:
    importer.opened.owners.add("carol", email="BOB@example.org")
    importer.opened.owners.add("robert")
    summary = importer.bring(site(old, bob(old)), owners={"bob": "robert"})
    assert importer.opened.owners.named("robert").email is None
    assert "The email address of 'robert' belongs to somebody else here: left out" in summary.notes


def test_a_name_that_stays_costs_no_role(importer: Importer, old: Path) -> None:
    importer.bring(site(old, bob(old, username="admin")), owners={"admin": "admin"})
    assert importer.opened.owners.named("admin").role == "admin"


@pytest.mark.parametrize("is_dry", [False, True])
def test_two_people_can_become_one(importer: Importer, old: Path, is_dry: bool) -> None:
    source = site(old, bob(old, bio=None), OldOwner("2", "eve", bio="Eve"))
    summary = importer.bring(source, is_dry=is_dry, owners={"bob": "team", "eve": "team"})
    assert summary.added["owner"] == 1
    assert "The old site's 'eve' is your 'team'" in summary.notes
    if not is_dry:
        assert (importer.opened.owners.named("team").role, importer.opened.owners.named("team").bio) == ("admin", "Eve")


def test_two_people_who_became_one_are_proven(prover: Prover, old: Path) -> None:
    source = site(old, bob(old, bio=None), OldOwner("2", "eve", bio="Eve"))
    prover.bring(source, owners={"bob": "team", "eve": "team"})
    assert prover.differences(source, owners={"bob": "team", "eve": "team"}) == []


def test_a_name_that_the_old_site_does_not_have_is_said(importer: Importer, old: Path) -> None:
    summary = importer.bring(site(old, bob(old)), owners={"nobodyhere": "robert", "bob": "robert"})
    assert [note for note in summary.notes if "--owners" in note] == [
        "--owners names 'nobodyhere', whom the old site does not know"
    ]


def test_the_same_operator_is_said(importer: Importer, old: Path) -> None:
    importer.opened.owners.add("admin", role="admin")
    summary = importer.bring(site(old, bob(old, username="Admin")))
    assert names(importer.opened) == ["admin"]
    assert "The old site's 'Admin' is your 'admin'" in summary.notes


def test_a_name_that_can_be_no_part_of_an_address_is_said(importer: Importer, old: Path) -> None:
    summary = importer.bring(site(old, bob(old, username="a b")))
    assert "The name 'a b' can be no part of an address: its owner is called 'a-b'" in summary.notes


def test_a_dry_run_makes_one_owner_for_everything_once(importer: Importer, old: Path) -> None:
    summary = importer.bring(site(old, bob(old), OldOwner("2", "eve")), is_dry=True, owner="me")
    assert summary.added["owner"] == 1


# keys


@pytest.mark.parametrize("is_dry", [False, True])
def test_keys_do_not_come_to_act_for_one_owner(importer: Importer, alice: Owner, old: Path, is_dry: bool) -> None:
    source = site(old, bob(old))
    source.keys_there = [OLD_KEY, GUEST_KEY]
    summary = importer.bring(source, is_dry=is_dry, owner="alice")
    assert not importer.opened.catalog.keys()
    assert summary.notes["API keys were left out: with --owner they would all act for one owner"] == 2


def test_keys_that_were_left_out_are_no_difference(prover: Prover, alice: Owner, old: Path) -> None:
    source = site(old, bob(old))
    source.keys_there = [OLD_KEY, GUEST_KEY]
    prover.bring(source, owner="alice")
    verified = prover.prove(source, owner="alice")
    assert verified.is_safe
    assert verified.notes["API keys that were left out, as everything was given to one owner"] == 2


def test_the_guest_key_is_of_a_guest(importer: Importer, old: Path) -> None:
    importer.opened.owners.add("me", role="admin")
    source = site(old, bob(old))
    source.keys_there, source.sites_there = [GUEST_KEY], [OldSite("0ld", "manifest", "List")]
    importer.bring(source, owners={"bob": "me"})
    [key] = importer.opened.catalog.keys()
    owner = importer.opened.catalog.owner(key.owner_id)
    assert owner and owner.role == "guest"
