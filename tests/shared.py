"""The folder of specifications and recordings the project is measured against. It is not part of the checkout."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("PICGATE_SHARED") or Path(__file__).parents[2] / "shared")


def needs_shared(path: str) -> pytest.MarkDecorator:
    """Marks what reads `path` of the shared folder: skipped, with the reason, where there is none."""
    place = SHARED / path
    return pytest.mark.skipif(not place.exists(), reason=f"there is no {place}; PICGATE_SHARED names the shared folder")
