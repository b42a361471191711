"""What an owner's quota and plan leave room for, asked in the transaction that uses it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gateway.core.errors import GatewayError, InvalidInput, QuotaExceeded
from gateway.core.plans import Plan
from gateway.core.records import Kind, Media
from gateway.core.sizes import format_size
from gateway.store.rows import Db
from gateway.store.sql.counting import UPLOADS, upload_days

STORAGE: dict[Kind, str] = {"image": "img_storage", "video": "video_storage", "audio": "audio_storage"}


@dataclass(frozen=True, slots=True)
class Coming:
    """An upload there has to be room for. No `kind`: it is not known yet."""

    owner_id: str
    kind: Kind | None
    size_bytes: int
    day: date


def refuse_upload(db: Db, media: Media, plan: Plan) -> None:
    """Raises `QuotaExceeded`."""
    refuse_coming(db, Coming(media.owner_id, media.kind, media.size_bytes, media.updated_at.date()), plan)


def refuse_coming(db: Db, coming: Coming, plan: Plan) -> None:
    """Raises `QuotaExceeded`."""
    used, limit = db.execute(
        "SELECT storage_used_bytes, quota_bytes FROM owners WHERE id = ?", (coming.owner_id,)
    ).fetchone()
    if limit is not None and used + coming.size_bytes > limit:
        raise over_quota("storage", used, limit, coming.size_bytes)
    limits = {"image": plan.image_bytes, "video": plan.video_bytes, "audio": plan.audio_bytes}
    if coming.kind and (limit := limits[coming.kind]) is not None:
        (used,) = db.execute(
            "SELECT coalesce(sum(size_bytes), 0) FROM totals WHERE owner_id = ? AND kind = ?",
            (coming.owner_id, coming.kind),
        ).fetchone()
        if used + coming.size_bytes > limit:
            raise over_quota(STORAGE[coming.kind], used, limit, coming.size_bytes)
    if plan.uploads_per_day is not None or plan.uploads_per_month is not None:
        refuse_one_more(db, coming, plan)


def refuse_one_more(db: Db, coming: Coming, plan: Plan) -> None:
    day, month = db.execute(UPLOADS, upload_days(coming.owner_id, coming.day)).fetchone()
    for used, limit, period in ((day, plan.uploads_per_day, "day"), (month, plan.uploads_per_month, "month")):
        if limit is not None and used >= limit:
            raise QuotaExceeded(
                f"Upload quota reached: {limit} files a {period} are allowed and {used} were sent. Wait, or ask for"
                " more.",
                type=f"uploads_per_{period}",
                used=used,
                limit=limit,
                needed=1,
            )


def refuse_arrivals(db: Db, batch: Sequence[Media]) -> list[GatewayError | None]:
    """Which of them may not be added, each judged as if those before it had been."""
    marks = ", ".join("?" * len(batch))
    taken = {
        row[0]
        for row in db.execute(f"SELECT id FROM media WHERE id IN ({marks})", [one.id for one in batch]).fetchall()
    }
    room: dict[str, tuple[int, int | None]] = {}
    refusals: list[GatewayError | None] = []
    for media in batch:
        if media.owner_id not in room:
            room[media.owner_id] = db.execute(
                "SELECT storage_used_bytes, quota_bytes FROM owners WHERE id = ?", (media.owner_id,)
            ).fetchone()
        used, limit = room[media.owner_id]
        if media.id in taken:
            refusals.append(InvalidInput(f"The id {media.id} belongs to another file already."))
        elif limit is not None and used + media.size_bytes > limit:
            refusals.append(over_quota("storage", used, limit, media.size_bytes))
        else:
            refusals.append(None)
            room[media.owner_id] = used + media.size_bytes, limit
            taken.add(media.id)
    return refusals


def over_quota(type: str, used: int, limit: int, needed: int) -> QuotaExceeded:
    return QuotaExceeded(
        f"Storage quota reached: {format_size(used)} of {format_size(limit)} are used and this file needs "
        f"{format_size(needed)}. Delete something or ask for more.",
        type=type,
        used=used,
        limit=limit,
        needed=needed,
    )
