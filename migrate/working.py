"""The processes of an import: files are read, hashed and drawn here, side by side, and nothing else is known here."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import takewhile
from multiprocessing.connection import wait
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

from gateway.core.arrivals import Arrival, Prepared
from gateway.core.errors import FetchRefused, GatewayError, StoreUnavailable
from gateway.settings import Settings
from gateway.store.opening import open_fetcher, open_preparing
from migrate.stopping import Stop


@dataclass(frozen=True, slots=True)
class Job:
    """One file to prepare; with `url`, one that has to be fetched first."""

    key: str
    arrival: Arrival
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """`refusal` is about the file, `error` about this machine or the way to the file: it may go better next time. What
    is `gone` is no more where it was."""

    key: str
    prepared: Prepared | None = None
    refusal: str | None = None
    error: str | None = None
    gone: str | None = None
    is_store_full: bool = False


@dataclass(frozen=True, slots=True)
class Worked:
    """What a process made of the jobs it was given: without those it did not come to, because the run is to stop."""

    done: list[Done]
    seconds: float


class Worker:
    def __init__(self, settings: Settings, stop: Stop) -> None:
        self.stop = stop
        self.preparing = open_preparing(settings)
        self.fetcher = open_fetcher(settings)
        self.max_bytes = settings.uploads.max_size

    def do(self, jobs: list[Job]) -> Worked:
        began = monotonic()
        done = [self.do_one(job) for job in takewhile(lambda _: not self.stop.is_asked, jobs)]
        return Worked(done, monotonic() - began)

    def do_one(self, job: Job) -> Done:
        try:
            with self.local(job) as arrival:
                return Done(job.key, self.preparing.prepare(arrival))
        except StoreUnavailable as error:
            return Done(job.key, error=error.message, is_store_full=True)
        except FetchRefused as refused:
            return unfetched(job, refused)
        except GatewayError as error:
            return Done(job.key, refusal=f"{error.code.lower().replace('_', '-')}: {error.message}")
        except OSError as error:
            return Done(job.key, error=f"unreadable: {error.strerror or error} ({error.filename})")

    @contextmanager
    def local(self, job: Job) -> Iterator[Arrival]:
        """The file itself, or what the address holds for as long as it is needed."""
        if not job.url:
            yield job.arrival
            return
        upload = self.preparing.blobs.receive(self.max_bytes)
        try:
            name = self.fetcher.fetch(job.url, upload)
            path = Path(upload.settle())
            yield replace(job.arrival, path=path, filename=job.arrival.filename or name, link=True)
        finally:
            upload.discard()

    def close(self) -> None:
        self.preparing.intake.close()


def unfetched(job: Job, refused: FetchRefused) -> Done:
    """In words for the operator, who wrote the address and may know what is behind it."""
    status, host = refused.status, urlsplit(job.url or "").netloc
    if status in (404, 410):
        return Done(job.key, gone=f"gone: Its address answers {status}.")
    if refused.code == "URL_HOST":
        place = f"{host} is this gateway, or no place on the public internet with port 80 or 443"
        return Done(job.key, error=f"host: {place}. Fetch from there by naming it in uploads.url_allow.")
    if refused.code == "URL_SCHEME":
        return Done(job.key, refusal=f"url-scheme: {refused.message}")
    if status is None:
        return Done(job.key, error=f"not-fetched: {host} gives no answer.")
    if status == 200:
        return Done(job.key, error="not-fetched: Its address answers 200, and not with a whole file.")
    return Done(job.key, error=f"not-fetched: Its address answers {status}.")


class CannotStart(Exception):
    """There is no process to work. The first line says why, the second what to do."""


class Workers:
    """One alone works in this process, which saves the memory of a second."""

    def __init__(self, settings: Settings, count: int, stop: Stop) -> None:
        self.count = count or os.cpu_count() or 1
        # One decoder in each process: the processes are what runs side by side.
        settings = replace(settings, images=replace(settings.images, slots=1))
        self.own = Worker(settings, stop) if self.count == 1 else None
        self.pool = (
            None
            if self.own
            else ProcessPoolExecutor(
                self.count, multiprocessing.get_context("forkserver"), initializer=start, initargs=(settings, stop)
            )
        )

    def submit(self, jobs: list[Job]) -> Future[Worked]:
        if self.pool:
            return self.hand_out(self.pool, jobs)
        assert self.own
        done: Future[Worked] = Future()
        done.set_result(self.own.do(jobs))
        return done

    def hand_out(self, pool: ProcessPoolExecutor, jobs: list[Job]) -> Future[Worked]:
        try:
            return pool.submit(work, jobs)
        except BrokenProcessPool as error:
            broken: Future[Worked] = Future()
            broken.set_exception(error)
            return broken
        except (OSError, EOFError) as error:  # the way to the new process, which has nothing to do with any file
            raise CannotStart(
                f"A process of the import cannot be started: {getattr(error, 'strerror', None) or error}.\n"
                "`migrate resume --jobs 1` needs none."
            ) from error

    def kill(self) -> None:
        for process in multiprocessing.active_children():
            process.terminate()

    def close(self) -> None:
        if self.pool:
            self.pool.shutdown(cancel_futures=True)
        if self.own:
            self.own.close()


def start(settings: Settings, stop: Stop) -> None:
    """Ctrl-C is for the process that hands out the work: it lets what was begun be finished."""
    global worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_the_import, daemon=True).start()
    worker = Worker(settings, stop)


def end_with_the_import() -> None:
    """Killed, it cannot tell its processes; they would wait for work for ever, and go on writing what nobody wants."""
    parent = multiprocessing.parent_process()
    assert parent
    wait([parent.sentinel])
    os._exit(1)


def work(jobs: list[Job]) -> Worked:
    return worker.do(jobs)


worker: Worker  # of a process that is nothing else
