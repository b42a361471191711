"""Films and sounds in a page: whether browsers play them, what stands for them in a picture, and the element that
plays them on other people's pages."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from gateway.core.records import Kind, Media
from gateway.urls import Urls

NOUNS: dict[Kind, str] = {"image": "picture", "video": "video", "audio": "sound"}
UNPLAYABLE = frozenset({"video/x-matroska", "video/x-msvideo"})  # by no browser, whatever is inside
PREVIEW_BYTES = 5_000_000  # above this, chats show no picture at all


@dataclass(frozen=True, slots=True)
class Rendition:
    url: str
    width: int
    height: int


def is_playable(media: Media) -> bool:
    return media.kind != "image" and media.mime not in UNPLAYABLE


def original(media: Media, urls: Urls) -> Rendition:
    return Rendition(urls.file(media), media.width, media.height)


def medium(media: Media, urls: Urls) -> Rendition | None:
    return Rendition(urls.file(media, "md"), media.medium_width, media.medium_height) if media.has("md") else None


def frame(media: Media, urls: Urls) -> Rendition | None:
    return Rendition(urls.file(media, "fr"), media.width, media.height) if media.has("fr") else None


def thumbnail(media: Media, urls: Urls, size: tuple[int, int]) -> Rendition:
    """A drawing has none and needs none."""
    return Rendition(urls.file(media, "th"), *size) if media.has("th") else original(media, urls)


def still(media: Media, urls: Urls, thumb: tuple[int, int]) -> Rendition:
    """The picture that stands for a media: itself, a frame of the film, the cover of the sound."""
    whole = original(media, urls) if media.kind == "image" else frame(media, urls)
    return whole or thumbnail(media, urls, thumb)


def preview(media: Media, urls: Urls, thumb: tuple[int, int]) -> Rendition:
    """The same, small enough for chats."""
    size = media.size_bytes if media.kind == "image" else media.frame_bytes
    small = medium(media, urls) if size > PREVIEW_BYTES else None
    return small or still(media, urls, thumb)


def element(media: Media, urls: Urls, size: tuple[int, int], poster: str = "") -> str:
    """Plays by itself wherever it is pasted: no script and no frame of ours is needed, so pages of ours need not allow
    to be framed."""
    source = escape(urls.file(media))
    if media.kind == "audio":
        return f'<audio src="{source}" controls preload="metadata"></audio>'
    picture = f' poster="{escape(poster)}"' if poster else ""
    width, height = size
    return (
        f'<video src="{source}"{picture} width="{width}" height="{height}" controls preload="metadata" playsinline>'
        "</video>"
    )


def clock_time(duration: float) -> str:
    """65.2 -> "1:05", 3_661 -> "1:01:01"."""
    minutes, seconds = divmod(max(1, round(duration)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
