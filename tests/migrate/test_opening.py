"""How a source is remembered and opened again."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.items import SourceError
from migrate.opening import Recipe, Secrets, open_source, with_password, without_password
from tests.conftest import draw
from tests.migrate.runs import STARTED

RECIPES = [
    Recipe("chevereto", path=Path("/srv/site.sql"), files=Path("/srv/site"), prefix="x_", keep_expired=True),
    Recipe("chevereto", db="mysql://u@h/n", files=Path("/srv"), needs_password=True, needs_encryption_key=True),
    Recipe("folder", path=Path("/srv/pics"), layout="users", old_url="https://old.example.org"),
    Recipe("manifest", path=Path("/srv/a.csv"), files=Path("/srv/b")),
    Recipe("urls", path=Path("/srv/list.txt")),
]


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_what_a_journal_keeps_opens_the_same(recipe: Recipe) -> None:
    kept = json.loads(json.dumps(recipe.as_json() | {"command": ["migrate"]}))
    assert Recipe.from_json(recipe.kind, kept) == recipe


@pytest.mark.parametrize(
    ("url", "shown", "password"),
    [
        ("mysql://root:s3cret@host/name", "mysql://root@host/name", "s3cret"),
        ("mysql://root:a%40b@host:3307/name?charset=utf8", "mysql://root@host:3307/name?charset=utf8", "a@b"),
        ("mysql://root:p@ss:w/rd@host/name", "mysql://root@host/name", "p@ss:w/rd"),
        ("mysql://root:@host/name", "mysql://root@host/name", ""),
        ("mysql://root@host/name", "mysql://root@host/name", None),
        ("mysql://host/name", "mysql://host/name", None),
        ("mysql://host:3306/name", "mysql://host:3306/name", None),
        ("nonsense", "nonsense", None),
    ],
)
def test_a_password_is_taken_out_of_an_address(url: str, shown: str, password: str | None) -> None:
    assert without_password(url) == (shown, password)


@given(password=st.text(min_size=1))
def test_a_password_that_is_put_back_is_the_same(password: str) -> None:
    url = with_password("mysql://root@host:3306/name", password)
    assert unquote(urlsplit(url).password or "") == password
    assert without_password(url) == ("mysql://root@host:3306/name", password)


def test_no_password_is_put_where_none_can_be() -> None:
    assert with_password("mysql://root@host/name", None) == "mysql://root@host/name"
    assert with_password("mysql://host/name", "x") == "mysql://host/name"


def test_secrets_are_not_shown() -> None:
    assert "s3cret" not in repr(Secrets("s3cret", "s3cret"))


def test_each_kind_is_opened(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(draw())
    (tmp_path / "list.csv").write_text("path,title\na.png,A\n")
    (tmp_path / "list.txt").write_text("https://old.example.org/a.png\n")
    recipes = [
        Recipe("folder", path=tmp_path),
        Recipe("manifest", path=tmp_path / "list.csv"),
        Recipe("urls", path=tmp_path / "list.txt"),
    ]
    names = []
    for recipe in recipes:
        source = open_source(recipe, Secrets(), tmp_path, STARTED, lambda done, total: None)
        names.append([item.filename for item in source.items()])
        source.close()
    assert names == [["a.png", "list.csv", "list.txt"], ["a.png"], ["a.png"]]


def test_what_is_no_dump_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("CREATE TABLE x (a int);")
    recipe = Recipe("chevereto", path=tmp_path / "a.sql", files=tmp_path)
    with pytest.raises(SourceError, match="not of a Chevereto site"):
        open_source(recipe, Secrets(), tmp_path, STARTED, lambda done, total: None)
