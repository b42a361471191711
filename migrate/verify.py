"""The proof: reads the source once more, and compares everything with what is here.

Promises: whatever the source has and this library has not, or has otherwise, is one line; nothing here is changed, and
nobody's views are counted; memory does not grow with the library. What was changed here since it came is named, and
keeps nobody from switching off the old site.
"""

from __future__ import annotations

from contextlib import closing

from gateway.settings import Settings
from gateway.store.opening import Opened
from migrate.checking.answers import CheckAnswers
from migrate.checking.contents import CheckContents
from migrate.checking.findings import Finding, Findings, Listener, Plain, Verified
from migrate.checking.media import CheckMedia
from migrate.checking.people import CheckPeople
from migrate.checking.places import CheckPlaces
from migrate.checking.runs import Runs
from migrate.checking.standing import Standing
from migrate.items import OldSite, Source
from migrate.journal import Journal
from migrate.options import Options
from migrate.run import EXPORT

__all__ = ["CannotVerify", "Finding", "Listener", "Verified", "verify"]


class CannotVerify(Exception):
    """This run proves nothing. The first line says why, the second what to do."""


def verify(
    source: Source,
    opened: Opened,
    settings: Settings,
    journal: Journal,
    options: Options,
    listener: Listener,
    *,
    read_data: bool = False,
    accept_missing: bool = False,
) -> Verified:
    """With `read_data`, every file is read and hashed, here and at the source. With `accept_missing`, what had no file
    there either is no difference. Raises `CannotVerify`, `SourceError`."""
    run = journal.run
    require_finished(journal)
    listener.begun(run, source.count())
    findings = Findings(listener)
    sites = source.sites()
    standing = Standing.over(sites, settings, opened, journal, options, findings)
    check_sites(sites, standing)
    CheckPeople(standing).check(source.owners())
    places = CheckPlaces(standing)
    places.check_categories(source.categories())
    places.check_albums(source.albums())
    places.check_keys(source.keys())
    places.check_gone(source.gone())
    contents = CheckContents(
        opened.blobs, opened.fetcher, findings, max_bytes=settings.uploads.max_size, reads_all=read_data
    )
    answers = CheckAnswers(standing, reads_all=read_data)
    with closing(Runs(journal)) as runs:
        media = CheckMedia(standing, runs, contents, answers, accept_missing=accept_missing)
        media.check(source.items())
    media.name_not_brought()
    places.check_counts(media.in_albums)
    places.check_covers()
    if vanished := sum(journal.summary().verdicts.values()) - media.met:
        findings.notes["Items of the run that the source has no more"] = vanished
    verified = Verified(
        run.id, media.found, media.checked, standing.asker.count, media.left_out, findings.kinds["difference"],
        findings.kinds["changed"], findings.notes, findings.examples,
    )  # fmt: skip
    listener.ended(verified)
    return verified


def require_finished(journal: Journal) -> None:
    run = journal.run
    if run.is_dry:
        raise CannotVerify(
            f"The run {run.id} was a dry run, which brought nothing.\n"
            "Run the import without --dry-run, then verify that."
        )
    if run.state == "undone":
        raise CannotVerify(f"The run {run.id} was undone.\nRun the import again, then verify that.")
    if run.state != "finished":
        raise CannotVerify(f"The run {run.id} is not finished.\nRun `migrate resume {run.id}`, then verify it.")
    if journal.summary().is_empty:
        raise CannotVerify(
            f"The run {run.id} found nothing at its source.\nImport from the right place, then verify that."
        )


def check_sites(sites: list[OldSite], standing: Standing) -> None:
    """Without these its short addresses would be read otherwise."""
    known = {site.id: site for site in standing.catalog.sites()}
    for old in sites:
        if old.kind == EXPORT:
            continue
        if old.id not in known:
            standing.findings.differ("site", old.name, "site", Plain("here"), None)
        else:
            expected = {"salt": old.salt, "padding": old.padding, "routes": old.routes, "url": old.url}
            standing.findings.compare("site", old.name, expected, known[old.id])
