"""People who use a gateway that may go away at any moment: what they send, what they were told, and what of that has to
be true afterwards. Whoever is refused or cut off tries again, as any tool does, and notes what it does not know."""

from __future__ import annotations

import hashlib
import http.client
import json
import random
import threading
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.journeys.uploading import PATIENCE, form, noise, picture

SHARED = 30  # pictures that everybody sends, and nobody deletes
TIRED = 40  # attempts after which somebody who always heard 503 gives up
PIECES = 4
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass(frozen=True, slots=True)
class Said:
    """`status` 0: the line was cut before all of an answer was there."""

    status: int
    headers: dict[str, str]
    body: bytes
    began_at: float
    ended_at: float

    @property
    def node(self) -> str:
        """The name of the gateway that answered; of nginx there is none."""
        return self.headers.get("x-request-id", "").partition("-")[0]


@dataclass(slots=True)
class Kept:
    """An upload that was acknowledged. `tags` are None where nobody knows which of two it has."""

    id: str
    path: str
    sha256: str
    tags: tuple[str, ...] | None = ()


@dataclass(slots=True)
class Ledger:
    """What all of them were told. `unknown` may be there or not: its deletion was asked for, and not answered."""

    kept: dict[str, Kept] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    nodes: Counter[str] = field(default_factory=Counter)


class Tired(Exception):
    """Nothing came of it after many attempts."""


class Person(threading.Thread):
    """One of them, doing one thing after the other until it is over."""

    def __init__(self, number: int, url: str, key: str, ledger: Ledger, over: threading.Event) -> None:
        super().__init__(name=f"person {number}")
        self.number = number
        self.url = url
        self.key = key
        self.ledger = ledger
        self.over = over
        self.chance = random.Random(number)
        self.sent = 0
        self.own: list[str] = []

    def run(self) -> None:
        things = (
            (self.upload_as_old_tools, 6), (self.upload, 5), (self.upload_again, 3), (self.upload_shared, 3),
            (self.upload_in_pieces, 3), (self.look, 4), (self.fetch, 9), (self.view, 3), (self.tag, 4),
            (self.delete, 3),
        )  # fmt: skip
        doing, weights = zip(*things, strict=True)
        while not self.over.is_set():
            thing: Callable[[], None] = self.chance.choices(doing, weights)[0]
            try:
                thing()
                self.ledger.done[thing.__name__] += 1
            except Tired:
                self.ledger.refused["tired"] += 1
            except Exception as error:
                self.ledger.wrong.append(f"{thing.__name__}: {error!r}")

    # asking

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Said:
        """One attempt, over a line of its own, so that the next one may meet another gateway."""
        line = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        began_at = time.monotonic()
        try:
            line.request(method, path, body or None, {"Authorization": f"Bearer {self.key}"} | named)
            answer = line.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            said = Said(answer.status, told, answer.read(), began_at, time.monotonic())
        except (ConnectionError, http.client.HTTPException):
            said = Said(0, {}, b"", began_at, time.monotonic())
        finally:
            line.close()
        self.note(method, path, said)
        return said

    def note(self, method: str, path: str, said: Said) -> None:
        self.ledger.nodes[said.node] += 1
        if said.status == 503:
            self.ledger.refused["by a gateway" if said.node else "by nginx"] += 1
            if not said.headers.get("retry-after", "").isdigit():
                self.ledger.wrong.append(f"{method} {path}: 503 without Retry-After")
        elif not said.status:
            self.ledger.refused["cut"] += 1
        elif said.status >= 500 or said.status == 429:
            self.ledger.wrong.append(f"{method} {path}: {said.status} {said.body[:300]!r}")

    def insist(self, method: str, path: str, body: bytes = b"", **headers: str) -> Said:
        """Until there is an answer that is neither 503 nor cut off."""
        for _ in range(TIRED):
            said = self.ask(method, path, body, **headers)
            if said.status not in (0, 503):
                return said
            self.chance_to_recover()
        raise Tired

    def chance_to_recover(self) -> None:
        """Less than they are asked to wait, and the tools that do not wait at all are the hard ones."""
        threading.Event().wait(self.chance.uniform(0.1, 0.8))

    # uploading

    def next_picture(self) -> bytes:
        self.sent += 1
        return picture(1_000_000 * (self.number + 1) + self.sent)

    def upload_as_old_tools(self) -> None:
        self.own.append(self.keep_legacy(self.next_picture()))

    def keep_legacy(self, data: bytes) -> str:
        body, kind = form(data)
        said = self.insist("POST", "/api/1/upload", body, X_API_Key=self.key, Content_Type=kind)
        assert said.status == 200, said
        image = json.loads(said.body)["image"]
        return self.keep(image["id_encoded"], image["url"], data)

    def upload(self) -> None:
        self.own.append(self.keep_v1(self.next_picture()))

    def keep_v1(self, data: bytes) -> str:
        body, kind = form(data)
        body = body.replace(b'name="source"', b'name="file"', 1)
        said = self.insist("POST", "/v1/images", body, Content_Type=kind)
        assert said.status in (200, 201), said
        media = json.loads(said.body)["data"]
        return self.keep(media["id"], media["url"], data)

    def keep(self, media_id: str, url: str, data: bytes) -> str:
        path = urlsplit(url).path
        self.ledger.kept.setdefault(media_id, Kept(media_id, path, hashlib.sha256(data).hexdigest()))
        return media_id

    def upload_again(self) -> None:
        """Over the other door, what may have arrived before."""
        if self.own:
            data = self.next_picture()
            first, second = self.keep_v1(data), self.keep_legacy(data)
            assert first == second, f"{first} and {second} are the same picture"
            self.own.append(first)

    def upload_shared(self) -> None:
        self.chance.choice((self.keep_v1, self.keep_legacy))(picture(self.chance.randrange(SHARED)))

    def upload_in_pieces(self) -> None:
        """Each piece over a line of its own, and so mostly at another gateway."""
        self.sent += 1
        data = noise(1_000_000 * (self.number + 1) + self.sent, 160, 120)
        metadata = f"filename {b64encode(b'pieces.png').decode()}"
        begun = self.insist("POST", "/v1/uploads", Upload_Length=str(len(data)), Upload_Metadata=metadata, **TUS)
        assert begun.status == 201, begun
        path = urlsplit(begun.headers["location"]).path
        size = -(-len(data) // PIECES)
        for _ in range(TIRED):
            state = self.insist("HEAD", path, **TUS)
            if state.status == 423:  # the piece before is still being written
                self.chance_to_recover()
                continue
            assert state.status == 200, state
            at = int(state.headers["upload-offset"])
            if at == len(data):
                media_id = state.headers["x-picora-id"]
                self.own.append(self.keep(media_id, f"/{media_id}.png", data))
                return
            piece = {"Upload_Offset": str(at), "Content_Type": "application/offset+octet-stream"}
            said = self.ask("PATCH", path, data[at : at + size], **piece, **TUS)
            assert said.status in (0, 204, 409, 423, 503), said
            if said.status != 204:
                self.chance_to_recover()
        raise Tired

    # the rest

    def look(self) -> None:
        said = self.insist("GET", "/v1/images?limit=20")
        assert said.status == 200, said
        assert all(one["id"] for one in json.loads(said.body)["data"]["images"])

    def fetch(self) -> None:
        if self.own:
            one = self.ledger.kept[self.chance.choice(self.own)]
            said = self.insist("GET", one.path)
            assert said.status == 200, (one, said)
            assert hashlib.sha256(said.body).hexdigest() == one.sha256, one

    def view(self) -> None:
        """Its page, by way of the short link."""
        if self.own:
            short = self.insist("GET", f"/image/{self.chance.choice(self.own)}")
            assert short.status in (301, 302), short
            said = self.insist("GET", urlsplit(short.headers["location"]).path)
            assert said.status == 200, said

    def tag(self) -> None:
        if self.own:
            one = self.ledger.kept[self.chance.choice(self.own)]
            tags = (f"person{self.number}", f"at{self.chance.randrange(5)}")
            before, one.tags = one.tags, None
            said = self.insist("PATCH", f"/v1/images/{one.id}", json.dumps({"tags": tags}).encode(),
                               Content_Type="application/json")  # fmt: skip
            assert said.status == 200, (before, said)
            one.tags = tags

    def delete(self) -> None:
        if len(self.own) < 4:
            return
        media_id = self.own.pop(self.chance.randrange(len(self.own)))
        self.ledger.unknown.add(media_id)
        said = self.insist("DELETE", f"/v1/images/{media_id}")
        assert said.status in (200, 204, 404), said  # it may have been deleted by an attempt that was not answered
        self.ledger.unknown.discard(media_id)
        self.ledger.gone.add(media_id)


class Limited(Person):
    """Somebody who asks far more often than is allowed, and notes what got through."""

    def __init__(self, number: int, url: str, key: str, ledger: Ledger, over: threading.Event) -> None:
        super().__init__(number, url, key, ledger, over)
        self.through: list[Said] = []
        self.turned_away = 0

    def run(self) -> None:
        while not self.over.wait(0.05):
            said = self.ask("GET", "/v1/images?limit=1")
            if said.status == 200:
                self.through.append(said)
            self.turned_away += said.status == 429

    def note(self, method: str, path: str, said: Said) -> None:
        if said.status != 429:
            super().note(method, path, said)


def most_in_a_minute(said: Iterable[Said]) -> int:
    """Surely: of those that had begun and were answered within some minute."""
    answers = sorted(said, key=lambda one: one.began_at)
    ends = [one.began_at + 60 for one in answers]
    return max((sum(one.ended_at <= end for one in answers[at:]) for at, end in enumerate(ends)), default=0)
