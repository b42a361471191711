"""Are the bytes the same? What is told by hashes, and what only by reading."""

from __future__ import annotations

from dataclasses import replace
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from gateway.core.errors import GatewayError
from gateway.core.ports import Upload
from gateway.settings import Settings
from gateway.store.opening import Opened
from migrate.checking import contents
from migrate.items import AtUrl, OldAddress, OnDisk
from tests.conftest import draw
from tests.migrate.fakes import FakeSource
from tests.migrate.proving import SITE, Prover, picture

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>1</script><rect width="5" height="5"/></svg>'
)


@pytest.fixture
def prover(opened: Opened, settings: Settings) -> Prover:
    return Prover.of(opened, settings)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    (tmp_path / "old").mkdir()
    return tmp_path / "old"


def md5_of(path: Path) -> str:
    return md5(path.read_bytes()).hexdigest()


def damaged(path: Path) -> None:
    """Other bytes, as many as before."""
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def one(old: Path, **facts: Any) -> FakeSource:
    return FakeSource([picture(old, 1, **facts)], sites_there=[SITE])


def fields(lines: list[str]) -> list[str]:
    return [line.split(": ")[1] for line in lines]


def test_a_stored_file_that_is_gone_is_a_difference(prover: Prover, old: Path) -> None:
    prover.bring(source := one(old))
    prover.stored("1").unlink()
    assert "file" in fields(prover.differences(source))


def test_a_stored_file_of_another_size_is_a_difference(prover: Prover, old: Path) -> None:
    prover.bring(source := one(old))
    prover.stored("1").write_bytes(b"short")
    assert "bytes stored" in fields(prover.differences(source))


def test_a_thumbnail_that_is_gone_or_cut_is_a_difference(prover: Prover, old: Path) -> None:
    prover.bring(source := one(old))
    prover.stored("1", ".th").write_bytes(b"short")
    assert "bytes stored as .th" in fields(prover.differences(source))


def test_a_bit_that_fell_over_is_found_by_reading(prover: Prover, old: Path) -> None:
    prover.bring(source := one(old))
    damaged(prover.stored("1"))
    assert prover.differences(source) == []
    found = fields(prover.differences(source, read_data=True))
    assert found == ["SHA-256 stored", "address /images/pic1.png"]


def test_a_thumbnail_with_other_bytes_is_found_by_reading(prover: Prover, old: Path) -> None:
    prover.bring(source := one(old))
    damaged(prover.stored("1", ".th"))
    assert prover.differences(source) == []
    assert fields(prover.differences(source, read_data=True)) == ["address /images/pic1.th.png"]


def test_a_source_file_that_changed_since_is_a_difference(prover: Prover, old: Path) -> None:
    prover.bring(source := one(old))
    (old / "images" / "pic1.png").write_bytes(draw(seed=77))
    assert fields(prover.differences(source)) == ["SHA-256"]


def test_a_source_file_of_another_size_is_found_though_its_checksum_is_stated(prover: Prover, old: Path) -> None:
    source = one(old)
    file = old / "images" / "pic1.png"
    source.files = [replace(source.files[0], md5=md5_of(file))]
    prover.bring(source)
    file.write_bytes(file.read_bytes() + b"more")
    assert fields(prover.differences(source)) == ["SHA-256"]


def test_what_is_stated_rightly_is_not_read(prover: Prover, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = one(old)
    source.files = [replace(source.files[0], md5=md5_of(old / "images" / "pic1.png"))]
    prover.bring(source)
    read: list[object] = []
    real = contents.blocks
    monkeypatch.setattr(contents, "blocks", lambda file: read.append(file) or real(file))
    assert (prover.differences(source), read) == ([], [])
    prover.differences(source, read_data=True)
    assert len(read) == 2


def test_a_linked_file_is_the_same_by_nature(prover: Prover, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prover.bring(source := one(old), link=True)
    monkeypatch.setattr(contents, "blocks", lambda file: pytest.fail("it was read"))
    assert prover.differences(source) == []


def test_a_linked_file_that_was_written_to_is_found_by_reading(prover: Prover, old: Path) -> None:
    prover.bring(source := one(old), link=True)
    damaged(old / "images" / "pic1.png")
    assert fields(prover.differences(source, read_data=True)) == ["SHA-256 stored", "address /images/pic1.png"]


def test_a_checksum_that_never_was_right_is_noted(prover: Prover, old: Path) -> None:
    prover.bring(source := one(old, md5="0" * 32))
    verified = prover.prove(source)
    assert (verified.differences, verified.notes) == (0, {contents.OTHER_CHECKSUM: 1})


def test_a_source_file_that_is_gone_since_is_noted(prover: Prover, old: Path) -> None:
    prover.bring(source := one(old))
    (old / "images" / "pic1.png").unlink()
    verified = prover.prove(source)
    assert (verified.differences, verified.notes) == (0, {contents.GONE_SINCE: 1})


def test_a_source_file_that_cannot_be_read_is_a_difference(prover: Prover, old: Path) -> None:
    prover.bring(source := one(old))
    file = old / "images" / "pic1.png"
    file.unlink()
    file.mkdir()
    assert fields(prover.differences(source)) == ["file at the source"]


@pytest.mark.parametrize("read_data", [False, True])
def test_what_is_kept_in_another_format_is_proven_by_what_was_sent(prover: Prover, old: Path, read_data: bool) -> None:
    drawing, bitmap = old / "images" / "a.svg", old / "images" / "b.bmp"
    drawing.parent.mkdir()
    drawing.write_bytes(SVG)
    bitmap.write_bytes(draw(format="BMP"))
    source = FakeSource(
        [
            picture(
                old, number, content=OnDisk(file), filename=file.name, renditions={}, md5=md5_of(file),
                addresses=(OldAddress(f"/images/{file.name}", mime=mime),),
            )
            for number, (file, mime) in enumerate([(drawing, "image/svg+xml"), (bitmap, "image/bmp")], 1)
        ],
        sites_there=[SITE],
    )  # fmt: skip
    prover.bring(source)
    verified = prover.prove(source, read_data=read_data)
    assert prover.hearing.findings == []
    assert verified.notes == {contents.CONVERTED: 2}
    assert verified.examples[contents.CONVERTED] == "/images/pic1.png"


def test_a_rendition_that_was_no_picture_was_drawn_anew_and_that_is_noted(prover: Prover, old: Path) -> None:
    source = one(old)
    (old / "images" / "pic1.th.png").write_bytes(b"no picture")
    prover.bring(source)
    for read_data in (False, True):
        verified = prover.prove(source, read_data=read_data)
        assert (prover.hearing.findings, len(verified.notes)) == ([], 1)


class Web:
    """A fetcher that has one file, or none."""

    content: bytes | None = None

    def fetch(self, url: str, into: Upload) -> str:
        if self.content is None:
            raise GatewayError("Nobody answers.", code="URL_FAILED")
        into.write(self.content)
        return "a.png"


def test_a_file_from_an_address_is_fetched_again_only_to_be_read(prover: Prover, old: Path) -> None:
    prover.bring(source := one(old))
    source.files = [replace(source.files[0], content=AtUrl("http://127.0.0.1/a.png"))]
    web = Web()
    prover.opened = replace(prover.opened, fetcher=web)
    assert prover.prove(source).notes == {contents.NOT_READ_AGAIN: 1}
    assert prover.differences(source, read_data=True) == [
        "item /images/pic1.png: http://127.0.0.1/a.png: expected the file, found Nobody answers."
    ]
    web.content = draw(seed=2)
    assert fields(prover.differences(source, read_data=True)) == ["SHA-256"]
    web.content = draw(seed=1)
    assert prover.differences(source, read_data=True) == []
