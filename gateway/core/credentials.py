"""How owners prove who they are: what a password may be, and what the catalog remembers of passwords and links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.core.errors import InvalidInput
from gateway.core.records import Owner

SHORTEST, LONGEST = 10, 1000
# Of the passwords that are tried first, those that are long enough to pass otherwise.
COMMON = frozenset(
    {
        "1234567890", "12345678910", "123456789a", "0123456789", "0987654321", "1234567891", "12345678900",
        "123123123123", "1q2w3e4r5t", "1qaz2wsx3edc", "q1w2e3r4t5", "qwertyuiop", "qwertzuiop", "qwerty12345",
        "qwerty123456", "asdfghjkl1", "password12", "password123", "password1234", "password12345", "passwort123",
        "passwort1234", "passw0rd123", "p@ssw0rd123", "adminadmin", "administrator", "admin12345", "admin123456",
        "changeme123", "changemenow", "letmein123", "letmein1234", "iloveyou123", "welcome123", "welcome1234",
        "superman123", "football123", "baseball123", "basketball", "princess123", "sunshine123", "abcdefghij",
        "abcdefghijk", "abc1234567", "abcd123456", "a1b2c3d4e5", "secretsecret", "trustno1trustno1",
        "correcthorsebatterystaple",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in. `stamp` rises whenever everybody who is signed in as this owner is to be signed out."""

    owner: Owner
    stamp: int


class CredentialRows(Protocol):
    """The part of the catalog that remembers how owners sign in. Its promises are those of `ports.Catalog`."""

    def owner_with_email(self, email: str) -> Owner | None:
        """Case does not matter."""
        ...

    def signed_in(self, owner_id: str) -> SignedIn | None: ...

    def sign_out(self, owner_id: str) -> None:
        """Raise the stamp."""
        ...

    def set_password(self, owner_id: str, password_hash: str) -> None:
        """Raise the stamp as well; links that set a password of this owner are gone."""
        ...

    def set_owner_language(self, owner_id: str, language: str | None) -> None: ...

    def add_password_link(self, link_hash: str, owner_id: str, expires_at: datetime, now: datetime) -> None:
        """Links that are past their time are forgotten."""
        ...

    def linked_owner(self, link_hash: str, now: datetime) -> Owner | None:
        """Whose password the link sets, while it does."""
        ...

    def use_password_link(self, link_hash: str, password_hash: str, now: datetime) -> Owner | None:
        """As `set_password`, for one of all who come with the same link; None for the others."""
        ...


def checked_password(password: str, owner: Owner) -> str:
    """Raises `InvalidInput`. What people choose is not narrowed down further: rules about digits and signs make
    passwords that are forgotten, and no better ones."""
    if len(password) < SHORTEST:
        raise InvalidInput(
            f"The password is too short. Use at least {SHORTEST} characters.", code="PASSWORD_SHORT", least=SHORTEST
        )
    if len(password) > LONGEST:
        raise InvalidInput(
            f"The password is too long. Use at most {LONGEST} characters.", code="PASSWORD_LONG", most=LONGEST
        )
    plain = password.casefold().strip()
    if plain in COMMON or len(set(plain)) < 4:
        raise InvalidInput("The password is one of the first that are guessed. Choose another.", code="PASSWORD_COMMON")
    own = {name.casefold() for name in (owner.username, owner.email, owner.name) if name}
    if any(plain == name * (len(plain) // len(name)) for name in own):
        raise InvalidInput("The password is the name of the account. Choose another one.", code="PASSWORD_NAME")
    return password
