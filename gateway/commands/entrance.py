"""The way into a command: whatever goes wrong with files or with what is printed is said in a sentence."""

from __future__ import annotations

import sqlite3
import sys
from typing import Any

import click

from gateway.commands.output import Unheard, fall_silent, flush_output, watch_outputs
from gateway.core.errors import GatewayError

CHECK = "Check who may read and write there."


class Entrance(click.Group):
    """A group of commands that is started from a shell."""

    def main(self, *args: Any, **options: Any) -> Any:
        watch_outputs()
        try:
            try:
                return super().main(*args, **options)
            finally:
                flush_output()
        except Unheard as error:
            fall_silent()
            if not error.is_closed:
                click.echo(f"Error: {error}", err=True)
            sys.exit(error.exit_code)

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except GatewayError as error:
            raise click.ClickException(error.message) from None
        except sqlite3.DatabaseError as error:
            raise click.ClickException(f"The catalog or a journal failed: {error}.\n{CHECK}") from None
        except OSError as error:
            raise click.ClickException(unusable(error)) from None


def unusable(error: OSError) -> str:
    what = f"{error.filename} cannot be used: {error.strerror}" if error.filename else str(error.strerror or error)
    return f"{what}.\n{CHECK}"
