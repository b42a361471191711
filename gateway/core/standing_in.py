"""Files that were fetched ahead of their import, each a record that stands in for the real one.

Promises: the bytes are looked at like an upload's, and kept as they came; they are the guests', and found at the path
they had; where the real record is, or comes meanwhile, there is no stand-in. An import removes those it has a record
for, and takes their place.

Paths are as the server in front reads them: escapes undone, a character for each byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from gateway.core.arrivals import Arrival, Arrivals, Prepared, Preparing
from gateway.core.formats.registry import by_extension
from gateway.core.moving import STAND_IN, Address, Arrived, Site
from gateway.core.owners import Owners
from gateway.core.ports import Catalog, Clock
from gateway.core.records import Media, Variant
from gateway.core.spellings import as_text
from gateway.core.titles import MAX_TITLE, base_name, clean, title_from


class StandIns:
    def __init__(
        self, catalog: Catalog, preparing: Preparing, arrivals: Arrivals, owners: Owners, clock: Clock, *,
        url: str, root: str,
    ) -> None:  # fmt: skip
        """`url` is where they come from, `root` the path in front of every address of ours."""
        self.catalog = catalog
        self.preparing = preparing
        self.arrivals = arrivals
        self.owners = owners
        self.clock = clock
        self.url = url
        self.root = root

    def is_withheld(self, path: str) -> bool:
        """Whether it is the native name of what was deleted here, or is past its time."""
        folder, _, name = path.rpartition("/")
        media_id = name.partition(".")[0]
        return not folder and bool(self.catalog.media_ids([media_id]) or self.catalog.tombstones_among([media_id]))

    def is_known(self, path: str) -> bool:
        """Also when it is gone."""
        return bool(self.catalog.addresses_at([self.address(path)]))

    def address(self, path: str) -> str:
        return self.root + as_text(path)

    def keep(self, path: str, file: Path, renditions: Mapping[Variant, Path]) -> None:
        """Raises `FileRefused` and `QuotaExceeded` for what may not be kept. The files may be taken away."""
        filename, now = base_name(as_text(path)), self.clock.now()
        prepared = self.preparing.prepare(Arrival(file, filename, now, renditions, link=True))
        try:
            media = describe(prepared, self.owners.guest().id, filename, now)
            address = Address(self.address(path), STAND_IN, "media", media.id, mime=old_mime(path, media))
            self.write(media, address)
        except BaseException:
            self.arrivals.drop(prepared)
            raise
        self.make_way(media, address)

    def write(self, media: Media, address: Address) -> None:
        if not any(site.id == STAND_IN for site in self.catalog.sites()):
            name = urlsplit(self.url).netloc
            site = Site(STAND_IN, STAND_IN, name, self.url, None, 0, None, {}, self.clock.now(), STAND_IN)
            self.catalog.add_site(site)
        [refusal] = self.arrivals.keep([Arrived(media, addresses=(address,))])
        if refusal:
            raise refusal

    def make_way(self, media: Media, address: Address) -> None:
        """For what another wrote meanwhile. An import looks for stand-ins after it has written: one sees the other."""
        if any(one != address for one in self.catalog.addresses_at([address.path])):
            self.catalog.withdraw_media([media.id])
            self.arrivals.blobs.delete(media.blobs())


def old_mime(path: str, media: Media) -> str | None:
    """What web servers send for a file of this name, where that is another type."""
    named = by_extension(path.rpartition(".")[2])
    return named.mime if named and named.mime != media.mime else None


def describe(prepared: Prepared, owner_id: str, filename: str, now: datetime) -> Media:
    title = clean(prepared.title or "") or title_from(filename)
    return prepared.media(
        owner_id=owner_id,
        filename=filename,
        title=title[:MAX_TITLE] if title else None,
        description=clean(prepared.description or "") or None,
        is_public=True,
        is_nsfw=False,
        album_id=None,
        category_id=None,
        views=0,
        created_at=now,
        updated_at=now,
        expires_at=None,
    )
