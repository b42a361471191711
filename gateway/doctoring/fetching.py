"""A picture that is on the gateway, fetched in every way browsers, players and tools fetch one."""

from __future__ import annotations

import re
import secrets

from gateway.doctoring import remedies
from gateway.doctoring.findings import Findings
from gateway.doctoring.uploading import Stored
from gateway.doctoring.visit import Heard, Visit
from gateway.urls import origin_of

UNSENT = {"Accept-Encoding": "identity"}
WEBP = "image/avif,image/webp,*/*;q=0.8"


def fetch_file(visit: Visit, findings: Findings, stored: Stored) -> None:
    """The file itself, by its first link."""
    link = stored.links[0]
    whole = visit.ask("GET", link)
    if elsewhere := visit.sent_on(whole):
        whole = visit.ask("GET", elsewhere)
    if whole.status != 200 or whole.body != stored.sent:
        what, mend = remedies.unlike_us(whole)
        if whole.status == 200 and whole.mime.startswith("image/"):
            what = f"it is not the {len(stored.sent)} bytes that were sent, but {len(whole.body)} others"
            mend = ("Take whatever makes pictures smaller on their way (image_filter, Polish, PageSpeed) out.",)
        findings.broken("picture", f"{link} does not arrive as it was sent: {what}.", *mend)
        return
    if elsewhere:
        findings.ok("picture", f"it arrives byte for byte, from {origin_of(elsewhere)}")
        return
    findings.ok("picture", "it arrives byte for byte")
    see_headers(findings, whole)
    see_range(visit, findings, link, stored.sent)
    see_conditions(visit, findings, link, whole)
    see_head(visit, findings, link, stored.sent)


def see_headers(findings: Findings, heard: Heard) -> None:
    if encoding := heard.header("Content-Encoding"):
        findings.broken("compression", f"Pictures are packed once more on their way ({encoding}): slower, no smaller, "
                        "and players cannot ask for parts.", *remedies.GZIP)  # fmt: skip
    expected = {
        "Content-Type": ("image/png", "what kind of file it is"),
        "X-Content-Type-Options": ("nosniff", "that browsers must not guess what it is"),
        "Access-Control-Allow-Origin": ("*", "that pages of other sites may read it"),
    }
    for name, (value, meaning) in expected.items():
        if (got := heard.header(name)) != value:
            is_twice = {one.strip() for one in got.split(",")} == {value}
            state = "comes twice" if is_twice else f"is {got!r} instead of {value!r}" if got else "is lost on the way"
            findings.broken("headers", f"{name}, which says {meaning}, {state}.", *remedies.HIDDEN)
    caching = heard.header("Cache-Control")
    if "max-age=31536000" not in caching or not re.match("public", caching):
        findings.broken("headers", f"Cache-Control is {caching!r}, so that browsers fetch the same picture again and "
                        "again; the gateway lets them keep it for a year.",
                        "nginx: take expires and add_header Cache-Control out of this location.",
                        "Caddy: take header Cache-Control out of this site.")  # fmt: skip


def see_range(visit: Visit, findings: Findings, link: str, sent: bytes) -> None:
    heard = visit.ask("GET", link, headers={"Range": "bytes=100-199", **UNSENT})
    if heard.status == 206 and heard.body == sent[100:200]:
        findings.ok("parts", "players may jump (Range)")
        return
    what = "the whole file comes instead" if heard.status == 200 else remedies.unlike_us(heard)[0]
    findings.broken("parts", f"A part of a file cannot be asked for (Range): {what}. Videos do not play on some "
                    "devices, and downloads cannot go on.", *remedies.RANGE)  # fmt: skip


def see_conditions(visit: Visit, findings: Findings, link: str, whole: Heard) -> None:
    etag = whole.header("ETag")
    heard = visit.ask("GET", link, headers={"If-None-Match": etag, **UNSENT}) if etag else whole
    if heard.status == 304:
        findings.ok("conditions", "what a browser has is not sent again (304)")
    else:
        lost = "its ETag is lost on the way" if not etag else "If-None-Match is not heeded"
        findings.broken("conditions", f"What a browser has already is sent again: {lost}.", *remedies.CONDITIONS)


def see_head(visit: Visit, findings: Findings, link: str, sent: bytes) -> None:
    heard = visit.ask("HEAD", link, headers=UNSENT)
    if heard.status != 200:
        what, mend = remedies.unlike_us(heard)
        findings.broken("HEAD", f"It is not answered: {what}.", *(mend or remedies.METHODS))
    elif heard.header("Content-Length") != str(len(sent)):
        got = heard.header("Content-Length") or "no size"
        findings.broken("HEAD", f"It says {got} of a file of {len(sent)} bytes.", *remedies.HIDDEN)
    else:
        findings.ok("HEAD", "the size of a file is told")


def fetch_around(visit: Visit, findings: Findings, stored: Stored) -> None:
    """What is made of a picture, of which the legacy door told where it is."""
    for about, noun in (("thumbnail", "thumb"), ("medium size", "medium")):
        facts = stored.facts[noun]
        if not facts.get("url"):
            continue
        heard = visit.fetch(str(facts["url"]))
        if heard.status == 200 and len(heard.body) == facts["size"]:
            findings.ok(about, "it arrives")
        else:
            findings.broken(about, f"It does not arrive: {remedies.unlike_us(heard)[0]}.")
    see_webp(visit, findings, stored)
    see_viewer(visit, findings, stored)


def see_webp(visit: Visit, findings: Findings, stored: Stored) -> None:
    """Browsers first, then a tool that cannot read a WebP: a cache must not mistake them."""
    link = stored.links[0]
    plain = visit.ask("GET", link)
    if visit.sent_on(plain):
        return
    modern = visit.ask("GET", link, headers={"Accept": WEBP})
    again = visit.ask("GET", link)
    if again.mime != "image/png":
        findings.broken("WebP", "Who cannot read a WebP gets one: a cache in front forgets that there are two.",
                        *remedies.VARY)  # fmt: skip
    elif "accept" not in plain.header("Vary").lower():
        if modern.mime == "image/webp":
            findings.broken("WebP", "The header Vary is lost on the way, so that caches mistake WebP and PNG.",
                            *remedies.VARY)  # fmt: skip
        else:
            findings.ok("WebP", "browsers get what was uploaded (files.webp is off)")
    elif modern.mime == "image/webp":
        findings.ok("WebP", "browsers get one, others what was uploaded")
    else:
        findings.broken(
            "WebP",
            "Browsers that take a WebP do not get one: the header Accept does not arrive, or a "
            "cache in front does not heed it.",
            *remedies.pass_header("Accept"),
            *remedies.VARY,
        )


def see_viewer(visit: Visit, findings: Findings, stored: Stored) -> None:
    page = visit.ask("GET", str(stored.facts["url_viewer"]))
    if page.status != 200 or not page.is_page:
        what, mend = remedies.unlike_us(page)
        findings.broken("page of a picture", f"It does not arrive: {what}.", *mend)
    elif stored.links[0] not in page.text:
        findings.broken("page of a picture", f"It does not show {stored.links[0]}: something changed it on its way.",
                        "nginx: no sub_filter here.")  # fmt: skip
    else:
        findings.ok("page of a picture", "it shows the picture")


def fetch_private(visit: Visit, findings: Findings, stored: Stored) -> None:
    """First a stranger, then the owner, then a stranger again, who must not get what the owner had."""
    link = stored.links[0]
    before = visit.ask("GET", link)
    own = visit.ask("GET", link, as_owner=True)
    after = visit.ask("GET", link)
    got = visit.ask("GET", elsewhere) if (elsewhere := visit.sent_on(own)) else own
    if got.status != 200 or got.body != stored.sent:
        if before.status == own.status and own.status in (401, 403):
            findings.broken("private files", "Their owner does not get them: a cache in front keeps the refusal, or "
                            "the key is lost on the way.", *remedies.CACHE)  # fmt: skip
        else:
            what, mend = remedies.unlike_us(got)
            findings.broken("private files", f"Their owner does not get them: {what}.", *mend)
    elif any(one.status == 200 or visit.sent_on(one) for one in (before, after)):
        findings.broken("private files", "Anybody gets them: a cache in front keeps what was meant for their owner. "
                        "Empty it, too.", *remedies.CACHE)  # fmt: skip
    elif "private" not in own.header("Cache-Control") and "no-store" not in own.header("Cache-Control"):
        findings.broken("private files", f"Cache-Control is {own.header('Cache-Control')!r} instead of private: "
                        "caches on the way may keep them.",
                        "nginx: take expires and add_header Cache-Control out of this location.",
                        "Caddy: take header Cache-Control out of this site.")  # fmt: skip
    else:
        findings.ok("private files", "their owner gets them, strangers do not")


def see_gone(visit: Visit, findings: Findings, stored: Stored) -> None:
    """After it was deleted. A question mark gets past most caches."""
    link = stored.links[0]
    heard = visit.ask("GET", link)
    fresh = visit.ask("GET", f"{link}?{secrets.token_hex(4)}")
    if fresh.status not in (404, 410):
        findings.broken(
            "deleting", f"What was deleted is still there: {remedies.unlike_us(fresh)[0]}.", *remedies.CACHE
        )
    elif heard.status == 200:
        findings.note("deleting", "A cache in front still sends what was deleted. Public files may be kept for a year: "
                      "somebody has to empty it.", *remedies.CACHE)  # fmt: skip
    else:
        findings.ok("deleting", "what was deleted is gone")
