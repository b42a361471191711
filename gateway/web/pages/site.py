"""What every page knows about the site it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.urls import Urls


@dataclass(frozen=True, slots=True)
class Site:
    """`root` is the path in front of every address of ours when the public URL has one, such as "/pictures"."""

    name: str
    root: str
    origin: str

    @classmethod
    def at(cls, urls: Urls) -> Site:
        base = urlsplit(urls.base)
        return cls(base.netloc, base.path, f"{base.scheme}://{base.netloc}")
