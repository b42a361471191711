"""`gateway doctor`: is it well, seen from where its clients are?"""

from __future__ import annotations

import sys
from dataclasses import asdict
from urllib.parse import urlsplit

import click

from gateway.commands.common import json_option, print_json
from gateway.doctoring.findings import Finding, Findings

MARKS = {"ok": ("ok    ", "green"), "note": ("note  ", "yellow"), "broken": ("BROKEN", "red")}


@click.command()
@click.argument("url")
@click.option("--key", metavar="KEY", default="", help='API key to upload with; "-" reads it from standard input.')
@click.option(
    "--timeout", type=click.FloatRange(1), default=30, show_default=True, help="Seconds to wait for an answer."
)
@json_option
def doctor(url: str, key: str, timeout: float, as_json: bool) -> None:
    """Play the part of a client against a running gateway, and say what a proxy in between broke.

    URL is the address people use. Without a key it looks; with one it uploads by every door, fetches, and deletes what
    it uploaded. Exit code 3: something is broken; 1: there is no gateway, or the key is not let in.

    \b
    Example:
        gateway doctor https://img.example.org --key sk_live_…
    """
    from gateway.doctoring.examination import examine
    from gateway.doctoring.visit import Visit

    findings = Findings() if as_json else Findings(show)
    visit = Visit(read_address(url), read_key(key), timeout)
    try:
        was_examined = examine(visit, findings)
    finally:
        visit.close()
    broken, notes = findings.number("broken"), findings.number("note")
    if as_json:
        print_json({"url": visit.base, "broken": broken, "notes": notes,
                    "findings": [asdict(one) for one in findings.found]})  # fmt: skip
    else:
        click.echo(f"\n{verdict(broken, notes)}")
    sys.exit(1 if not was_examined else 3 if broken else 0)


def read_address(url: str) -> str:
    try:
        place = urlsplit(url if "://" in url else f"https://{url}")
        is_address = place.scheme in ("http", "https") and place.hostname and place.port != 0
    except ValueError:
        is_address = False
    if not is_address or place.username or place.query or place.fragment:
        raise click.BadParameter(
            f"{url!r} is no address of a gateway. Give one such as https://img.example.org.", param_hint="URL"
        )
    return place.geturl().rstrip("/")


def read_key(key: str) -> str:
    text = sys.stdin.readline().strip() if key == "-" else key.strip()
    if key and not (text and text.isascii() and text.isprintable() and " " not in text):
        raise click.BadParameter("that is no key. Make one with: gateway key add doctor", param_hint="--key")
    return text


def show(finding: Finding) -> None:
    mark, colour = MARKS[finding.state]
    click.echo(f"{click.style(mark, colour)}  {finding.about}: {finding.what}")
    for line in finding.mend:
        click.echo(f"          {line}")


def verdict(broken: int, notes: int) -> str:
    more = f" {number(notes, 'thing')} to know." if notes else ""
    return f"{number(broken, 'thing')} broken.{more}" if broken else f"All is well.{more}"


def number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
