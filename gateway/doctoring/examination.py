"""The whole of `gateway doctor`: look around, come in, upload by every door, fetch, delete, leave nothing behind."""

from __future__ import annotations

import time
from collections.abc import Callable

from gateway.core.sizes import format_size
from gateway.doctoring import remedies
from gateway.doctoring.fetching import fetch_around, fetch_file, fetch_private, see_gone
from gateway.doctoring.findings import Findings
from gateway.doctoring.surroundings import look_around
from gateway.doctoring.uploading import (
    CUT_BYTES,
    PIECE,
    TUS,
    Refused,
    Stored,
    abandon,
    begin,
    by_file,
    by_picora,
    upload_by_all,
)  # fmt: skip
from gateway.doctoring.visit import Unreached, Visit

SETTLING = 5.0  # seconds that a piece whose line broke has to turn up


def examine(visit: Visit, findings: Findings) -> bool:
    """Whether it could be examined at all."""
    if not look_around(visit, findings):
        return False
    if not visit.key:
        findings.note("key", "Uploads were not tried.", "Give a key: gateway doctor URL --key sk_live_…")
        return True
    if not is_let_in(visit, findings):
        return False
    stored: list[Stored] = []
    try:
        upload_by_all(visit, findings, stored)
        fetch(visit, findings, stored)
        break_off(visit, findings)
    except Unreached as error:
        findings.broken("connection", f"In the middle of it: {error}.")
    finally:
        clean_up(visit, findings, stored)
    return True


def is_let_in(visit: Visit, findings: Findings) -> bool:
    try:
        heard = visit.ask("GET", "/v1/auth/verify", as_owner=True)
    except Unreached as error:
        findings.broken("key", f"It could not be tried: {error}.")
        return False
    if heard.status == 200 and heard.json().get("success"):
        return True
    if remedies.own_words(heard).startswith("No API key was sent"):
        return True  # that it is lost on the way was said; the legacy doors take it from elsewhere
    what, mend = remedies.unlike_us(heard)
    findings.broken("key", f"It is not let in: {what}.", *mend, *(() if mend else (make_key(),)))
    return False


def make_key() -> str:
    return "Make one that may do everything: gateway key add doctor"


def fetch(visit: Visit, findings: Findings, stored: list[Stored]) -> None:
    """By whichever door they came in; that of the old tools tells most."""
    told = next((one for one in stored if one.facts), None)
    public = told or next((one for one in stored if one.links[0].endswith(".png")), None)
    if public:
        fetch_file(visit, findings, public)
    if told:
        fetch_around(visit, findings, told)
    try:
        stored.append(private := by_picora(visit, is_public=False))
    except Refused:
        return  # said of /v1/images already
    fetch_private(visit, findings, private)


def break_off(visit: Visit, findings: Findings) -> None:
    """What arrived before a line breaks need not be sent again, unless a proxy kept it to itself."""
    try:
        link = begin(visit, CUT_BYTES)
    except Refused:
        return  # said of the upload in pieces already
    try:
        visit.send_cut_off("PATCH", link, {**PIECE, "Upload-Offset": "0"}, CUT_BYTES, b"\0" * (CUT_BYTES // 2))
        arrived, until = 0, time.monotonic() + SETTLING
        while not arrived and time.monotonic() < until:
            text = visit.ask("HEAD", link, headers=TUS, as_owner=True).header("Upload-Offset")
            arrived = int(text) if text.isdigit() else 0
            time.sleep(0 if arrived else 0.2)
    finally:
        abandon(visit, link)
    if arrived:
        findings.ok("broken lines", "an upload that breaks off goes on where it was")
    else:
        findings.note(
            "broken lines",
            f"The proxy keeps a request to itself until it is whole: of {format_size(CUT_BYTES // 2)} sent before a "
            "line broke, none arrived. Large uploads begin again instead of going on.",
            *remedies.REQUEST_BUFFERING,
        )


def clean_up(visit: Visit, findings: Findings, stored: list[Stored]) -> None:
    """One by its delete link, as old tools do it; the others by the key; what is left then, somehow."""
    told = next((one for one in stored if one.facts), None)
    first = [told] if told else []
    left = delete(visit, findings, "delete link", by_link, first)
    left += delete(visit, findings, "delete by key", by_key, [one for one in stored if one is not told])
    left = [one for one in left if not is_gone_somehow(visit, one)]
    if left:
        findings.broken("cleaning up", "These files of the doctor stay behind; delete them in the dashboard: "
                        f"{', '.join(one.id for one in left)}.")  # fmt: skip
    elif stored:
        findings.ok("cleaning up", "nothing stays behind")
    if told:
        try:
            see_gone(visit, findings, told)
        except Unreached as error:
            findings.broken("deleting", f"Whether the file is gone is not known: {error}.")


def delete(
    visit: Visit, findings: Findings, about: str, way: Callable[[Visit, Stored], None], stored: list[Stored]
) -> list[Stored]:
    """Those it did not work for. What is wrong is said once."""
    left: list[Stored] = []
    for one in stored:
        try:
            way(visit, one)
        except (Refused, Unreached) as error:
            mend = error.mend if isinstance(error, Refused) else ()
            if not left:
                findings.broken(about, f"It does not delete: {error}.", *mend)
            left.append(one)
    if stored and not left:
        findings.ok(about, "it works")
    return left


def by_link(visit: Visit, one: Stored) -> None:
    """Where a link asks first (chevereto.confirm_delete), the button is pressed."""
    link = str(one.facts["delete_url"])
    heard = visit.ask("GET", link)
    if heard.status == 200 and heard.is_page:
        heard = visit.ask("POST", link)
    if heard.status not in (301, 303):
        raise Refused(heard)


def by_key(visit: Visit, one: Stored) -> None:
    heard = visit.ask("DELETE", f"/v1/images/{one.id}", as_owner=True)
    if heard.status != 204:
        raise Refused(heard)


def is_gone_somehow(visit: Visit, one: Stored) -> bool:
    """The same bytes once more get a delete link for the record there is."""
    try:
        again = by_file(visit, one.sent)
        by_link(visit, again)
    except (Refused, Unreached):
        return False
    return again.id == one.id
