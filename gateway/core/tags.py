"""What may be a tag. Case matters: `One` and `one` are two tags."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from functools import lru_cache

MAX_LENGTH = 32
FORBIDDEN = ",/#"


def sort_out(names: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those that may be tags, white space tidied and each once, and those that may not."""
    tidy = [re.sub(r"\s+", " ", name).strip() for name in names]
    kept = dict.fromkeys(name for name in tidy if name and is_tag(name))
    return tuple(kept), tuple(name for name in tidy if name and not is_tag(name))


@lru_cache(4096)
def is_tag(name: str) -> bool:
    return (
        len(name) <= MAX_LENGTH
        and not any(mark in name for mark in FORBIDDEN)
        and not (name[0] in string.punctuation and set(name) == {name[0]})
    )
