"""When nobody can hear what a command says: a reader that has gone, a full disk, two streams that are one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import gateway_environment
from tests.migrate.cli.conftest import Run

IMPORT = ("import", "folder", "pics", "--jobs", "1")
FULL = "Standard output cannot be written: No space left on device."


def typed(data: Path, program: str, *words: str, **streams: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", program, *words, "--data", str(data)],
        env=gateway_environment(),
        text=True,
        timeout=120,
        **streams,  # type: ignore[call-overload]
    )


def unread(data: Path, program: str, *words: str) -> subprocess.CompletedProcess[str]:
    """With a reader that has gone before anything was said."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return typed(data, program, *words, stdout=writing, stderr=subprocess.PIPE)
    finally:
        os.close(writing)


def onto_a_full_disk(data: Path, program: str, *words: str) -> subprocess.CompletedProcess[str]:
    with open("/dev/full", "w") as full:
        return typed(data, program, *words, stdout=full, stderr=subprocess.PIPE)


SPEAKING = [
    ("migrate", "status"), ("migrate", "status", "--help"), ("migrate", "report"), ("migrate", "report", "--csv"),
    ("migrate", "report", "--json"), ("migrate", "verify"), ("migrate", "verify", "--json"),
    ("migrate", "undo", "--dry-run"), ("migrate", "export", "out"), ("gateway", "stats"),
    ("gateway", "owner", "list"), ("gateway", "config"),
]  # fmt: skip


@pytest.mark.parametrize("words", SPEAKING, ids=" ".join)
def test_who_is_not_heard_ends_quietly(run: Run, data: Path, pictures: Path, words: tuple[str, ...]) -> None:
    run(*IMPORT)
    result = unread(data, *words)
    assert (result.returncode, result.stderr) == (141, "")


@pytest.mark.parametrize("words", SPEAKING, ids=" ".join)
def test_a_full_disk_is_said_and_nothing_else_blamed(
    run: Run, data: Path, pictures: Path, words: tuple[str, ...]
) -> None:
    run(*IMPORT)
    result = onto_a_full_disk(data, *words)
    assert result.returncode == 1
    assert result.stderr.splitlines()[0] == f"Error: {FULL}"
    assert len(result.stderr.splitlines()) == 2


@pytest.mark.parametrize("words", [(), ("--json",)], ids=["report", "json"])
def test_an_import_that_is_not_heard_is_finished(run: Run, data: Path, pictures: Path, words: tuple[str, ...]) -> None:
    (pictures / "broken.png").write_bytes(b"nonsense")
    assert unread(data, "migrate", *IMPORT, *words).returncode == 3
    assert "imported                    3" in run("report").stdout


@pytest.mark.parametrize("words", [(), ("--json",)], ids=["report", "json"])
def test_an_import_onto_a_full_disk_is_finished_and_says_so(
    run: Run, data: Path, pictures: Path, words: tuple[str, ...]
) -> None:
    result = onto_a_full_disk(data, "migrate", *IMPORT, *words)
    assert result.returncode == 1
    assert result.stderr.count("Error: ") == 1 and FULL in result.stderr
    assert "imported                    3" in run("report").stdout


@pytest.mark.parametrize("words", [("report", "--csv"), ("status",), IMPORT], ids=" ".join)
def test_a_closed_output_is_no_error(run: Run, data: Path, pictures: Path, words: tuple[str, ...]) -> None:
    """Nor do the words go into the catalog, which would be the next file to be opened."""
    run(*IMPORT)
    command = [sys.executable, "-m", "migrate", *words, "--data", str(data)]
    closing = ["sh", "-c", 'exec "$@" >&-', "sh", *command]
    result = subprocess.run(closing, env=gateway_environment(), stderr=subprocess.PIPE, text=True, timeout=120)
    assert result.returncode == (4 if words == IMPORT else 0), result.stderr
    assert "Traceback" not in result.stderr
    assert "No difference" in run("verify").stdout


def test_an_import_goes_on_without_standard_error(run: Run, data: Path, pictures: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    result = typed(data, "migrate", *IMPORT, stdout=subprocess.PIPE, stderr=writing)
    os.close(writing)
    assert result.returncode == 0
    assert "imported                    3" in result.stdout


def test_what_is_to_be_looked_at_is_told_once_where_everything_comes_together(data: Path, pictures: Path) -> None:
    (pictures / "broken.png").write_bytes(b"nonsense")
    together = typed(data, "migrate", *IMPORT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert together.stdout.count("rejected  broken.png") == 1
    assert "1 item to look at, named above." in together.stdout


def test_what_is_to_be_looked_at_is_in_both_of_two_streams(data: Path, pictures: Path) -> None:
    (pictures / "broken.png").write_bytes(b"nonsense")
    apart = typed(data, "migrate", *IMPORT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert apart.stdout.count("rejected  broken.png") == apart.stderr.count("rejected  broken.png") == 1
