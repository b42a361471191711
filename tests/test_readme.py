"""What the README lists is what the gateway does."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.core.formats import privacy
from gateway.core.formats.registry import by_name, render_table

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def test_the_formats_are_those_of_the_registry() -> None:
    assert README.count("<!-- formats -->") == README.count("<!-- /formats -->") == 1
    assert README.partition("<!-- formats -->")[2].partition("<!-- /formats -->")[0].strip() == render_table()


def test_the_metadata_policy_names_the_formats_it_is_for() -> None:
    sentence = README.partition("goes for ")[2].partition(";")[0].replace(" and", ",").replace("\n", " ")
    assert {name.strip() for name in sentence.split(",")} == {by_name(name).label for name in privacy.FORMATS}


def test_links_within_it_lead_somewhere() -> None:
    headings = re.findall(r"(?m)^#+ (.+)$", README)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", README)) <= anchors


def test_files_it_leads_to_are_there() -> None:
    for path in re.findall(r"\]\((?!#|https?:)([^)]+)\)", README):
        assert (Path(__file__).parents[1] / path).is_file(), path
