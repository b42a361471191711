"""`python -m migrate` is the `migrate` command."""

from migrate.cli import cli

if __name__ == "__main__":  # the processes of an import load the main module as well
    cli(prog_name="migrate")
