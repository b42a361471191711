"""The lines of a manifest, each a record: JSON objects, or the rows of a table with a header.

What a file is written in is told by its name, or else by its content; of a table, the column names tell what stands
between two values. A line that cannot be read comes with the reason, so that it can be counted.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from migrate.items import SourceError
from migrate.sources.textlines import text_lines

JSON_NAMES = frozenset({".jsonl", ".ndjson", ".json"})
TABLE_NAMES = frozenset({".csv", ".tsv"})
SEPARATORS = ",;\t|"
NEEDED = ("path", "url")
MAX_VALUE = 16_000_000


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    values: Mapping[str, object] = field(default_factory=dict)
    trouble: str | None = None


class Listing:
    """Read from its beginning each time it is asked for its lines. `known` are the columns that mean something."""

    def __init__(self, file: Path, known: Collection[str]) -> None:
        self.file = file
        self.known = known
        first = next((line for _, line in text_lines(file) if line.strip()), "")
        self.is_table = file.suffix.lower() in TABLE_NAMES
        if not self.is_table and file.suffix.lower() not in JSON_NAMES:
            self.is_table = not first.lstrip().startswith(("{", "["))
        if not self.is_table and first.lstrip().startswith("["):
            raise SourceError(f"{file} is one JSON list.\nWrite each of its objects on a line: jq -c '.[]' {file}")

    def lines(self, notes: Counter[str] | None = None) -> Iterator[Line]:
        return self.table_rows(notes) if self.is_table else self.json_lines(notes)

    def json_lines(self, notes: Counter[str] | None) -> Iterator[Line]:
        for number, text in text_lines(self.file, notes):
            if text.strip():
                yield json_line(number, text)

    def table_rows(self, notes: Counter[str] | None) -> Iterator[Line]:
        texts = (text for _, text in text_lines(self.file, notes))
        number, header = 0, ""
        for header in texts:
            number += 1
            if header.strip() and not re.fullmatch(r"sep=.", header.strip(), re.IGNORECASE):  # a line Excel writes
                break
        names, separator = self.columns(header)
        csv.field_size_limit(MAX_VALUE)
        # Strict, because a quote that is never closed would otherwise take in all lines that follow, without a word.
        rows = csv.reader(texts, delimiter=separator, strict=True)
        while True:
            begins = number + rows.line_num + 1
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield Line(begins, trouble=f"{error} (up to line {number + rows.line_num})")
                continue
            if len(row) > len(names):
                yield Line(begins, trouble=f"it has {len(row)} values for {len(names)} columns")
            elif any(value.strip() for value in row):
                yield Line(begins, {name: value for name, value in zip(names, row, strict=False) if name})

    def columns(self, header: str) -> tuple[list[str], str]:
        """Their names, and what stands between them: that which makes most names known ones."""
        split = {one: [column(name) for name in next(csv.reader([header], delimiter=one))] for one in SEPARATORS}
        separator = max(SEPARATORS, key=lambda one: len(set(split[one]) & set(self.known)))
        names = split[separator]
        if not set(names) & set(NEEDED):
            raise SourceError(
                f"{self.file} has no column named path or url; its first line is {header.strip()[:100]!r}.\n"
                "Write the names of the columns into the first line; one of them must be path or url."
            )
        return names, separator


def column(name: str) -> str:
    return re.sub(r"[\s-]+", "_", name.strip().lower())


def json_line(number: int, text: str) -> Line:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Line(number, trouble=f"it is no JSON: {error}")
    if not isinstance(values, dict):
        return Line(number, trouble="it is no JSON object")
    return Line(number, values)
