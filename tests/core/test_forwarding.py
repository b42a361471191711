"""What an old address meant: files, lenient ids, routes, several sites. Whether it may be seen is for the doors."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.forwarding import Book, OldFile, OldGone, OldPage
from gateway.core.moving import Origin
from gateway.core.shortids import decode, digits, encode
from gateway.store.opening import Opened
from tests.contract.samples import an_album, an_owner
from tests.old_host import BEFORE, ROUTES, RUN, OldHost, move_in
from tests.shared import SHARED, needs_shared

HOST = "old.example"


@pytest.fixture
def old(opened: Opened) -> OldHost:
    return move_in(opened.catalog)


@pytest.fixture
def book(opened: Opened) -> Book:
    return Book(opened.catalog)


def file_id(book: Book, path: str, host: str = HOST) -> str | None:
    found = book.file(host, path)
    return found.id if found else None


# ids


@given(st.integers(1, 10_000), st.integers(0, 4999), st.sampled_from([0, 1, 999, 5000]), st.text(max_size=8))
def test_every_lenient_spelling_of_an_id_is_the_same_number(number: int, more: int, padding: int, salt: str) -> None:
    """What is above a multiple of the padding is cut off, zeros in front count for nothing, other letters are zeros."""
    zero = digits(salt)[0]
    text, step = encode(number, salt, padding), max(padding, 1)
    above = encode(number * step + more % step, salt, 0)
    assert decode(text, salt, padding) == decode(zero + text, salt, padding) == decode(above, salt, padding) == number
    assert decode(text.replace(zero, "!"), salt, padding) == decode(f"é-{text}", salt, padding) == number


def test_every_number_is_led_to_its_own_media(opened: Opened, old: OldHost, book: Book) -> None:
    opened.catalog.add_origins([Origin(old.site.id, "media", str(at), f"media {at}", RUN) for at in range(1, 10_001)])
    zero = digits(old.site.salt or "")[0]
    for number in range(1, 10_001):
        text = old.short(number)
        above = encode(number * 999 + number % 999, old.site.salt or "", 0)
        name = (text, f"any-slug.{text}", f"1.2.{text}", zero + text, f"_{text}", above)[number % 6]
        route = ("i", "clip", "image", "video", "audio")[number % 5]
        assert book.page(HOST, f"/{route}/{name}") == OldPage("media", f"media {number}")


@needs_shared("golden/v4/ids-and-lab-keys.json")
def test_the_ids_of_a_real_site_are_read_as_it_read_them(opened: Opened, book: Book) -> None:
    known: Any = json.loads((SHARED / "golden/v4/ids-and-lab-keys.json").read_text())
    salt, padding = known["algorithm_inputs"]["crypt_salt"], known["algorithm_inputs"]["id_padding"]
    real = move_in(opened.catalog, salt=salt, padding=padding)
    for text, number in {**{text: int(number) for number, text in known["encode"].items()}, "NTx": 62}.items():
        real.origin("media", number, f"media {number}")
        assert book.page(HOST, f"/image/{text}") == OldPage("media", f"media {number}")
    assert book.page(HOST, "/image/!!!") is None


# files


def test_a_file_is_found_by_its_path(old: OldHost, book: Book) -> None:
    old.address("media", "cat", "/images/2026/cat.png", mime="image/png")
    assert book.file(HOST, "/images/2026/cat.png") == OldFile("cat", None, "image/png")
    assert book.file(HOST, "/images/2026/cat.jpg") is None
    assert book.file(HOST, "/images/2026/CAT.png") is None


def test_a_rendition_is_found_by_the_path_of_its_file(old: OldHost, book: Book) -> None:
    old.address("media", "cat", "/cat.png")
    old.address("media", "film", "/film.mp4")
    assert book.file(HOST, "/cat.th.png") == OldFile("cat", "th", None)
    assert book.file(HOST, "/cat.md.png") == OldFile("cat", "md", None)
    assert book.file(HOST, "/film.fr.jpeg") == OldFile("film", "fr", None)
    assert book.file(HOST, "/film.th.mp4") == OldFile("film", "th", None)
    assert book.file(HOST, "/cat.th.gif") is None


def test_a_rendition_with_an_address_of_its_own_is_found_there(old: OldHost, book: Book) -> None:
    old.address("media", "cat", "/a/cat.png")
    old.address("media", "dog", "/a/cat.th.png", variant="md", mime="image/png")
    assert book.file(HOST, "/a/cat.th.png") == OldFile("dog", "md", "image/png")


def test_a_file_that_is_named_like_a_rendition_is_itself(old: OldHost, book: Book) -> None:
    old.address("media", "cat", "/cat.png")
    old.address("media", "small", "/cat.th.png")
    assert book.file(HOST, "/cat.th.png") == OldFile("small", None, None)


def test_a_rendition_has_no_renditions(old: OldHost, book: Book) -> None:
    old.address("media", "cat", "/cat.png", variant="md")
    assert book.file(HOST, "/cat.th.png") is None


def test_avatars_are_files_too(old: OldHost, book: Book) -> None:
    old.address("asset", "face", "/images/users/NT/av_1.jpg")
    assert file_id(book, "/images/users/NT/av_1.jpg") == "face"
    assert file_id(book, "/images/users/NT/av_1.th.jpg") is None


def test_what_was_asked_beats_what_may_have_been_meant(old: OldHost, book: Book) -> None:
    old.address("media", "space", "/a b.png")
    assert file_id(book, "/a+b.png") == "space"
    old.address("media", "plus", "/a+b.png")
    assert file_id(book, "/a+b.png") == "plus"


# several sites


@pytest.fixture
def young(opened: Opened) -> OldHost:
    return move_in(opened.catalog, "young", created_at=BEFORE + timedelta(days=1), salt="salt of old")


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("old.example", "cat"),
        ("young.example", "dog"),
        ("YOUNG.example:8080", "dog"),
        ("elsewhere.example", "cat"),
        ("", "cat"),
        ("[", "cat"),
    ],
)
def test_the_host_tells_sites_apart(book: Book, old: OldHost, young: OldHost, host: str, target: str) -> None:
    for site, media in ((young, "dog"), (old, "cat")):
        site.address("media", media, "/1.png")
        site.origin("media", 1, media)
    assert file_id(book, "/1.png", host) == target
    assert book.page(host, f"/image/{old.short(1)}") == OldPage("media", target)


def test_the_host_counts_more_than_how_a_path_is_written(book: Book, old: OldHost, young: OldHost) -> None:
    old.address("media", "cat", "/a.th.png", "/a+b.png")
    young.address("media", "dog", "/a.png", "/a b.png")
    assert book.file("young.example", "/a.th.png") == OldFile("dog", "th", None)
    assert file_id(book, "/a+b.png", "young.example") == "dog"
    assert file_id(book, "/a.th.png", "elsewhere.example") == file_id(book, "/a+b.png") == "cat"


def test_two_owners_of_one_name_are_told_apart(book: Book, old: OldHost, young: OldHost) -> None:
    young.address("owner", "other bob", "/bob")
    old.address("owner", "bob", "/bob")
    assert book.page("young.example", "/Bob/albums") == OldPage("owner", "other bob")
    assert book.page("old.example", "/Bob/albums") == OldPage("owner", "bob")


def test_what_a_site_never_had_is_not_supplied_by_another(book: Book, old: OldHost, young: OldHost) -> None:
    young.address("media", "dog", "/1.png")
    young.origin("media", 1, "dog")
    path = f"/image/{young.short(1)}"
    assert file_id(book, "/1.png", "old.example") is book.page("old.example", path) is None
    for host in ("young.example", "elsewhere.example", ""):
        assert file_id(book, "/1.png", host) == "dog"
        assert book.page(host, path) == OldPage("media", "dog")


def test_a_site_of_which_nobody_knows_where_it_was_answers_everywhere(opened: Opened, book: Book, old: OldHost) -> None:
    folder = move_in(
        opened.catalog, "folder", kind="folder", url=None, salt=None, created_at=BEFORE - timedelta(days=1)
    )
    for host in ("old.example", "elsewhere.example"):
        folder.address("media", "cat", "/1.png", "/2.png")
        old.address("media", "dog", "/2.png")
        assert file_id(book, "/1.png", host) == "cat"
        assert file_id(book, "/2.png", host) == ("dog" if host == "old.example" else "cat")


def test_a_site_that_moves_in_later_is_seen_at_once(opened: Opened, book: Book, old: OldHost) -> None:
    old.address("media", "cat", "/1.png")
    assert file_id(book, "/1.png") == "cat"
    move_in(opened.catalog, "young", created_at=BEFORE + timedelta(days=1)).address("media", "dog", "/1.png")
    assert file_id(book, "/1.png", "young.example") == "dog"


# pages


def test_every_route_leads_to_its_page(book: Book, old: OldHost) -> None:
    cat, lake = old.short(7), old.short(3)
    old.origin("media", 7, "cat")
    old.origin("album", 3, "lake")
    old.address("owner", "bob's", "/bob", "/member/bob", "/user/bob")
    for path in (
        f"/i/{cat}",
        f"/i/Slug.with.dots.{cat}",
        f"/image/{cat}",
        f"/clip/{cat}",
        f"/video/{cat}/",
        f"//i//{cat}",
    ):
        assert book.page(HOST, path) == OldPage("media", "cat"), path
    for path in (f"/a/{lake}", f"/album/Lake.{lake}", f"/a/Lake.{lake}/embeds", f"/a/{lake}/"):
        assert book.page(HOST, path) == OldPage("album", "lake"), path
    for path in ("/bob", "/Bob", "/BOB/albums", "/user/Bob", "/member/bob/", "/bob/search"):
        assert book.page(HOST, path) == OldPage("owner", "bob's"), path


@pytest.mark.parametrize(
    "path", ["/", "/i", "/i/", "/a/", "/img/{}", "/clips/{}", "/nobody", "/user", "/i/!!!", "/{}", "/I/{}"]
)
def test_what_never_was_means_nothing(book: Book, old: OldHost, path: str) -> None:
    old.origin("media", 7, "cat")
    assert book.page(HOST, path.format(old.short(7))) is None


def test_an_album_and_a_picture_with_the_same_number_are_two(book: Book, old: OldHost) -> None:
    old.origin("media", 1, "cat")
    assert book.page(HOST, f"/a/{old.short(1)}") is None
    old.origin("album", 1, "lake")
    assert book.page(HOST, f"/a/{old.short(1)}") == OldPage("album", "lake")


@pytest.mark.parametrize(("root", "page"), [("image", OldPage("media", "cat")), ("album", OldPage("album", "lake"))])
def test_viewers_or_albums_at_the_root(opened: Opened, book: Book, root: str, page: OldPage) -> None:
    site = move_in(opened.catalog, routes=ROUTES | {"root": root})
    site.origin("media", 7, "cat")
    site.origin("album", 7, "lake")
    site.address("owner", "bob's", "/member/bob")
    for path in (f"/{site.short(7)}", f"/slug.{site.short(7)}", f"/{site.short(7)}/embeds"):
        assert book.page(HOST, path) == page
    assert book.page(HOST, f"/i/{site.short(7)}") == OldPage("media", "cat")
    assert book.page(HOST, "/member/Bob/albums") == OldPage("owner", "bob's")


def test_a_route_wins_over_an_id_that_reads_the_same(opened: Opened, book: Book) -> None:
    site = move_in(opened.catalog, padding=0, routes=ROUTES | {"root": "image"})
    site.origin("media", decode("i", site.site.salt or "", 0) or 1, "cat")
    site.origin("media", 7, "dog")
    assert book.page(HOST, "/i") is None
    assert book.page(HOST, f"/i/{site.short(7)}") == OldPage("media", "dog")


def test_files_every_browser_asks_for_are_no_ids(opened: Opened, book: Book) -> None:
    site = move_in(opened.catalog, padding=0, routes=ROUTES | {"root": "image"})
    for word in ("ico", "txt", "png"):
        site.origin("media", decode(word, site.site.salt or "", 0), "cat")
    assert [book.page(HOST, path) for path in ("/favicon.ico", "/robots.txt", "/photo.png")] == [None] * 3
    assert book.page(HOST, "/image/photo.png") == OldPage("media", "cat")


def test_without_a_salt_there_are_no_ids(opened: Opened, book: Book) -> None:
    move_in(opened.catalog, salt=None).origin("media", 7, "cat")
    assert book.page(HOST, "/image/cat.7") is None


def test_a_site_in_a_folder(opened: Opened, book: Book) -> None:
    site = move_in(opened.catalog, url="https://old.example/my%20pics/")
    site.origin("media", 7, "cat")
    site.address("owner", "bob's", "/my pics/bob")
    assert book.page(HOST, f"/my pics/i/{site.short(7)}") == OldPage("media", "cat")
    assert book.page(HOST, "/my pics/Bob/albums") == OldPage("owner", "bob's")
    assert book.page(HOST, "/my pics/tag/red cat") == OldPage("tag", "red cat")
    assert book.page(HOST, f"/i/{site.short(7)}") is None


def test_a_gateway_in_the_same_folder(opened: Opened) -> None:
    """The server in front takes the folder off, and the book puts it back."""
    site = move_in(opened.catalog, url="https://old.example/pics")
    site.origin("media", 7, "cat")
    site.address("media", "cat", "/pics/images/cat.png")
    site.address("media", "dog", "/pics/?v=dog.png")
    book = Book(opened.catalog, "/pics")
    assert file_id(book, "/images/cat.th.png") == file_id(book, "/pics/images/cat.png") == "cat"
    assert book.page(HOST, f"/i/{site.short(7)}") == OldPage("media", "cat")
    assert book.asked_at_root(HOST, "v=dog.png") == OldPage("media", "dog")


def test_rows_of_redirects_lead_where_they_led(book: Book, old: OldHost) -> None:
    old.address("media", "cat", "/old/pic.html", "/?v=cat.png", "/view.php?id=1&b=2")
    old.address("album", "lake", "/?album=7")
    assert book.page(HOST, "/old/pic.html") == OldPage("media", "cat")
    assert book.page(HOST, "/old/pic.html", "utm=1") == OldPage("media", "cat")
    assert book.page(HOST, "/view.php", "id=1&b=2") == OldPage("media", "cat")
    assert book.page(HOST, "/view.php", "id=2") is None
    assert book.asked_at_root(HOST, "album=7") == OldPage("album", "lake")
    assert book.asked_at_root(HOST, "v=cat.png&utm=1") == OldPage("media", "cat")
    assert book.asked_at_root(HOST, "album=8") is book.asked_at_root(HOST, "") is None


def test_a_query_with_escapes_is_read(book: Book, old: OldHost) -> None:
    old.address("media", "cat", "/?v=Grüße 1.png")
    assert book.asked_at_root(HOST, "v=Gr%C3%BC%C3%9Fe+1.png") == OldPage("media", "cat")


def test_a_file_without_an_ending_was_a_file_where_there_were_no_pages(opened: Opened, book: Book) -> None:
    folder = move_in(opened.catalog, "folder", kind="folder", url=None, salt=None, routes={})
    folder.address("media", "cat", "/photos/IMG_1")
    assert book.page(HOST, "/photos/IMG_1") == OldFile("cat", None, None)


def test_a_delete_link_carries_its_token(book: Book, old: OldHost) -> None:
    old.origin("media", 7, "cat")
    old.origin("album", 7, "lake")
    text = old.short(7)
    assert book.page(HOST, f"/i/{text}/delete/abc") == OldPage("media", "cat", "abc")
    assert book.page(HOST, f"/i/{text}/delete") == OldPage("media", "cat")
    assert book.page(HOST, f"/a/{text}/delete/abc") == OldPage("album", "lake")


def test_what_was_deleted_there_is_gone(book: Book, old: OldHost) -> None:
    text = old.gone("media", 7)
    assert book.page(HOST, f"/i/{text}") == OldGone()
    assert book.page(HOST, f"/i/{text}/delete/abc") is None
    assert book.page(HOST, f"/a/{text}") is None


def test_a_renamed_category_is_found_by_its_old_key(opened: Opened, book: Book, old: OldHost) -> None:
    category = opened.catalog.add_category("Nature", "nature-2")
    old.address("category", str(category.id), "/category/nature")
    found = book.page(HOST, "/category/nature/", "list=images")
    assert found == OldPage("category", str(category.id))
    assert isinstance(found, OldPage) and book.record(found) == category


def test_records_of_what_is_meant(opened: Opened, book: Book) -> None:
    opened.catalog.add_owner(bob := an_owner("bob"))
    opened.catalog.add_album(lake := an_album(bob))
    assert book.record(OldPage("owner", bob.id)) == bob
    assert book.record(OldPage("album", lake.id)) == lake
    assert book.record(OldPage("album", "x")) is book.record(OldPage("media", "x")) is None
    assert book.has_file(OldFile("x", None, None)) is False


@given(st.text(), st.text(), st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_no_address_is_too_strange_to_be_looked_up(book: Book, old: OldHost, host: str, path: str, query: str) -> None:
    assert book.file(host, f"/{path}") is None
    assert book.page(host, f"/{path}", query) is None
    assert book.asked_at_root(host, query) is None


@pytest.mark.parametrize("url", [None, "", "https://["])
def test_a_site_without_a_host_answers_at_all_of_them(opened: Opened, book: Book, url: str | None) -> None:
    site = move_in(opened.catalog, url=url)
    site.origin("media", 7, "cat")
    assert book.page("anything", f"/i/{site.short(7)}") == OldPage("media", "cat")
    assert not book.sites.is_host("") and not book.sites.is_host("old.example")


def test_a_host_is_known_by_its_name_alone(book: Book, old: OldHost) -> None:
    assert book.sites.is_host("old.example") and book.sites.is_host("OLD.example:8480")
    assert not book.sites.is_host("example") and not book.sites.is_host("old.example.evil.example")
