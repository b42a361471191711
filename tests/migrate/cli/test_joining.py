"""`migrate join`, where there is nothing to join. How it works is in tests/journeys/test_import_together.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.migrate.cli.conftest import Run


def test_a_library_in_one_folder_has_one_machine(run: Run, refused: Callable[..., str], pictures: Path) -> None:
    run("import", "folder", str(pictures))
    assert refused("join") == (
        "Machines work together where they have one catalog and one place for the files.\n"
        "Set storage.catalog and storage.blobs to those of the machine that began, and here to the same."
    )


def test_where_nothing_was_imported_there_is_nothing_to_join(refused: Callable[..., str]) -> None:
    assert refused("join").startswith("No import has been run into ")


def test_status_names_no_machines_where_the_journal_is_a_file(
    run: Run, events: Callable[..., list[dict[str, Any]]], pictures: Path
) -> None:
    run("import", "folder", str(pictures))
    [[facts]] = events("status")
    assert facts["machines"] == []
