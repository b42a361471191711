"""`gateway config --check`: what is wrong with the settings, and what to do."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click

from gateway.doctoring.findings import Finding, Findings
from gateway.doctoring.settings import look_over
from gateway.settings import Settings


def check_settings(settings: Settings, origins: Mapping[str, str]) -> None:
    """Exits with 1 when something is wrong. A note is for whoever knows better, and no fault."""
    findings = Findings(lambda one: show(one, origins[one.about]))
    look_over(settings, findings)
    broken = findings.number("broken")
    if broken:
        click.echo(f"{broken} {'setting has' if broken == 1 else 'settings have'} to be mended.", err=True)
        sys.exit(1)
    click.echo("The settings are fine.", err=True)


def show(finding: Finding, origin: str) -> None:
    source = "" if origin == "default" else f" ({origin})"
    note = "" if finding.state == "broken" else "Note: "
    click.echo(f"{note}{finding.about}{source}: {finding.what}")
    for line in finding.mend:
        click.echo(f"    {line}")
