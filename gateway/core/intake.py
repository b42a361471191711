"""Bytes -> a verified file: what are they, may they be kept, how do they look smaller.

Nothing is decoded before its header passed the limits, and at most `slots` pictures are decoded at once, which bounds
memory and keeps many clients as fast as a few.
"""

from __future__ import annotations

import os
import threading
from datetime import datetime

from gateway.core.errors import FileRefused
from gateway.core.formats.limits import Limits
from gateway.core.formats.raster import Picture, Wanted, develop
from gateway.core.formats.registry import SNIFF_BYTES, sniff
from gateway.core.ports import Upload


class Intake:
    def __init__(
        self,
        limits: Limits,
        *,
        thumb: tuple[int, int],
        medium_width: int,
        disabled_formats: tuple[str, ...] = (),
        slots: int = 0,
    ) -> None:
        self.limits = limits
        self.thumb = thumb
        self.medium_width = medium_width
        self.disabled_formats = disabled_formats
        self.slots = threading.BoundedSemaphore(slots or os.cpu_count() or 1)

    def develop(self, upload: Upload, filename: str, arrived_at: datetime, resize_width: int | None) -> Picture:
        format = sniff(upload.reader().read(SNIFF_BYTES))
        if format.name in self.disabled_formats:
            raise FileRefused(
                f"{format.name.upper()} files are switched off here.", code="FORMAT_OFF", format=format.name
            )
        wanted = Wanted(*self.thumb, self.medium_width, resize_width)
        with self.slots:
            return develop(upload.reader(), format, self.limits, wanted, filename=filename, arrived_at=arrived_at)
