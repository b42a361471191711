"""The texts: complete in every language, and every one that a page asks for is there."""

from __future__ import annotations

import re
import string
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.core.errors import GatewayError
from gateway.web.pages import texts
from gateway.web.pages.texts import LANGUAGES, Texts, spoken, texts_in

PAGES = Path(texts.__file__).parents[1]
EN, DE = texts_in("en"), texts_in("de")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def places_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_language_is_complete() -> None:
    assert len(EN.entries) > 150
    for language in LANGUAGES[1:]:
        other = texts_in(language)
        assert sorted(other.entries) == sorted(EN.entries)
        for name, text in EN.entries.items():
            assert places_in(other.entries[name]) == places_in(text), name
            assert bool(other.entries[name].strip()) == bool(text.strip()), name


def test_a_translation_is_one() -> None:
    same = {name for name in EN.entries if EN.entries[name] == DE.entries[name] and len(EN.entries[name]) > 12}
    assert same <= {"common.moment", "common.day"}


def asked_for() -> set[tuple[str, str]]:
    """By templates and modules: what is asked for, and where. Of a name that is put together, its beginning."""
    found = set()
    for path in (*PAGES.rglob("templates/dashboard/*.html"), *PAGES.rglob("dashboard/*.py")):
        for text in re.findall(r"""\bt(?:exts\(\))?(?:\.count)?\(\s*["']([\w.-]+)["']""", path.read_text("utf-8")):
            found.add((text, path.name))
    return found


def test_every_text_that_is_asked_for_is_there() -> None:
    assert len(asked_for()) > 80
    for name, where in asked_for():
        is_whole = name in EN or f"{name}.one" in EN
        assert is_whole or (name.endswith(".") and any(one.startswith(name) for one in EN.entries)), (name, where)


def test_every_word_that_scripts_are_given_is_said_by_one() -> None:
    scripts = "".join(path.read_text("utf-8") for path in PAGES.glob("static/*.js"))
    given = set()
    for name in ("library", "uploading"):
        page = (PAGES / f"templates/dashboard/{name}.html").read_text("utf-8")
        for words in re.findall(r"for word in \(([^)]+)\)", page):
            given.update(re.findall(r'"([\w.-]+)"', words))
    assert len(given) > 30
    for word in sorted(one for one in given if not one.startswith("done.") and not one.endswith("-what")):
        spelled = re.sub(r"-(\w)", lambda match: match[1].upper(), word)
        assert re.search(rf'\bwords\.{spelled}\b|counted\("{word}"|[?:] "{spelled}"', scripts), word


def test_a_text_is_filled_in_and_escaped() -> None:
    texts = Texts("en", {"a.b": "<{name}> & co"})
    assert texts("a.b", name="<i>") == "&lt;&lt;i&gt;&gt; &amp; co"


def test_numbers_sizes_and_times() -> None:
    assert (EN.number(1234567), DE.number(1234567)) == ("1,234,567", "1.234.567")
    assert (EN.size(52_313), DE.size(52_313)) == ("52.3 KB", "52,3 KB")
    assert (EN.day(date(2026, 3, 1)), DE.day(date(2026, 3, 1))) == ("1 March 2026", "1. März 2026")
    assert DE.at("Europe/Berlin").moment(NOW) == "21. November 2026, 13:00 CET"
    assert EN.at("Pacific/Auckland").day(NOW) == "22 November 2026"
    assert EN.at("Mars/Base").zone is UTC and EN.at("Europe/Berlin").zone == ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("past", "said"),
    [({"seconds": 0}, "just now"), ({"seconds": -9}, "just now"), ({"seconds": 59}, "just now"),
     ({"seconds": 60}, "a minute ago"), ({"minutes": 59}, "59 minutes ago"), ({"hours": 23}, "23 hours ago"),
     ({"days": 1}, "yesterday"), ({"days": 29}, "29 days ago"), ({"days": 30}, "22 October 2026")],
)  # fmt: skip
def test_how_long_ago(past: dict[str, float], said: str) -> None:
    assert EN.ago(NOW - timedelta(**past), NOW) == said


def test_an_error_is_told_by_its_code() -> None:
    assert DE.error(GatewayError("x", code="RATE_LIMITED", retry_after=1200)).startswith(
        "Zu viele Versuche. Warte 1.200 Sekunden"
    )
    assert "1,5 MB" in DE.error(GatewayError("x", code="FILE_TOO_BIG", limit_bytes=1_500_000))
    assert DE.error(GatewayError("<b>", code="NEVER_HEARD_OF")) == "&lt;b&gt;"


def test_every_error_can_be_told() -> None:
    for name in EN.entries:
        if name.startswith("errors."):
            meta = dict.fromkeys(places_in(EN.entries[name]), 1)
            assert EN.error(GatewayError("x", code=name.removeprefix("errors."), **meta)) != "x"


def test_the_first_language_that_is_spoken_here() -> None:
    assert spoken([None, "", "fr-FR", "de-CH", "en"]) == "de"
    assert spoken([]) == "en"
