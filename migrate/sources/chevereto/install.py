"""An old installation, opened: what every part of the reader needs of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.core.shortids import encode
from migrate.items import OldAddress
from migrate.sources.chevereto.cipher import Cipher
from migrate.sources.chevereto.layout import Layout
from migrate.sources.chevereto.settings import SiteSettings
from migrate.sources.tables import Tables

BCRYPT = re.compile(r"\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}")


@dataclass(frozen=True, slots=True)
class Install:
    tables: Tables
    settings: SiteSettings
    layout: Layout
    cipher: Cipher

    def encoded(self, number: int) -> str | None:
        """A number as this site wrote it in its addresses and keys."""
        salt = self.settings.salt
        return encode(number, salt, self.settings.padding) if salt else None

    def addresses(self, *paths: str) -> tuple[OldAddress, ...]:
        """These paths of the site itself, wherever it may have lived."""
        return tuple(OldAddress(f"{base}{path}") for base in self.settings.bases for path in dict.fromkeys(paths))


def is_bcrypt(text: str | None) -> bool:
    return bool(text and BCRYPT.fullmatch(text))
