"""Coming in, by password or by a link that sets one; going out; and the language, which can be chosen before."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request

from gateway.core.errors import GatewayError, InvalidInput, SignInRefused
from gateway.core.records import Owner
from gateway.web.pages.dashboard import again
from gateway.web.pages.dashboard.desk import LANGUAGE, Desk, client_address, visitor, wear
from gateway.web.pages.dashboard.guard import for_all
from gateway.web.pages.dashboard.showing import STATUSES, done
from gateway.web.pages.texts import LANGUAGES

MOST_NAME = 200
YEAR = 365 * 86_400


def register(bp: Blueprint, desk: Desk) -> None:
    door = SigningIn(desk)
    bp.add_url_rule("/sign-in", "sign_in", for_all(door.sign_in), methods=["GET", "POST"])
    bp.add_url_rule("/sign-out", "sign_out", for_all(door.sign_out), methods=["POST"])
    bp.add_url_rule("/password/<token>", "password", for_all(door.password), methods=["GET", "POST"])
    bp.add_url_rule("/language", "language", for_all(door.language), methods=["POST"])


class SigningIn:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def sign_in(self) -> Response:
        back = again.safe_back(request.values.get("back", ""), self.desk.home)
        if request.method != "POST":
            return make_response(redirect(back, 303)) if visitor().owner else self.form(back)
        name = request.form.get("name", "")[:MOST_NAME]
        kept = request.form.get("kept", "")
        try:
            self.check(name, request.form.get("password", ""))
        except GatewayError as error:
            return self.form(back, name, kept, error)
        if resumed := again.read_kept(kept, self.desk.home):
            return again.ask(resumed)
        return make_response(redirect(back, 303))

    def check(self, name: str, password: str) -> None:
        """Raises what `Accounts.sign_in` does, and `RateLimited`."""
        who = f"name {name.strip().casefold()}"
        self.desk.guesses.check(client_address(), "sign-in")
        self.desk.names.check("", who)
        try:
            signed_in = self.desk.accounts.sign_in(name, password)
        except SignInRefused:
            self.desk.guesses.count(client_address(), "sign-in")
            self.desk.names.count("", who)
            raise
        wear(self.desk.badges.issue(signed_in), signed_in.owner)

    def form(self, back: str, name: str = "", kept: str = "", error: GatewayError | None = None) -> Response:
        page = render_template("dashboard/sign_in.html", back=back, kept=kept, name=name, error=error)
        return answer(page, error)

    def sign_out(self) -> Response:
        wear(self.desk.badges.visitor())
        return done(self.desk, "/sign-in", "signed-out")

    # a link that sets a password

    def password(self, token: str) -> Response:
        owner = self.desk.accounts.owner_of_link(token)
        if request.method != "POST":
            return self.ask_password(owner)
        try:
            signed_in = self.desk.accounts.use_link(token, asked_password())
        except InvalidInput as error:
            return self.ask_password(owner, error)
        wear(self.desk.badges.issue(signed_in), signed_in.owner)
        return done(self.desk, "/library", "password-set")

    def ask_password(self, owner: Owner, error: GatewayError | None = None) -> Response:
        return answer(render_template("dashboard/set_password.html", owner=owner, error=error), error)

    # the language

    def language(self) -> Response:
        """Of this browser, and of the account of whoever is signed in."""
        chosen = request.form.get("language", "")
        back = again.safe_back(request.form.get("back", ""), self.desk.home)
        response = make_response(redirect(back, 303))
        if chosen in LANGUAGES:
            response.set_cookie(
                LANGUAGE, chosen, max_age=YEAR, path=self.desk.badges.path, samesite="Lax", httponly=True,
                secure=self.desk.badges.is_secure,
            )  # fmt: skip
            if owner := visitor().owner:
                self.desk.accounts.speak(owner, chosen)
        return response


def asked_password() -> str:
    """The new one of a form, which asks for it twice. Raises `InvalidInput`."""
    password = request.form.get("new-password", "")
    if password != request.form.get("repeated-password", ""):
        raise InvalidInput("The two passwords are not the same. Type both again.", code="PASSWORD_TYPO")
    return password


def answer(page: str, error: GatewayError | None) -> Response:
    response = make_response(page, STATUSES.get(error.code, 400) if error else 200)
    if error and (wait := error.meta.get("retry_after")):
        response.headers["Retry-After"] = str(wait)
    return response
