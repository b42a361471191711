"""What the old host is asked for, how often, and what is kept of what it gives."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gateway.core import fallback as rules
from gateway.core.arrivals import Preparing
from gateway.core.errors import FetchRefused, HostUnavailable, StoreUnavailable
from gateway.core.fallback import Fallback
from gateway.core.moving import STAND_IN, Address
from gateway.core.ports import Upload
from gateway.core.records import Media
from gateway.core.standing_in import StandIns
from gateway.store.opening import Opened
from tests.conftest import FrozenClock, draw
from tests.media import film
from tests.old_host import move_in

URL = "https://old.example/pics"
PICTURE = draw(600, 400, seed=3)


@dataclass
class Host:
    """Has `files`, and answers `status` to whoever asks for another. Each answer waits until `go` is set."""

    files: dict[str, bytes]
    status: int | None = 404
    asked: list[str] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    meanwhile: Callable[[], object] = lambda: None

    def __post_init__(self) -> None:
        self.go.set()

    def wait_until_asked(self, times: int) -> None:
        for _ in range(times):
            assert self.arrived.acquire(timeout=30)

    def fetch(self, url: str, into: Upload) -> str:
        assert url.startswith(f"{URL}/")
        path = url.removeprefix(URL)
        self.asked.append(path)
        self.arrived.release()
        assert self.go.wait(30)
        self.meanwhile()
        if path not in self.files:
            raise FetchRefused("not fetched", status=self.status)
        into.write(self.files[path])
        return path.rpartition("/")[2]


@pytest.fixture
def host() -> Host:
    return Host({"/x/cat.png": PICTURE})


@pytest.fixture
def fallback(host: Host, opened: Opened, clock: FrozenClock) -> Fallback:
    preparing = Preparing(opened.blobs, opened.library.intake)
    stand_ins = StandIns(opened.catalog, preparing, opened.arrivals, opened.owners, clock, url=URL, root="")
    return Fallback(f"{URL}/", host, opened.blobs, stand_ins, clock, max_bytes=10_000_000)


Kept = Callable[..., tuple[Media, Address]]


@pytest.fixture
def kept(opened: Opened) -> Kept:
    """kept("/x/cat.png") is the record that stands in there, and its address."""

    def find(path: str) -> tuple[Media, Address]:
        [address] = opened.catalog.addresses_at([path])
        return opened.library.get(address.target_id), address

    return find


def stored(opened: Opened, name: str) -> bytes:
    blob = opened.blobs.open(name)
    assert blob, name
    with blob.file as file:
        return file.read()


def stored_files(opened: Opened) -> list[str]:
    return [name for name, _, _ in opened.blobs.names()]


def test_it_works(fallback: Fallback, opened: Opened, kept: Kept) -> None:
    assert fallback.bring("/x/cat.png")
    media, address = kept("/x/cat.png")
    assert stored(opened, media.blob()) == PICTURE
    assert (media.filename, media.title, media.is_public, media.width) == ("cat.png", "cat", True, 600)
    assert (address.site_id, address.kind, address.variant, address.mime) == (STAND_IN, "media", None, None)
    owner = opened.catalog.owner(media.owner_id)
    assert owner and (owner.role, owner.media_count, owner.storage_used_bytes) == ("guest", 1, len(PICTURE))
    [site] = opened.catalog.sites()
    assert (site.id, site.kind, site.url) == ("fallback", "fallback", URL)


def test_nothing_is_left_of_the_fetching(fallback: Fallback, opened: Opened, settings: Any) -> None:
    fallback.bring("/x/cat.png")
    fallback.bring("/x/dog.png")
    assert list(Path(settings.storage.data, "incoming").iterdir()) == []


def test_what_was_brought_is_not_asked_for_again(fallback: Fallback, host: Host) -> None:
    assert fallback.bring("/x/cat.png")
    asked = list(host.asked)
    assert fallback.bring("/x/cat.png")
    assert host.asked == asked == ["/x/cat.png", "/x/cat.th.png", "/x/cat.md.png"]


def test_the_guest_that_is_here_has_it(fallback: Fallback, opened: Opened, kept: Kept) -> None:
    guest = opened.owners.add("visitors", role="guest")
    fallback.bring("/x/cat.png")
    assert kept("/x/cat.png")[0].owner_id == guest.id


def test_the_name_of_the_guest_may_be_taken(fallback: Fallback, opened: Opened, kept: Kept) -> None:
    opened.owners.add("Guest")
    fallback.bring("/x/cat.png")
    owner = opened.catalog.owner(kept("/x/cat.png")[0].owner_id)
    assert owner and (owner.username, owner.role) == ("guest-2", "guest")


# renditions


def test_its_renditions_come_with_it(fallback: Fallback, host: Host, opened: Opened, kept: Kept) -> None:
    host.files |= {"/x/cat.th.png": draw(160, 160), "/x/cat.md.png": draw(500, 333)}
    fallback.bring("/x/cat.png")
    media, _ = kept("/x/cat.png")
    assert stored(opened, media.blob("th")) == draw(160, 160)
    assert stored(opened, media.blob("md")) == draw(500, 333)


def test_a_rendition_that_is_none_or_does_not_come_is_made(
    fallback: Fallback, host: Host, opened: Opened, kept: Kept
) -> None:
    host.files["/x/cat.th.png"] = b"<html>"
    host.status = 500
    assert fallback.bring("/x/cat.png")
    media, _ = kept("/x/cat.png")
    assert stored(opened, media.blob("th")).startswith(b"\x89PNG")
    assert stored(opened, media.blob("md")).startswith(b"\x89PNG")


def test_asked_for_a_rendition_its_file_comes(fallback: Fallback, host: Host, kept: Kept) -> None:
    assert fallback.bring("/x/cat.th.png")
    assert host.asked[0] == "/x/cat.png"
    assert kept("/x/cat.png")[0].has("th")


def test_a_picture_that_is_called_like_a_rendition_comes(fallback: Fallback, host: Host, kept: Kept) -> None:
    host.files["/x/dog.th.jpg"] = draw(format="JPEG")
    assert fallback.bring("/x/dog.th.jpg")
    assert kept("/x/dog.th.jpg")[0].mime == "image/jpeg"


def test_asked_for_a_still_its_film_comes(fallback: Fallback, host: Host, opened: Opened, kept: Kept) -> None:
    host.files |= {"/x/clip.webm": film("webm"), "/x/clip.fr.jpeg": draw(320, 240, "JPEG")}
    assert fallback.bring("/x/clip.fr.jpeg")
    media, _ = kept("/x/clip.webm")
    assert (media.kind, stored(opened, media.blob("fr"))) == ("video", draw(320, 240, "JPEG"))
    assert opened.catalog.addresses_at(["/x/clip.fr.jpeg"]) == []


def test_an_unknown_still_is_not_looked_for_under_every_ending(fallback: Fallback, host: Host) -> None:
    assert not fallback.bring("/x/none.th.jpg")
    assert host.asked == ["/x/none.jpg", "/x/none.th.jpg"]


# what is asked


@pytest.mark.parametrize(
    ("path", "asked", "address"),
    [
        ("/a b.png", "/a%20b.png", "/a b.png"),
        ("/a+b(1)~'!@,;=&$*:.png", "/a%2Bb(1)~'!@,;=&$*:.png", "/a+b(1)~'!@,;=&$*:.png"),
        ("/100%.png", "/100%25.png", "/100%.png"),
        ("/a%20b.png", "/a%2520b.png", "/a%20b.png"),
        ("/a?b#c.png", "/a%3Fb%23c.png", "/a?b#c.png"),
        ("/Gr\xc3\xbc\xc3\x9fe.png", "/Gr%C3%BC%C3%9Fe.png", "/Grüße.png"),
        ("/Gr\xfc\xdfe.png", "/Gr%FC%DFe.png", "/Grüße.png"),
        ("/x//a.png", "/x/a.png", "/x/a.png"),
        ("//evil.example/a.png", "/evil.example/a.png", "/evil.example/a.png"),
        ("/../../secret/a.png", "/secret/a.png", "/secret/a.png"),
        ("/x\\..\\a.png", "/x%5C..%5Ca.png", "/x\\..\\a.png"),
    ],
)
def test_a_path_is_asked_for_as_it_came(
    fallback: Fallback, host: Host, kept: Kept, path: str, asked: str, address: str
) -> None:
    host.files = {asked: PICTURE}
    assert fallback.bring(path)
    assert kept(address)


@pytest.mark.parametrize("path", ["/", "/x/page", "/x/cat.html", "/x/cat.png/..", "/" + "a" * 2000 + ".png"])
def test_what_is_no_file_is_not_asked_for(fallback: Fallback, host: Host, path: str) -> None:
    assert not fallback.bring(path)
    assert host.asked == []


def test_a_native_name_of_what_was_deleted_is_not_asked_for(
    fallback: Fallback, host: Host, opened: Opened, add_image: Any
) -> None:
    media = add_image().media
    opened.library.remove(media)
    host.files[f"/{media.id}.png"] = PICTURE
    assert not fallback.bring(f"/{media.id}.png")
    assert not fallback.bring(f"/{media.id}.th.png")
    assert host.asked == []
    host.files["/holiday-2021.png"] = PICTURE  # as long as an id
    assert fallback.bring("/holiday-2021.png")


def test_in_front_of_our_addresses_there_may_be_a_folder(fallback: Fallback, opened: Opened) -> None:
    fallback.stand_ins.root = "/img"
    assert fallback.bring("/x/cat.png")
    assert opened.catalog.addresses_at(["/img/x/cat.png"])
    assert not opened.catalog.addresses_at(["/x/cat.png"])


# what is kept


def test_the_type_that_its_name_stands_for_is_noted(fallback: Fallback, host: Host, kept: Kept) -> None:
    host.files["/lie.png"] = draw(format="WEBP")
    fallback.bring("/lie.png")
    media, address = kept("/lie.png")
    assert (media.mime, address.mime) == ("image/webp", "image/png")


@pytest.mark.parametrize(
    "data", [b"", b"<!DOCTYPE html><title>Sign in</title>", draw()[:60], draw(width=40_000, height=1)]
)
def test_what_may_not_be_kept_is_not(fallback: Fallback, host: Host, opened: Opened, data: bytes) -> None:
    host.files["/x/cat.png"] = data
    assert not fallback.bring("/x/cat.png")
    assert (opened.library.usage().media_count, stored_files(opened)) == (0, [])
    asked = len(host.asked)
    assert not fallback.bring("/x/cat.png")
    assert len(host.asked) == asked


def test_what_is_too_large_is_not_kept(fallback: Fallback, host: Host, opened: Opened) -> None:
    fallback.max_bytes = len(PICTURE) - 1
    assert not fallback.bring("/x/cat.png")
    assert (opened.library.usage().media_count, stored_files(opened)) == (0, [])


def test_the_quota_of_the_guests_holds(fallback: Fallback, opened: Opened) -> None:
    opened.owners.add("guest", role="guest", quota_bytes=len(PICTURE) - 1)
    assert not fallback.bring("/x/cat.png")
    assert (opened.library.usage().media_count, stored_files(opened)) == (0, [])


def test_what_cannot_be_written_leaves_nothing(
    fallback: Fallback, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(opened.catalog, "add_arrived", refuse)
    with pytest.raises(StoreUnavailable):
        fallback.bring("/x/cat.png")
    assert stored_files(opened) == []
    monkeypatch.undo()
    assert fallback.bring("/x/cat.png")


def test_what_is_imported_meanwhile_has_no_stand_in(
    fallback: Fallback, host: Host, opened: Opened, add_image: Any, kept: Kept
) -> None:
    real, old = add_image().media, move_in(opened.catalog)
    files = stored_files(opened)
    host.meanwhile = lambda: old.media(7, real, "/x/cat.png")
    assert fallback.bring("/x/cat.png")
    assert kept("/x/cat.png")[0].id == real.id
    assert (opened.library.usage().media_count, sorted(stored_files(opened))) == (1, sorted(files))


# how often


def test_what_is_not_there_is_asked_for_again_after_five_minutes(
    fallback: Fallback, host: Host, clock: FrozenClock
) -> None:
    assert not fallback.bring("/x/dog.png")
    host.files["/x/dog.png"] = PICTURE
    clock.advance(seconds=299)
    assert not fallback.bring("/x/dog.png")
    assert host.asked == ["/x/dog.png"]
    clock.advance(seconds=1)
    assert fallback.bring("/x/dog.png")


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410])
def test_a_final_answer_is_remembered(fallback: Fallback, host: Host, status: int) -> None:
    host.status = status
    assert not fallback.bring("/x/dog.png")
    assert not fallback.bring("/x/dog.png")
    assert host.asked == ["/x/dog.png"]


@pytest.mark.parametrize("status", [200, 408, 429, 500, 503])
def test_trouble_there_is_not_an_answer(fallback: Fallback, host: Host, status: int) -> None:
    host.status = status
    for _ in range(2):
        with pytest.raises(HostUnavailable):
            fallback.bring("/x/dog.png")
    assert host.asked == ["/x/dog.png"] * 2
    assert fallback.bring("/x/cat.png")


def test_a_silent_host_is_left_alone_for_a_moment(fallback: Fallback, host: Host, clock: FrozenClock) -> None:
    host.status = None
    with pytest.raises(HostUnavailable) as silent:
        fallback.bring("/x/dog.png")
    assert silent.value.meta == {"retry_after": 30}
    with pytest.raises(HostUnavailable):
        fallback.bring("/x/cat.png")
    assert host.asked == ["/x/dog.png"]
    clock.advance(seconds=30)
    assert fallback.bring("/x/cat.png")


def test_memory_is_bounded(fallback: Fallback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_REMEMBERED", 3)
    for number in range(7):
        fallback.bring(f"/x/{number}.png")
    assert len(fallback.absent) <= 3


# many at once


@contextmanager
def hung_up(fallback: Fallback, host: Host, count: int) -> Iterator[list[Future[bool]]]:
    """So many are being fetched from a host that takes its time."""
    host.go.clear()
    with ThreadPoolExecutor(count) as threads:
        running = [threads.submit(fallback.bring, f"/x/{number}.gif") for number in range(count)]
        host.wait_until_asked(count)
        yield running
        host.go.set()


def test_many_who_want_it_at_once_ask_once(fallback: Fallback, host: Host, opened: Opened) -> None:
    host.go.clear()
    with ThreadPoolExecutor(8) as threads:
        paths = ["/x/cat.png", "/x/cat.th.png"] * 4
        wanted = [threads.submit(fallback.bring, path) for path in paths]
        host.wait_until_asked(1)
        host.go.set()
    assert [one.result() for one in wanted] == [True] * 8
    assert host.asked.count("/x/cat.png") == 1
    assert opened.library.usage().media_count == 1


def test_no_more_than_four_are_fetched_at_a_time(
    fallback: Fallback, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "PATIENCE", 0)
    with hung_up(fallback, host, 4) as running, pytest.raises(HostUnavailable):
        fallback.bring("/x/cat.png")
    assert "/x/cat.png" not in host.asked
    assert [one.result() for one in running] == [False] * 4
    assert fallback.bring("/x/cat.png")


def test_no_more_wait_than_have_room(fallback: Fallback, host: Host) -> None:
    fallback.room = threading.BoundedSemaphore(2)
    with hung_up(fallback, host, 2), pytest.raises(HostUnavailable):
        fallback.bring("/x/cat.png")
    assert fallback.bring("/x/cat.png")
