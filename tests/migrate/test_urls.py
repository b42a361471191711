"""Lists of addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrate.items import Absent, AtUrl, Item, OldAddress, OldOrigin, SourceError
from migrate.sources.urls import UrlsSource


def written(tmp_path: Path, text: str | bytes) -> UrlsSource:
    file = tmp_path / "list.txt"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return UrlsSource(file)


def read(source: UrlsSource) -> list[Item]:
    items = list(source.items())
    assert source.count() == len(items)
    return items


def test_an_address_is_an_item_with_the_path_it_had(tmp_path: Path) -> None:
    source = written(tmp_path, "https://Old.example/x/K%C3%A4se%201.png?big=1#top\tKäse, groß\n")
    (item,) = read(source)
    assert item.content == AtUrl("https://Old.example/x/K%C3%A4se%201.png?big=1")
    assert (item.key, item.filename, item.title) == (item.content.url, "Käse 1.png", "Käse, groß")
    here, host = source.sites()
    assert (host.kind, host.url) == ("urls", "https://old.example")
    assert item.addresses == (OldAddress("/x/Käse 1.png", site=host.id),)
    assert item.origins == (OldOrigin(here.id, item.key),)


def test_blank_lines_and_remarks_are_no_items(tmp_path: Path) -> None:
    source = written(
        tmp_path, "\ufeff# mine\r\n\r\nhttps://a.example/1.png\r\n   \r\n  # more\r\nhttp://a.example/2.png"
    )
    assert [item.key for item in read(source)] == ["https://a.example/1.png", "http://a.example/2.png"]


def test_the_same_path_on_two_hosts_is_two_addresses(tmp_path: Path) -> None:
    one, two = read(written(tmp_path, "https://a.example/1.png\nhttps://b.example:8080/1.png\n"))
    assert one.addresses[0].path == two.addresses[0].path
    assert one.addresses[0].site != two.addresses[0].site


def test_an_address_that_stands_there_twice_is_left_out_once(tmp_path: Path) -> None:
    first, again = read(written(tmp_path, "https://a.example/1.png\nhttps://a.example/1.png#x\n"))
    assert first.skip is None
    assert (again.key, again.skip) == ("line 2", "duplicate-line: Line 1 has the same address.")


@pytest.mark.parametrize(
    "line",
    [
        "hello",
        "/1.png",
        "ftp://a.example/1.png",
        "file:///etc/passwd",
        "https://",
        "https:///1.png",
        "https://a.example:port/1.png",
        "https://[x/1.png",
        "https://a.example/1 2.png",
        "https://a.example/" + "x" * 9000,
    ],
)
def test_nonsense_is_an_item_that_says_so(tmp_path: Path, line: str) -> None:
    good, bad = read(written(tmp_path, f"https://a.example/1.png\n{line}\n"))
    assert isinstance(good.content, AtUrl)
    assert isinstance(bad.content, Absent)
    assert (bad.key, bad.content.reason) == ("line 2", "not-an-address")
    assert bad.content.detail.startswith("line 2: ")


def test_the_query_belongs_to_an_address_that_is_nothing_without_it(tmp_path: Path) -> None:
    urls = ("https://a.example/?v=1.png", "https://a.example/show.php?id=2", "https://a.example")
    items = read(written(tmp_path, "\n".join(urls)))
    assert [item.addresses[0].path for item in items] == ["/?v=1.png", "/show.php?id=2", "/"]


def test_a_list_saved_by_an_old_editor_is_read(tmp_path: Path) -> None:
    (item,) = read(written(tmp_path, "https://a.example/1.png\tKäse".encode("utf-16")))
    assert item.title == "Käse"


def test_an_empty_list_has_nothing(tmp_path: Path) -> None:
    assert read(written(tmp_path, "\n# none\n")) == []


def test_what_is_no_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is no text file"):
        written(tmp_path, b"\x89PNG\0")
    with pytest.raises(SourceError, match="There is no file"):
        UrlsSource(tmp_path / "gone.txt")


def test_passwords_in_addresses_are_shown_nowhere(tmp_path: Path) -> None:
    lines = [
        "https://me:s3cret@a.example/1.png",
        "https://me:s3cret@a.example/1 2.png",
        "https://me:s3/cret@a.example/3",
    ]
    good, *bad = read(written(tmp_path, "\n".join(lines)))
    assert (good.key, good.content) == ("https://a.example/1.png", AtUrl("https://a.example/1.png"))
    assert [item.name for item in bad] == ["https://a.example/1 2.png", "https://a.example/3"]
    assert "s3" not in repr([good, *bad])
