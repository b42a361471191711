"""`/dashboard/upload`: files and addresses from somebody who is signed in, with a script and without."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from gateway.app import create_app
from gateway.core.errors import FetchRefused
from gateway.core.ports import Upload
from gateway.core.records import Owner
from gateway.settings import Limits, Settings, Uploads
from gateway.store.opening import Opened
from tests.conftest import PUBLIC_URL, Client, FrozenClock, draw
from tests.web.dashboard.conftest import Person, text_of, token_of


class Scripted:
    """What our script sends, for somebody who is signed in."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.headers = {"Accept": "application/json", "X-CSRF-Token": token_of(person.get("/dashboard/upload").text)}

    def ask(self, method: str, path: str = "", headers: dict[str, str] | None = None, **options: Any) -> TestResponse:
        return self.person.client.open(
            f"/dashboard/upload{path}",
            method=method,
            base_url=PUBLIC_URL,
            headers=self.headers | (headers or {}),
            **options,
        )

    def send(self, content: bytes | None = None, name: str = "cat.png", **fields: str) -> TestResponse:
        files = {} if content is None else {"file": (io.BytesIO(content), name)}
        return self.ask("POST", data=fields | files)

    def begin(self, length: int, **fields: str) -> TestResponse:
        metadata = ",".join(f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in fields.items())
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(length), "Upload-Metadata": metadata}
        return self.ask("POST", "/pieces", headers)

    def append(self, session_id: str, offset: int, piece: bytes) -> TestResponse:
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        }
        return self.ask("PATCH", f"/pieces/{session_id}", headers, data=piece)

    def look(self, session_id: str) -> TestResponse:
        return self.ask("GET", f"/pieces/{session_id}")


@pytest.fixture
def script(user: Person) -> Scripted:
    return Scripted(user)


def refusal(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.json["error"]["code"]


def test_it_works(script: Scripted, opened: Opened, alice: Owner) -> None:
    answer = script.send(draw(), "Blue cat.png")
    assert answer.status_code == 201
    media = opened.holdings.own(alice, answer.json["id"])
    assert (media.filename, media.is_public, media.expires_at) == ("Blue cat.png", True, None)
    assert answer.json["links"]["direct"] == f"{PUBLIC_URL}/{media.id}.png"
    assert set(answer.json["links"]) == {"direct", "viewer", "markdown", "html", "bbcode"}
    assert answer.json["links"]["markdown"] == f"![Blue cat]({PUBLIC_URL}/{media.id}.png)"
    assert (answer.json["title"], answer.json["is_duplicate"], answer.json["is_whole"]) == ("Blue cat", False, True)


def test_choices_are_kept(script: Scripted, opened: Opened, alice: Owner, clock: FrozenClock) -> None:
    album = opened.library.add_album(alice, "Sea")
    answer = script.send(draw(), visibility="private", album=album.id, tags="one, two ,,one", life="P1D")
    media = opened.holdings.own(alice, answer.json["id"])
    assert (media.is_public, media.album_id, set(media.tags)) == (False, album.id, {"one", "two"})
    assert media.expires_at and (media.expires_at - clock.now()).days == 1
    assert "sig=" in answer.json["picture"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"visibility": "friends"}, "VISIBILITY_UNKNOWN"), ({"life": "P9Y"}, "LIFE_UNKNOWN"),
     ({"tags": "a/b"}, "TAG_UNFIT"), ({"tags": ",".join("abcdefghijk")}, "TAGS_TOO_MANY"),
     ({"album": "nothing"}, "ALBUM_GONE")],
)  # fmt: skip
def test_a_choice_that_cannot_be_kept(script: Scripted, opened: Opened, fields: dict[str, str], code: str) -> None:
    assert refusal(script.send(draw(), **fields)) == (400, code)
    assert refusal(script.begin(100, **fields)) == (400, code)
    assert opened.library.usage().media_count == 0


def test_an_album_of_somebody_else_is_not_there(script: Scripted, opened: Opened, bob: Owner) -> None:
    album = opened.library.add_album(bob, "Bob's")
    assert refusal(script.send(draw(), album=album.id)) == (400, "ALBUM_GONE")


def test_it_is_told_in_the_language_of_the_reader(script: Scripted) -> None:
    answer = script.ask("POST", headers={"Accept-Language": "de"}, data={"file": (io.BytesIO(b"text"), "a.txt")})
    assert refusal(answer) == (400, "FILE_UNKNOWN")
    assert answer.json["error"]["message"].startswith("Das ist kein Bild, Video oder Ton")


def test_nothing_and_two_are_refused(script: Scripted) -> None:
    assert refusal(script.send()) == (400, "SOURCE_MISSING")
    assert refusal(script.send(draw(), url="https://example.org/a.png")) == (400, "SOURCE_MISSING")


def test_a_file_that_is_there_is_said_to_be(script: Scripted) -> None:
    first = script.send(draw()).json
    again = script.send(draw(), visibility="private")
    assert (again.status_code, again.json["id"], again.json["is_duplicate"]) == (201, first["id"], True)
    assert again.json["is_public"] is True


def test_without_its_token_nothing_is_read(user: Person, opened: Opened) -> None:
    headers = {"Accept": "application/json", "X-CSRF-Token": "0" * 64}
    files = {"file": (io.BytesIO(draw()), "cat.png")}
    answer = user.client.post("/dashboard/upload", base_url=PUBLIC_URL, data=files, headers=headers)
    assert refusal(answer) == (403, "TOKEN_WRONG")
    assert opened.library.usage().media_count == 0


def test_strangers_send_nothing(stranger: Person) -> None:
    headers = {"Accept": "application/json"}
    for path in ("/dashboard/upload", "/dashboard/upload/pieces"):
        assert refusal(stranger.client.post(path, base_url=PUBLIC_URL, headers=headers)) == (401, "SIGNED_OUT")


# addresses


class Fetched:
    """Gives the same for every address."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def fetch(self, url: str, into: Upload) -> str:
        self.asked.append(url)
        if "gone" in url:
            raise FetchRefused("There is nothing.")
        into.write(draw())
        return "fetched.png"


@pytest.fixture
def fetched(opened: Opened) -> Fetched:
    return Fetched()


@pytest.fixture
def app(settings: Settings, opened: Opened, fetched: Fetched) -> Flask:
    return create_app(settings, replace(opened, fetcher=fetched))


def test_an_address_is_fetched(script: Scripted, opened: Opened, alice: Owner, fetched: Fetched) -> None:
    answer = script.send(url=" https://example.org/a cat.png ", visibility="private")
    assert fetched.asked == ["https://example.org/a%20cat.png"]
    media = opened.holdings.own(alice, answer.json["id"])
    assert (media.filename, media.is_public) == ("fetched.png", False)


def test_an_address_with_nothing_there(script: Scripted) -> None:
    assert refusal(script.send(url="https://example.org/gone.png")) == (400, "URL_FAILED")


def test_addresses_that_are_switched_off(settings: Settings, opened: Opened, alice: Owner, fetched: Fetched) -> None:
    off = replace(settings, uploads=replace(settings.uploads, url_sources=False))
    person = Person(Client(create_app(off, replace(opened, fetcher=fetched))))
    person.sign_in()
    assert 'name="url"' not in person.get("/dashboard/upload").text
    assert refusal(Scripted(person).send(url="https://example.org/a.png"))[1] == "URL_OFF"
    assert fetched.asked == []


# limits


def limited(settings: Settings, opened: Opened, **limits: Any) -> Person:
    person = Person(Client(create_app(replace(settings, **limits), opened)))
    person.sign_in()
    return person


def test_each_file_counts(settings: Settings, opened: Opened, alice: Owner) -> None:
    script = Scripted(limited(settings, opened, limits=Limits(upload=2)))
    assert script.send(draw(seed=1)).status_code == 201
    assert script.begin(100).status_code == 201
    answer = script.send(draw(seed=2))
    assert refusal(answer) == (429, "RATE_LIMITED") and int(answer.headers["Retry-After"]) > 0
    assert refusal(script.begin(100)) == (429, "RATE_LIMITED")


def test_a_file_that_is_too_large(settings: Settings, opened: Opened, alice: Owner) -> None:
    opened.blobs.receive = lambda _, receive=opened.blobs.receive: receive(1000)  # type: ignore[method-assign,misc]
    script = Scripted(limited(settings, opened, uploads=Uploads(max_size=1000)))
    assert refusal(script.send(draw(500, 500))) == (413, "FILE_TOO_BIG")
    assert refusal(script.send(b"x" * 2_000_000)) == (413, "FILE_TOO_BIG")


# in pieces


def test_a_file_in_pieces(script: Scripted, opened: Opened, alice: Owner) -> None:
    picture = draw(300, 200)
    begun = script.begin(len(picture), filename="großes Bild.png", visibility="private", tags="", life="P1D", album="")
    session = begun.json["id"]
    assert begun.headers["Location"] == f"/dashboard/upload/pieces/{session}"
    assert script.append(session, 0, picture[:50]).headers["Upload-Offset"] == "50"
    assert script.look(session).json == {"offset": 50, "file": None}
    last = script.append(session, 50, picture[50:])
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, str(len(picture)))
    assert "Picgate-Duplicate" not in last.headers
    state = script.look(session).json
    media = opened.holdings.own(alice, state["file"]["id"])
    assert (media.filename, media.is_public) == ("großes Bild.png", False) and media.expires_at


def test_a_duplicate_in_pieces_is_said_to_be_one(script: Scripted) -> None:
    picture = draw()
    script.send(picture)
    session = script.begin(len(picture)).json["id"]
    assert script.append(session, 0, picture).headers["Picgate-Duplicate"] == "true"


def test_pieces_go_on_where_they_are(script: Scripted) -> None:
    session = script.begin(100).json["id"]
    script.append(session, 0, b"x" * 10)
    assert refusal(script.append(session, 0, b"x" * 10)) == (409, "CONFLICT")


def test_what_is_refused_in_the_end_is_gone(script: Scripted) -> None:
    session = script.begin(10).json["id"]
    assert refusal(script.append(session, 0, b"no picture")) == (400, "FILE_UNKNOWN")
    assert refusal(script.look(session)) == (404, "NOT_FOUND")


def test_an_album_that_is_gone_meanwhile_keeps_nothing_back(script: Scripted, opened: Opened, alice: Owner) -> None:
    album, picture = opened.library.add_album(alice, "Sea"), draw()
    session = script.begin(len(picture), album=album.id).json["id"]
    opened.catalog.album = lambda _: None  # type: ignore[method-assign]
    assert script.append(session, 0, picture).status_code == 204


def test_what_is_begun_can_be_left(script: Scripted) -> None:
    session = script.begin(10).json["id"]
    assert script.ask("DELETE", f"/pieces/{session}").status_code == 204
    assert refusal(script.look(session)) == (404, "NOT_FOUND")


def test_pieces_of_somebody_else_are_not_there(script: Scripted, person: Callable[[], Person], bob: Owner) -> None:
    session = script.begin(10).json["id"]
    other = person()
    other.sign_in("bob")
    theirs = Scripted(other)
    for answer in (theirs.look(session), theirs.append(session, 0, b"x"), theirs.ask("DELETE", f"/pieces/{session}")):
        assert refusal(answer) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Tus-Resumable": "0.2.2"}, 412), ({"Content-Type": "image/png"}, 415), ({"Upload-Offset": "-1"}, 400)],
)
def test_a_piece_that_is_none(script: Scripted, headers: dict[str, str], status: int) -> None:
    session = script.begin(10).json["id"]
    right = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert script.ask("PATCH", f"/pieces/{session}", right | headers, data=b"x").status_code == status


def test_more_than_is_taken_is_refused_at_the_beginning(script: Scripted, settings: Settings) -> None:
    assert refusal(script.begin(settings.uploads.max_size + 1)) == (413, "FILE_TOO_BIG")
    assert refusal(script.begin(0)) == (400, "FILE_EMPTY")


# without a script


def send_form(
    user: Person, *files: tuple[bytes, str], headers: dict[str, str] | None = None, **fields: str
) -> TestResponse:
    parts = [(io.BytesIO(content), name) for content, name in files]
    data: dict[str, Any] = {"token": token_of(user.get("/dashboard/upload").text), **fields, "file": parts}
    return user.client.post("/dashboard/upload", base_url=PUBLIC_URL, data=data, headers=headers)


def test_a_form_sends_several(user: Person, opened: Opened) -> None:
    answer = send_form(
        user, (draw(seed=1), "one.png"), (b"no picture", "<b>two.png"), (draw(seed=3), "three.png"),
        url="https://example.org/gone.png",
    )  # fmt: skip
    page = text_of(answer.text)
    assert answer.status_code == 200 and "2 of 4 uploaded" in page
    assert "<b>two.png This is no picture" in page and "https://example.org/gone.png The file could not" in page
    assert "&lt;b&gt;two.png" in answer.text
    assert opened.library.usage().media_count == 2


def test_a_form_takes_what_is_not_too_large(settings: Settings, opened: Opened, alice: Owner) -> None:
    opened.blobs.receive = lambda _, receive=opened.blobs.receive: receive(20_000)  # type: ignore[method-assign,misc]
    user = limited(settings, opened, uploads=Uploads(max_size=2_000_000))
    files = ((draw(seed=1), "one.png"), (b"x" * 1_300_000, "two.png"), (draw(seed=3), "three.png"))
    answer = send_form(user, *files, headers={"Accept-Language": "de"})
    page = text_of(answer.text)
    assert answer.status_code == 200 and "2 von 3" in page
    assert "two.png Das ist größer als 20 KB" in page
    assert opened.library.usage().media_count == 2
    assert opened.blobs.half_arrived(datetime.max.replace(tzinfo=UTC)) == 0


def test_a_form_with_nothing_in_it(user: Person) -> None:
    answer = send_form(user, (b"", ""), url=" ")
    assert answer.status_code == 400 and "Nothing was chosen." in text_of(answer.text)


def test_the_form_offers_what_there_is(user: Person, opened: Opened, alice: Owner, bob: Owner) -> None:
    opened.library.add_album(alice, "Sea & sand")
    opened.library.add_album(bob, "Secret")
    page = user.get("/dashboard/upload").text
    assert "Sea &amp; sand" in page and "Secret" not in page


@pytest.mark.parametrize("language", ["en", "de"])
def test_it_is_whole_in_every_language(user: Person, language: str) -> None:
    page = user.get("/dashboard/upload", headers={"Accept-Language": language}).text
    assert f'<html lang="{language}">' in page and page.count("<h1>") == 1
    assert send_form(user, (draw(), "one.png")).text.rstrip().endswith("</html>")


def test_the_form_is_on_the_library_page(user: Person) -> None:
    assert 'id="upload-form"' in user.get("/dashboard/library").text
