"""`gateway album` and `gateway category`: add, list."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.conftest import Run

Refused = Callable[..., str]
RunJson = Callable[..., object]


def test_it_works(run: Run, run_json: RunJson, key: str) -> None:
    line = run("album", "add", "Holiday 🏖").stdout
    albums = run_json("album", "list")
    assert isinstance(albums, list)
    assert line == f"Album Holiday 🏖 was made; its album_id is {albums[0]['id']}\n"
    assert albums == [{"id": albums[0]["id"], "name": "Holiday 🏖", "owner": "admin"}]


def test_json_tells_id_and_name(run_json: RunJson, key: str) -> None:
    made = run_json("album", "add", "Holiday")
    assert isinstance(made, dict)
    assert list(made) == ["id", "name"]
    assert (len(made["id"]), made["name"]) == (21, "Holiday")


def test_an_album_is_made_for_an_owner(run: Run, run_json: RunJson, key: str) -> None:
    run("owner", "add", "alice")
    made = run_json("album", "add", "Holiday", "--owner", "ALICE")
    assert isinstance(made, dict)
    assert [line.split() for line in run("album", "list").stdout.splitlines()] == [
        ["ID", "NAME", "OWNER"],
        [made["id"], "Holiday", "alice"],
    ]


def test_an_unknown_owner_gets_no_album(refused: Refused, run_json: RunJson, key: str) -> None:
    assert refused("album", "add", "Holiday", "--owner", "bob").startswith("There is no owner named 'bob'.")
    assert run_json("album", "list") == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 101], ids=["empty", "blank", "long"])
def test_an_album_needs_a_name(refused: Refused, run_json: RunJson, key: str, name: str) -> None:
    assert refused("album", "add", name) == "An album needs a name of 1 to 100 characters."
    assert run_json("album", "list") == []


def test_a_name_that_is_no_text_is_made_one(run: Run, run_json: RunJson, key: str) -> None:
    run("album", "add", "caf\udce9")
    albums = run_json("album", "list")
    assert isinstance(albums, list) and albums[0]["name"] == "caf?"


# categories


def test_a_category_gets_a_number_and_a_key(run: Run, run_json: RunJson, key: str) -> None:
    assert run("category", "add", "Black & White").stdout == "Category Black & White was made; its category_id is 1\n"
    wild = {"id": 2, "name": "Nature", "url_key": "wild", "description": None}
    assert run_json("category", "add", "Nature", "--key", "wild") == wild
    assert run_json("category", "list") == [
        {"id": 1, "name": "Black & White", "url_key": "black-white", "description": None},
        wild,
    ]
    assert [line.split() for line in run("category", "list").stdout.splitlines()] == [
        ["ID", "NAME", "KEY"],
        ["1", "Black", "&", "White", "black-white"],
        ["2", "Nature", "wild"],
    ]


def test_a_key_that_is_taken_is_refused(run: Run, refused: Refused, run_json: RunJson, key: str) -> None:
    run("category", "add", "Nature")
    assert refused("category", "add", "NATURE") == "There is a category with the key nature already."
    assert len(run_json("category", "list")) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", "!!!", " "])
def test_a_name_without_a_letter_needs_a_key(refused: Refused, run_json: RunJson, key: str, name: str) -> None:
    assert refused("category", "add", name) == "A category needs a name and a key for its address."
    assert run_json("category", "list") == []
