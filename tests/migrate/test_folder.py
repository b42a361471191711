"""Plain folders: what is an item, what belongs to one, and what is left out by which rule."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from migrate.items import Absent, Item, OldAddress, OldOrigin, OnDisk, SourceError
from migrate.sources.folder import FolderSource
from tests.nobody import nobody


def put(root: Path, *names: str, data: bytes = b"picture") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def read(folder: Path, **options: object) -> dict[str, Item]:
    source = FolderSource(folder, **options)  # type: ignore[arg-type]
    items = list(source.items())
    assert source.count() == len(items)
    found = {item.key: item for item in items}
    assert len(found) == len(items)
    return found


def test_every_file_is_an_item_in_a_fixed_order(tmp_path: Path) -> None:
    put(tmp_path, "b.png", "a.png", "2020/c.png", "2020/05/d.png", "notes.txt")
    assert list(read(tmp_path)) == ["a.png", "b.png", "notes.txt", "2020/c.png", "2020/05/d.png"]


def test_an_item_knows_its_file_its_date_and_its_address(tmp_path: Path) -> None:
    put(tmp_path, "2020/Käse 1.png")
    os.utime(tmp_path / "2020/Käse 1.png", (1_500_000_000, 1_500_000_000.5))
    source = FolderSource(tmp_path)
    (item,) = source.items()
    assert item.content == OnDisk(tmp_path / "2020/Käse 1.png")
    assert (item.filename, item.title, item.owner, item.album) == ("Käse 1.png", None, None, "2020")
    assert item.created_at == datetime(2017, 7, 14, 2, 40, 0, 500_000, UTC)
    assert item.addresses == (OldAddress("/2020/Käse 1.png"),)
    assert item.origins == (OldOrigin(source.sites()[0].id, "2020/Käse 1.png"),)


def test_the_path_of_the_old_address_comes_first(tmp_path: Path) -> None:
    put(tmp_path, "a.png")
    source = FolderSource(tmp_path, old_url="https://old.example/my%20pictures/")
    assert next(source.items()).addresses == (OldAddress("/my pictures/a.png"),)
    assert source.sites()[0].url == "https://old.example/my%20pictures/"


def test_an_old_address_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is no address"):
        FolderSource(tmp_path, old_url="old.example")


def test_a_folder_is_the_same_site_whenever_it_is_read(tmp_path: Path) -> None:
    put(tmp_path, "one/a.png", "two/a.png")
    one, again, two = (FolderSource(tmp_path / name).sites()[0] for name in ("one", "two/../one", "two"))
    assert one == again
    assert one.id != two.id


def test_folders_with_files_below_them_become_albums_in_one_another(tmp_path: Path) -> None:
    put(tmp_path, "x/y/z/a.png", "a.png", "hidden only/.secret", "w/b.png")
    (tmp_path / "empty").mkdir()
    albums = [(album.key, album.name, album.parent) for album in FolderSource(tmp_path).albums()]
    assert albums == [("w", "w", None), ("x", "x", None), ("x/y", "y", "x"), ("x/y/z", "z", "x/y")]
    assert {key: item.album for key, item in read(tmp_path).items() if not item.skip} == {
        "a.png": None,
        "w/b.png": "w",
        "x/y/z/a.png": "x/y/z",
    }


def test_renditions_come_with_their_picture(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "a.th.png", "a.md.png", "a.b.gif", "a.b.th.gif", "lone.th.png")
    found = read(tmp_path)
    assert list(found) == ["a.b.gif", "a.png", "lone.th.png"]
    assert found["a.png"].renditions == {"th": tmp_path / "a.th.png", "md": tmp_path / "a.md.png"}
    assert found["a.b.gif"].renditions == {"th": tmp_path / "a.b.th.gif"}


def test_renditions_of_a_film_are_jpegs(tmp_path: Path) -> None:
    put(tmp_path, "clip.mp4", "clip.fr.jpeg", "clip.th.jpeg", "clip.png", "clip.th.png")
    found = read(tmp_path)
    assert found["clip.mp4"].renditions == {"fr": tmp_path / "clip.fr.jpeg", "th": tmp_path / "clip.th.jpeg"}
    assert found["clip.png"].renditions == {"th": tmp_path / "clip.th.png"}


def test_a_rendition_that_could_be_of_two_films_is_a_picture_of_its_own(tmp_path: Path) -> None:
    put(tmp_path, "clip.mp4", "clip.webm", "clip.th.jpeg")
    assert list(read(tmp_path)) == ["clip.mp4", "clip.th.jpeg", "clip.webm"]


@pytest.mark.parametrize("name", [".hidden.png", ".DS_Store", "Thumbs.db", "desktop.ini"])
def test_what_belongs_to_the_system_is_left_out_by_a_rule(tmp_path: Path, name: str) -> None:
    put(tmp_path, name, "a.png")
    found = read(tmp_path)
    assert not found["a.png"].skip
    assert (found[name].skip or "").partition(":")[0] in ("hidden", "system-file")


def test_a_folder_of_the_system_is_one_item_that_is_left_out(tmp_path: Path) -> None:
    put(tmp_path, "@eaDir/a.png/SYNOPHOTO_THUMB.jpg", ".git/objects/aa", "a.png")
    found = read(tmp_path)
    assert set(found) == {"@eaDir", ".git", "a.png"}
    assert found["@eaDir"].skip and found[".git"].skip


def test_a_link_to_a_file_inside_is_followed_and_one_that_leads_out_is_not(tmp_path: Path) -> None:
    put(tmp_path, "outside/secret.png", "in/a.png")
    (tmp_path / "in/b.png").symlink_to("a.png")
    (tmp_path / "in/c.png").symlink_to("../outside/secret.png")
    (tmp_path / "in/d.png").symlink_to("nowhere.png")
    (tmp_path / "in/e.png").symlink_to("e.png")
    found = read(tmp_path / "in")
    assert found["b.png"].skip is None
    assert [(found[name].skip or "")[:5] for name in ("c.png", "d.png", "e.png")] == ["link:"] * 3


def test_links_to_folders_never_lead_in_a_circle(tmp_path: Path) -> None:
    put(tmp_path, "a/b/c.png")
    (tmp_path / "a/b/up").symlink_to(tmp_path)
    found = read(tmp_path)
    assert list(found) == ["a/b/up", "a/b/c.png"]
    assert found["a/b/up"].skip


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert (read(tmp_path)["pipe.png"].skip or "").startswith("special:")


def test_names_that_are_no_utf8_are_spelled_out(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9/\xff.png"
    os.mkdir(os.path.dirname(raw))
    with open(raw, "wb") as file:
        file.write(b"picture")
    (item,) = read(tmp_path).values()
    assert (item.key, item.filename, item.album) == ("caf\\xe9/\\xff.png", "\\xff.png", "caf\\xe9")
    assert item.addresses == (OldAddress("/caf\N{REPLACEMENT CHARACTER}/\N{REPLACEMENT CHARACTER}.png"),)
    assert isinstance(item.content, OnDisk)
    assert item.content.path.read_bytes() == b"picture"


def test_what_may_not_be_read_is_said(open_folder: Path) -> None:
    put(open_folder, "shut/a.png", "b.png", "c.png")
    (open_folder / "shut").chmod(0)
    (open_folder / "b.png").chmod(0)
    with nobody():
        found = read(open_folder)
    assert {key: item.content.reason for key, item in found.items() if isinstance(item.content, Absent)} == {
        "b.png": "unreadable",
        "shut/": "unreadable",
    }


def test_a_sidecar_says_more_of_a_picture(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    put(
        tmp_path,
        "a.json",
        data=b'{"imageData": {"title": "Cat", "description": "Black", "nsfw": true, "tags": "x, y"}}',
    )
    put(
        tmp_path, "b.jpg.json", data=b'{"title": "b.jpg", "description": "A dog", "photoTakenTime": {"timestamp": "7"}}'
    )
    found = read(tmp_path)
    assert (found["a.json"].skip or "").startswith("sidecar:")
    cat, dog = found["a.jpg"], found["b.jpg"]
    assert (cat.title, cat.description, cat.is_nsfw, cat.tags) == ("Cat", "Black", True, ("x", "y"))
    assert (dog.title, dog.description) == (None, "A dog")
    assert dog.created_at == datetime(1970, 1, 1, 0, 0, 7, tzinfo=UTC)


def test_a_sidecar_without_a_picture_is_a_file_like_any_other(tmp_path: Path) -> None:
    put(tmp_path, "data.json", data=b"{}")
    assert read(tmp_path)["data.json"].skip is None


@pytest.mark.parametrize("data", [b"{", b"[]", b"\xff\xfe\x00", b"[" * 100_000, b'{"imageData": 3}', b" " * 5_000_000])
def test_a_broken_sidecar_is_noted_and_its_picture_imported(tmp_path: Path, data: bytes) -> None:
    put(tmp_path, "a.jpg")
    put(tmp_path, "a.json", data=data)
    item = read(tmp_path)["a.jpg"]
    assert item.skip is None
    [note] = item.notes
    assert note.startswith("metadata: ")


def test_a_folder_may_say_more_of_its_album(tmp_path: Path) -> None:
    put(tmp_path, "x/a.jpg")
    put(
        tmp_path,
        "x/metadata.json",
        data=b'{"albumData": {"title": "Summer", "description": "Sun", "access": "private"}}',
    )
    (album,) = FolderSource(tmp_path).albums()
    assert (album.key, album.name, album.description, album.privacy) == ("x", "Summer", "Sun", "private")


@pytest.mark.parametrize(
    "data, wanted",
    [
        ('{"privacy": {"type": "public"}, "access": "private"}', ("public", None)),
        ('{"privacy": {"type": "private_but_link"}}', ("link", None)),
        ('{"privacy": {"type": "password", "password": "1234"}}', ("password", "1234")),
        ('{"privacy": {"type": "password"}}', ("private", None)),
        ('{"privacy": {"type": "friends"}}', ("private", None)),
        ('{"privacy": {"type": 3}}', ("private", None)),
        ('{"access": ["private"]}', ("private", None)),
        ('{"privacy": {"type": "public", "password": "1234"}}', ("public", None)),
        ("{}", ("public", None)),
    ],
)
def test_an_album_is_never_more_public_than_it_was(tmp_path: Path, data: str, wanted: tuple[str, str | None]) -> None:
    put(tmp_path, "x/a.jpg")
    put(tmp_path, "x/metadata.json", data=b'{"albumData": %s}' % data.encode())
    (album,) = FolderSource(tmp_path).albums()
    assert (album.privacy, album.password) == wanted


def test_an_album_of_which_nobody_can_read_what_it_was_is_private(tmp_path: Path) -> None:
    put(tmp_path, "x/a.jpg")
    put(tmp_path, "x/metadata.json", data=b'{"albumData": {"privacy": ')
    (album,) = FolderSource(tmp_path).albums()
    assert album.privacy == "private"


@pytest.mark.parametrize(
    "said, wanted",
    [
        (b"{}", ("password", "1234")),
        (b'{"albumData": {"privacy": {"type": "private"}}}', ("private", None)),
        (b'{"albumData": {"access": "public"}}', ("public", None)),
    ],
)
def test_a_folder_in_a_locked_one_is_locked_unless_it_says_otherwise(
    tmp_path: Path, said: bytes, wanted: tuple[str, str | None]
) -> None:
    put(tmp_path, "x/a.jpg", "x/y/b.jpg", "x/y/z/c.jpg", "u/d.jpg")
    put(
        tmp_path,
        "x/metadata.json",
        data=b'{"albumData": {"privacy": {"type": "password", "password": "1234"}}}',
    )
    put(tmp_path, "x/y/metadata.json", data=said)
    albums = {album.key: (album.privacy, album.password) for album in FolderSource(tmp_path).albums()}
    assert albums == {"u": ("public", None), "x": ("password", "1234"), "x/y": wanted, "x/y/z": wanted}


@pytest.mark.parametrize("name, words", [("nothing", "There is no folder"), ("a.png", "is a file, not a folder")])
def test_what_is_no_folder_is_refused_with_advice(tmp_path: Path, name: str, words: str) -> None:
    put(tmp_path, "a.png")
    with pytest.raises(SourceError, match=words) as refused:
        FolderSource(tmp_path / name)
    assert len(str(refused.value).splitlines()) == 2


def test_an_empty_folder_has_nothing(tmp_path: Path) -> None:
    assert read(tmp_path) == {}


def test_reading_again_gives_the_same(tmp_path: Path) -> None:
    put(tmp_path, "x/a.png", ".b", "c.png")
    source = FolderSource(tmp_path)
    assert list(source.items()) == list(source.items())
    assert list(source.albums()) == list(source.albums())
