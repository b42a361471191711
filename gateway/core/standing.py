"""Whether a catalog is the one that counts, or what is left where a library was, or what is not finished yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["moved", "copying"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Only a catalog that does not count has one. `moved`: the library with the id `library` went to `place`; this one
    may still be read. `copying`: it is being copied here from `place`, and not all of it is here."""

    library: str
    state: State
    place: str

    def sentence(self) -> str:
        if self.state == "moved":
            return f"This library has moved to {self.place}: set storage.catalog and start again."
        return (
            f"This catalog is an unfinished copy of {self.place}: run the same command that began it once more, "
            "and it goes on."
        )
