"""`/dashboard/admin/owners/…`: one account: a link to choose a password, what it may use, and whether it is let in."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, render_template, request

from gateway.core.errors import GatewayError, InvalidInput, NotFound
from gateway.core.records import Owner
from gateway.urls import profile_path
from gateway.web.pages.dashboard.asking_limits import asked_plan, asked_quota, quota_text
from gateway.web.pages.dashboard.desk import Desk, me
from gateway.web.pages.dashboard.guard import for_admins
from gateway.web.pages.dashboard.showing import done
from gateway.web.pages.dashboard.signing_in import answer


def register(bp: Blueprint, desk: Desk) -> None:
    pages = OwnerPages(desk)
    place = "/admin/owners/<owner_id>"
    bp.add_url_rule(place, "owner", for_admins(pages.owner))
    bp.add_url_rule(f"{place}/link", "owner_link", for_admins(pages.link), methods=["POST"])
    bp.add_url_rule(f"{place}/limits", "owner_limits", for_admins(pages.limits), methods=["POST"])
    bp.add_url_rule(f"{place}/<any(disable, enable, publish, conceal):change>", "owner_change",
                    for_admins(pages.change), methods=["POST"])  # fmt: skip


class OwnerPages:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def found(self, owner_id: str) -> Owner:
        owner = self.desk.owners.find(owner_id)
        if not owner:
            raise NotFound("There is no such account.")
        return owner

    def owner(self, owner_id: str) -> Response:
        return self.show(self.found(owner_id))

    def show(
        self, owner: Owner, link: str = "", *, is_new: bool = False, error: GatewayError | None = None
    ) -> Response:
        page = render_template(
            "dashboard/owner.html",
            owner=owner,
            link=link,
            is_new=is_new,
            is_me=owner.id == me().id,
            plans=list(self.desk.plans.by_name),
            keys=sum(not key.revoked_at for key in self.desk.keys.of(owner)),
            profile=self.desk.urls.page(profile_path(owner)),
            quota=request.form.get("quota", "") if error else quota_text(owner.quota_bytes),
            plan=request.form.get("plan", "") if error else owner.plan,
            error=error,
        )
        return answer(page, error)

    def link_for(self, owner: Owner) -> str:
        return self.desk.urls.page(f"/dashboard/password/{self.desk.accounts.make_link(owner)}")

    def link(self, owner_id: str) -> Response:
        """The link is in this answer and nowhere else."""
        owner = self.found(owner_id)
        try:
            return self.show(owner, self.link_for(owner))
        except GatewayError as error:
            return self.show(owner, error=error)

    def limits(self, owner_id: str) -> Response:
        owner = self.found(owner_id)
        try:
            self.desk.owners.limit(owner.username, asked_plan(self.desk.plans, owner.plan), asked_quota())
        except GatewayError as error:
            return self.show(owner, error=error)
        return done(self.desk, f"/admin/owners/{owner.id}", "owner-limited")

    def change(self, owner_id: str, change: str) -> Response:
        owner, owners = self.found(owner_id), self.desk.owners
        if change == "disable" and owner.id == me().id:
            message = "This is your own account. Somebody else who runs this site has to disable it."
            return self.show(owner, error=InvalidInput(message, code="OWNER_IS_ME"))
        changes: dict[str, Callable[[str], None]] = {
            "disable": owners.disable, "enable": owners.enable, "publish": owners.publish, "conceal": owners.conceal,
        }  # fmt: skip
        changes[change](owner.username)
        return done(self.desk, f"/admin/owners/{owner.id}", f"owner-{change}")
