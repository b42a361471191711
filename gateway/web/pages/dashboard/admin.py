"""`/dashboard/admin`: everybody's accounts, the plans, whether the gateway is well, and what failed lately."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from gateway.core.errors import GatewayError, InvalidInput
from gateway.core.records import Owner, Role
from gateway.web.pages.dashboard.admin_owners import OwnerPages
from gateway.web.pages.dashboard.asking_limits import asked_plan, asked_quota
from gateway.web.pages.dashboard.desk import Desk
from gateway.web.pages.dashboard.guard import for_admins
from gateway.web.pages.dashboard.signing_in import answer
from gateway.web.pages.turning import asked_leaf

FAILURES = 50
PAGE = 50
SHOWN_ROLES: tuple[Role, ...] = ("user", "admin")


def register(bp: Blueprint, desk: Desk) -> None:
    page = AdminPage(desk)
    bp.add_url_rule("/admin", "admin", for_admins(page.view))
    bp.add_url_rule("/admin/owners", "owner_add", for_admins(page.add), methods=["POST"])


class AdminPage:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.owners = OwnerPages(desk)

    def view(self, error: GatewayError | None = None) -> Response:
        owners, health = self.desk.owners.all(), self.desk.health.report()
        page = render_template(
            "dashboard/admin.html",
            number=len(owners),
            leaf=asked_leaf(sorted(owners, key=lambda one: one.username.casefold()), PAGE),
            files=sum(one.media_count for one in owners),
            stored=sum(one.storage_used_bytes for one in owners),
            plans=list(self.desk.plans.by_name.values()),
            roles=SHOWN_ROLES,
            health=health,
            failures=self.desk.recent.all()[:FAILURES],
            form=request.form if error else {},
            error=error,
        )
        return answer(page, error)

    def add(self) -> Response:
        """The link is in this answer and nowhere else."""
        try:
            owner = self.added()
        except GatewayError as error:
            return self.view(error)
        return self.owners.show(owner, self.owners.link_for(owner), is_new=True)

    def added(self) -> Owner:
        role = next((one for one in SHOWN_ROLES if one == request.form.get("role", "user")), None)
        if not role:
            raise InvalidInput("There is no such role.")
        return self.desk.owners.add(
            request.form.get("username", "").strip(),
            email=request.form.get("email", "").strip() or None,
            role=role,
            quota_bytes=asked_quota(),
            plan=asked_plan(self.desk.plans),
        )
