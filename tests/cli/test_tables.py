"""Tables on terminals of any width."""

from __future__ import annotations

import sys

import pytest

from gateway.commands.common import print_table

HEAD = ("ID", "NAME", "OWNER")
ROWS = [("V1StGXR8_Z5jdHi6B-myT", "sharex", "alice"), ("Uakgb_J5m9g-0JDMbcJqL", "first key", "admin")]


def terminal(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))


def test_a_table_that_fits_is_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    terminal(monkeypatch, 39)
    print_table(HEAD, ROWS)
    assert capsys.readouterr().out.splitlines() == [
        "ID                     NAME       OWNER",
        "V1StGXR8_Z5jdHi6B-myT  sharex     alice",
        "Uakgb_J5m9g-0JDMbcJqL  first key  admin",
    ]


def test_a_table_that_is_too_wide_for_the_terminal_has_a_line_for_each_fact(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal(monkeypatch, 38)
    print_table(HEAD, ROWS)
    assert capsys.readouterr().out.splitlines() == [
        "ID     V1StGXR8_Z5jdHi6B-myT",
        "NAME   sharex",
        "OWNER  alice",
        "",
        "ID     Uakgb_J5m9g-0JDMbcJqL",
        "NAME   first key",
        "OWNER  admin",
    ]


def test_a_file_has_no_width(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    print_table(HEAD, ROWS)
    assert len(capsys.readouterr().out.splitlines()) == 3
