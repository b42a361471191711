"""What lies where: the top of the checkout, the length of modules, the changelog."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

from gateway import __version__

ROOT = Path(__file__).parents[1]
TOP = {
    ".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "README.md", "config.example.toml", "gateway", "migrate",
    "pyproject.toml", "tests",
}  # fmt: skip
MODULES = [path for package in ("gateway", "migrate") for path in (ROOT / package).rglob("*.py")]
MOST_LINES = 400


def ignored(name: str) -> bool:
    """Whether git ignores it, or keeps itself in it."""
    patterns = [line.strip("/") for line in (ROOT / ".gitignore").read_text().split()]
    return name == ".git" or any(fnmatch(name, pattern) for pattern in patterns)


def test_nothing_else_lies_at_the_top() -> None:
    assert {path.name for path in ROOT.iterdir() if not ignored(path.name)} == TOP


def test_no_module_is_longer_than_400_lines() -> None:
    assert len(MODULES) > 100
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_every_module_says_what_it_is_for() -> None:
    for path in MODULES:
        assert path.read_text("utf-8").startswith('"""'), path


def test_the_changelog_begins_with_this_version() -> None:
    versions = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert versions[0] == __version__
