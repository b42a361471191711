"""`/metrics`: what Prometheus is told, read from where it is counted at the moment it is asked for.

Every name begins with `picgate_`; labels have values of ours only. What cannot be read just now is left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol, get_args

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from gateway import __version__
from gateway.core.errors import StoreUnavailable
from gateway.core.intake import Intake
from gateway.core.library import Library
from gateway.core.moves import VERDICTS, Move, Moves, State, Totals
from gateway.core.timing import Timing
from gateway.telemetry.health import Health, free_bytes
from gateway.telemetry.tallies import Asked, Tallies, Tally


class Aging(Protocol):
    @property
    def age(self) -> float:
        """Seconds since the last sign of life."""
        ...


@dataclass(frozen=True, slots=True)
class Watched:
    """What there is to read. `refusals` are of rate limits, by their name; `sweeper` is None where none runs."""

    node: str
    tallies: Tallies
    library: Library
    moves: Moves
    health: Health
    refusals: Mapping[str, int]
    data: Path
    sweeper: Aging | None = None


class Metrics(Collector):
    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self.imports = Imports(watched.moves)
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(self)
        ProcessCollector(registry=self.registry)

    def render(self, accept: str) -> tuple[bytes, str]:
        """The text and its type, in the newest form the caller understands."""
        encode, kind = choose_encoder(accept)
        return encode(self.registry), kind

    def collect(self) -> Iterator[Metric]:
        watched = self.watched
        yield InfoMetricFamily("picgate_build", "This gateway.", {"version": __version__, "node": watched.node})
        yield from of_requests(watched.tallies)
        yield from of_work(watched.library.intake, watched.library.adding)
        yield labelled(
            CounterMetricFamily("picgate_rate_limit_refusals", "Requests over a limit, by limit.", labels=["limit"]),
            dict(watched.refusals),
        )
        if watched.sweeper:
            yield GaugeMetricFamily(
                "picgate_sweeper_age_seconds", "Since the sweeper last gave a sign of life.", watched.sweeper.age
            )
        yield from self.of_state()

    def of_state(self) -> Iterator[Metric]:
        words = self.watched.health.report().words
        yield labelled(
            GaugeMetricFamily("picgate_check_ok", "1 for each part that is well, as in /health.", labels=["check"]),
            {name: word == "ok" for name, word in words.items()},
        )
        if words["disk"] != "unreachable":
            yield GaugeMetricFamily(
                "picgate_disk_free_bytes", "Free on the disk of storage.data.", free_bytes(self.watched.data)
            )
        if words["catalog"] == "ok":
            yield from of_library(self.watched.library)
            yield from self.imports.collect()


class Imports:
    """How many there were, and what became of the items of the newest. Trials bring nothing and are left out."""

    def __init__(self, moves: Moves) -> None:
        self.moves = moves
        self.counted: tuple[Move, Totals] | None = None

    def collect(self) -> Iterator[Metric]:
        try:
            runs = [run for run in self.moves.all() if not run.is_dry]
            totals = self.totals(runs[0]) if runs else None
        except StoreUnavailable:
            return
        states = Counter(run.state for run in runs)
        yield labelled(
            GaugeMetricFamily("picgate_imports", "Runs of `migrate import`, by state.", labels=["state"]),
            {state: states[state] for state in get_args(State)},
        )
        if totals:
            yield labelled(
                GaugeMetricFamily("picgate_import_items", "Of the newest run, by verdict.", labels=["verdict"]),
                {verdict: totals.verdicts.get(verdict, 0) for verdict in VERDICTS},
            )
            yield GaugeMetricFamily("picgate_import_attention", "Its items to look at.", totals.attention)
            yield GaugeMetricFamily("picgate_import_stored_bytes", "Of the files it brought.", totals.stored_bytes)

    def totals(self, run: Move) -> Totals:
        """Counted again only where they may have changed: a journal can have millions of items."""
        if not self.counted or self.counted[0] != run or run.state != "finished":
            self.counted = run, self.moves.totals(run.id)
        return self.counted[1]


def of_requests(tallies: Tallies) -> Iterator[Metric]:
    known = tallies.read()
    yield GaugeMetricFamily("picgate_requests_in_progress", "Requests worked on now.", tallies.in_progress)
    counts = CounterMetricFamily("picgate_requests", "Requests answered.", labels=["door", "route", "method", "status"])
    received = CounterMetricFamily("picgate_received_bytes", "Bytes of request bodies.", labels=["door"])
    sent = CounterMetricFamily("picgate_sent_bytes", "Bytes of answers.", labels=["door"])
    seconds = HistogramMetricFamily(
        "picgate_request_seconds", "From the whole request to its answer.", labels=["door", "route", "method"]
    )
    for asked, tally in known.items():
        counts.add_metric([asked.door, asked.route, asked.method, str(asked.status)], sum(tally.timing.read()[0]))
    for family, field in ((received, "received_bytes"), (sent, "sent_bytes")):
        labelled(family, summed(known, field))
    for labels, alike in grouped(known).items():
        add_timing(seconds, labels, [tally.timing for tally in alike])
    yield from (counts, received, sent, seconds)


def summed(known: Mapping[Asked, Tally], field: str) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for asked, tally in known.items():
        sums[asked.door] += getattr(tally, field)
    return sums


def grouped(known: Mapping[Asked, Tally]) -> dict[tuple[str, ...], list[Tally]]:
    """Whatever the status."""
    groups: dict[tuple[str, ...], list[Tally]] = defaultdict(list)
    for asked, tally in known.items():
        groups[asked.door, asked.route, asked.method].append(tally)
    return groups


def of_work(intake: Intake, adding: Timing) -> Iterator[Metric]:
    upload = HistogramMetricFamily("picgate_upload_seconds", "From the whole file to its record.")
    add_timing(upload, (), [adding])
    decode = HistogramMetricFamily(
        "picgate_decode_seconds", "Pictures read at uploads (develop) or made to measure.", labels=["work"]
    )
    add_timing(decode, ["develop"], [intake.developing])
    add_timing(decode, ["measure"], [intake.measuring])
    slots = intake.slots
    yield from (upload, decode)
    yield GaugeMetricFamily("picgate_image_slots", "Pictures that may be decoded at once.", slots.count)
    yield GaugeMetricFamily("picgate_image_slots_busy", "Pictures being decoded now.", slots.busy)
    yield GaugeMetricFamily("picgate_image_slots_waiting", "Pictures waiting to be decoded.", slots.waiting)


def of_library(library: Library) -> Iterator[Metric]:
    try:
        usage = library.usage()
    except StoreUnavailable:
        return
    for name, count in asdict(usage).items():
        yield GaugeMetricFamily(f"picgate_library_{name}", "As `gateway stats` has it.", count)


def labelled(
    family: CounterMetricFamily | GaugeMetricFamily, values: Mapping[str, float]
) -> CounterMetricFamily | GaugeMetricFamily:
    for label, value in values.items():
        family.add_metric([label], value)
    return family


def add_timing(family: HistogramMetricFamily, labels: Iterable[str], timings: Iterable[Timing]) -> None:
    """Of several, as if they were one."""
    read = [(timing.bounds, *timing.read()) for timing in timings]
    bounds = [*map(str, read[0][0]), "+Inf"]
    counts = [sum(column) for column in zip(*(counts for _, counts, _ in read), strict=True)]
    below = [sum(counts[: at + 1]) for at in range(len(counts))]
    family.add_metric(list(labels), list(zip(bounds, below, strict=True)), sum(seconds for _, _, seconds in read))
