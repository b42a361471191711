"""The processes of an import: files are read, hashed and drawn here, side by side, and nothing else is known here."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from pathlib import Path

from gateway.core.arrivals import Arrival, Prepared
from gateway.core.errors import GatewayError, StoreUnavailable
from gateway.settings import Settings
from gateway.store.opening import open_fetcher, open_preparing


@dataclass(frozen=True, slots=True)
class Job:
    """One file to prepare; with `url`, one that has to be fetched first."""

    key: str
    arrival: Arrival
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """`refusal` is about the file, `error` about this machine or the way to the file: it may go better next time."""

    key: str
    prepared: Prepared | None = None
    refusal: str | None = None
    error: str | None = None
    is_store_full: bool = False


class Worker:
    def __init__(self, settings: Settings) -> None:
        self.preparing = open_preparing(settings)
        self.fetcher = open_fetcher(settings)
        self.max_bytes = settings.uploads.max_size

    def do(self, jobs: list[Job]) -> list[Done]:
        return [self.do_one(job) for job in jobs]

    def do_one(self, job: Job) -> Done:
        try:
            with self.local(job) as arrival:
                return Done(job.key, self.preparing.prepare(arrival))
        except StoreUnavailable as error:
            return Done(job.key, error=error.message, is_store_full=True)
        except GatewayError as error:
            if error.code == "URL_FAILED":
                return Done(job.key, error=error.message)
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


class Workers:
    """One alone works in this process, which saves the memory of a second."""

    def __init__(self, settings: Settings, count: int) -> None:
        self.count = count or os.cpu_count() or 1
        # One decoder in each process: the processes are what runs side by side.
        settings = replace(settings, images=replace(settings.images, slots=1))
        self.own = Worker(settings) if self.count == 1 else None
        self.pool = (
            None
            if self.own
            else ProcessPoolExecutor(
                self.count, multiprocessing.get_context("forkserver"), initializer=start, initargs=(settings,)
            )
        )

    def submit(self, jobs: list[Job]) -> Future[list[Done]]:
        if self.pool:
            return self.pool.submit(work, jobs)
        assert self.own
        done: Future[list[Done]] = Future()
        done.set_result(self.own.do(jobs))
        return done

    def kill(self) -> None:
        for process in multiprocessing.active_children():
            process.terminate()

    def close(self) -> None:
        if self.pool:
            self.pool.shutdown(cancel_futures=True)
        if self.own:
            self.own.close()


def start(settings: Settings) -> None:
    """Ctrl-C is for the process that hands out the work: it lets what was begun be finished."""
    global worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_the_import, daemon=True).start()
    worker = Worker(settings)


def end_with_the_import() -> None:
    """Killed, it cannot tell its processes; they would wait for work for ever, and go on writing what nobody wants."""
    parent = multiprocessing.parent_process()
    assert parent
    wait([parent.sentinel])
    os._exit(1)


def work(jobs: list[Job]) -> list[Done]:
    return worker.do(jobs)


worker: Worker  # of a process that is nothing else
