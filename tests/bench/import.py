"""What an import costs, beside the bare libraries doing the same work on as many processes.

    python tests/bench/import.py [--rounds N] [--only making,adopting,memory] [--corpus DIR] [--jobs 2] [--json FILE]

`making`: the old library has no renditions, so each file is hashed, decoded, drawn twice and kept. `adopting`: it has
them, and nothing is decoded. After each comes a second run over the same. `memory`: the peak of all processes
over 1,000 and over 100,000 files. The bare side reads, hashes (MD5), checks the header, makes two renditions or links
two that exist, links the original, and writes one row; it syncs nothing and knows no owners, albums or addresses. Both
take turns on the same files; look at ratios. `--corpus` names a folder with the folders photo, shot and tiny.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import secrets
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from measure import Peak
from pictures import drawn
from PIL import Image
from upload import renditions

from gateway.settings import Settings
from gateway.store.opening import open_data
from migrate.items import Gone, Item, OldAddress, OldAlbum, OldCategory, OldKey, OldOrigin, OldOwner, OldSite, OnDisk
from migrate.journal import new_run_id
from migrate.journal_files import FileJournals
from migrate.options import Options
from migrate.outcome import Outcome, Run, Summary
from migrate.run import Engine
from migrate.stopping import Stop

GOALS = {"making photo": 0.9, "making shot": 0.9, "adopting shot": 0.5, "adopting photo": 0.85}
COUNTS = {"making photo": 250, "making shot": 600, "adopting shot": 30_000, "adopting photo": 4_000}
GROUP = 50


class Library:
    """An old library of any length: the same few files under ever new names."""

    def __init__(self, files: list[Path], count: int, with_renditions: bool) -> None:
        self.files = files
        self.length = count
        self.with_renditions = with_renditions
        self.notes: Counter[str] = Counter()

    def sites(self) -> list[OldSite]:
        return [OldSite("bench", "chevereto", "bench", salt="5alt", padding=999)]

    def owners(self) -> Iterator[OldOwner]:
        yield from (OldOwner(str(number), f"user{number}") for number in range(10))

    def categories(self) -> Iterator[OldCategory]:
        yield from ()

    def albums(self) -> Iterator[OldAlbum]:
        yield from (OldAlbum(str(number), f"Album {number}", str(number % 10)) for number in range(100))

    def keys(self) -> Iterator[OldKey]:
        yield from ()

    def gone(self) -> Iterator[Gone]:
        yield from ()

    def count(self) -> int:
        return self.length

    def items(self) -> Iterator[Item]:
        began = datetime(2015, 1, 1, tzinfo=UTC)
        for number in range(self.length):
            path = self.files[number % len(self.files)]
            beside = {one: path.with_suffix(f".{one}{path.suffix}") for one in ("th", "md")}
            yield Item(
                key=str(number),
                name=f"/images/{number}{path.suffix}",
                content=OnDisk(path),
                filename=f"{number}{path.suffix}",
                owner=str(number % 10),
                album=str(number % 100),
                title=f"Picture {number}",
                tags=("some", f"tag{number % 50}"),
                created_at=began + timedelta(minutes=number),
                renditions=beside if self.with_renditions else {},
                addresses=(OldAddress(f"/images/{number}{path.suffix}"),),
                origins=(OldOrigin("bench", str(number)),),
                is_complete=True,
            )

    def close(self) -> None:
        pass


class Quiet:
    def begun(self, run: Run, total: int | None) -> None: ...

    def working_on(self, name: str) -> None: ...

    def settled(self, outcome: Outcome) -> None: ...

    def said(self, sentence: str) -> None: ...

    def ended(self, summary: Summary) -> None: ...


# the two sides


def bring(library: Library, settings: Settings, jobs: int) -> tuple[float, Summary]:
    opened = open_data(settings)
    run = Run(new_run_id(datetime.now(UTC)), "bench", {}, {}, False, "running", datetime.now(UTC))
    journal = FileJournals(settings.data / "imports").begin(run)
    engine = Engine(library, opened, settings, journal, Options(link=True, jobs=jobs), Quiet(), Stop())
    started = time.perf_counter()
    summary = engine.go()
    seconds = time.perf_counter() - started
    journal.close()
    opened.close()
    return library.length / seconds, summary


def bare_group(job: tuple[list[Path], Path, bool]) -> list[tuple[object, ...]]:
    paths, out, with_renditions = job
    return [bare_one(path, out, with_renditions) for path in paths]


def bare_one(path: Path, out: Path, with_renditions: bool) -> tuple[object, ...]:
    data = path.read_bytes()
    md5 = hashlib.md5(data).digest()
    with Image.open(io.BytesIO(data)) as image:
        size = image.size
    name = secrets.token_hex(8)
    os.link(path, out / name)
    sizes = []
    for variant, made in zip(("md", "th"), ((), ()) if with_renditions else renditions(data), strict=True):
        if with_renditions:
            os.link(path.with_suffix(f".{variant}{path.suffix}"), out / f"{name}.{variant}")
        else:
            (out / f"{name}.{variant}").write_bytes(made)
        sizes.append(len(made))
    return name, 1, time.time_ns(), "image/x", len(data), *size, md5, *sizes


def bare(library: Library, folder: Path, jobs: int) -> float:
    folder.mkdir()
    db = sqlite3.connect(folder / "bare.db", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute(
        "CREATE TABLE image (id TEXT PRIMARY KEY, owner INTEGER, created INTEGER, mime TEXT, size INTEGER,"
        " width INTEGER, height INTEGER, md5 BLOB, medium_size INTEGER, thumb_size INTEGER)"
    )
    db.execute("CREATE INDEX image_list ON image (owner, created, id)")
    db.execute("CREATE INDEX image_md5 ON image (md5)")
    paths = [library.files[number % len(library.files)] for number in range(library.length)]
    groups = [paths[start : start + GROUP] for start in range(0, len(paths), GROUP)]
    with ProcessPoolExecutor(jobs) as pool:
        list(pool.map(len, [b"x"] * jobs))
        started = time.perf_counter()
        for rows in pool.map(bare_group, [(group, folder, library.with_renditions) for group in groups]):
            db.execute("BEGIN")
            db.executemany("INSERT INTO image VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            db.execute("COMMIT")
        seconds = time.perf_counter() - started
    db.close()
    return library.length / seconds


# what is measured


def compare(name: str, files: list[Path], work: Path, rounds: int, jobs: int) -> dict[str, object]:
    library = Library(files, COUNTS[name], name.startswith("adopting"))
    ours, theirs, second = [], [], []
    for turn in range(rounds):
        theirs.append(bare(library, work / f"bare-{turn}", jobs))
        settings = Settings(storage=replace(Settings().storage, data=work / f"ours-{turn}"))
        rate, summary = bring(library, settings, jobs)
        assert summary.verdicts == {"imported": library.length}, summary
        ours.append(rate)
        again, summary = bring(library, settings, jobs)
        assert summary.verdicts == {"already-imported": library.length}, summary
        second.append(again)
        shutil.rmtree(work / f"bare-{turn}")
        shutil.rmtree(work / f"ours-{turn}")
    rate, floor, again = (statistics.median(one) for one in (ours, theirs, second))
    return {
        "what": name, "per second": round(rate, 1), "bare": round(floor, 1), "ratio": round(rate / floor, 2),
        "goal": GOALS[name], "second run": round(again, 1), "second / first": round(again / rate, 1),
    }  # fmt: skip


def peak(count: int, files: list[Path], work: Path, jobs: int) -> dict[str, object]:
    """In a process of its own, so that what ran before does not count."""
    command = [sys.executable, __file__, "--child", str(count), "--files", *map(str, files), "--work", str(work)]
    done = subprocess.run([*command, "--jobs", str(jobs)], stdout=subprocess.PIPE, text=True, check=True)
    facts: dict[str, object] = json.loads(done.stdout)
    return facts


def child(count: int, files: list[Path], work: Path, jobs: int) -> None:
    settings = Settings(storage=replace(Settings().storage, data=work))
    with Peak(os.getpid()) as peak:
        rate, _ = bring(Library(files, count, True), settings, jobs)
    print(json.dumps({"files": count, "per second": round(rate), "peak of all processes, MB": round(peak.mb)}))


def with_beside(files: list[Path], work: Path) -> list[Path]:
    """Copies with a thumbnail and a medium rendition beside them, as an old host leaves them."""
    work.mkdir()
    copies = []
    for path in files:
        copy = Path(shutil.copy(path, work / path.name))
        medium, thumb = renditions(copy.read_bytes())
        copy.with_suffix(f".md{copy.suffix}").write_bytes(medium)
        copy.with_suffix(f".th{copy.suffix}").write_bytes(thumb)
        copies.append(copy)
    return copies


def print_rows(rows: list[dict[str, object]]) -> None:
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="making,adopting,memory")
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--files", type=Path, nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(asked.child, asked.files, asked.work, asked.jobs)
        return
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        folder = asked.corpus or drawn()
        pictures = {kind: sorted((folder / kind).iterdir()) for kind in ("shot", "photo", "tiny")}
        rows = []
        for kind in ("shot", "photo"):
            files = pictures[kind]
            if "making" in asked.only:
                rows.append(compare(f"making {kind}", files, work, asked.rounds, asked.jobs))
            if "adopting" in asked.only:
                beside = with_beside(files, work / f"beside-{kind}")
                rows.append(compare(f"adopting {kind}", beside, work, asked.rounds, asked.jobs))
        if "memory" in asked.only:
            tiny = with_beside(pictures["tiny"][:20], work / "beside-tiny")
            rows += [peak(count, tiny, work / f"peak-{count}", asked.jobs) for count in (1_000, 100_000)]
        print_rows(rows)
        if asked.json:
            asked.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
