"""File names and titles: text from outside, made safe to keep and good to read."""

from __future__ import annotations

import re

MAX_TITLE = 100
MAX_FILENAME = 255


def clean(text: str) -> str:
    """Text that every store can keep: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def base_name(filename: str) -> str:
    """The last part of a path in either spelling; some tools send the whole path of the file."""
    return clean(re.split(r"[\\/]", filename)[-1])[-MAX_FILENAME:].strip()


def title_from(filename: str) -> str | None:
    """ "Holiday_Photo-01.jpg" -> "Holiday Photo 01"; None when nothing is left."""
    stem = filename.rpartition(".")[0] if "." in filename else filename
    return re.sub(r"[-_\s]+", " ", stem).strip()[:MAX_TITLE].strip() or None
