"""What lies beside a picture and belongs to it: the renditions an image host made, and files that describe it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

RENDITION = re.compile(r"(?P<stem>.+)\.(?P<variant>th|md|fr)\.(?P<extension>[^.]+)", re.DOTALL)
# Those whose renditions are JPEGs, and so do not end as they do.
MOVING = frozenset(
    {"mp4", "m4v", "mov", "webm", "mkv", "avi", "mp3", "m4a", "m4b", "ogg", "oga", "opus", "flac", "wav"}
)
FOLDER_SIDECAR = "metadata.json"
TAKEOUT = ".supplemental-metadata"


@dataclass(frozen=True, slots=True)
class Sorted:
    """`files` are the items of a folder; `renditions` and `sidecars` are what belongs to each of them, by its name."""

    files: tuple[str, ...]
    renditions: dict[str, dict[str, str]]
    sidecars: dict[str, str]
    descriptions: tuple[str, ...]  # every sidecar once, that of the folder too


def sort_out(names: Sequence[str]) -> Sorted:
    documents = [name for name in names if name.endswith(".json")]
    others = [name for name in names if not name.endswith(".json")]
    by_stem: dict[str, list[str]] = defaultdict(list)
    for name in others:
        by_stem[split(name)[0]].append(name)
    renditions: dict[str, dict[str, str]] = defaultdict(dict)
    adopted = set()
    for name in others:
        if (found := RENDITION.fullmatch(name)) and (main := main_of(found, by_stem[found["stem"]])):
            renditions[main][found["variant"]] = name
            adopted.add(name)
    files = [name for name in others if name not in adopted]
    sidecars = {name: document for document in documents for name in described(document, set(files), by_stem)}
    descriptions = {*sidecars.values(), FOLDER_SIDECAR} & set(documents)
    return Sorted(
        tuple(sorted([*files, *(name for name in documents if name not in descriptions)])),
        dict(renditions),
        sidecars,
        tuple(sorted(descriptions)),
    )


def main_of(rendition: re.Match[str], candidates: Sequence[str]) -> str | None:
    """The file with the same ending; for a JPEG also the one film or sound of that name."""
    ending = rendition["extension"].lower()
    same = [name for name in candidates if split(name)[1] == ending]
    if (not same and ending in ("jpeg", "jpg")) or rendition["variant"] == "fr":
        same = [name for name in candidates if split(name)[1] in MOVING]
    return same[0] if len(same) == 1 else None


def described(document: str, files: set[str], by_stem: dict[str, list[str]]) -> list[str]:
    """Which files `document` is about: "a.json" about "a.jpg", and "a.jpg.json" too, as Google writes them."""
    stem = document.removesuffix(".json").removesuffix(TAKEOUT)
    return [name for name in ([stem] if stem in files else by_stem.get(stem, [])) if name in files]


def split(name: str) -> tuple[str, str]:
    """A name up to its last dot, and what follows it in small letters."""
    stem, _, extension = name.rpartition(".")
    return stem or name, extension.lower()
