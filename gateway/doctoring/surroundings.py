"""What can be seen of a gateway from outside without a key: that it is there, that its links lead here, and that
requests and answers arrive as they were sent."""

from __future__ import annotations

import re
import secrets
from urllib.parse import urljoin, urlsplit

from gateway.core.sizes import format_size
from gateway.doctoring import remedies
from gateway.doctoring.findings import Findings
from gateway.doctoring.visit import Heard, Unreached, Visit

NO_KEY = "sk_live_ThisKeyIsNobodysAndOnlyAskedAbout"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
PATIENCE = 10.0  # seconds until a body that is announced is asked for
PICTURES = re.compile(r"\bimg-src ([^;,]*)")
STYLESHEET = re.compile(r'<link[^>]+href="([^"]+\.css)"')


def look_around(visit: Visit, findings: Findings) -> bool:
    """Whether there is a gateway."""
    if not is_there(visit, findings):
        return False
    for look in (see_links, see_pages, see_ids, see_errors, see_keys, see_shared, see_room):
        try:
            look(visit, findings)
        except Unreached as error:
            findings.broken("connection", f"{look.__name__.removeprefix('see_').capitalize()}: {error}.")
    return True


def is_there(visit: Visit, findings: Findings) -> bool:
    try:
        heard = visit.ask("GET", "/v1/health")
    except Unreached as error:
        mend = remedies.NOT_REACHED
        if visit.base.startswith("https:") and (plain := answers_without_tls(visit)):
            mend = (f"Picgate answers at {plain}: it speaks http itself.", "Let nginx or Caddy in front speak https.")
        findings.broken("gateway", f"{visit.base} cannot be reached: {error}.", *mend)
        return False
    facts = heard.json()
    if "ok" in facts and "version" in facts:
        if facts["ok"]:
            findings.ok("gateway", f"Picgate {facts['version']} answers at {visit.base}")
        else:
            findings.broken("gateway", f"Picgate {facts['version']} says that it is not well: {facts.get('error')}")
        place = urlsplit(visit.base)
        if place.scheme == "http" and place.hostname not in LOOPBACK:
            findings.note(
                "https",
                "Keys and pictures travel unencrypted (http); anybody on the way can read them.",
                "Let the proxy in front speak https, and name that address in server.public_url.",
            )
        return True
    what, mend = not_there(visit, heard)
    findings.broken("gateway", what, *mend)
    return False


def answers_without_tls(visit: Visit) -> str:
    """The address at which it does, or nothing."""
    plain = Visit(visit.base.replace("https:", "http:", 1), timeout=min(visit.timeout, PATIENCE))
    try:
        return plain.base if "version" in plain.ask("GET", "/v1/health").json() else ""
    except Unreached:
        return ""
    finally:
        plain.close()


def not_there(visit: Visit, heard: Heard) -> tuple[str, remedies.Lines]:
    if 300 <= heard.status < 400:
        location = urljoin(visit.base, heard.header("Location")).removesuffix("/v1/health")
        return (
            f"{visit.base} sends on to {location} ({heard.status}), and uploads lose their body on such a way.",
            (f"Use that address everywhere: gateway doctor {location}",),
        )
    if visit.root and heard.header("X-Request-Id"):
        return f"The proxy passes {visit.root} on to the gateway instead of taking it off.", remedies.sub_path(
            visit.root
        )
    what, mend = remedies.unlike_us(heard)
    if visit.root and not mend:
        mend = remedies.sub_path(visit.root)
    return f"There is no Picgate at {visit.base}: {what}.", mend or remedies.NOT_REACHED


def see_links(visit: Visit, findings: Findings) -> None:
    """What the gateway takes for its own address."""
    heard = visit.ask("GET", "/openapi.json")
    try:
        visit.claimed = str(heard.json()["servers"][0]["url"]).rstrip("/")
    except (KeyError, IndexError, TypeError):
        what, mend = remedies.unlike_us(heard)
        findings.broken("links", f"/openapi.json does not arrive: {what}.", *mend)
        return
    if visit.claimed == visit.base:
        findings.ok("links", f"every link begins with {visit.claimed}")
        return
    here, there = urlsplit(visit.base), urlsplit(visit.claimed)
    wrong = [
        name
        for name, one, other in (
            ("scheme", here.scheme, there.scheme),
            ("host", here.hostname, there.hostname),
            ("port", here.port, there.port),
            ("path", here.path, there.path),
        )
        if one != other
    ]
    findings.broken(
        "links",
        f"Links begin with {visit.claimed}, and not with {visit.base}: another {' and '.join(wrong)}. "
        "Pictures that are linked like this do not show.",
        *remedies.public_url(visit.base),
        f"Or is {visit.claimed} the address for people? Then ask for that: gateway doctor {visit.claimed}",
    )


def see_pages(visit: Visit, findings: Findings) -> None:
    page = visit.ask("GET", "/tools")
    if page.status != 200 or not page.is_page:
        what, mend = remedies.unlike_us(page)
        findings.broken("pages", f"The page /tools does not arrive: {what}.", *mend)
        return
    policy = page.header("Content-Security-Policy")
    visit.others = frozenset(found[1].split() if (found := PICTURES.search(policy)) else ())
    sheets = STYLESHEET.findall(page.text)
    sheet = visit.ask("GET", sheets[0]) if sheets else page
    if sheet.status != 200 or sheet.mime != "text/css":
        what, mend = remedies.unlike_us(sheet)
        findings.broken("pages", f"The stylesheet of the pages does not arrive: {what}.",
                        *(mend or remedies.sub_path(visit.root)))  # fmt: skip
        return
    door = visit.ask("GET", "/dashboard")
    location = door.header("Location")
    if 300 <= door.status < 400 and not visit.is_below(visit.place(location)):
        findings.broken(
            "pages",
            f"The dashboard is sent on to {location}, which is not below {visit.base}.",
            "nginx: proxy_redirect off;",
            "Caddy: take header_down Location out of reverse_proxy.",
        )
        return
    if not policy.startswith("default-src 'none'"):
        findings.broken("pages", "The Content-Security-Policy of the pages is lost or replaced on the way.",
                        *remedies.HIDDEN)  # fmt: skip
    elif ", default-src" in policy:
        findings.note("pages", "There are two Content-Security-Policy headers; browsers obey both.", *remedies.HIDDEN)
    else:
        findings.ok("pages", "pages arrive with their styles and their policy")


def see_ids(visit: Visit, findings: Findings) -> None:
    sent = f"doctor-{secrets.token_hex(6)}"
    got = visit.ask("GET", "/v1/health", headers={"X-Request-Id": sent}).header("X-Request-Id")
    if not got:
        findings.broken("request ids", "Answers arrive without X-Request-Id, which finds a request in the log.",
                        *remedies.HIDDEN)  # fmt: skip
    elif got != sent:
        findings.note("request ids", "The proxy gives requests an id of its own; the log of the gateway has that one.",
                      "That is fine, as long as the proxy logs it, too.")  # fmt: skip
    else:
        findings.ok("request ids", "the id of a request comes back with its answer")


def see_errors(visit: Visit, findings: Findings) -> None:
    """Programs read why they were refused, and cannot read a page."""
    asked = {"/v1/doctor": "success", "/api/1/upload": "status_code"}
    lost = [path for path, field in asked.items() if field not in visit.ask("GET", path).json()]
    if lost:
        findings.broken(
            "errors",
            f"What goes wrong at {' and '.join(lost)} is answered with a page of something in front, and not with the "
            "gateway's JSON; upload tools cannot say what is wrong then.",
            *remedies.ERROR_PAGES,
        )
    else:
        findings.ok("errors", "refusals arrive in the gateway's own words")


def see_keys(visit: Visit, findings: Findings) -> None:
    """A wrong key is refused in other words than none."""
    legacy = visit.ask("POST", "/api/1/upload", headers={"X-API-Key": NO_KEY})
    picora = visit.ask("GET", "/v1/auth/verify", headers={"Authorization": f"Bearer {NO_KEY}"})
    heard = {"X-API-Key": (legacy, "No key provided"), "Authorization": (picora, "No API key was sent")}
    for name, (answer, nothing) in heard.items():
        words = remedies.own_words(answer)
        if words.startswith(nothing):
            findings.broken("keys", f"The header {name} does not reach the gateway, so nobody who sends a key in it "
                            "is let in.", *remedies.pass_header(name))  # fmt: skip
        elif answer.is_page and answer.status in (400, 401, 404):
            findings.note("keys", f"Whether {name} arrives is not known: a page stands where the answer was.")
        elif not words:
            what, mend = remedies.unlike_us(answer)
            findings.broken("keys", f"A request with {name} does not reach the gateway: {what}.", *mend)
        else:
            findings.ok("keys", f"the header {name} arrives")


def see_shared(visit: Visit, findings: Findings) -> None:
    """Pages of other sites upload, too; their browsers ask first."""
    origin = {"Origin": "https://doctor.example"}
    asked = {**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for path, header in (("/v1/images", "authorization"), ("/api/1/upload", "x-api-key")):
        heard = visit.ask("OPTIONS", path, headers=asked | {"Access-Control-Request-Headers": header})
        allowed = heard.header("Access-Control-Allow-Origin")
        headers = heard.header("Access-Control-Allow-Headers").lower()
        answer = visit.ask("GET", path, headers=origin)
        plain = allowed if answer.is_page else answer.header("Access-Control-Allow-Origin")
        if twice := next((one for one in (allowed, plain) if "," in one), ""):
            findings.broken("CORS", f"{path} answers pages of other sites with two permissions ({twice}), which "
                            "browsers take for none.", *remedies.CORS)  # fmt: skip
        elif heard.status >= 300 or allowed != "*" or header not in headers or plain != "*":
            findings.broken("CORS", f"{path} does not let pages of other sites in, as the gateway does.",
                            *remedies.CORS)  # fmt: skip
        else:
            findings.ok("CORS", f"pages of other sites may call {path}")


def see_room(visit: Visit, findings: Findings) -> None:
    """No byte is sent: who does not want so many says so when they are announced."""
    heard = visit.ask("OPTIONS", "/v1/uploads")
    text = heard.header("Tus-Max-Size")
    if not text.isdigit():
        findings.broken("resumable uploads", "What /v1/uploads says of itself (Tus-Max-Size) does not arrive.",
                        *remedies.HIDDEN, *remedies.METHODS)  # fmt: skip
        return
    most = int(text)
    status = visit.announce("/api/1/upload", most, PATIENCE)
    if status == 413:
        findings.broken("large files", f"Something in front refuses a body of {format_size(most)} as too large (413); "
                        "the gateway would take it.", *remedies.body_limit(most))  # fmt: skip
    elif status == 100:
        findings.ok("large files", f"{format_size(most)} in one request are let through")
    else:
        answer = "nothing" if status is None else "a closed connection" if not status else str(status)
        findings.note("large files", f"A body of {format_size(most)} was announced, and the answer was {answer}. "
                      "Whether such files get through is not known.", *remedies.body_limit(most))  # fmt: skip
