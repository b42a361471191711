"""One media in front of its owner.

Promises: what is beside it is found without walking a long list, and who is not its owner learns nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import quote, urlsplit

from gateway.core.beside import Beside, OldAddress
from gateway.core.errors import InvalidInput
from gateway.core.ids import digest, new_delete_token
from gateway.core.library import not_found
from gateway.core.listing import Place
from gateway.core.moving import STAND_IN, Address, Site
from gateway.core.ports import Catalog, Clock
from gateway.core.records import Media
from gateway.core.search import Query, fold

HANDFUL = 200
MOST_WALKED = 2000  # among what holds a text; who is deeper in such a list finds no way back to what is newer


class Details:
    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self.catalog = catalog
        self.clock = clock

    def beside(self, media: Media, query: Query) -> Beside:
        """In the list of all that is found; nothing for a media that is not on it."""
        now, here = self.clock.now(), Place(media.created_at, media.id)
        if not is_found(media, query):
            return Beside(None, None)
        older = self.catalog.search(query, here, now, 1)
        newer = self.newer_named(media, query) if query.text else self.catalog.newer(query, here, now)
        return Beside(newer, older[0].id if older else None)

    def newer_named(self, media: Media, query: Query) -> str | None:
        """What holds a text is only found newest first."""
        since, after, last = replace(query, since=media.created_at), None, None
        for _ in range(MOST_WALKED // HANDFUL):
            found = self.catalog.search(since, after, self.clock.now(), HANDFUL)
            for one in found:
                if (one.created_at, one.id) <= (media.created_at, media.id):
                    return last
                last = one.id
            if len(found) < HANDFUL:
                return last
            after = Place(found[-1].created_at, found[-1].id)
        return None

    def keep_until(self, media: Media, moment: datetime | None) -> None:
        """None is for ever. Raises `InvalidInput`."""
        self.refuse_past(moment)
        if not self.catalog.set_expiry(media.id, moment, self.clock.now()):
            raise not_found()

    def refuse_past(self, moment: datetime | None) -> None:
        if moment and moment <= self.clock.now():
            raise InvalidInput("That moment is over. Choose a later one, or none.", code="EXPIRY_PAST")

    def new_delete_token(self, media: Media) -> str:
        """Another one; those that were handed out go on working."""
        token = new_delete_token()
        if not self.catalog.add_delete_token(media.id, digest(token)):
            raise not_found()
        return token

    def old_addresses(self, media: Media) -> list[OldAddress]:
        """Those that lead here."""
        addresses = self.catalog.addresses_to([media.id])
        sites = {site.id: site for site in self.catalog.sites() if site.kind != STAND_IN} if addresses else {}
        return [spelled(one, sites[one.site_id]) for one in addresses if one.site_id in sites]


def is_found(media: Media, query: Query) -> bool:
    return (
        (not query.kinds or media.kind in query.kinds)
        and (query.tag is None or query.tag in media.tags)
        and (query.album_id is None or query.album_id == media.album_id)
        and (query.is_public is None or query.is_public == media.is_public)
        and (not query.is_expiring or media.expires_at is not None)
        and (not query.text or fold(query.text) in fold(f"{media.title or ''}\n{media.filename}"))
    )


def spelled(address: Address, site: Site) -> OldAddress:
    """The old host's addresses begin at its top, also where the site was in a folder."""
    path, _, question = address.path.partition("?")
    path = quote(path, safe="/-._~!$&'()*+,;=:@") + (f"?{quote(question, safe='=&+/-._~')}" if question else "")
    try:
        parts = urlsplit(site.url or "")
    except ValueError:
        return OldAddress(site.name, path)
    return OldAddress(site.name, f"{parts.scheme or 'https'}://{parts.netloc}{path}" if parts.netloc else path)
