"""`gateway check`: what is found is said kind by kind, with what was done about it and what is left to do."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from gateway.commands.common import data_options, json_option, load_settings, opened_data, print_json
from gateway.commands.hints import located
from gateway.commands.progress import Counted, progressing
from gateway.core.checking.check import check
from gateway.core.checking.findings import TROUBLES, Finding, Report, Trouble
from gateway.core.checking.premises import Hear, Premises
from gateway.core.sizes import format_size
from gateway.store.opening import Opened

SHOWN = 20  # of one kind
FINDINGS_LEFT = 3


def read_sample(context: click.Context, option: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        percent = float(text.removesuffix("%"))
    except ValueError:
        percent = 0
    if not 0 < percent <= 100:
        raise click.BadParameter(f"{text!r} is no part of all files, such as 5%.")
    return percent / 100


@click.command("check")
@click.option("--read-data", is_flag=True, help="Read the bytes of every file, and compare them with their hash.")
@click.option(
    "--sample", metavar="P", callback=read_sample, help="Read only so many of the files, chosen by chance, such as 5%."
)
@click.option("--repair", is_flag=True, help="Mend what can be mended without losing anything.")
@data_options
@json_option
def check_command(
    config: Path | None, data: str | None, read_data: bool, sample: float | None, repair: bool, as_json: bool
) -> None:  # fmt: skip
    """Compare records, files and sums, also while the gateway runs.

    Exit code 0: nothing is wrong, or all of it was mended. 3: something is left to do. 1: it could not be checked.

    \b
    Example:
        gateway check --sample 5%
        gateway check --read-data --repair
    """
    share = sample or (1.0 if read_data else 0.0)
    with opened_data(load_settings(config, data).settings, writes=repair) as opened, Stages(quiet=as_json) as stages:
        report = check(premises(opened, share, repair, stages.hear))
    if as_json:
        print_json(facts(report))
    else:
        print_report(report, repairs=repair)
    if report.left():
        sys.exit(FINDINGS_LEFT)


def premises(opened: Opened, sample: float, repairs: bool, hear: Hear) -> Premises:
    now = opened.clock.now()
    return Premises(
        opened.catalog, opened.blobs, opened.library.cache, opened.derived, opened.sessions, now,
        now - opened.sweep_grace, repairs, sample, hear,
    )  # fmt: skip


class Stages(ExitStack):
    """What goes on, one after the other, each with its own count."""

    def __init__(self, *, quiet: bool) -> None:
        super().__init__()
        self.quiet = quiet
        self.what = ""
        self.done = 0
        self.counted: Counted = lambda done, total: None

    def hear(self, what: str, done: int) -> None:
        if what != self.what:
            self.close()
            self.counted = self.enter_context(progressing(what, quiet=self.quiet))
            self.what, self.done = what, 0
        self.done += done
        self.counted(self.done, None)


# for people


def print_report(report: Report, *, repairs: bool) -> None:
    for line in looked_at(report):
        say(line)
    for trouble in TROUBLES:
        if report.found[trouble.kind]:
            click.echo("")
            print_trouble(report, trouble, repairs=repairs)
    click.echo("")
    found, left = report.found.total(), report.left()
    if not found:
        say("Nothing is wrong.")
    elif repairs:
        say(f"{found:,} found, {found - left:,} mended, {left:,} left.")
    else:
        say(f"{found:,} found. Nothing was changed.")


def looked_at(report: Report) -> Iterator[str]:
    yield f"Looked at {report.media:,} records and {report.files:,} files. The schema is at {report.schema!r}."
    if report.sample:
        chosen = f", {report.sample * 100:g}% of them, chosen by chance" if report.sample < 1 else ""
        yield f"Read {report.read_files:,} originals{chosen}, {format_size(report.read_bytes)}."
    if report.young_files:
        yield f"Young files without a record, which may be on their way: {report.young_files:,}."


def print_trouble(report: Report, trouble: Trouble, *, repairs: bool) -> None:
    found, mended = report.found[trouble.kind], report.mended[trouble.kind]
    left = found - mended
    say(f"{trouble.heading}: {found:,}")
    shown: Sequence[Finding] = sorted(report.of(trouble), key=lambda one: one.is_mended)[:SHOWN]
    for finding in shown:
        outcome = " Mended." if finding.is_mended else f" Not mended: {finding.obstacle}" if finding.obstacle else ""
        say(f"{finding.sentence}{outcome}", indent=2)
    if found > len(shown):
        say(f"… and {found - len(shown):,} more; --json lists them.", indent=2)
    if mended:
        say(f"{mended:,} of them were {trouble.mends}." if left else f"All were {trouble.mends}.", indent=1)
    if left and trouble.mends and not repairs:
        say(f"--repair has them {trouble.mends}.", indent=1)
    if left and trouble.leaves:
        say(f"--repair leaves them alone. {trouble.leaves}", indent=1)
    if left and (repairs or trouble.leaves):
        say(f"What to do: {located(trouble.advice)}", indent=1)


def say(text: str, indent: int = 0) -> None:
    """Wrapped where it is read, one line each where a program reads it; nothing in it moves a terminal's cursor."""
    harmless = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    margin = "  " * indent
    if not sys.stdout.isatty():
        click.echo(f"{margin}{harmless}")
        return
    width = shutil.get_terminal_size().columns - 1
    click.echo(textwrap.fill(harmless, width, initial_indent=margin, subsequent_indent=f"{margin}  "))


# for programs


def facts(report: Report) -> dict[str, object]:
    found = report.found.total()
    return {
        "clean": not report.left(),
        "schema": report.schema,
        "checked": {
            "media": report.media,
            "files": report.files,
            "young_files": report.young_files,
            "sample_percent": report.sample * 100,
            "read_files": report.read_files,
            "read_bytes": report.read_bytes,
        },
        "found": found,
        "mended": found - report.left(),
        "left": report.left(),
        "kinds": [kind_facts(report, trouble) for trouble in TROUBLES if report.found[trouble.kind]],
        "findings": [finding_facts(finding) for finding in report.listed],
        "not_listed": found - len(report.listed),
    }


def kind_facts(report: Report, trouble: Trouble) -> dict[str, object]:
    found, mended = report.found[trouble.kind], report.mended[trouble.kind]
    return {
        "kind": trouble.kind,
        "heading": trouble.heading,
        "found": found,
        "mended": mended,
        "left": found - mended,
        "repair": trouble.mends or None,
        "no_repair": trouble.leaves or None,
        "advice": trouble.advice,
    }


def finding_facts(finding: Finding) -> dict[str, object]:
    return {
        "kind": finding.trouble.kind,
        "name": finding.name,
        "sentence": finding.sentence,
        "mended": finding.is_mended,
        "obstacle": finding.obstacle,
    }
