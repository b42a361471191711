"""The `migrate` command. Its sub-commands are in `commands/`."""

from __future__ import annotations

import click

from gateway import __version__
from gateway.commands.entrance import Entrance
from migrate.commands.exporting import export_
from migrate.commands.importing import import_
from migrate.commands.runs import join, report, resume, status
from migrate.commands.undoing import undo_
from migrate.commands.verifying import verify_


@click.group(cls=Entrance, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="picgate")
def cli() -> None:
    """Move a library in, prove that nothing is missing, and move it out again.

    \b
    Example:
        migrate import chevereto --dump site.sql.gz --files /srv/chevereto --dry-run
        migrate import chevereto --dump site.sql.gz --files /srv/chevereto
        migrate verify
    """


for command in (import_, status, report, resume, join, verify_, undo_, export_):
    cli.add_command(command)
