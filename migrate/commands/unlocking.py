"""What a journal does not keep and a source may need: the password of a database, the key of encrypted columns."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from migrate.opening import Recipe, Secrets, without_password

PASSWORD = "PICGATE_DB_PASSWORD"
ENCRYPTION_KEY = "CHEVERETO_ENCRYPTION_KEY"


def encryption_key_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--encryption-key",
        metavar="KEY",
        envvar=ENCRYPTION_KEY,
        help=f"The old site's key for encrypted columns. Default: what {ENCRYPTION_KEY} holds.",
    )(command)


def secret_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """For commands that open the source of an earlier run again."""
    db = click.option("--db", metavar="URL", help="The database, when its address or its password are other ones now.")
    return db(encryption_key_option(command))


def unlocked(recipe: Recipe, db: str | None, encryption_key: str | None) -> tuple[Recipe, Secrets]:
    """The recipe of an earlier run with its secrets, which are asked for where they are missing."""
    password = None
    if db:
        shown, password = without_password(db)
        recipe = replace(recipe, db=shown)
    if recipe.db:
        password = password or os.environ.get(PASSWORD)
    if recipe.needs_password and not password:
        password = asked(f"Password of {recipe.db}", PASSWORD)
    if recipe.needs_encryption_key and not encryption_key:
        encryption_key = asked("Encryption key of the old site", ENCRYPTION_KEY)
    return recipe, Secrets(password, encryption_key)


def asked(what: str, variable: str) -> str:
    if not sys.stdin.isatty():
        raise click.ClickException(f"{what} is needed, and is not kept.\nPut it into the environment as {variable}.")
    answer: str = click.prompt(what, hide_input=True, err=True)
    return answer
