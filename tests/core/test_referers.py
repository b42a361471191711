"""On which sites a file may be shown, and which patterns say so."""

from __future__ import annotations

import pytest

from gateway.core.errors import InvalidInput
from gateway.core.referers import checked_referers, is_allowed

OWN = "img.example.org"


def test_it_works() -> None:
    patterns = checked_referers(["self", " Blog.Example.NET ", "*.example.com", "self"])
    assert patterns == ("self", "blog.example.net", "*.example.com")
    assert is_allowed(patterns, "https://blog.example.net/post?x=1", OWN)


@pytest.mark.parametrize(
    ("pattern", "referer", "allowed"),
    [
        ("self", "https://img.example.org/dashboard", True),
        ("self", "https://example.org/", False),
        ("example.org", "http://example.org:8080/a", True),
        ("example.org", "https://EXAMPLE.ORG", True),
        ("example.org", "https://example.org./", True),
        ("example.org", "https://www.example.org/", False),
        ("example.org", "https://example.org.evil.net/", False),
        ("example.org", "https://evil.net/?example.org", False),
        ("example.org", "https://example.org@evil.net/", False),
        ("*.example.org", "https://a.b.example.org/", True),
        ("*.example.org", "https://example.org/", False),
        ("*.example.org", "https://badexample.org/", False),
        ("localhost", "http://localhost:3000/", True),
        ("127.0.0.1", "http://127.0.0.1/", True),
    ],
)
def test_a_pattern_is_for_just_its_hosts(pattern: str, referer: str, allowed: bool) -> None:
    assert is_allowed(checked_referers([pattern]), referer, OWN) is allowed


@pytest.mark.parametrize("referer", [None, "https://anywhere.example", "nonsense"])
def test_without_patterns_every_site_may(referer: str | None) -> None:
    assert is_allowed(None, referer, OWN)


@pytest.mark.parametrize("referer", [None, "https://img.example.org"])
def test_an_empty_list_is_for_nobody(referer: str | None) -> None:
    assert not is_allowed((), referer, OWN)


@pytest.mark.parametrize("referer", [None, "", "nonsense", "about:blank", "http://[", "https:///path", "file:///x"])
def test_whoever_does_not_say_where_from_is_not_allowed(referer: str | None) -> None:
    assert not is_allowed(("self", "example.org"), referer, OWN)


@pytest.mark.parametrize(
    "pattern",
    [
        "", "*", "*.", "a*.example.org", "*.*.org", "www.*.org", "https://example.org", "example.org/path",
        "example.org:80", "exa mple.org", ".example.org", "example..org", "-a.org", "a" * 64 + ".org", "é.org", "a\nb",
        "*.self/", "a" * 300,
    ],
)  # fmt: skip
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidInput, match=r"self, example\.org or \*\.example\.org"):
        checked_referers(["self", pattern])


def test_fifty_one_are_too_many() -> None:
    assert len(checked_referers([f"a{number}.org" for number in range(50)])) == 50
    with pytest.raises(InvalidInput, match="up to 50"):
        checked_referers([f"a{number}.org" for number in range(51)])
