"""The engine: every item of a source becomes one verdict, through the same library that every door uses.

The main process reads the source, decides, and writes the catalog and the journal; other processes read, hash and draw
the files. Other machines may do the same at the same time, each with parts of the source. Promises: files are safe
before their rows, rows before their line in the journal; killed anywhere, the next run, or another machine, finishes
with nothing doubled and nothing lost; memory does not grow with the library.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice, takewhile
from time import monotonic

from gateway.core.errors import OutcomeUnknown, StoreUnavailable
from gateway.core.moving import Site
from gateway.settings import Settings
from gateway.store.opening import Opened
from migrate.arriving import Arriving
from migrate.bringing import Bringing
from migrate.items import Item, OldSite, Source, SourceError
from migrate.journal import Journal
from migrate.options import Options
from migrate.outcome import Outcome, State, Summary, Watcher
from migrate.pace import MOMENT, Pace
from migrate.people import People
from migrate.places import Places
from migrate.plan import Planner, outcome
from migrate.sharing import Alone, Sharing
from migrate.stopping import Stop
from migrate.working import CannotStart, Done, Worked, Workers

log = logging.getLogger(__name__)

EXPORT = "picgate"  # not a site: what it tells of has ids of ours
TOGETHER = 10  # batches that are written to the catalog at once
AHEAD = 2  # batches waiting for each process: enough to keep it busy, little enough to keep in memory
KILLED = (
    "A process of the import was killed, perhaps for lack of memory.\n"
    "Run `migrate resume`, with fewer --jobs if it happens again."
)
OTHERS_GO_ON = "The others go on with it; `migrate join` comes back to them."


class Halt(Exception):
    """The run cannot go on, and can be resumed once what the message says is done. `for_all`: on no machine."""

    def __init__(self, message: str, *, for_all: bool = False) -> None:
        super().__init__(message)
        self.for_all = for_all


@dataclass(slots=True)
class Flight:
    """A batch under way: what is decided already, and what a process was given. The last one of a part `closes` it."""

    items: dict[str, Item]
    decided: list[Outcome]
    future: Future[Worked] | None
    part: int
    closes: bool = False
    done: list[Done] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Of one of its files."""
        return next((item.name for item in self.items.values()), "")

    def is_back(self) -> bool:
        return not self.future or self.future.done()

    def wait(self) -> None:
        if self.future:
            self.future.exception()

    def is_called_off(self) -> bool:
        return bool(self.future and self.future.cancel())

    def results(self) -> list[Done]:
        """What a process has done of it, whether or not anybody came to ask."""
        future = self.future
        is_told = future and future.done() and not future.cancelled() and not future.exception()
        return future.result().done if future and is_told else []


class Engine:
    def __init__(
        self, source: Source, opened: Opened, settings: Settings, journal: Journal, options: Options,
        watcher: Watcher, stop: Stop, sharing: Sharing | None = None,
    ) -> None:  # fmt: skip
        self.source = source
        self.opened = opened
        self.settings = settings
        self.journal = journal
        self.options = options
        self.watcher = watcher
        self.stop = stop
        self.sharing = sharing or Alone()
        self.writes = not journal.run.is_dry
        self.pace = Pace()
        self.found = 0
        self.landed_at = 0.0

    def go(self) -> Summary:
        """Never raises for what can be told in the summary. The journal is the truth of what was done."""
        self.watcher.begun(self.journal.run, self.source.count())
        try:
            self.bring_everything()
        except (Halt, SourceError, CannotStart) as error:
            for_all = isinstance(error, Halt) and error.for_all
            summary = self.ended("stopped", str(error), for_all=for_all)
        except StoreUnavailable as error:
            summary = self.ended("stopped", f"{error.message}\n{self.advice}: nothing was lost.", for_all=False)
        else:
            summary = self.concluded()
        self.watcher.ended(summary)
        return summary

    @property
    def advice(self) -> str:
        is_elsewhere = self.settings.storage.catalog or self.settings.storage.blobs
        return "Once that is mended, run `migrate resume`" if is_elsewhere else "Make room, then run `migrate resume`"

    def concluded(self) -> Summary:
        if not self.sharing.is_alone and self.journal.run.state != "running":
            return self.journal.summary()  # by another machine, for all
        settled = self.settled_so_far()
        lost = f"{self.found} items were read, and {settled} have a verdict."
        return self.ended("finished") if settled == self.found else self.ended("failed", lost)

    def ended(self, state: State, message: str | None = None, *, for_all: bool = True) -> Summary:
        """What became of it on this machine; the others may go on."""
        found = self.settled_so_far() if state == "stopped" else self.found
        # On a full disk even this may not be written; a run that was cut off is resumed as well.
        with suppress(StoreUnavailable), self.sharing.ending(for_all=for_all) as ends:
            if ends:
                self.journal.end(state, found, message)
            elif message:
                message = f"{message.splitlines()[0]}\n{OTHERS_GO_ON}"
        try:
            summary = self.journal.summary()
        except StoreUnavailable as error:
            raise StoreUnavailable(message or error.message) from error
        return replace(summary, run=replace(summary.run, state=state, message=message), found=found)

    def settled_so_far(self) -> int:
        return sum(self.journal.summary().verdicts.values())

    def bring_everything(self) -> None:
        now = self.journal.run.started_at  # also when it is resumed: what is newer than this was changed since
        sites = [as_site(site, self.journal.run.id, now) for site in self.source.sites()]
        if self.writes:
            for site in sites:
                if site.kind != EXPORT:
                    self.opened.catalog.add_site(site)
        bringing = Bringing(
            self.opened.catalog, self.journal, self.options, sites, now, writes=self.writes, turn=self.sharing.turn
        )
        try:
            people = People(bringing, self.opened)
            places = Places(bringing, self.opened, people)
            with self.sharing.turn():
                self.bring_people_and_places(people, places)
            self.bring_items(bringing, Arriving(bringing, self.opened, people, places))
            if self.writes:
                places.set_covers()
        finally:
            notes = self.source.notes + bringing.notes
            self.journal.note(notes.items())

    def bring_people_and_places(self, people: People, places: Places) -> None:
        """Whoever comes second finds all of them here, as a run does that is resumed."""
        people.bring(self.source.owners())
        places.bring_categories(self.source.categories())
        places.bring_albums(self.source.albums())
        places.bring_keys(self.source.keys())
        places.bring_gone(self.source.gone())

    # items

    def bring_items(self, bringing: Bringing, arriving: Arriving) -> None:
        planner, workers = Planner(bringing), Workers(self.settings, self.options.jobs, self.stop)
        flights: deque[Flight] = deque()
        try:
            has_read_all = self.read_all(flights, planner, arriving, workers)
            while has_read_all and self.sharing.has_more(self.stop):
                has_read_all = self.read_all(flights, planner, arriving, workers)
        except KeyboardInterrupt:
            workers.kill()
            raise Halt("Stopped at once.\n`migrate resume` goes on with what was not finished.") from None
        except OutcomeUnknown:
            flights.clear()  # their rows may be there, and need their files
            raise
        finally:
            workers.close()
            arriving.abandon([done for flight in flights for done in flight.results()])
        if self.stop.is_asked and not (has_read_all and self.settled_so_far() == self.found):
            raise Halt("Stopped as asked: what was begun is finished.\n`migrate resume` goes on from here.")

    def read_all(self, flights: deque[Flight], planner: Planner, arriving: Arriving, workers: Workers) -> bool:
        """The source from its beginning to its end, or until somebody asks to stop; what was begun is finished."""
        most, has_read_all = TOGETHER + AHEAD * workers.count, False
        self.found = 0
        for part, items in self.sharing.parts(self.to_do()):
            for batch in self.pace.loads(items):
                if self.stop.is_asked:
                    break
                flights.append(self.launch(batch, part, planner, arriving, workers))
                self.land_some(flights, arriving, most)
            else:
                self.close(part, flights)
                continue
            break
        else:
            has_read_all = True
        if self.stop.is_asked:  # what no process has begun is left to whoever goes on
            begun = [flight for flight in flights if not flight.is_called_off()]
            flights.clear()
            flights.extend(begun)
        while flights:
            self.land_some(flights, arriving, 1)
        return has_read_all

    def close(self, part: int, flights: deque[Flight]) -> None:
        if flights and flights[-1].part == part:
            flights[-1].closes = True
        elif not self.stop.is_asked:  # else its last batch may have come back without some of its items
            self.sharing.finished(part)

    def to_do(self) -> Iterator[Item]:
        for item in islice(self.source.items(), self.options.limit):
            self.found += 1
            yield item

    def launch(
        self, batch: list[Item], part: int, planner: Planner, arriving: Arriving, workers: Workers
    ) -> Flight:  # fmt: skip
        settled = self.journal.settled([item.key for item in batch])
        batch = [item for item in batch if item.key not in settled]
        known = planner.look_up(batch)
        decided, jobs, items = [], [], {}
        for item in (planner.without_clashes(item, known) for item in batch):
            if verdict := planner.decide(item, known):
                decided.append(verdict)
            elif item.key in items:
                decided.append(outcome(item, "failed", f"twice: the source names {item.key!r} twice"))
            else:
                items[item.key] = item
                jobs.append(arriving.job(item))
        return Flight(items, decided, workers.submit(jobs) if jobs else None, part)

    def land_some(self, flights: deque[Flight], arriving: Arriving, most: int) -> None:
        """Several at once, or what there is after a moment: each time the disk is told to write and the catalog to
        commit, which takes as long as some of the work. With `most` under way the first is waited for."""
        if len(flights) >= most:
            self.watcher.working_on(flights[0].name)
            flights[0].wait()
        ready = len(list(takewhile(Flight.is_back, flights)))
        is_time = monotonic() - self.landed_at > MOMENT
        if ready and (ready >= TOGETHER or is_time or len(flights) >= most):
            self.land(flights, ready, arriving)
            self.landed_at = monotonic()

    def land(self, flights: deque[Flight], ready: int, arriving: Arriving) -> None:
        landing = list(islice(flights, ready))
        for flight in landing:
            try:
                worked = flight.future.result() if flight.future else Worked([], 0.0)
            except BrokenProcessPool as error:
                raise Halt(KILLED) from error
            flight.done = worked.done
            self.pace.took(len(flight.decided) + len(worked.done), worked.seconds)
        outcomes = [decided for flight in landing for decided in flight.decided]
        done = [(flight.items[result.key], result) for flight in landing for result in flight.done]
        outcomes += arriving.keep(done)
        self.journal.write(outcomes)
        for flight in landing:
            flights.popleft()
            if flight.closes and not self.stop.is_asked:  # then it may not be whole
                self.sharing.finished(flight.part)
        for one in outcomes:
            self.watcher.settled(one)
        for _, result in done:
            if result.is_store_full:
                raise StoreUnavailable(result.error or "")
        if self.options.on_error == "stop" and (first := next((o for o in outcomes if o.verdict == "failed"), None)):
            raise Halt(
                f"{first.name} failed ({first.reason}), and --on-error is stop.\n`migrate resume` tries it again.",
                for_all=True,
            )


def as_site(old: OldSite, run_id: str, now: datetime) -> Site:
    return Site(old.id, old.kind, old.name, old.url, old.salt, old.padding, old.time_zone, old.routes, now, run_id)
