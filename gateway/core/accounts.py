"""Signing in, and what people set about themselves.

Promises: whoever does not know the password learns nothing, not even whether there is such an account, and waits as
long for an answer as somebody who has one. A link that sets a password is kept as its hash, works once, and for a day.
A new password, and `sign_out_everywhere`, end every sign-in of the owner on every gateway.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cached_property

from gateway.core.credentials import SignedIn, checked_password
from gateway.core.errors import InvalidInput, NotAllowed, NotFound, SignInRefused
from gateway.core.ids import digest, random_text
from gateway.core.ports import Catalog, Clock
from gateway.core.records import Owner

LINK_LIFE = timedelta(days=1)


class Accounts:
    def __init__(
        self,
        catalog: Catalog,
        clock: Clock,
        hash_password: Callable[[str], str],
        matches_password: Callable[[str, str], bool],
    ) -> None:
        """`matches_password(password, stored)` knows our own hashes and those of the old host."""
        self.catalog = catalog
        self.clock = clock
        self.hash_password = hash_password
        self.matches_password = matches_password

    # coming in

    def sign_in(self, name: str, password: str) -> SignedIn:
        """`name` is the user name or the email address. Raises `SignInRefused`, and `NotAllowed` for whoever knows the
        password of an account that is disabled."""
        owner = self.find(name.strip())
        stored = (owner and owner.password_hash) or self.nobodys_hash
        matches = self.matches_password(password, stored)
        if not owner or not owner.password_hash or not matches or owner.role == "guest":
            raise SignInRefused("There is no account with this name and this password. Check both and try again.")
        return self.admitted(owner)

    def find(self, name: str) -> Owner | None:
        return self.catalog.owner_named(name) or self.catalog.owner_with_email(name)

    @cached_property
    def nobodys_hash(self) -> str:
        """What the password of an account that does not exist is compared with, which takes its time."""
        return self.hash_password(random_text(32))

    def admitted(self, owner: Owner) -> SignedIn:
        signed_in = self.catalog.signed_in(owner.id)
        if not signed_in or not signed_in.owner.is_active:
            raise NotAllowed("This account is disabled. Ask whoever runs this site.", code="OWNER_DISABLED")
        return signed_in

    def still_in(self, owner_id: str, stamp: int) -> Owner | None:
        """Who signed in when the stamp was this one, if that still counts."""
        signed_in = self.catalog.signed_in(owner_id)
        return signed_in.owner if signed_in and signed_in.stamp == stamp and signed_in.owner.is_active else None

    def sign_out_everywhere(self, owner: Owner) -> None:
        self.catalog.sign_out(owner.id)

    # passwords

    def change_password(self, owner: Owner, current: str, new: str) -> SignedIn:
        """Raises `SignInRefused` when `current` is not the password, `InvalidInput` when `new` cannot be one."""
        if not self.matches_password(current, owner.password_hash or self.nobodys_hash) or not owner.password_hash:
            raise SignInRefused("That is not your password so far.", code="PASSWORD_WRONG")
        if new == current:
            raise InvalidInput("That is the password you have already. Choose another one.", code="PASSWORD_SAME")
        self.catalog.set_password(owner.id, self.hash_password(checked_password(new, owner)))
        return self.admitted(owner)

    def make_link(self, owner: Owner) -> str:
        """The secret part of an address at which `owner` may choose a password. Raises `InvalidInput`."""
        if owner.role == "guest":
            raise InvalidInput(f"{owner.username} stands for everybody without an account, and cannot sign in.")
        if not owner.is_active:
            raise InvalidInput(
                f"{owner.username} is disabled. `gateway owner enable {owner.username}` lets them in again."
            )
        token, now = random_text(32), self.clock.now()
        self.catalog.add_password_link(digest(token), owner.id, now + LINK_LIFE, now)
        return token

    def owner_of_link(self, token: str) -> Owner:
        owner = self.catalog.linked_owner(digest(token), self.clock.now())
        if not owner or not owner.is_active:
            raise link_gone()
        return owner

    def use_link(self, token: str, password: str) -> SignedIn:
        """Raises `NotFound` for a link that does not work (any more), `InvalidInput` for no good password."""
        hashed = self.hash_password(checked_password(password, self.owner_of_link(token)))
        owner = self.catalog.use_password_link(digest(token), hashed, self.clock.now())
        if not owner:
            raise link_gone()
        return self.admitted(owner)

    # about oneself

    def speak(self, owner: Owner, language: str | None) -> None:
        """None for what the browser asks for."""
        self.catalog.set_owner_language(owner.id, language)

    def show(self, owner: Owner, *, is_public: bool) -> None:
        """Whether there is a page that lists what this owner shows to everybody."""
        self.catalog.set_owner_private(owner.id, not is_public)


def link_gone() -> NotFound:
    return NotFound("This link does not work any more. Ask for another one.", code="LINK_GONE")
