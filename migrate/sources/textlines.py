"""The lines of a text file, whoever saved it: UTF-8 with or without a mark, UTF-16, or an old Windows code page.

Read as a stream. Lines keep their ends and are numbered from 1.
"""

from __future__ import annotations

import codecs
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, AnyStr

from migrate.items import SourceError

HEAD_BYTES = 4096
MAX_LINE = 64_000_000
OLD_CODE_PAGE = "Lines that are no UTF-8, read as Windows-1252"


def text_lines(file: Path, notes: Counter[str] | None = None) -> Iterator[tuple[int, str]]:
    try:
        with open(file, "rb") as raw:
            head = raw.read(HEAD_BYTES)
            raw.seek(0)
            if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                with io.TextIOWrapper(raw, "utf-16", errors="replace", newline="\n") as text:
                    yield from numbered(text, file)
                return
            if b"\0" in head:
                raise SourceError(f"{file} is no text file.\nName a list that was saved as UTF-8 text.")
            for number, line in numbered(raw, file):
                yield number, decoded(line.removeprefix(codecs.BOM_UTF8) if number == 1 else line, notes)
    except OSError as error:
        raise unreadable(file, error) from error


def numbered(stream: IO[AnyStr], file: Path) -> Iterator[tuple[int, AnyStr]]:
    number = 0
    while line := stream.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE:
            raise SourceError(
                f"Line {number} of {file} does not end after {MAX_LINE:,} characters.\n"
                "Name a text file with one line for each file."
            )
        yield number, line


def decoded(line: bytes, notes: Counter[str] | None) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        if notes is not None:
            notes[OLD_CODE_PAGE] += 1
        return line.decode("cp1252", "replace")


def unreadable(file: Path, error: OSError) -> SourceError:
    if isinstance(error, FileNotFoundError):
        return SourceError(f"There is no file {file}.\nCheck the name, or the folder that this command runs in.")
    if isinstance(error, IsADirectoryError):
        return SourceError(f"{file} is a folder, not a list.\nFor a folder of pictures: migrate import folder {file}")
    return SourceError(f"{file} cannot be read: {error.strerror}.\nCheck who may read it, and run this again.")
