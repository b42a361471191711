"""Albums to choose from in a form."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core.records import Album

MOST = 500  # into the others files are put on the pages of albums


def shortened(albums: Sequence[Album], chosen: str | None) -> list[Album]:
    """The one that is chosen is always there."""
    return [album for at, album in enumerate(albums) if at < MOST or album.id == chosen]
