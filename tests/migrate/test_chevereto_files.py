"""Where the files of an old site are found, and under which paths they were shown."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from migrate.items import Absent, AtUrl, Item, OnDisk, SourceError
from migrate.sources.chevereto.folders import require_folder
from tests.migrate.old_site import RowOf, image, items, open_site, paths, settings, write
from tests.nobody import nobody

DATED = "images/2026/11/21/"


def item(files: Path, row: RowOf, *, configured: dict[str, str] | None = None, **more: Any) -> Item:
    """That of one row, on a site that has one more picture, so that its folder is known to be the right one."""
    options = {name: more.pop(name) for name in ("old_url", "fetch_remote", "encryption_key") if name in more}
    tables = {"settings": settings(**(configured or {})), "images": [image(1, "first"), row], **more}
    return items(files, tables, **options)[1]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    write(tmp_path / "site", f"{DATED}first.png", "images/direct.png", "images/old/v2.png")
    return tmp_path / "site"


@pytest.mark.parametrize(
    ("row", "path"),
    [
        (image(2, "first"), "images/2026/11/21/first.png"),
        (image(2, "direct", storage_mode="direct"), "images/direct.png"),
        (image(2, "v2", storage_mode="old"), "images/old/v2.png"),
    ],
)
def test_the_mode_says_in_which_folder_a_file_is(files: Path, row: RowOf, path: str) -> None:
    found = item(files, row)
    assert found.content == OnDisk(files / path)
    assert paths(found) == [f"/{path}"]
    assert found.name == f"/{path}"


def test_the_folder_comes_from_the_local_date_and_not_from_that_in_gmt(files: Path) -> None:
    write(files, "images/2026/12/31/late.png", "images/2027/01/01/late.png")
    row = image(2, "late", date="2026-12-31 22:00:00", date_gmt="2027-01-01 01:00:00")
    assert item(files, row).content == OnDisk(files / "images/2026/12/31/late.png")


def test_the_upload_folder_alone_will_do(files: Path) -> None:
    assert item(files / "images", image(2, "first")).content == OnDisk(files / DATED / "first.png")


def test_an_upload_folder_of_another_name_will_do(files: Path) -> None:
    (files / "images").rename(files / "backup")
    found = item(files / "backup", image(2, "first"))
    assert found.content == OnDisk(files / "backup/2026/11/21/first.png")
    assert paths(found) == ["/images/2026/11/21/first.png"]


def test_an_upload_folder_of_the_owners_choice(tmp_path: Path) -> None:
    write(tmp_path, "media/up/2026/11/21/first.png")
    for files in (tmp_path, tmp_path / "media/up"):
        found = item(files, image(2, "first"), configured={"upload_image_path": "/media/up/"})
        assert found.content == OnDisk(tmp_path / "media/up/2026/11/21/first.png")
        assert paths(found) == ["/media/up/2026/11/21/first.png"]


def test_a_folder_of_images_inside_the_upload_folder_misleads_nobody(files: Path) -> None:
    write(files, "images/images/other.png")
    assert item(files / "images", image(2, "first")).content == OnDisk(files / DATED / "first.png")


def test_the_first_files_may_be_missing(files: Path) -> None:
    rows = [image(number, f"lost{number}") for number in range(2, 60)]
    found = items(files, {"images": [*rows, image(60, "first")]})
    assert [type(one.content) for one in found] == [Absent] * 58 + [OnDisk]


def test_a_folder_with_none_of_the_files_is_refused_with_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        open_site(tmp_path, {"images": [image(number, f"pic{number}") for number in range(1, 7)]})
    what, todo = str(caught.value).split("\n")
    assert "2026/11/21/pic1.png, 2026/11/21/pic2.png, 2026/11/21/pic3.png and 3 more" in what
    assert str(tmp_path) in what
    assert str(tmp_path / "images") in what
    assert "(images)" in todo


@pytest.mark.parametrize("kind", ["absent", "file"])
def test_files_that_are_no_folder_are_refused(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "place"
    if kind == "file":
        place.touch()
    with pytest.raises(SourceError, match="does not exist" if kind == "absent" else "is no folder"):
        require_folder(place)


def test_a_site_with_everything_elsewhere_needs_no_files_here(tmp_path: Path) -> None:
    storages: list[RowOf] = [{"id": 1, "api_id": 1, "name": "S3", "url": "https://s3.example/b/"}]
    found = items(tmp_path, {"images": [image(1, storage_id=1)], "storages": storages})
    assert isinstance(found[0].content, Absent)


def test_a_missing_file_says_where_it_was_looked_for(files: Path) -> None:
    content = item(files, image(2, "lost")).content
    assert content == Absent("no-file", f"There is no lost.png in {files / 'images/2026/11/21'}.")


@pytest.mark.parametrize("name", ["../../../../secret", "sub/pic", "/etc/hostname", "nul\0"])
def test_a_name_that_is_none_finds_no_file(files: Path, name: str) -> None:
    write(files, "secret.png", f"{DATED}sub/pic.png")
    content = item(files, image(2, name)).content
    assert isinstance(content, Absent)
    assert content.reason == "no-file"


@pytest.mark.parametrize("name", ["two words", "50%", "50%20off", "Ünï 图片", "it's"])
def test_names_are_taken_as_they_are(files: Path, name: str) -> None:
    write(files, f"{DATED}{name}.png")
    found = item(files, image(2, name))
    assert found.content == OnDisk(files / f"{DATED}{name}.png")
    assert paths(found) == [f"/{DATED}{name}.png"]


def test_a_site_in_a_sub_folder_showed_its_files_below_it(files: Path) -> None:
    found = item(files, image(2, "first"), old_url="https://example.org/my%20pics/")
    assert paths(found) == ["/my pics/images/2026/11/21/first.png"]


def test_files_were_shown_at_the_cdn_too(files: Path) -> None:
    configured = {"cdn": "1", "cdn_url": "https://cdn.example/a/"}
    assert paths(item(files, image(2, "first"), configured=configured)) == [
        "/images/2026/11/21/first.png",
        "/a/images/2026/11/21/first.png",
    ]
    off = item(files, image(2, "first"), configured={**configured, "cdn": "0"})
    assert paths(off) == ["/images/2026/11/21/first.png"]


def test_the_old_server_sent_the_type_of_the_ending(files: Path) -> None:
    write(files, f"{DATED}film.mov")
    assert item(files, image(2, "film", "mov")).addresses[0].mime == "video/quicktime"
    assert item(files, image(2, "what", "xyz")).addresses[0].mime is None


def test_a_folder_that_may_not_be_entered_is_said_of_each_file(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may enter every folder, so the system is made to refuse."""
    ask = os.stat

    def refuse(path: Any, **options: Any) -> os.stat_result:
        if str(path).startswith(str(files / "images/2026/12")):
            raise PermissionError(13, "Permission denied", str(path))
        return ask(path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", refuse)
        content = item(files, image(2, "late", date="2026-12-31 22:00:00")).content
    assert content == Absent("unreadable", f"{files / 'images/2026/12/31/late.png'} may not be read.")


def test_where_no_file_may_be_read_nothing_is_begun(open_folder: Path) -> None:
    write(open_folder / "site", f"{DATED}first.png")
    (open_folder / "site/images").chmod(0)
    try:
        with (
            nobody(),
            pytest.raises(SourceError, match=r"None of the old site's files may be read: \S+/site/images is"),
        ):
            item(open_folder / "site", image(2, "first"))
    finally:
        (open_folder / "site/images").chmod(0o755)


# files in a folder that the row names


def test_a_folder_below_the_uploads_is_found_below_these(files: Path) -> None:
    write(files, "images/sub/dir/in-path.png")
    found = item(files, image(2, "in-path", storage_mode="path", path="/srv/lab/images/sub/dir/"))
    assert found.content == OnDisk(files / "images/sub/dir/in-path.png")
    assert paths(found) == ["/images/sub/dir/in-path.png"]


def test_a_folder_of_the_site_is_found_by_the_end_of_its_path(files: Path) -> None:
    write(files, "extra/a/pic.png")
    found = item(files, image(2, storage_mode="path", path="/var/www/html/extra/a"))
    assert found.content == OnDisk(files / "extra/a/pic.png")
    assert paths(found) == ["/extra/a/pic.png"]


def test_a_folder_is_found_where_the_row_says_on_the_same_machine(files: Path, tmp_path: Path) -> None:
    write(tmp_path, "disk/pic.png")
    found = item(files, image(2, storage_mode="path", path=f"{tmp_path}/disk/"))
    assert found.content == OnDisk(tmp_path / "disk/pic.png")


def test_a_folder_that_is_gone_still_tells_the_path(files: Path) -> None:
    found = item(files, image(2, storage_mode="path", path="/srv/lab/images/sub/"))
    assert isinstance(found.content, Absent)
    assert paths(found) == ["/images/sub/pic.png"]


# files on storages

LOCAL: RowOf = {"id": 2, "api_id": 8, "name": "Disk", "url": "http://old.example/images2/", "bucket": "/srv/images2/"}
REMOTE: RowOf = {"id": 1, "api_id": 9, "name": "Ext", "url": "https://cdn.example/b%20c/", "bucket": "b"}


@pytest.mark.parametrize("folder", ["site/images2", "images2", "site/srv/images2"])
def test_a_second_disk_is_found_inside_or_beside_the_site(files: Path, tmp_path: Path, folder: str) -> None:
    write(tmp_path, f"{folder}/pic.png")
    found = item(files, image(2, storage_mode="direct", storage_id=2), storages=[LOCAL])
    assert isinstance(found.content, OnDisk)
    assert found.content.path.samefile(tmp_path / folder / "pic.png")
    assert paths(found) == ["/images2/pic.png"]


def test_a_second_disk_is_found_where_it_was_on_the_same_machine(files: Path, tmp_path: Path) -> None:
    write(tmp_path, "disk/2026/11/21/pic.png")
    found = item(files, image(2, storage_id=2), storages=[{**LOCAL, "bucket": str(tmp_path / "disk")}])
    assert found.content == OnDisk(tmp_path / "disk/2026/11/21/pic.png")
    assert paths(found) == ["/images2/2026/11/21/pic.png"]


def test_a_second_disk_that_is_not_here_says_where_it_was_looked_for(files: Path) -> None:
    content = item(files, image(2, storage_mode="direct", storage_id=2), storages=[LOCAL]).content
    assert isinstance(content, Absent)
    assert content.reason == "no-file"
    assert "/srv/images2" in content.detail
    assert str(files) in content.detail


def test_files_on_other_hosts_are_absent_unless_they_are_asked_for(files: Path) -> None:
    row = image(2, "100%", storage_id=1)
    kept = item(files, row, storages=[REMOTE])
    assert kept.content == Absent("external", "100%.png is on the storage Ext; --fetch-remote fetches it from there.")
    fetched = item(files, row, storages=[REMOTE], fetch_remote=True)
    assert fetched.content == AtUrl("https://cdn.example/b%20c/2026/11/21/100%25.png")
    assert paths(kept) == paths(fetched) == ["/b c/2026/11/21/100%.png"]


def test_a_storage_that_is_gone_is_external_for_ever(files: Path) -> None:
    content = item(files, image(2, storage_id=7), storages=[REMOTE], fetch_remote=True).content
    assert isinstance(content, Absent)
    assert content.reason == "external"
    assert "storage 7" in content.detail


# renditions


def test_renditions_are_those_that_exist_whatever_the_row_says(files: Path) -> None:
    write(files, f"{DATED}first.th.png")
    (files / f"{DATED}first.md.png").touch()
    assert item(files, image(2, "first", chain=7)).renditions == {"th": files / f"{DATED}first.th.png"}


def test_renditions_of_films_are_jpegs(files: Path) -> None:
    names = [f"{DATED}film{ending}" for ending in (".mp4", ".th.jpeg", ".fr.jpeg", ".th.mp4")]
    write(files, *names)
    assert item(files, image(2, "film", "mp4")).renditions == {"th": files / names[1], "fr": files / names[2]}


def test_an_original_that_was_kept_apart_is_said(files: Path) -> None:
    assert any(".or." in note for note in item(files, image(2, "first", chain=15)).notes)
    assert not item(files, image(2, "first", chain=7)).notes
