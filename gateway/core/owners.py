"""The people a library belongs to."""

from __future__ import annotations

import re
from contextlib import suppress

from gateway.core.errors import InvalidInput, NotFound
from gateway.core.ids import new_id
from gateway.core.ports import Catalog, Clock
from gateway.core.records import Owner, Role


class Owners:
    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self.catalog = catalog
        self.clock = clock

    def add(
        self,
        username: str,
        *,
        role: Role = "user",
        email: str | None = None,
        quota_bytes: int | None = None,
        plan: str | None = None,
        password_hash: str | None = None,
    ) -> Owner:
        if not re.fullmatch(r"[^\s/\\@]{1,64}", username) or not username.isprintable():
            message = f"{username!r} cannot be a name: use 1 to 64 characters without spaces, slashes or @."
            raise InvalidInput(message, code="OWNER_NAME")
        if email is not None and not (re.fullmatch(r"[^\s@]+@[^\s@]+", email) and email.isprintable()):
            raise InvalidInput(f"{email!r} is not an email address.", code="OWNER_EMAIL")
        owner = Owner(
            id=new_id(),
            username=username,
            email=email,
            role=role,
            is_active=True,
            quota_bytes=quota_bytes,
            storage_used_bytes=0,
            media_count=0,
            password_hash=password_hash,
            created_at=self.clock.now(),
            plan=plan,
            is_private=True,
        )
        self.catalog.add_owner(owner)
        return owner

    def named(self, username: str) -> Owner:
        owner = self.catalog.owner_named(username)
        if not owner:
            raise NotFound(f"There is no owner named {username!r}. `gateway owner list` shows all.")
        return owner

    def find(self, owner_id: str) -> Owner | None:
        return self.catalog.owner(owner_id)

    def guest(self) -> Owner:
        """Whose is what nobody signed for; made when it is first needed."""
        number = 1
        while True:
            for owner in self.all():
                if owner.role == "guest":
                    return owner
            with suppress(InvalidInput):  # the name is taken, perhaps by the guest that another made just now
                return self.add("guest" if number == 1 else f"guest-{number}", role="guest")
            number += 1

    def all(self) -> list[Owner]:
        return self.catalog.owners()

    def limit(self, username: str, plan: str | None, quota_bytes: int | None) -> None:
        """From the next upload on; what is stored already stays. None for no plan, and for no quota."""
        self.catalog.set_owner_limits(self.named(username).id, plan, quota_bytes)

    def disable(self, username: str) -> None:
        """The keys of a disabled owner are refused from the next request on; what was public stays public."""
        self.catalog.set_owner_active(self.named(username).id, False)

    def publish(self, username: str) -> None:
        """Give the owner a page of his own that lists what he shows to everybody, and name him there."""
        self.catalog.set_owner_private(self.named(username).id, False)

    def conceal(self, username: str) -> None:
        """Without a page: what he uploaded is found by its address alone."""
        self.catalog.set_owner_private(self.named(username).id, True)

    def enable(self, username: str) -> None:
        self.catalog.set_owner_active(self.named(username).id, True)
