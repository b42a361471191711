"""What a real Chevereto answered, request by request, and that we answer the same but for the listed differences."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import pytest

from gateway.settings import Storage
from tests.clients.golden import SITUATIONS, Case, Facts, Site, Situation, cases, differences, facts_of, send, site
from tests.clients.golden_differences import DIFFERENCES, NOT_REPLAYED
from tests.clients.wire import Answer
from tests.conftest import PUBLIC_URL
from tests.namespace import run_module
from tests.shared import needs_shared

pytestmark = needs_shared("golden")

UPLOADS = [case for case in cases().values() if case.is_upload]
DIRECT = [case for case in UPLOADS if not case.fetches]
FETCHED = [case for case in UPLOADS if case.fetches]


def expected(case: Case, found: Facts) -> Facts:
    """What the list says, its messages as long as they are there."""
    listed = DIFFERENCES.get(case.name)
    ours = dict(listed.ours) if listed else {}
    if "message" in ours and str(found.get("message")).startswith(ours["message"]):
        ours["message"] = found["message"]
    return ours


def check(case: Case, ours: Answer) -> None:
    found = differences(case, ours)
    assert found == expected(case, found), ours.body
    outcome = facts_of(ours)["outcome"]
    assert outcome == "page" or (outcome == "success") == (ours.status < 400)


@pytest.fixture
def v4(storage: Storage) -> Iterator[Site]:
    with site(storage, "v4") as ours:
        yield ours


# uploads


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in DIRECT])
def test_an_old_tool_cannot_tell_us_from_the_recorded_site(case: Case, storage: Storage) -> None:
    situation = SITUATIONS.get(case.name, Situation())
    with site(storage, case.version, situation) as ours:
        for earlier in situation.before:
            assert ours.replay(cases()[earlier]).status == 200
        answer = ours.replay(case)
        check(case, answer)
        follow_links(ours, answer)


def follow_links(ours: Site, answer: Answer) -> None:
    """Whatever was answered as an address opens, and the file behind it is what the answer says of it."""
    if answer.status == 302:
        assert get(ours, answer.headers["location"])
    elif answer.body.startswith(PUBLIC_URL):
        assert get(ours, answer.body)
    elif answer.status == 200:
        body = json.loads(answer.body)
        image = body.get("image") or body["data"]
        assert hashlib.md5(get(ours, image["url"])).hexdigest() == image["md5"]
        for name in ("image", "thumb", "medium", "frame"):
            if image.get(name, {}).get("url"):
                assert len(get(ours, image[name]["url"])) == image[name]["size"]
        assert get(ours, image["display_url"]) and get(ours, image["url_viewer"])


def get(ours: Site, address: str) -> bytes:
    response = ours.client.get(address.removeprefix(PUBLIC_URL))
    assert response.status_code == 200, address
    data: bytes = response.data
    return data


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    answers = json.loads(run_module("tests.clients.golden_urls", str(tmp_path_factory.mktemp("fetched"))))
    return {name: Answer(**answer) for name, answer in answers.items()}


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in FETCHED])
def test_nor_when_it_sends_an_address(case: Case, fetched: dict[str, Answer]) -> None:
    check(case, fetched[case.name])


@pytest.mark.parametrize("name", ["v4/152-user-dup", "v4/154-user-dup-b64"])
def test_duplicates_are_refused_as_recorded_where_that_is_set(name: str, storage: Storage) -> None:
    with site(storage, "v4", Situation({"uploads": {"duplicates": "refuse"}})) as ours:
        ours.replay(cases()["v4/151-user-upload-1"])
        assert differences(cases()[name], ours.replay(cases()[name])) == {}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("v4/103-p-nsfw-2", "nsfw '2'"),
        ("v4/104-p-nsfw-true", "nsfw 'true'"),
        ("v4/125-p-album-foreign", "not one of yours"),
        ("v4/127-p-album-garbage", "Album '!!!'"),
        ("v4/130-p-cat-99", "no category 99"),
        ("v4/142-p-tags-special", "Tag 'a/b'"),
        ("v4/155-user-foreign-album", "not one of yours"),
        ("v4/158-guest-json", "not one of yours"),
    ],
)
def test_what_was_ignored_in_silence_is_named(name: str, words: str, v4: Site) -> None:
    assert words in " ".join(json.loads(v4.replay(cases()[name]).body)["warnings"])


@pytest.mark.parametrize("name", ["v4/002-png-small-json-allparams", "v4/124-p-album-private", "v4/151-user-upload-1"])
def test_what_was_done_as_asked_is_not_warned_of(name: str, v4: Site) -> None:
    assert "warnings" not in json.loads(v4.replay(cases()[name]).body)


# pages and files of one upload


@dataclass(frozen=True, slots=True)
class Published:
    """The picture the recorded pages were about, uploaded to a site of ours; `theirs` and `ours` are its addresses."""

    site: Site
    theirs: Facts
    ours: Facts

    def here(self, text: str) -> str:
        """A recorded address, of the same thing on our site."""
        for old, new in (
            (self.theirs["url"], self.ours["url"]),
            (urlsplit(self.theirs["url"]).path, urlsplit(self.ours["url"]).path),
            (self.theirs["delete_url"].rpartition("/")[2], self.ours["delete_url"].rpartition("/")[2]),
            ("http://localhost:8480", PUBLIC_URL),
        ):
            text = text.replace(old, new)
        return re.sub(rf"\b{self.theirs['id_encoded']}\b", self.ours["id_encoded"], text)

    def replay(self, name: str) -> tuple[Answer, Answer]:
        """The recorded answer, with its addresses made ours, and our own."""
        case = cases()[f"v4/{name}"]
        query = [(key, self.here(value)) for key, value in case.query]
        answer = send(self.site.client, replace(case, path=self.here(case.path), query=query))
        return case.answer, answer


@pytest.fixture
def published(v4: Site) -> Published:
    case = cases()["v4/191-for-delete"]
    return Published(v4, json.loads(case.answer.body)["image"], json.loads(v4.replay(case).body)["image"])


def check_page(published: Published, name: str) -> None:
    recorded, ours = published.replay(name)
    assert ours.status == recorded.status
    assert without_host(ours) == published.here(without_host(recorded))


def without_host(answer: Answer) -> str:
    location = urlsplit(answer.headers.get("location", ""))
    return location.path + ("?" + location.query if location.query else "")


BEFORE = (
    "192-viewer-head",
    "193-short-redirects",
    "194-viewer-wrong-slug",
    "195-viewer-img-alias",
    "196-viewer-i-alias",
    "197-viewer-video-route-for-image",
    "198-viewer-clip-route",
    "199-file-head",
    "200-delete-wrong-token",
    "201-delete-head",
    "202-delete-get",
    "207-album-a-alias",
    "233-viewer-of-expired-not-yet-swept",
)
AFTER = ("203-delete-again", "204-viewer-after-delete", "205-file-after-delete", "212-oembed")


@pytest.mark.parametrize("name", BEFORE)
def test_old_addresses_answer_as_recorded(published: Published, name: str) -> None:
    check_page(published, name)


@pytest.mark.parametrize("name", AFTER)
def test_nothing_is_left_of_what_was_deleted(published: Published, name: str) -> None:
    published.replay("202-delete-get")
    check_page(published, name)


def test_what_is_past_its_time_is_gone_before_the_sweep(v4: Site) -> None:
    case = cases()["v4/241-viewer-expired-before-sweep"]
    image = json.loads(v4.replay(cases()["v4/106-p-exp-PT4M"]).body)["image"]
    v4.clock.advance(minutes=4)
    ours = v4.client.head(f"/image/{image['id_encoded']}")
    assert case.answer.status == 302
    assert {"status": ours.status_code, "to": ours.headers.get("location")} == DIFFERENCES[case.name].ours


# the list itself


def test_every_recorded_request_is_replayed_or_set_aside_with_a_reason() -> None:
    pages = [f"v4/{name}" for name in (*BEFORE, *AFTER)] + ["v4/241-viewer-expired-before-sweep"]
    replayed = [case.name for case in UPLOADS] + pages
    assert sorted([*replayed, *NOT_REPLAYED]) == sorted(cases())


def test_every_difference_is_of_a_recorded_request_and_is_one() -> None:
    """That it is one is what the replay checks: it finds just what is listed here, and that is never nothing."""
    assert set(DIFFERENCES) <= set(cases()) - set(NOT_REPLAYED)
    assert all(listed.ours and listed.reason.endswith(".") for listed in DIFFERENCES.values())
