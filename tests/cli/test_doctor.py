"""`gateway doctor` as a command: what it is given, what it prints, and how it ends. What it finds: tests/journeys."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from gateway.cli import cli
from gateway.doctoring.pictures import unique_png
from gateway.doctoring.uploading import id_in
from gateway.doctoring.visit import Visit
from tests.conftest import LiveServer, free_port


def doctor(*words: str, input: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["doctor", *words], input=input)


@pytest.mark.parametrize("url", ["", "ftp://img.example.org", "http://", "http://me@127.0.0.1", "http://127.0.0.1:x"])
def test_what_is_no_address_is_refused(url: str) -> None:
    result = doctor(url)
    assert (result.exit_code, "is no address of a gateway" in result.stderr) == (2, True)


@pytest.mark.parametrize("key", ["two words", "schlüssel", "-"])
def test_what_is_no_key_is_refused(key: str) -> None:
    result = doctor("http://127.0.0.1:1", "--key", key, input="\n")
    assert (result.exit_code, "that is no key" in result.stderr) == (2, True)


def test_the_key_may_come_from_standard_input(live_server: LiveServer) -> None:
    result = doctor(live_server.url, "--key", "-", "--json", input=f"{live_server.key}\n")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["broken"], told["notes"]) == (0, 0, 0)
    assert "upload of a file" in {one["about"] for one in told["findings"]}


def test_each_finding_is_a_line_with_what_to_do_below_it() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    result = doctor(f"{url}/")
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert lines[0] == f"BROKEN  gateway: {url} cannot be reached: nobody listens there (connection refused)."
    assert lines[1].strip() == "Is the gateway running, and is this where it listens?"
    assert lines[-1] == "1 thing broken."


def test_a_look_without_a_key_says_that_there_is_more(live_server: LiveServer) -> None:
    lines = doctor(live_server.url).stdout.splitlines()
    assert lines[0].startswith("ok      gateway: Picgate ")
    assert lines[-1] == "All is well. 1 thing to know."


def test_https_where_none_is_spoken_is_said(live_server: LiveServer) -> None:
    result = doctor(live_server.url.replace("http://", "https://"), "--timeout", "2")
    assert (result.exit_code, f"Picgate answers at {live_server.url}: it speaks http" in result.stdout) == (1, True)


def test_no_two_pictures_are_the_same() -> None:
    """Or the doctor would be given somebody's record, and delete it."""
    assert len({unique_png() for _ in range(20)}) == 20


@pytest.mark.parametrize(
    "link",
    [
        "https://img.example.org/xK9mR2pQ7vB.png",
        "https://img.example.org/pics/xK9mR2pQ7vB.png",
        "/image/xK9mR2pQ7vB",
        "/image/a-title.xK9mR2pQ7vB",
    ],
)
def test_the_id_is_found_in_every_kind_of_link(link: str) -> None:
    assert id_in(link) == "xK9mR2pQ7vB"


def test_links_with_a_wrong_beginning_are_asked_for_where_we_are() -> None:
    visit = Visit("http://127.0.0.1:8080/pics/")
    visit.claimed = "https://img.example.org/other"
    assert visit.place("https://img.example.org/other/a.png") == "http://127.0.0.1:8080/pics/a.png"
    assert visit.place("/other/v1/uploads/x") == "http://127.0.0.1:8080/pics/v1/uploads/x"
    assert visit.place("/v1/health") == "http://127.0.0.1:8080/pics/v1/health"
    assert visit.place("https://elsewhere.example/a.png") == "https://elsewhere.example/a.png"
    visit.close()
