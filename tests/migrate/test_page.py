"""The page about a move: complete for those it is for, and silent about what is nobody's business."""

from __future__ import annotations

import hashlib
import io
import json
import re
from base64 import b64encode
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gateway.core.shortids import encode
from gateway.settings import Settings
from gateway.store.opening import Opened
from gateway.urls import Urls
from migrate.addresses import Way
from migrate.items import OldAddress, OldAlbum, OldOrigin, OldOwner, OldSite, OnDisk
from migrate.journal import Journal
from migrate.page import NAMED, WHY, rows, write_page
from tests.migrate.engine import Importer
from tests.migrate.fakes import FakeSource, item, lost, picture
from tests.migrate.runs import a_run, journal_with, outcome

SALT = "pepper"
OLD = OldSite(
    "old", "chevereto", "Cats & <Dogs>", "https://old.example.org", SALT, 0, None, {"image": "i", "album": "a"}
)


class Page(HTMLParser):
    """Its elements, and the text in those that are no markup."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, str] = {}
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = (dict(attrs).get("id") or tag) if tag in ("script", "style") else ""

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.raw[self.inside] = self.raw.get(self.inside, "") + data

    def rows(self) -> dict[str, list[str]]:
        """The old addresses by the new one."""
        return {row[-1]: row[:-1] for row in json.loads(self.raw["rows"])}


def page_of(journal: Journal, opened: Opened | None) -> Page:
    out = io.StringIO()
    write_page(journal, opened.catalog if opened else None, Urls("https://img.example.org"), out)
    return Page(out.getvalue())


@pytest.fixture
def importer(opened: Opened, settings: Settings) -> Importer:
    return Importer(opened, settings)


def site_of(folder: Path) -> FakeSource:
    """Two owners, four albums, a picture in each and some beside."""
    owner, hidden = OldOwner("1", "ann", addresses=at("/ann", "/user/ann")), OldOwner("2", "shy", is_private=True)
    privacies = {"10": "public", "11": "private", "12": "password", "13": "link"}
    pictures = [
        ("100", "free.png", {}),
        ("101", "unlisted.png", {"is_public": False}),
        ("102", "shy.png", {"owner": "2"}),
    ]
    pictures += [(f"2{key}", f"{privacy}.png", {"album": key}) for key, privacy in privacies.items()]
    return FakeSource(
        files=[
            picture(folder, name, seed=int(key), key=key, origins=(OldOrigin("old", key),), **({"owner": "1"} | facts))
            for key, name, facts in pictures
        ],
        people=[known(owner), known(hidden)],
        albums_there=[
            OldAlbum(key, f"The {privacy}", "1", privacy=privacy, password="x" if privacy == "password" else None,
                     origins=(OldOrigin("old", key),))
            for key, privacy in privacies.items()
        ],
        sites_there=[OLD],
    )  # fmt: skip


def at(*paths: str) -> tuple[OldAddress, ...]:
    return tuple(OldAddress(path) for path in paths)


def known(owner: OldOwner) -> OldOwner:
    return replace(owner, origins=(OldOrigin("old", owner.key),))


# the address map


def test_only_what_everybody_may_see_is_in_the_address_map(importer: Importer, tmp_path: Path) -> None:
    journal = importer.begin()
    importer.bring(site_of(tmp_path / "files"), journal)
    page = page_of(journal, importer.opened)
    old = {address for addresses in page.rows().values() for address in addresses}
    assert old == {
        "/ann", "/user/ann", f"/a/{encode(10, SALT, 0)}",
        "/free.png", f"/i/{encode(100, SALT, 0)}", "/public.png", f"/i/{encode(210, SALT, 0)}",
    }  # fmt: skip
    for secret in ("unlisted", "shy", "The private", "The password", "The link", "link.png"):
        assert secret not in page.text


def test_an_old_address_leads_to_the_page_here(importer: Importer, tmp_path: Path) -> None:
    journal = importer.begin()
    importer.bring(site_of(tmp_path / "files"), journal)
    page = page_of(journal, importer.opened)
    media_id = importer.media_id("100")
    assert page.rows()[f"/image/free.{media_id}"] == ["/free.png", f"/i/{encode(100, SALT, 0)}"]
    assert page.rows()["/user/ann"] == ["/ann", "/user/ann"]
    assert json.loads(page.raw["bases"]) == {"old": "https://old.example.org", "new": "https://img.example.org"}


def test_every_old_address_of_a_file_is_in_the_map(importer: Importer, tmp_path: Path) -> None:
    journal = importer.begin()
    addresses = at("/?v=free.png", "/images/2015/free.png", "/free.png")
    source = FakeSource([picture(tmp_path, "free.png", addresses=addresses, origins=(OldOrigin("old", "100"),))])
    importer.bring(replace(source, sites_there=[OLD]), journal)
    [old] = page_of(journal, importer.opened).rows().values()
    assert sorted(old[:2]) == ["/free.png", "/images/2015/free.png"]
    assert old[2:] == ["/?v=free.png", f"/i/{encode(100, SALT, 0)}"]


def test_a_dry_run_has_no_addresses_yet(importer: Importer, tmp_path: Path) -> None:
    journal = importer.begin(is_dry=True)
    importer.bring(site_of(tmp_path / "files"), journal, is_dry=True)
    page = page_of(journal, importer.opened)
    assert "rows" not in page.raw
    assert "nothing has moved yet" in page.text


def test_a_hundred_thousand_addresses_stay_small() -> None:
    ways = (
        Way((f"/images/2026/11/21/Holiday-{n:06}.jpg", f"/i/{n:06}"), f"/image/Holiday.{n:011}") for n in range(1000)
    )
    assert sum(map(len, rows(ways))) < 1000 * 110


# what needs attention


def test_what_needs_attention_is_grouped_without_places_on_this_machine(importer: Importer, tmp_path: Path) -> None:
    journal = importer.begin()
    source = FakeSource(files=[lost(f"{n}.png") for n in range(3)] + [picture(tmp_path, "a.png", md5="0" * 32)])
    (tmp_path / "bad.png").write_bytes(b"nonsense")
    source.files.append(item("bad.png", OnDisk(tmp_path / "bad.png")))
    importer.bring(source, journal)
    page = page_of(journal, importer.opened)
    groups = re.findall(r'<summary>(.*?)<span class="count">(\d+)</span>', page.text)
    assert groups[0] == ("Listed at the old place, and the file was not there", "3")
    assert len(groups) == 3
    assert "/0.png" in page.text and "looked for" not in page.text
    assert str(tmp_path) not in page.text


def test_why_something_is_not_here_is_said_in_plain_words(tmp_path: Path) -> None:
    codes = ("file-unknown", "file-empty", "file-broken", "format-unsupported", "gone", "another-owner")
    outcomes = [outcome(code, "rejected", f"{code}: x") for code in codes]
    outcomes.append(outcome("a", notes=("metadata: views is no number",)))
    page = page_of(journal_with(tmp_path, *outcomes), None)
    groups = re.findall(r'<summary>(.*?)<span class="count">1</span>', page.text)
    assert sorted(groups) == sorted(WHY[code] for code in (*codes, "metadata"))


def test_of_very_many_the_first_are_named(tmp_path: Path) -> None:
    journal = journal_with(tmp_path, *(outcome(f"{n}.png", "missing", "no-file: x") for n in range(NAMED + 50)))
    page = page_of(journal, None)
    assert page.text.count("<li>/") == NAMED
    assert "and 50 more" in page.text


def test_nothing_to_look_at_is_said(tmp_path: Path) -> None:
    assert "Every file that was to come is here" in page_of(journal_with(tmp_path, outcome("a.png")), None).text


def test_the_totals_add_up(tmp_path: Path) -> None:
    outcomes = [outcome("a"), outcome("b", "duplicate", "same-bytes: x"), outcome("c", "skipped", "only: x"),
                outcome("d", "failed", "unreadable: x")]  # fmt: skip
    page = page_of(journal_with(tmp_path, *outcomes), None)
    assert re.findall(r"<dd>(\d+)</dd>", page.text) == ["4", "2", "1", "1"]


# what it must not do


def test_no_text_becomes_markup(importer: Importer, tmp_path: Path) -> None:
    journal = importer.begin()
    source = FakeSource(
        files=[
            lost("<script>alert(1)</script>.png"),
            picture(tmp_path, "b.png", key="7", addresses=at("/</script><script>alert(2)</script>"),
                    origins=(OldOrigin("old", "7"),)),
        ],
        sites_there=[OLD],
    )  # fmt: skip
    importer.bring(source, journal)
    page = page_of(journal, importer.opened)
    assert [tag for tag, _ in page.tags].count("script") == 3
    assert "Cats &amp; &lt;Dogs&gt; has moved" in page.text
    assert ["/</script><script>alert(2)</script>", f"/i/{encode(7, SALT, 0)}"] in page.rows().values()


def test_it_loads_nothing_and_runs_nothing_but_its_own_script(importer: Importer, tmp_path: Path) -> None:
    journal = importer.begin()
    importer.bring(site_of(tmp_path / "files"), journal)
    page = page_of(journal, importer.opened)
    policy = next(str(given["content"]) for tag, given in page.tags if "Policy" in str(given.get("http-equiv")))
    assert policy.startswith("default-src 'none';")
    for kind in ("script", "style"):
        digest = b64encode(hashlib.sha256(page.raw[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    for tag, given in page.tags:
        assert tag not in ("link", "img", "iframe", "object")
        assert not {"src", "style", "onclick"} & set(given)


def test_a_page_is_written_for_a_run_without_a_library(tmp_path: Path) -> None:
    journal = journal_with(tmp_path, outcome("a.png"), run=a_run(is_dry=True))
    page = page_of(journal, None)
    assert "The library is going to move" in page.text
