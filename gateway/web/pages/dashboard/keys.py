"""`/dashboard/keys`: the keys of whoever is signed in; and for each the settings of upload tools, with the key in them
as long as it is known, which is right after it was made, and whenever its owner fills it in."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from gateway.core.errors import GatewayError, InvalidInput, KeyRefused, NotAllowed, NotFound
from gateway.core.records import ApiKey
from gateway.core.scopes import SCOPES
from gateway.web.pages import handouts
from gateway.web.pages.dashboard.desk import Desk, me
from gateway.web.pages.dashboard.showing import done
from gateway.web.pages.dashboard.signing_in import answer
from gateway.web.pages.handouts import PLACEHOLDER
from gateway.web.pages.tools import download

MOST_NAME = 100


def register(bp: Blueprint, desk: Desk) -> None:
    pages = KeyPages(desk)
    bp.add_url_rule("/keys", "keys", pages.keys)
    bp.add_url_rule("/keys", "keys_add", pages.add, methods=["POST"])
    bp.add_url_rule("/keys/<key_id>", "key", pages.key, methods=["GET", "POST"])
    bp.add_url_rule("/keys/<key_id>/revoke", "key_revoke", pages.revoke, methods=["POST"])
    bp.add_url_rule("/keys/<key_id>/settings/<name>", "key_settings", pages.settings, methods=["POST"])


class KeyPages:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def keys(self) -> Response:
        return self.list()

    def list(self, error: GatewayError | None = None) -> Response:
        keys = self.desk.keys.of(me())
        page = render_template(
            "dashboard/keys.html",
            keys=[key for key in keys if not key.revoked_at],
            revoked=[key for key in keys if key.revoked_at],
            scopes=SCOPES,
            chosen=request.form.getlist("scope") if error else SCOPES,
            name=request.form.get("name", "") if error else "",
            most=self.desk.plans.of(me()).max_keys,
            error=error,
        )
        return answer(page, error)

    def add(self) -> Response:
        """The key is in this answer and nowhere else."""
        try:
            name, scopes = asked_name(), request.form.getlist("scope")
            if not scopes:
                raise InvalidInput("The key may do nothing. Choose at least one thing.", code="KEY_SCOPES_MISSING")
            key, text = self.desk.keys.issue(me(), name, scopes)
        except GatewayError as error:
            return self.list(error)
        return self.tools(key, text, is_new=True)

    def key(self, key_id: str) -> Response:
        key = self.desk.keys.own(me(), key_id)
        text = request.form.get("key", "").strip()
        if request.method == "GET" or not text:
            return self.tools(key)
        try:
            return self.tools(key, self.proven(key, text))
        except GatewayError as error:
            return self.tools(key, error=error)

    def proven(self, key: ApiKey, text: str) -> str:
        """`text` if it is this key. Settings with another one in them would be a puzzle."""
        refused = InvalidInput(
            f"That is not this key. Paste the one that begins with {key.prefix}.", code="KEY_OTHER", prefix=key.prefix
        )
        try:
            caller = self.desk.keys.check(text)
        except (KeyRefused, NotAllowed):
            raise refused from None
        if caller.key.id != key.id:
            raise refused
        if not handouts.is_plain(text):
            raise InvalidInput("This key would have to be quoted. Make a new key for it.", code="KEY_UNFIT")
        return text

    def tools(
        self, key: ApiKey, text: str = "", *, is_new: bool = False, error: GatewayError | None = None
    ) -> Response:
        urls, filled = self.desk.urls, text or PLACEHOLDER
        page = render_template(
            "dashboard/key.html",
            key=key,
            text=text,
            is_new=is_new,
            placeholder=PLACEHOLDER,
            endpoint=handouts.endpoint(urls),
            header=handouts.header(filled),
            files=handouts.handouts(urls, filled),
            obsidian=handouts.obsidian(urls, filled),
            curl=handouts.curl(urls, filled),
            curl_link=handouts.curl(urls, filled, "-F format=txt "),
            uploads="media.write" in key.scopes,
            error=error,
        )
        return answer(page, error)

    def settings(self, key_id: str, name: str) -> Response:
        """A file for a tool. Without the key it holds the placeholder."""
        key = self.desk.keys.own(me(), key_id)
        text = request.form.get("key", "").strip()
        files = handouts.handouts(self.desk.urls, self.proven(key, text) if text else PLACEHOLDER)
        if name not in files:
            raise NotFound("There are no such settings.")
        return download(files[name])

    def revoke(self, key_id: str) -> Response:
        self.desk.keys.revoke(self.desk.keys.own(me(), key_id).id)
        return done(self.desk, "/keys", "key-revoked")


def asked_name() -> str:
    name = " ".join(request.form.get("name", "").split())
    if not name:
        raise InvalidInput("The key has no name. Name it after the tool it is for.", code="KEY_NAME_MISSING")
    if len(name) > MOST_NAME:
        message = f"The name is too long. Use at most {MOST_NAME} characters."
        raise InvalidInput(message, code="KEY_NAME_LONG", most=MOST_NAME)
    return name
