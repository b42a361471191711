"""`/dashboard/account`: the password, the language, a page of one's own, and signing out everywhere."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from gateway.core.errors import GatewayError, SignInRefused
from gateway.urls import profile_path
from gateway.web.pages.dashboard.desk import Desk, client_address, me, wear
from gateway.web.pages.dashboard.showing import done
from gateway.web.pages.dashboard.signing_in import answer, asked_password


def register(bp: Blueprint, desk: Desk) -> None:
    page = AccountPage(desk)
    bp.add_url_rule("/account", "account", page.view)
    bp.add_url_rule("/account/password", "account_password", page.change_password, methods=["POST"])
    bp.add_url_rule("/account/page", "account_page", page.show, methods=["POST"])
    bp.add_url_rule("/account/sign-out", "account_sign_out", page.sign_out, methods=["POST"])


class AccountPage:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def view(self) -> Response:
        return self.page()

    def page(self, error: GatewayError | None = None) -> Response:
        profile = self.desk.urls.page(profile_path(me()))
        return answer(render_template("dashboard/account.html", profile=profile, error=error), error)

    def change_password(self) -> Response:
        """Whoever came to a screen that was left alone may not try passwords there without end."""
        who = f"owner {me().id}"
        try:
            self.desk.guesses.check(client_address(), who)
            signed_in = self.desk.accounts.change_password(
                me(), request.form.get("current-password", ""), asked_password()
            )
        except GatewayError as error:
            if isinstance(error, SignInRefused):
                self.desk.guesses.count(client_address(), who)
            return self.page(error)
        wear(self.desk.badges.issue(signed_in), signed_in.owner)
        return done(self.desk, "/account", "password-changed")

    def show(self) -> Response:
        is_public = request.form.get("page") == "public"
        self.desk.accounts.show(me(), is_public=is_public)
        return done(self.desk, "/account", "page-shown" if is_public else "page-hidden")

    def sign_out(self) -> Response:
        self.desk.accounts.sign_out_everywhere(me())
        wear(self.desk.badges.visitor())
        return done(self.desk, "/sign-in", "signed-out-everywhere")
