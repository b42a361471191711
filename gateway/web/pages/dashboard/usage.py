"""`/dashboard/usage`: what is stored, what came in lately, which files are largest, and what is left of each limit."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, render_template

from gateway.core.keys import Caller
from gateway.core.records import Kind, Listed, Owner
from gateway.urls import short_path
from gateway.web.limits import ANY_NUMBER, Budget
from gateway.web.pages.dashboard import plots
from gateway.web.pages.dashboard.desk import Desk, client_address, me

KINDS: tuple[Kind, ...] = ("image", "video", "audio")
DAYS = 30
LARGEST = 10
KEYS = 5  # those used last


@dataclass(frozen=True, slots=True)
class Stored:
    """Of one kind. `hue` is its colour in the strip, `limit` what the plan allows."""

    kind: Kind
    hue: int
    number: int
    size_bytes: int
    limit: int | None


@dataclass(frozen=True, slots=True)
class Gauge:
    """Something of which there is only so much. `level` is how full it is."""

    name: str
    used: int
    limit: int
    is_bytes: bool = False

    @property
    def level(self) -> int:
        """In hundredths."""
        return min(100, 100 * self.used // self.limit) if self.limit else 100


@dataclass(frozen=True, slots=True)
class File:
    title: str
    path: str
    kind: Kind
    size_bytes: int
    is_public: bool


@dataclass(frozen=True, slots=True)
class Rate:
    """`limit` is None where nothing is counted."""

    name: str
    key: str
    limit: int | None
    remaining: int
    seconds: int


def register(bp: Blueprint, desk: Desk) -> None:
    page = UsagePage(desk)
    bp.add_url_rule("/usage", "usage", page.view)


class UsagePage:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def view(self) -> str:
        owner, holdings = me(), self.desk.holdings
        stored, by_day = self.stored(owner), holdings.uploads_by_day(owner, DAYS)
        used = sum(one.size_bytes for one in stored)
        return render_template(
            "dashboard/usage.html",
            used=used,
            stored=stored,
            number=sum(one.number for one in stored),
            strip=plots.strip([one.size_bytes for one in stored], used),
            strip_width=plots.STRIP_WIDTH,
            gauges=self.gauges(owner, used),
            days=plots.columns(by_day),
            uploads=sum(by_day.values()),
            largest=[self.file(one) for one in holdings.largest(owner, LARGEST)],
            rates=self.rates(owner),
        )

    def stored(self, owner: Owner) -> list[Stored]:
        totals, plan = self.desk.holdings.totals(owner), self.desk.plans.of(owner)
        limits = (plan.image_bytes, plan.video_bytes, plan.audio_bytes)
        return [
            Stored(kind, hue, totals.number((kind,)), totals.size_bytes((kind,)), limit)
            for hue, (kind, limit) in enumerate(zip(KINDS, limits, strict=True), start=1)
        ]

    def gauges(self, owner: Owner, used: int) -> list[Gauge]:
        plan, uploads = self.desk.plans.of(owner), self.desk.holdings.uploads(owner)
        gauges = [] if owner.quota_bytes is None else [Gauge("storage", used, owner.quota_bytes, is_bytes=True)]
        gauges += [
            Gauge(one.kind, one.size_bytes, one.limit, is_bytes=True)
            for one in self.stored(owner)
            if one.limit is not None
        ]
        counted = (("day", uploads.day, plan.uploads_per_day), ("month", uploads.month, plan.uploads_per_month))
        return [*gauges, *(Gauge(name, used, limit) for name, used, limit in counted if limit is not None)]

    def file(self, media: Listed) -> File:
        """Leads to its page in the dashboard, where there is one."""
        path = self.desk.urls.page(short_path(media.kind, media.id))
        if "dashboard.media" in current_app.view_functions:
            path = f"{self.desk.home}/media/{media.id}"
        return File(media.title or media.filename, path, media.kind, media.size_bytes, media.is_public)

    def rates(self, owner: Owner) -> list[Rate]:
        rates, address = self.desk.rates, client_address()
        found = [rate(name, "", budget) for name, budget in rates.look_at_owner(owner, address).items()]
        keys = [key for key in self.desk.keys.of(owner) if key.last_used_at and not key.revoked_at]
        keys.sort(key=lambda key: key.last_used_at or key.created_at, reverse=True)
        for key in keys[:KEYS]:
            found.append(rate("hourly", key.name, rates.look(Caller(owner, key), address)["hourly"]))
        return found


def rate(name: str, key: str, budget: Budget) -> Rate:
    limit = None if budget.limit == ANY_NUMBER else budget.limit
    return Rate(name, key, limit, budget.remaining, budget.seconds)
