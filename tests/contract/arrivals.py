"""What an import puts into a catalog."""

from __future__ import annotations

from typing import Any

from gateway.core.moving import Address, Arrived, Origin, Site
from gateway.core.records import Asset, Media, Owner
from tests.contract.samples import NOW, a_media, minutes

BCRYPT = "$2y$10$" + "a" * 53
RUN = "20261121-120000-abcd"


def a_site(id: str = "old", **facts: Any) -> Site:
    given: dict[str, Any] = {
        "kind": "chevereto", "name": "Old", "url": "https://old.example.org", "salt": "231e0d82", "padding": 999,
        "time_zone": "America/Santiago", "routes": {"image": "i", "root": "ünï"}, "created_at": NOW, "run_id": RUN,
    }  # fmt: skip
    return Site(id, **(given | facts))


def an_origin(
    key: str = "1", target: str | None = "x", kind: Any = "media", site: str = "old", run: str = RUN
) -> Origin:
    return Origin(site, kind, key, target, run)


def an_address(
    path: str = "/a.png", target: str = "x", kind: Any = "media", site: str = "old", **facts: Any
) -> Address:
    return Address(path, site, kind, target, **facts)


def arrived(media: Media, key: str | None = None, **facts: Any) -> Arrived:
    """With one origin and one address where a `key` is given."""
    if key:
        facts = {
            "origins": (an_origin(key, media.id),),
            "addresses": (an_address(f"/{key}.png", media.id),),
            **facts,
        }
    return Arrived(media, **facts)


def many(owner: Owner, number: int) -> list[Arrived]:
    """A minute apart, and nothing else about them differs."""
    return [arrived(a_media(owner, id=f"media-{at:05}", created_at=NOW + minutes(at)), str(at)) for at in range(number)]


def an_asset(owner: Owner, id: str = "a" * 21, **facts: Any) -> Asset:
    given: dict[str, Any] = {
        "mime": "image/png", "extension": "png", "size_bytes": 300, "sha256": "0" * 64, "created_at": NOW,
    }  # fmt: skip
    return Asset(id, owner.id, **(given | facts))
