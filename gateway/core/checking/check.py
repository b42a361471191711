"""The whole check, in the order in which one thing stands on another: the catalog, its files, what leads to them.

Promises: memory does not grow with the library. Without repairs nothing is changed; with them nothing is lost - no row
of a record goes, and no original is written. The gateway may serve meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from gateway.core.checking.book import (
    check_leads,
    check_references,
    check_search,
    check_structure,
    check_sums,
)
from gateway.core.checking.findings import Finding, Report
from gateway.core.checking.leftovers import check_leftovers
from gateway.core.checking.originals import Originals
from gateway.core.checking.premises import AT_ONCE, Premises
from gateway.core.checking.strays import check_files
from gateway.core.claiming import refuse_absence


def check(premises: Premises) -> Report:
    """Raises `StoreUnavailable` when catalog or files cannot be read, or the files are not there at all."""
    report = Report(sample=premises.sample)
    for finding in check_structure(premises, report):
        report.add(finding)
    if report.found:  # whatever else a damaged catalog says would be guessing
        return report
    refuse_absence(premises.catalog, premises.blobs)
    for finding in findings(premises, report):
        report.add(finding)
    return report


def findings(premises: Premises, report: Report) -> Iterator[Finding]:
    with closing(Originals(premises, report)) as originals:
        after = ""
        while batch := premises.catalog.media_after(after, AT_ONCE):
            yield from originals.check(batch)
            yield from check_search(premises, batch)
            report.media += len(batch)
            premises.hear("Looking for the files of records", len(batch))
            after = batch[-1].id
        yield from originals.check_assets()
    yield from check_files(premises, report)
    yield from check_sums(premises)
    yield from check_references(premises)
    yield from check_leads(premises)
    yield from check_leftovers(premises)
