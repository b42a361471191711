"""`python -m gateway` is the `gateway` command."""

from gateway.cli import cli

cli(prog_name="gateway")
