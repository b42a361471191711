"""Which named facts tell a place, one very device or its owner: shared by XMP, PNG text, QuickTime and Matroska."""

from __future__ import annotations

import re

_TELLING = re.compile(
    r"gps|latitude|longitude|altitude|location|coordinate|geo(?:tag|hash|code|name)"
    r"|serial|maker_?note|owner_?name|unique_?id|content\.identifier|originating\.signature",
    re.IGNORECASE,
)
# Whole names: as parts of others they would hit too much.
_PLACES = frozenset(
    [
        "city",
        "state",
        "country",
        "countrycode",
        "countryname",
        "provincestate",
        "province",
        "sublocation",
        "worldregion",
        "coverage",
        "xyz",
        "loci",
        "©xyz",
    ]
)
_DRONES = re.compile(r"dji\.com|drone|parrot\.com|autel|skydio|pix4d|wgs84", re.IGNORECASE)


def is_telling(name: str) -> bool:
    return _TELLING.search(name) is not None or name.lower() in _PLACES


def is_of_drones(namespace: str) -> bool:
    """Flight records: every property of these tells where, how high or by which machine."""
    return _DRONES.search(namespace) is not None
