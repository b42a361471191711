"""What the README lists is what the gateway does."""

from __future__ import annotations

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
