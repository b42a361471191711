"""Log lines, for people or as one JSON object each, on standard error.

Promises: a line is one line, whatever it is about, but for the traceback that follows it in a log for people; lines
written for a request carry its id; nothing but our own modules says more than warnings; what is more than routine is
written at once, and routine within a quarter of a second.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import time
from collections import deque
from typing import Any, Literal, NamedTuple, Protocol, TextIO, cast

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
OWN = ("gateway", "migrate")
WRITTEN_EVERY = 0.25  # seconds
MOST_WAITING = 1_000


class Routine(Protocol):
    """A message that is written when there is time: as text, or with its facts as fields."""

    def __str__(self) -> str: ...

    def facts(self) -> dict[str, Any]: ...


class Current(threading.local):
    """The request this thread is working on."""

    request_id = ""


current = Current()


class Record(logging.LogRecord):
    """Knows the request for which it was written, whoever writes it down."""

    def __init__(self, *args: Any, **facts: Any) -> None:
        super().__init__(*args, **facts)
        self.request_id = current.request_id


class Format(logging.Formatter):
    """Times are written anew only for another second."""

    def __init__(self) -> None:
        super().__init__()
        self.second = (0, "")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        second, text = self.second
        if second != int(record.created):
            second = int(record.created)
            text = self.written(second)
            self.second = second, text
        return f"{text}.{int(record.msecs):03d}"

    def written(self, second: int) -> str:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))

    def traceback(self, record: logging.LogRecord) -> str:
        if record.exc_info:
            return self.formatException(record.exc_info)
        return self.formatStack(record.stack_info) if record.stack_info else ""


class TextFormat(Format):
    def format(self, record: logging.LogRecord) -> str:
        text, request_id = record.getMessage(), getattr(record, "request_id", current.request_id)
        if CONTROLS.search(text):
            text = CONTROLS.sub(lambda found: ascii(found[0])[1:-1], text)
        request = f" [{request_id}]" if request_id else ""
        line = f"{self.formatTime(record)} {record.levelname:7} {record.name}: {text}{request}"
        trace = self.traceback(record)
        return f"{line}\n{trace}" if trace else line


class JsonFormat(Format):
    def __init__(self, node: str) -> None:
        super().__init__()
        self.node = node

    def written(self, second: int) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))

    def format(self, record: logging.LogRecord) -> str:
        facts: dict[str, Any] = {
            "time": f"{self.formatTime(record)}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "node": self.node,
            "message": record.getMessage(),
        }
        if request_id := getattr(record, "request_id", current.request_id):
            facts["request"] = request_id
        if is_routine(record):
            facts |= cast(Routine, record.msg).facts()
        if trace := self.traceback(record):
            facts["traceback"] = trace
        return json.dumps(facts, separators=(",", ":"), default=str)


class Noted(NamedTuple):
    """A routine message whose record is made when it is written."""

    created: float
    request_id: str
    logger: str
    message: Routine

    def record(self) -> logging.LogRecord:
        record = Record(self.logger, logging.INFO, "", 0, self.message, None, None)
        record.created, record.msecs = self.created, self.created % 1 * 1000
        record.request_id = self.request_id
        return record


def is_routine(record: logging.LogRecord) -> bool:
    return hasattr(record.msg, "facts")


class Together(logging.Handler):
    """Writes many lines at once: each write lets other threads in, and that costs a small request a tenth more."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self.stream = stream
        self.waiting: deque[logging.LogRecord | Noted] = deque()
        self.writing = threading.Lock()
        threading.Thread(target=self.flush_again_and_again, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        self.waiting.append(record)
        if not is_routine(record) or record.levelno > logging.INFO or len(self.waiting) >= MOST_WAITING:
            self.flush()

    def note(self, logger: str, message: Routine) -> None:
        """As a record of it, but for a quarter of the price."""
        self.waiting.append(Noted(time.time(), current.request_id, logger, message))
        if len(self.waiting) >= MOST_WAITING:
            self.flush()

    def flush(self) -> None:
        with self.writing:
            while self.waiting:
                waiting = [self.waiting.popleft() for _ in range(len(self.waiting))]
                records = [one.record() if isinstance(one, Noted) else one for one in waiting]
                lines = "".join(map(self.line, records))
                try:
                    self.stream.write(lines)
                    self.stream.flush()
                except Exception:
                    self.handleError(records[-1])

    def line(self, record: logging.LogRecord) -> str:
        """A message that cannot be told takes no others with it."""
        try:
            return f"{self.format(record)}\n"
        except Exception:
            self.handleError(record)
            return ""

    def flush_again_and_again(self) -> None:
        while True:
            time.sleep(WRITTEN_EVERY)
            if self.waiting:
                self.flush()


def tell(log: logging.Logger, level: int, message: Routine) -> None:
    """As `log.log`, and fast where nobody listens but the log."""
    handlers = logging.root.handlers
    if level == logging.INFO and len(handlers) == 1 and isinstance(handlers[0], Together):
        handlers[0].note(log.name, message)
    else:
        log.handle(Record(log.name, level, "", 0, message, None, None))


def start_logging(level: str, format: Literal["text", "json"] = "text", node: str = "") -> None:
    handler = Together(sys.stderr)
    handler.setFormatter(JsonFormat(node) if format == "json" else TextFormat())
    # What other packages tell at lower levels has addresses with all that was asked of them.
    logging.basicConfig(handlers=[handler], level=max(logging.WARNING, logging.getLevelName(level.upper())), force=True)
    for name in OWN:
        logging.getLogger(name).setLevel(level.upper())
    # Its warnings about a queue of waiting requests say nothing an operator could act on.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    logging.setLogRecordFactory(Record)
    # No line has them, and finding them out is a good part of what a line costs.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
