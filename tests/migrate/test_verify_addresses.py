"""Does every old address answer with the right thing? Asked of the gateway itself, as a stranger would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.shortids import encode
from gateway.settings import Files, Server, Settings
from gateway.store.opening import Opened, open_data
from migrate.checking.answers import SHARED
from migrate.checking.oldpaths import OldPaths
from migrate.items import OldAddress, OldSite
from tests.conftest import FrozenClock, draw
from tests.migrate.fakes import FakeSource
from tests.migrate.proving import SITE, Prover, picture, whole_site

SHORT = encode(1, "231e0d82", 999)


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


def addresses(lines: list[str]) -> list[str]:
    """Those with a difference."""
    return [line.split(": ")[1].removeprefix("address ") for line in lines if ": address " in line]


# what is asked


def test_a_viewer_is_asked_for_in_every_form_it_had() -> None:
    paths = OldPaths(SITE, "here.example.org")
    assert (paths.host, list(paths.of_media("1", "image", "A cat & a dog"))) == (
        "old.example.org", [f"/i/A-cat-a-dog.{SHORT}", f"/i/{SHORT}", f"/image/A-cat-a-dog.{SHORT}"],
    )  # fmt: skip
    assert list(paths.of_album("1", "Open")) == [f"/a/Open.{SHORT}", f"/a/{SHORT}", f"/album/Open.{SHORT}"]


def test_a_viewer_without_a_name_in_front_is_asked_for_as_well() -> None:
    site = replace(SITE, url="https://old.example.org/gallery", routes={"root": "image", "user": "u"})
    assert list(OldPaths(site, "").of_media("1", "image", "Cat")) == [
        f"/gallery/image/Cat.{SHORT}", f"/gallery/image/{SHORT}", f"/gallery/Cat.{SHORT}",
    ]  # fmt: skip


def test_an_id_that_is_the_name_of_a_route_is_not_asked_for_at_the_root() -> None:
    """There the route won."""
    site = replace(SITE, routes={"root": "image", "user": SHORT})
    assert list(OldPaths(site, "").of_media("1", "image", "")) == [f"/image/{SHORT}"] * 2


@pytest.mark.parametrize("site", [replace(SITE, salt=None), OldSite("f", "folder", "F")])
def test_a_site_without_a_salt_has_no_numbers(site: OldSite) -> None:
    assert list(OldPaths(site, "").of_media("1", "image", "Cat")) == []


# what has to answer


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("DELETE FROM addresses WHERE path = '/images/pic1.png'", ["/images/pic1.png", "/images/pic1.th.png"]),
        ("UPDATE addresses SET mime = 'image/gif' WHERE path = '/images/pic1.png'", ["/images/pic1.png"]),
        ("DELETE FROM addresses WHERE path = '/bob'", ["/bob"]),
        ("DELETE FROM addresses WHERE path LIKE '%face.png'", ["/images/users/x/face.png"]),
        ("UPDATE origins SET key = '999' WHERE kind = 'album' AND key = '1'", []),
        ("UPDATE origins SET target_id = 'x' WHERE key = '77'", []),
    ],
)
def test_an_address_that_does_not_answer_is_a_difference(
    prover: Prover, site: FakeSource, statement: str, expected: list[str]
) -> None:
    prover.write(statement)
    assert addresses(prover.differences(site)) == expected


def test_a_file_with_the_bytes_of_another_is_a_difference(prover: Prover, site: FakeSource) -> None:
    prover.write("UPDATE addresses SET target_id = ? WHERE path = '/images/pic1.png'", prover.media_id("2"))
    assert "/images/pic1.png" in addresses(prover.differences(site, read_data=True))


def test_a_number_that_leads_to_another_picture_is_a_difference(prover: Prover, site: FakeSource) -> None:
    prover.write("UPDATE origins SET target_id = ? WHERE kind = 'media' AND key = '1'", prover.media_id("2"))
    lines = prover.differences(site)
    assert f"item /images/pic1.png: number 1: expected {prover.media_id('1')}, found nothing" in lines
    assert [path for path in addresses(lines) if SHORT in path] == [
        f"/i/A-cat-a-dog.{SHORT}", f"/i/{SHORT}", f"/image/A-cat-a-dog.{SHORT}",
    ]  # fmt: skip


def test_routes_that_were_not_kept_are_a_difference(prover: Prover, site: FakeSource) -> None:
    prover.write("""UPDATE legacy_sites SET routes = '{"root": "user"}'""")
    found = addresses(prover.differences(site))
    assert f"/i/{SHORT}" in found
    assert f"/a/{SHORT}" in found
    assert f"/image/A-cat-a-dog.{SHORT}" not in found


def test_what_was_deleted_there_has_to_be_gone(prover: Prover, site: FakeSource) -> None:
    """A number that answers with something else would be worse than none."""
    short = encode(77, "231e0d82", 999)
    prover.write("UPDATE legacy_sites SET salt = '231e0d83'")
    assert f"/i/{short}" in addresses(prover.differences(site))


# privacy


@pytest.mark.parametrize(
    ("statement", "keys"),
    [
        ("UPDATE albums SET privacy = 'public' WHERE name = 'Locked'", ["3"]),
        ("UPDATE albums SET privacy = 'public' WHERE name = 'Closed'", ["4"]),
        ("UPDATE albums SET privacy = 'password' WHERE name = 'Closed'", []),
        ("UPDATE albums SET privacy = 'private' WHERE name = 'Locked'", ["3"]),
        ("UPDATE albums SET privacy = 'private' WHERE name = 'Inside'", ["2"]),
        ("UPDATE media SET is_public = 1", ["5"]),
    ],
)
def test_what_a_stranger_may_see_more_or_less_than_before_is_a_difference(
    prover: Prover, site: FakeSource, statement: str, keys: list[str]
) -> None:
    prover.write(statement)
    lines = prover.differences(site)
    pages = {line.split(": ")[0] for line in lines if line.startswith("item") and "address /i/" in line}
    assert pages == {f"item /images/pic{key}.png" for key in keys}


def test_a_file_that_was_not_public_and_is_sent_now_is_a_difference(prover: Prover, site: FakeSource) -> None:
    prover.write("UPDATE media SET is_public = 1")
    assert "/images/pic5.png" in addresses(prover.differences(site))


def test_a_banned_owner_who_has_a_page_is_a_difference(prover: Prover, site: FakeSource) -> None:
    prover.write("UPDATE owners SET is_active = 1 WHERE username = 'eve'")
    assert "owner eve: is_active: expected False, found True" in prover.differences(site)


# addresses that were written down


@pytest.fixture
def written(prover: Prover, old: Path) -> FakeSource:
    """A file that was also found by its name, by an old page, and under another path of its own."""
    more = ("/?v=pic1.png", "/old/viewer.html", "/elsewhere/a b+ü.png", "/asked?id=7&x=y")
    first = picture(old, 1)
    first = replace(first, addresses=(*first.addresses, *map(OldAddress, more)))
    source = FakeSource([first], sites_there=[SITE])
    prover.bring(source)
    return source


def test_addresses_that_were_written_down_answer_as_files_or_pages(prover: Prover, written: FakeSource) -> None:
    assert prover.differences(written) == []


@pytest.mark.parametrize("path", ["/?v=pic1.png", "/old/viewer.html", "/elsewhere/a b+ü.png", "/asked?id=7&x=y"])
def test_each_of_them_is_asked(prover: Prover, written: FakeSource, path: str) -> None:
    prover.write("DELETE FROM addresses WHERE path = ?", path)
    assert addresses(prover.differences(written)) == [path]


def test_an_address_that_two_files_claim_is_noted(prover: Prover, old: Path) -> None:
    """By its name alone a file was found, and the oldest of that name was shown."""
    files = [picture(old, number) for number in (1, 2)]
    files = [replace(one, addresses=(*one.addresses, OldAddress("/?v=pic.png"))) for one in files]
    source = FakeSource(files, sites_there=[SITE])
    prover.bring(source)
    verified = prover.prove(source)
    assert (prover.hearing.findings, verified.notes) == ([], {SHARED: 1})


# places the gateway may be at


@pytest.mark.parametrize("public_url", ["https://img.example.org/pictures", "http://old.example.org"])
def test_the_gateway_may_be_anywhere(settings: Settings, old: Path, clock: FrozenClock, public_url: str) -> None:
    settings = replace(settings, server=Server(public_url=public_url))
    opened = open_data(settings, clock)
    prover = Prover.of(opened, settings)
    source = whole_site(old)
    prover.bring(source)
    assert prover.differences(source) == []
    opened.close()


def test_files_are_read_also_where_a_server_in_front_sends_them(settings: Settings, opened: Opened, old: Path) -> None:
    settings = replace(settings, files=Files(sendfile="x-accel"))
    prover = Prover.of(opened, settings)
    source = whole_site(old)
    prover.bring(source)
    assert prover.differences(source, read_data=True) == []


@pytest.mark.parametrize("url", [None, "https://old.example.org/gallery"])
def test_an_old_site_may_have_been_anywhere(prover: Prover, old: Path, url: str | None) -> None:
    def move(source: FakeSource) -> None:
        folder = "/gallery" if url else ""
        source.sites_there = [replace(SITE, url=url)]
        for there in (source.files, source.people, source.categories_there):
            there[:] = [moved(one, folder) for one in there]  # type: ignore[arg-type, attr-defined]

    source = whole_site(old, move)
    prover.bring(source)
    assert prover.differences(source) == []


def moved(one: object, folder: str) -> object:
    names = ("addresses", "avatar_addresses")
    paths: Callable[[str], tuple[OldAddress, ...]] = lambda name: tuple(  # noqa: E731
        replace(address, path=folder + address.path) for address in getattr(one, name)
    )
    return replace(one, **{name: paths(name) for name in names if hasattr(one, name)})  # type: ignore[type-var]


def test_a_picture_that_was_replaced_by_a_small_one_still_answers_for_its_renditions(prover: Prover, old: Path) -> None:
    item = picture(old, 1)
    medium = old / "images" / "pic1.md.png"
    medium.write_bytes(draw(500, 375, "JPEG"))
    source = FakeSource([replace(item, renditions=item.renditions | {"md": medium})], sites_there=[SITE])
    prover.bring(source)
    assert prover.differences(source) == []
