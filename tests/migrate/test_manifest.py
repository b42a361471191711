"""Lists of files that people and programs write: in JSON, and in tables as spreadsheets save them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from migrate.commands.importing import import_
from migrate.items import Absent, AtUrl, Item, OldAddress, OldOrigin, OnDisk, SourceError
from migrate.sources.listed import COLUMNS, TOLD_BY_THE_FILE
from migrate.sources.manifest import ManifestSource
from migrate.sources.textlines import OLD_CODE_PAGE

BCRYPT = "$2y$10$" + "a" * 53


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.png", "b.png", "sub/c d.png", "a.th.png"):
        path = tmp_path / "list" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"picture")
    (tmp_path / "secret.png").write_bytes(b"secret")
    return tmp_path / "list"


def written(folder: Path, text: str | bytes, name: str = "list.csv") -> ManifestSource:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return ManifestSource(folder / name)


def listed(folder: Path, *lines: object) -> ManifestSource:
    """Objects become lines of JSON; texts are lines as they are."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return written(folder, "\n".join(texts), "list.jsonl")


def read(source: ManifestSource) -> list[Item]:
    items = list(source.items())
    assert source.count() == len(items)
    assert len({item.key for item in items}) == len(items)
    return items


def test_a_line_says_all_there_is_to_say(folder: Path) -> None:
    source = listed(
        folder,
        {
            "path": "a.png",
            "id": 17,
            "filename": "Original.PNG",
            "title": " <Cat> & \U0001f408 ",
            "description": "Black\nand white",
            "tags": "x, y,x",
            "owner": "alice",
            "album": "Summer/Beach",
            "category": "Big Cats",
            "nsfw": "yes",
            "is_public": False,
            "views": "12",
            "likes": 3,
            "created_at": "2020-02-03 04:05:06",
            "created_local": "2020-02-03 01:05:06",
            "updated_at": "2020-02-03T05:05:06.5+01:00",
            "expires_at": 4_000_000_000,
            "exif": {"Model": "X"},
            "is_360": True,
            "md5": "A" * 32,
            "sha256": "b" * 64,
            "source_md5": "c" * 32,
            "source_sha256": "d" * 64,
            "renditions": {"th": "a.th.png"},
            "addresses": ["https://old.example/x%20y/a.png?v=1", "/i/a.png", {"path": "/100%25.png", "variant": "md"}],
            "delete_hashes": ["e" * 64, BCRYPT],
        },
    )
    (item,) = read(source)
    assert item == Item(
        key="17",
        name="a.png",
        content=OnDisk(folder / "a.png"),
        filename="Original.PNG",
        owner="alice",
        album="alice/Summer/Beach",
        category="Big Cats",
        title=" <Cat> & \U0001f408 ",
        description="Black\nand white",
        tags=("x", "y"),
        is_nsfw=True,
        is_public=False,
        views=12,
        likes=3,
        created_at=datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC),
        updated_at=datetime(2020, 2, 3, 4, 5, 6, 500_000, UTC),
        created_local="2020-02-03 01:05:06",
        expires_at=datetime(2096, 10, 2, 7, 6, 40, tzinfo=UTC),
        exif_json='{"Model": "X"}',
        is_360=True,
        md5="a" * 32,
        sha256="b" * 64,
        source_md5="c" * 32,
        source_sha256="d" * 64,
        renditions={"th": folder / "a.th.png"},
        token_hashes=("e" * 64, BCRYPT),
        addresses=(OldAddress("/x y/a.png"), OldAddress("/i/a.png"), OldAddress("/100%25.png", "md")),
        origins=(OldOrigin(source.sites()[0].id, "17"),),
    )


def test_names_become_owners_albums_and_categories(folder: Path) -> None:
    source = listed(
        folder,
        {"path": "a.png", "owner": "alice", "album": "A/B", "category": "Big Cats"},
        {"path": "b.png", "owner": "bob", "album": ["A/B"], "category": "\N{SPARKLES}"},
        {"path": "sub/c d.png", "album": "A"},
    )
    assert [owner.username for owner in source.owners()] == ["alice", "bob"]
    albums = [(album.key, album.name, album.owner, album.parent) for album in source.albums()]
    assert albums == [
        ("alice/A", "A", "alice", None),
        ("alice/A/B", "B", "alice", "alice/A"),
        ("bob/A%2FB", "A/B", "bob", None),
        ("/A", "A", None, None),
    ]
    assert [item.album for item in read(source)] == ["alice/A/B", "bob/A%2FB", "/A"]
    big, star = source.categories()
    assert (big.key, big.name, big.url_key) == ("Big Cats", "Big Cats", "big-cats")
    assert len(star.url_key) == 8


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_are_read_as_spreadsheets_save_them(folder: Path, separator: str, end: str, encoding: str) -> None:
    rows = [
        ["Path", "Title", "Created At", "Tags"],
        ["a.png", '"K\u00e4se, ""Br\u00f6t;chen""\tund | mehr"', "2020/2/3 4:05", '"x,y"'],
        ["", "", "", ""],
        ["b.png", '"two\nlines"', "", ""],
    ]
    text = end.join(separator.join(row) for row in rows)
    one, two = read(written(folder, text.encode(encoding), "list.txt"))
    assert (one.title, one.tags) == ('K\u00e4se, "Br\u00f6t;chen"\tund | mehr', ("x", "y"))
    assert one.created_at == datetime(2020, 2, 3, 4, 5, tzinfo=UTC)
    assert (two.content, two.title, two.created_at) == (OnDisk(folder / "b.png"), "two\nlines", None)


def test_a_table_from_an_old_windows_is_read_and_said(folder: Path) -> None:
    source = written(folder, "path;title\r\na.png;K\u00e4se \u20ac".encode("cp1252"))
    assert [item.title for item in read(source)] == ["K\u00e4se \u20ac"]
    assert source.notes == {OLD_CODE_PAGE: 1}


def test_the_line_that_tells_excel_the_separator_is_no_row(folder: Path) -> None:
    assert [item.title for item in read(written(folder, "sep=;\r\npath;title\r\na.png;Cat\r\n"))] == ["Cat"]


def test_old_addresses_are_such_as_every_database_can_keep(folder: Path) -> None:
    links = ["https://old.example/x%00y.png", "/half-\ud83d.png", "/?v=\ud83d", {"path": "/a\0b.png"}]
    (item,) = read(listed(folder, {"path": "a.png", "addresses": links}))
    assert [one.path for one in item.addresses] == ["/xy.png", "/half-?.png", "/?v=?", "/ab.png"]


def test_lists_stand_in_a_table_as_json(folder: Path) -> None:
    row = '''a.png,"[""x"",""y,z""]","[{""path"":""/A.png"",""mime"":""image/png""}]","{""th"":""a.th.png""}"'''
    (item,) = read(written(folder, f"path,tags,addresses,renditions\n{row}"))
    assert item.tags == ("x", "y,z")
    assert item.addresses == (OldAddress("/A.png", mime="image/png"),)
    assert item.renditions == {"th": folder / "a.th.png"}


@pytest.mark.parametrize(
    "path, reason",
    [
        ("../secret.png", "outside"),
        ("sub/../../secret.png", "outside"),
        ("/etc/hostname", "outside"),
        ("C:\\pictures\\a.png", "outside"),
        ("..\\secret.png", "outside"),
        ("link.png", "outside"),
        ("folder/secret.png", "outside"),
        ("loop.png", "unreadable"),
        ("nul\0.png", "no-file"),
        ("gone.png", "no-file"),
        ("a.png/b.png", "no-file"),
        ("sub", "no-file"),
        (".", "no-file"),
        ("x" * 5000, "unreadable"),
    ],
)
def test_a_path_never_leads_out_of_the_folder(folder: Path, path: str, reason: str) -> None:
    (folder / "link.png").symlink_to(folder.parent / "secret.png")
    (folder / "folder").symlink_to(folder.parent)
    (folder / "loop.png").symlink_to("loop.png")
    (item,) = read(listed(folder, {"path": path}))
    assert isinstance(item.content, Absent)
    assert item.content.reason == reason


def test_a_path_written_on_windows_or_a_mac_is_found(folder: Path) -> None:
    (folder / "sub/K\u00e4se.png").write_bytes(b"picture")
    items = read(listed(folder, {"path": "sub\\c d.png"}, {"path": "sub/Ka\u0308se.png"}))
    assert [item.content for item in items] == [OnDisk(folder / "sub/c d.png"), OnDisk(folder / "sub/K\u00e4se.png")]


def test_the_files_may_lie_elsewhere(folder: Path) -> None:
    (folder.parent / "list.csv").write_text("path\na.png\n")
    (item,) = ManifestSource(folder.parent / "list.csv", files=folder).items()
    assert item.content == OnDisk(folder / "a.png")
    with pytest.raises(SourceError, match="There is no folder"):
        ManifestSource(folder.parent / "list.csv", files=folder / "nowhere")


def test_an_address_is_fetched_where_there_is_no_file(folder: Path) -> None:
    urls = {"url": "https://old.example/x/K%C3%A4se.png"}
    here, there, wrong = read(listed(folder, {"path": "a.png"} | urls, urls, {"url": "ftp://old.example/a"}))
    assert here.content == OnDisk(folder / "a.png")
    assert (there.content, there.filename) == (AtUrl(urls["url"]), "K\u00e4se.png")
    assert there.addresses == (OldAddress("/x/K\u00e4se.png"),)
    assert isinstance(wrong.content, Absent)
    assert wrong.content.reason == "not-an-address"


@pytest.mark.parametrize(
    "line", ["{", "[1]", "7", '"x"', "{}", '{"title": "Cat"}', '{"type": "album", "name": "A"}', "[" * 100_000]
)
def test_a_broken_line_is_an_item_that_says_which(folder: Path, line: str) -> None:
    first, broken, last = read(listed(folder, {"path": "a.png"}, line, {"path": "b.png"}))
    assert (first.content, last.content) == (OnDisk(folder / "a.png"), OnDisk(folder / "b.png"))
    assert isinstance(broken.content, Absent)
    assert (broken.key, broken.content.reason) == ("line 2", "unreadable-line")
    assert broken.content.detail.startswith("line 2: ")


def test_a_row_with_too_many_values_is_not_guessed_at(folder: Path) -> None:
    broken, good, short = read(written(folder, "path,title,tags\na.png,Cat,x,y\nb.png,Dog,x\nsub/c d.png\n"))
    assert isinstance(broken.content, Absent)
    assert "4 values for 3 columns" in broken.content.detail
    assert (good.title, short.content) == ("Dog", OnDisk(folder / "sub/c d.png"))


def test_a_quote_that_is_never_closed_is_said(folder: Path) -> None:
    good, broken = read(written(folder, 'path,title\na.png,Cat\nb.png,"Dog\nc.png,Bird\n'))
    assert good.title == "Cat"
    assert isinstance(broken.content, Absent)
    assert broken.content.detail.startswith("line 3: ") and "line 4" in broken.content.detail


def test_the_same_file_twice_is_one_item_and_one_left_out(folder: Path) -> None:
    once, twice, other = read(listed(folder, {"path": "a.png"}, {"path": "a.png"}, {"path": "a.png", "id": "x"}))
    assert once.skip is None and other.skip is None
    assert (twice.key, (twice.skip or "")[:25]) == ("line 2", "duplicate-line: Line 1 ha")


def test_one_file_for_two_owners_is_to_be_looked_at(folder: Path) -> None:
    lines = [{"path": "a.png", "owner": owner} for owner in ("alice", "bob", "alice", "bob")]
    once, other, *again = read(listed(folder, *lines))
    assert once.skip is None and once.owner == "alice"
    assert other.content == Absent("another-owner", "Line 1 gives the same 'a.png' to another owner.")
    assert [(item.skip or "").partition(":")[0] for item in again] == ["duplicate-line"] * 2


@pytest.mark.parametrize(
    "values",
    [
        {"views": -1},
        {"views": "many"},
        {"views": True},
        {"views": 2**63},
        {"nsfw": "perhaps"},
        {"created_at": "yesterday"},
        {"created_at": "2020-13-01"},
        {"created_at": 10**300},
        {"expires_at": "1e999"},
        {"title": ["x"]},
        {"tags": [1]},
        {"tags": {"x": 1}},
        {"md5": "abc"},
        {"renditions": {"th": "gone.png"}},
        {"renditions": {"xl": "a.th.png"}},
        {"renditions": "a.th.png"},
        {"addresses": ["http://[x"]},
        {"addresses": [7]},
        {"delete_hashes": ["plain"]},
    ],
)
def test_a_value_that_cannot_be_read_is_left_out_and_noted(folder: Path, values: dict[str, object]) -> None:
    (item,) = read(listed(folder, {"path": "a.png"} | values))
    (plain,) = read(listed(folder, {"path": "a.png"}))
    [note] = item.notes
    assert note.startswith("metadata: ") or ("renditions" in values and "made anew" in note)
    assert [
        getattr(item, name) for name in ("views", "is_nsfw", "created_at", "title", "tags", "md5", "renditions")
    ] == [getattr(plain, name) for name in ("views", "is_nsfw", "created_at", "title", "tags", "md5", "renditions")]


def test_text_that_no_database_can_keep_is_made_clean(folder: Path) -> None:
    (item,) = read(listed(folder, '{"path": "a.png", "title": "x\\u0000y\\ud800z"}'))
    assert item.title == "xy?z"


def test_passwords_in_addresses_are_shown_nowhere(folder: Path) -> None:
    good, bad = read(
        listed(folder, {"url": "https://me:s3cret@a.example/1.png"}, {"url": "https://me:s3/cret@a.example"})
    )
    assert (good.key, good.name, good.content) == (*["https://a.example/1.png"] * 2, AtUrl("https://a.example/1.png"))
    assert "s3" not in repr([good, bad])


@pytest.mark.parametrize("word, public", [("public", True), ("Private", False), ("unlisted", False)])
def test_visibility_is_understood(folder: Path, word: str, public: bool) -> None:
    assert read(listed(folder, {"path": "a.png", "visibility": word}))[0].is_public is public


def test_unknown_columns_are_named(folder: Path) -> None:
    source = written(folder, "path,colour\na.png,red\nb.png,blue\n")
    assert len(read(source)) == 2
    assert source.notes == {"The column 'colour' means nothing here and was not read": 2}


@pytest.mark.parametrize("column, meant", [("created", "created_at"), ("user", "owner"), ("titel", "title")])
def test_an_unknown_column_is_told_what_it_may_be(folder: Path, column: str, meant: str) -> None:
    source = written(folder, f"path,{column}\na.png,x\n")
    assert len(read(source)) == 1
    assert source.notes == {f"The column {column!r} means nothing here and was not read; did you mean {meant}?": 1}


def test_a_date_is_when_a_file_was_made(folder: Path) -> None:
    source = written(folder, "path,Date\na.png,2020-05-06\n")
    (item,) = read(source)
    assert item.created_at == datetime(2020, 5, 6, tzinfo=UTC)
    assert not source.notes
    (item,) = read(listed(folder, {"path": "a.png", "date": "1999-01-01", "created_at": "2020-05-06"}))
    assert item.created_at == datetime(2020, 5, 6, tzinfo=UTC)


def test_every_column_is_in_the_help() -> None:
    text = import_.commands["manifest"].help or ""
    assert set(re.findall(r"\w+", text)) >= COLUMNS - TOLD_BY_THE_FILE - {"type", "id", "origins"}


@pytest.mark.parametrize(
    "name, data, words",
    [
        ("list.csv", b"name,title\na.png,Cat\n", "has no column named path or url"),
        ("list.csv", b"", "has no column named path or url"),
        ("list", b"hello", "has no column named path or url"),
        ("list.json", b'[{"path": "a.png"}]', "is one JSON list"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0", "is no text file"),
    ],
)
def test_what_is_no_manifest_is_refused_with_advice(folder: Path, name: str, data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words) as refused:
        written(folder, data, name)
    assert len(str(refused.value).splitlines()) == 2


@pytest.mark.parametrize("name, words", [("nothing.csv", "There is no file"), ("sub", "is a folder, not a list")])
def test_a_manifest_that_is_not_there_is_refused(folder: Path, name: str, words: str) -> None:
    with pytest.raises(SourceError, match=words) as refused:
        ManifestSource(folder / name)
    assert len(str(refused.value).splitlines()) == 2


def test_what_is_written_in_it_tells_json_from_a_table(folder: Path) -> None:
    assert len(read(written(folder, '\n{"path": "a.png"}\n', "list"))) == 1
    assert len(read(written(folder, "path\na.png\n", "list.txt"))) == 1


def test_reading_again_gives_the_same(folder: Path) -> None:
    source = listed(folder, {"path": "a.png", "owner": "alice", "odd": 1}, "{", {"path": "a.png"})
    first = [list(source.items()), list(source.owners()), source.count(), dict(source.notes)]
    assert first == [list(source.items()), list(source.owners()), source.count(), dict(source.notes)]
