"""One media as the upload answer shows it: every key of the old host, in its order, with real values."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from html import escape
from urllib.parse import quote

from gateway.core.records import Media, Variant, rendition_mime
from gateway.core.sizes import format_size
from gateway.urls import Urls, viewer_path

LOADER_BYTES = 5_000_000  # from here on the old host's pages showed a loading sign
SMALL_BYTES = 200_000  # up to here its listings showed the file itself
NO_FILE = dict.fromkeys(("filename", "name", "mime", "extension", "url"))
AGES = ((31_536_000, "year"), (2_592_000, "month"), (604_800, "week"), (86_400, "day"), (3600, "hour"), (60, "minute"),
        (1, "second"))  # fmt: skip


class Answers:
    def __init__(self, urls: Urls, zone: tzinfo, medium_width: int) -> None:
        self.urls = urls
        self.zone = zone
        self.medium_width = medium_width

    def image(self, media: Media, delete_token: str, now: datetime) -> dict[str, object]:
        tags = [self.tag(name) for name in media.tags]
        medium = self.file(media, "md") if media.has("md") else None
        frame = self.file(media, "fr") if media.has("fr") else None
        # A drawing is its own thumbnail: it is sharp at any size.
        thumb = self.file(media, "th") if media.has("th") else self.file(media)
        return {
            "name": media.id,
            "extension": media.extension,
            "size": media.size_bytes,
            "width": media.width,
            "height": media.height,
            "date": date(media.created_at, self.zone),
            "date_gmt": date(media.created_at, UTC),
            "title": media.title,
            "tags": tags,
            "description": media.description,
            "nsfw": int(media.is_nsfw),
            "storage_mode": "direct",
            "checksum": media.md5,
            "source_checksum": media.source_md5,
            "md5": media.md5,
            "source_md5": media.source_md5,
            "original_filename": media.filename,
            "original_exifdata": media.exif_json,
            "views": media.views,
            "category_id": media.category_id,
            "chain": 16 * media.has("fr") + 4 + 2 * media.has("md") + 1,
            "thumb_size": thumb["size"],
            "medium_size": media.medium_bytes,
            "frame_size": media.frame_bytes,
            "expiration_date_gmt": date(media.expires_at, UTC) if media.expires_at else None,
            "likes": 0,
            "is_animated": int(media.is_animated),
            "is_approved": 1,
            "is_360": int(media.is_360),
            "duration": round(media.duration),
            "type": media.kind,
            "tags_string": ", ".join(media.tags),
            "file": {"resource": {"type": "path"}},
            "id_encoded": media.id,
            "filename": media.blob(),
            "mime": media.mime,
            "url": self.urls.file(media),
            "ratio": ratio(media),
            "size_formatted": format_size(media.size_bytes),
            **({"frame": frame} if frame else {}),
            "image": self.file(media),
            **({"medium": medium} if medium else {}),
            "thumb": thumb,
            "url_frame": frame["url"] if frame else "",
            **({} if medium else {"medium": NO_FILE}),
            "duration_time": clock_time(media.duration) if media.kind != "image" else "",
            "url_viewer": self.urls.viewer(media),
            "path_viewer": self.urls.root + viewer_path(media),
            "url_short": self.urls.short(media),
            **self.display(media),
            "views_label": "view" if media.views == 1 else "views",
            "likes_label": "likes",
            "how_long_ago": how_long_ago(media.created_at, now),
            "date_fixed_peer": date(media.created_at, UTC),
            "title_truncated": shortened(media.title or ""),
            "title_truncated_html": escape_html(shortened(media.title or "")),
            "is_use_loader": media.size_bytes > LOADER_BYTES,
            "display_title": media.title or media.blob(),
            "delete_url": self.urls.delete(media, delete_token),
        }

    def tag(self, name: str) -> dict[str, str]:
        key = quote(name, safe="-._~")
        return {"name": name, "name_safe_html": escape_html(name), "url_key": key, "url": f"/tag/{key}"}

    def file(self, media: Media, variant: Variant | None = None) -> dict[str, object]:
        filename = media.blob(variant)
        name, _, extension = filename.rpartition(".")
        return {
            "filename": filename,
            "name": name,
            "mime": rendition_mime(media.kind, media.mime) if variant else media.mime,
            "extension": extension,
            "url": self.urls.file(media, variant),
            "size": media.rendition_bytes(variant) if variant else media.size_bytes,
        }

    def display(self, media: Media) -> dict[str, object]:
        """What a listing would show. The old host writes the fixed side of a medium as text, the other as a number."""
        if media.has("md"):
            height = round(self.medium_width * media.height / media.width)
            shown: tuple[str, object, int] = (self.urls.file(media, "md"), str(self.medium_width), height)
        elif media.has("fr"):
            shown = (self.urls.file(media, "fr"), media.width, media.height)
        elif media.has("th") and (media.size_bytes > SMALL_BYTES or media.kind == "audio"):
            shown = (self.urls.file(media, "th"), media.width, media.height)
        else:
            shown = (self.urls.file(media), media.width, media.height)
        return dict(zip(("display_url", "display_width", "display_height"), shown, strict=True))


def date(time: datetime, zone: tzinfo) -> str:
    return time.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def clock_time(duration: float) -> str:
    """73.2 -> "01:13"."""
    minutes, seconds = divmod(round(duration), 60)
    return f"{minutes:02}:{seconds:02}"


def ratio(media: Media) -> int | float:
    value = media.width / media.height if media.height else 0.0
    return int(value) if value.is_integer() else value


def how_long_ago(then: datetime, now: datetime) -> str:
    seconds = int((now - then).total_seconds())
    for length, unit in AGES:
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "moments ago"


def shortened(title: str) -> str:
    return title if len(title) <= 28 else title[:25].rstrip() + "..."


def escape_html(text: str) -> str:
    return escape(text).replace("&#x27;", "&#039;")
