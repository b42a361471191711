"""What an owner may use, by the plan they are on. The numbers come from the configuration, the check is the library's.

A limit that is None does not limit; one of 0 allows nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.core.records import Owner

DEFAULT = "default"  # the plan of owners who are on none


@dataclass(frozen=True, slots=True)
class Plan:
    name: str
    image_bytes: int | None = None
    video_bytes: int | None = None
    audio_bytes: int | None = None
    max_file_bytes: int | None = None
    uploads_per_day: int | None = None
    uploads_per_month: int | None = None
    max_keys: int | None = None


UNLIMITED = Plan("none")


@dataclass(frozen=True, slots=True)
class Plans:
    by_name: Mapping[str, Plan] = field(default_factory=dict)

    @classmethod
    def named(cls, plans: Iterable[Plan]) -> Plans:
        return cls({plan.name: plan for plan in plans})

    def of(self, owner: Owner) -> Plan:
        """Who is on a plan that is configured no longer has the default one."""
        plan = self.by_name.get(owner.plan) if owner.plan else None
        return plan or self.by_name.get(DEFAULT, UNLIMITED)
