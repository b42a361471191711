"""A folder as it lies on somebody's disk, brought here: what is no media, and what its sidecars could not tell."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from gateway.settings import Settings
from gateway.store.opening import Opened
from migrate.sources.folder import FolderSource
from migrate.sources.manifest import ManifestSource
from tests.conftest import draw
from tests.migrate.engine import Importer
from tests.migrate.proving import Prover


@pytest.fixture
def importer(opened: Opened, settings: Settings) -> Importer:
    return Importer(opened, settings)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pics").mkdir()
    return tmp_path / "pics"


@pytest.mark.parametrize(
    "name, data",
    [
        ("notes.txt", b"Remember the milk."),
        ("README", b"All mine."),
        ("empty.log", b""),
        ("paper.pdf", b"%PDF-1.7 ..."),
        ("all.zip", b"PK\3\4" + bytes(100)),
        ("letter.docx", b"PK\3\4" + bytes(100)),
        ("all.tar.gz", gzip.compress(b"no drawing" * 100, mtime=0)),
        ("page.html", b"<html><body><svg></svg></body></html>"),
    ],
)
def test_what_is_no_media_by_name_and_content_is_left_out(
    importer: Importer, folder: Path, name: str, data: bytes
) -> None:
    (folder / name).write_bytes(data)
    summary = importer.bring(FolderSource(folder))
    assert importer.verdicts() == {name: "skipped"}
    assert (importer.listener.outcomes[name].reason or "").startswith("not-media: ")
    assert summary.attention == 0


@pytest.mark.parametrize(
    "name, data",
    [
        ("a.png", b"Remember the milk."),
        ("empty.jpg", b""),
        ("photo.cr3", b"unheard of"),
        ("scan", b"II*\0" + bytes(100)),
        ("cut", draw(400, 300)[:200]),
    ],
)
def test_what_should_be_media_or_is_some_is_rejected(importer: Importer, folder: Path, name: str, data: bytes) -> None:
    (folder / name).write_bytes(data)
    importer.bring(FolderSource(folder))
    assert importer.verdicts() == {name: "rejected"}


def test_what_a_list_names_is_never_left_out_for_what_it_is(importer: Importer, folder: Path) -> None:
    (folder / "notes.txt").write_text("Remember the milk.")
    (folder / "list.jsonl").write_text('{"path": "notes.txt"}')
    importer.bring(ManifestSource(folder / "list.jsonl"))
    assert importer.verdicts() == {"notes.txt": "rejected"}


def test_metadata_that_cannot_be_read_wants_to_be_looked_at(opened: Opened, settings: Settings, folder: Path) -> None:
    for number, sidecar in enumerate((b"{", b'{"imageData": {"tags": 7}}', b'{"imageData": {"title": "Cat"}}')):
        (folder / f"{number}.png").write_bytes(draw(seed=number))
        (folder / f"{number}.json").write_bytes(sidecar)
    prover = Prover.of(opened, settings)
    prover.bring(FolderSource(folder))
    summary = prover.journal.summary()
    assert (summary.verdicts["imported"], summary.attention, summary.exit_code) == (3, 2, 3)
    verified = prover.prove(FolderSource(folder))
    assert verified.is_safe
    assert sorted(note.split(": ")[:2] for note in verified.notes if "metadata: " in note) == [
        ["0.png", "metadata"],
        ["1.png", "metadata"],
    ]


def test_a_loss_is_looked_at_once(importer: Importer, folder: Path) -> None:
    (folder / "a.png").write_bytes(draw())
    (folder / "a.json").write_bytes(b"{")
    assert importer.bring(FolderSource(folder)).attention == 1
    assert importer.bring(FolderSource(folder)).attention == 0


def test_only_so_many_losses_are_named_in_a_proof(opened: Opened, settings: Settings, folder: Path) -> None:
    lines = []
    for number in range(30):
        (folder / f"{number}.png").write_bytes(draw(seed=number))
        lines.append(f'{{"path": "{number}.png", "views": "many"}}')
    (folder / "list.jsonl").write_text("\n".join(lines))
    prover = Prover.of(opened, settings)
    prover.bring(ManifestSource(folder / "list.jsonl"))
    notes = prover.prove(ManifestSource(folder / "list.jsonl")).notes
    assert notes["More files without some of their metadata, as the report says"] == 10
    assert len(notes) == 21
