"""What lies where: the top of the checkout, the length of modules, the changelog."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

from gateway import __version__

ROOT = Path(__file__).parents[1]
TOP = {
    ".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "README.md", "config.example.toml", "gateway", "pyproject.toml",
    "tests",
}  # fmt: skip
LATER = {"migrate"}  # in the design, and not needed before there is an import
MOST_LINES = 400


def ignored(name: str) -> bool:
    """Whether git ignores it, or keeps itself in it."""
    patterns = [line.strip("/") for line in (ROOT / ".gitignore").read_text().split()]
    return name == ".git" or any(fnmatch(name, pattern) for pattern in patterns)


def test_nothing_else_lies_at_the_top() -> None:
    assert {path.name for path in ROOT.iterdir() if not ignored(path.name)} - LATER == TOP


def test_no_module_is_longer_than_400_lines() -> None:
    modules = list((ROOT / "gateway").rglob("*.py"))
    assert len(modules) > 50
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in modules}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_every_module_says_what_it_is_for() -> None:
    for path in (ROOT / "gateway").rglob("*.py"):
        assert path.read_text("utf-8").startswith('"""'), path


def test_the_changelog_begins_with_this_version() -> None:
    versions = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert versions[0] == __version__
