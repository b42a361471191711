"""The next command to be typed, which has to find the same data folder as this one."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click

NAMED_COMMAND = re.compile(r"`((?:gateway|migrate) [^`]*)`")


def place(folder: Path | None = None) -> str:
    """What stands behind the next command: the folder and the settings that this one was given, if any. With `folder`
    that is named in any case."""
    given = click.get_current_context().params
    words = {"--config": given.get("config"), "--data": given.get("data") or folder}
    return "".join(f" {name} {shlex.quote(str(word))}" for name, word in words.items() if word)


def located(message: str, where: str | None = None) -> str:
    """With `where` behind each command that it names in backticks; without it, what `place` says."""
    return NAMED_COMMAND.sub(lambda match: f"`{match[1]}{place() if where is None else where}`", message)
