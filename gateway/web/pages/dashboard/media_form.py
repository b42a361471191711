"""The form in which an owner changes what is said about one media: what stands in it, and what was typed into it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from werkzeug.datastructures import MultiDict

from gateway.core.changes import Changes
from gateway.core.errors import InvalidInput
from gateway.core.records import Media

MINUTES = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class MediaForm:
    """As text, as it is typed. `sites` is "any", or "some": then just those in `referers`, which may be none."""

    title: str
    description: str
    tags: str
    album: str
    shown: str
    is_nsfw: bool
    expires: str
    sites: str
    referers: str

    @classmethod
    def of(cls, media: Media, zone: tzinfo) -> MediaForm:
        return cls(
            title=media.title or "",
            description=media.description or "",
            tags=", ".join(media.tags),
            album=media.album_id or "",
            shown="public" if media.is_public else "private",
            is_nsfw=media.is_nsfw,
            expires=f"{media.expires_at.astimezone(zone):{MINUTES}}" if media.expires_at else "",
            sites="any" if media.allowed_referers is None else "some",
            referers="\n".join(media.allowed_referers or ()),
        )

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> MediaForm:
        return cls(
            title=form.get("title", ""),
            description=form.get("description", "").replace("\r\n", "\n"),
            tags=form.get("tags", ""),
            album=form.get("album", ""),
            shown=form.get("shown", ""),
            is_nsfw=form.get("nsfw") == "1",
            expires=form.get("expires", "").strip(),
            sites=form.get("sites", "any"),
            referers=form.get("referers", "").replace("\r\n", "\n"),
        )

    def changes(self) -> Changes:
        """Raises `InvalidInput` for what a browser would not send."""
        if self.shown not in ("public", "private"):
            raise InvalidInput("It is not said who may see it.", field="is_public")
        return Changes(
            title=self.title or None,
            description=self.description or None,
            tags=tuple(name for name in self.tags.split(",") if name.strip()),
            is_public=self.shown == "public",
            is_nsfw=self.is_nsfw,
            album_id=self.album or None,
            allowed_referers=tuple(self.referers.split()) if self.sites == "some" else None,
        )

    def moment(self, media: Media, zone: tzinfo) -> datetime | None:
        """Until when it stays; None is for ever. What was not touched keeps its seconds. Raises `InvalidInput`."""
        if self.expires == MediaForm.of(media, zone).expires:
            return media.expires_at
        try:
            local = datetime.fromisoformat(self.expires)
            return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            if not self.expires:
                return None
        raise InvalidInput(
            "That is no date and time. Spell it like 2026-12-31T18:00.", code="EXPIRY_UNREADABLE", field="expires"
        )
