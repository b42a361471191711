"""What a check looks at, and how far it goes."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from gateway.core.derived import Derived
from gateway.core.ports import BlobStore, Cache, Catalog
from gateway.core.sessions import Sessions

AT_ONCE = 500  # records or names in one look
Hear = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Premises:
    """What changed since `before` may be on its way, and is nothing to find. `sample` is the part of all files whose
    bytes are read, from 0 to 1, each chosen by chance. `hear` is told what goes on, and how much of it was done."""

    catalog: Catalog
    blobs: BlobStore
    cache: Cache
    derived: Derived
    sessions: Sessions
    now: datetime
    before: datetime
    repairs: bool = False
    sample: float = 0.0
    hear: Hear = field(default=lambda _, __: None)

    def is_chosen(self) -> bool:
        return self.sample >= 1 or random.random() < self.sample
