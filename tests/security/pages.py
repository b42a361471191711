"""What every page has to be like, whoever makes it: `check_page(answer)`."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

from werkzeug.test import TestResponse

ACTIVE = ("iframe", "object", "embed", "base", "applet", "frame")
ADDRESSES = ("href", "src", "action", "formaction", "srcset", "poster", "data")
SCHEMES = ("", "http", "https", "sharex", "mailto")


class Markup(HTMLParser):
    """Collects what has no place in a page of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.forms: list[str] = []
        self.script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.script = tag in ("script", "style")
        if tag in ACTIVE:
            self.faults.append(f"<{tag}>")
        if tag == "script" and not values.get("src"):
            self.faults.append("a script inside the page")
        if tag == "form" and (values.get("method") or "get").lower() == "post":
            self.forms.append(values.get("action") or "")
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.faults.append(f"{name} of <{tag}>")
            if name in ADDRESSES and urlsplit((value or "").strip()).scheme.lower() not in SCHEMES:
                self.faults.append(f"{name}={value}")

    def handle_data(self, data: str) -> None:
        if self.script and data.strip():
            self.faults.append(f"inside the page: {data.strip()[:40]}")

    def handle_endtag(self, tag: str) -> None:
        self.script = False


def check_page(answer: TestResponse) -> Markup:
    """Any HTML answer. Returns what was read, so that more can be asked of it."""
    assert answer.mimetype == "text/html", answer.mimetype
    check_headers(answer)
    check_cookies(answer)
    markup = Markup()
    markup.feed(answer.text)
    assert markup.faults == []
    for action in markup.forms:
        assert not urlsplit(action).netloc, action
    return markup


def check_headers(answer: TestResponse) -> None:
    headers = answer.headers
    policy = policy_of(answer)
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert policy["form-action"] in (["'self'"], ["'none'"])
    sources = {source for values in policy.values() for source in values}
    assert not sources & {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"}
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] in ("strict-origin-when-cross-origin", "same-origin", "no-referrer")
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Access-Control-Allow-Origin" not in headers


def check_cookies(answer: TestResponse) -> None:
    for cookie in answer.headers.getlist("Set-Cookie"):
        flags = {part.strip().partition("=")[0].lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "samesite", "path"} <= flags, cookie
        assert "domain" not in flags, cookie


def policy_of(answer: TestResponse) -> dict[str, list[str]]:
    rules = (rule.split() for rule in answer.headers["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in rules}
