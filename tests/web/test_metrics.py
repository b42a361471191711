"""GET /metrics: what is counted, under labels that nobody outside can make up, for those who run the gateway."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open
from prometheus_client.parser import text_string_to_metric_families as parse

from gateway.app import create_app
from gateway.core.errors import StoreUnavailable
from gateway.core.library import Added
from gateway.settings import Settings
from gateway.store.opening import Opened
from gateway.sweeper import Sweeper
from migrate.journals import Journals
from tests.conftest import Client, LiveServer, draw
from tests.web.conftest import Post
from tests.web.imports import GOOD, LOST, imported, run_of

ELSEWHERE = "198.51.100.7"
TOKEN = "a-token-of-the-operator"


def samples(client: FlaskClient) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200, answer.text
    return {
        (one.name, frozenset(one.labels.items())): one.value for family in parse(answer.text) for one in family.samples
    }


def value(client: FlaskClient, name: str, **labels: str) -> float | None:
    return samples(client).get((f"picgate_{name}", frozenset(labels.items())))


Changed = Callable[..., FlaskClient]


@pytest.fixture
def changed(settings: Settings, opened: Opened) -> Changed:
    """changed(metrics={"token": "x"}) is a client of a gateway with these settings."""

    def make(sweeper: Sweeper | None = None, **sections: dict[str, Any]) -> FlaskClient:
        named = {name: replace(getattr(settings, name), **keys) for name, keys in sections.items()}
        return Client(create_app(replace(settings, **named), opened, sweeper))

    return make


def test_it_works(client: FlaskClient) -> None:
    answer = client.get("/metrics")
    assert answer.content_type.startswith("text/plain; version=")
    assert answer.headers["Cache-Control"] == "no-store"
    assert {"picgate_requests", "picgate_request_seconds", "picgate_library_media_count", "process_cpu_seconds"} <= {
        family.name for family in parse(answer.text)
    }


def test_who_asks_for_open_metrics_gets_that(client: FlaskClient) -> None:
    answer = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.content_type.startswith("application/openmetrics-text")
    assert "picgate_build" in {family.name for family in parse_open(answer.text)}


def test_requests_count_by_door_route_method_and_status(
    client: FlaskClient, add_image: Callable[..., Added], post: Post
) -> None:
    media = add_image().media
    paths = ["/v1/images", f"/v1/images/{media.id}", f"/{media.id}.png", f"/{media.id}.png", f"/image/{media.id}",
             "/nowhere", "/v1/nothing", f"/{'A' * 11}.png"]  # fmt: skip
    for path in paths:
        client.get(path)
    post()
    assert {
        tuple(dict(labels).get(name) for name in ("door", "route", "method", "status")): count
        for (name, labels), count in samples(client).items()
        if name == "picgate_requests_total"
    } == {
        ("picora", "/v1/images", "GET", "401"): 1,
        ("picora", "/v1/images/<media_id>", "GET", "401"): 1,
        ("picora", "none", "GET", "404"): 1,
        ("files", "/{file}", "GET", "200"): 2,
        ("files", "/{file}", "GET", "404"): 1,
        ("pages", "/<any(image, video, audio):kind>/<name>", "GET", "302"): 1,
        ("pages", "none", "GET", "404"): 1,
        ("legacy", "/api/<path:rest>", "POST", "200"): 1,
    }


def test_no_label_can_be_made_up_from_outside(client: FlaskClient) -> None:
    before = len(samples(client))
    client.open("/made-up", method="BREW")
    first = len(samples(client))
    for number in range(20):
        client.open(f"/made-up-{number}/x?key={number}", method=f"BREW{number}", headers={"Host": f"{number}.example"})
    assert before < first == len(samples(client))


def test_bytes_are_those_that_were_sent(client: FlaskClient, add_image: Callable[..., Added]) -> None:
    added = add_image(data=draw())
    for _ in range(3):
        client.get(f"/{added.media.id}.png")
    client.head(f"/{added.media.id}.png")
    client.get(f"/{added.media.id}.png", headers={"Range": "bytes=0-9"})
    assert value(client, "sent_bytes_total", door="files") == 3 * len(draw()) + 10


def test_bytes_of_uploads_are_counted(client: FlaskClient, post: Post) -> None:
    length = post().request.content_length
    assert value(client, "received_bytes_total", door="legacy") == length


def test_times_add_up(client: FlaskClient, post: Post) -> None:
    post()
    labels = {"door": "legacy", "route": "/api/<path:rest>", "method": "POST"}
    assert value(client, "request_seconds_count", **labels) == 1
    assert value(client, "request_seconds_bucket", **labels, le="+Inf") == 1
    assert (value(client, "request_seconds_sum", **labels) or 0) > 0


def test_uploads_and_decoding_are_timed(client: FlaskClient, post: Post) -> None:
    post()
    assert value(client, "upload_seconds_count") == 1
    assert value(client, "decode_seconds_count", work="develop") == 1
    assert value(client, "decode_seconds_count", work="measure") == 0


def test_what_is_being_done_is_told(client: FlaskClient) -> None:
    assert value(client, "requests_in_progress") == 1  # this one
    assert (value(client, "image_slots_busy"), value(client, "image_slots_waiting")) == (0, 0)
    assert (value(client, "image_slots") or 0) >= 1


def test_the_library_is_told(client: FlaskClient, add_image: Callable[..., Added]) -> None:
    size = add_image().media.size_bytes
    assert value(client, "library_media_count") == 1
    assert (value(client, "library_media_bytes") or 0) >= size


def test_refusals_of_rate_limits_count(changed: Changed, alice_key: str) -> None:
    client = changed(limits={"read": 1})
    for _ in range(3):
        client.get("/v1/auth/verify", headers={"Authorization": f"Bearer {alice_key}"})
    assert value(client, "rate_limit_refusals_total", limit="read") == 2


def test_the_sweeper_is_told_where_one_runs(changed: Changed, opened: Opened) -> None:
    assert value(changed(), "sweeper_age_seconds") is None
    assert (value(changed(sweeper := Sweeper(opened, 60)), "sweeper_age_seconds") or 0) > 0
    assert value(changed(sweeper), "check_ok", check="sweeper") == 0


def test_the_disk_is_told(client: FlaskClient) -> None:
    assert (value(client, "disk_free_bytes") or 0) > 0


def test_with_a_catalog_that_is_ill_the_rest_is_told(
    changed: Changed, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise StoreUnavailable("It does not answer.")

    monkeypatch.setattr(opened.catalog, "probe", refuse)
    client = changed()
    assert value(client, "check_ok", check="catalog") == 0
    assert value(client, "check_ok", check="files") == 1
    assert value(client, "library_media_count") is None


# who may read it


def ask(client: FlaskClient, peer: str, **headers: str) -> int:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return client.get("/metrics", headers=named, environ_overrides={"REMOTE_ADDR": peer}).status_code


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_the_own_machine_may(client: FlaskClient, peer: str) -> None:
    assert ask(client, peer) == 200


@pytest.mark.parametrize("peer", [ELSEWHERE, "10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1", "", "localhost"])
def test_nobody_else_may(client: FlaskClient, peer: str) -> None:
    assert ask(client, peer) == 403


@pytest.mark.parametrize("name", ["X_Forwarded_For", "Forwarded", "X_Real_IP", "Via"])
def test_a_proxy_nobody_told_us_of_is_not_the_own_machine(client: FlaskClient, name: str) -> None:
    assert ask(client, "127.0.0.1", **{name: "127.0.0.1"}) == 403


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "status"),
    [
        ("127.0.0.1", "127.0.0.1", ELSEWHERE, 403),
        ("127.0.0.1", "127.0.0.1", f"127.0.0.1, {ELSEWHERE}", 403),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1", 200),
        ("127.0.0.1", "127.0.0.1", None, 200),
        ("10.0.0.1", "10.0.0.1", "127.0.0.1", 403),  # its own address, not ours
        ("10.0.0.1", "127.0.0.1", "127.0.0.1", 403),
    ],
)
def test_behind_a_trusted_proxy_it_counts_who_asked_it(
    changed: Changed, trusted: str, peer: str, forwarded: str | None, status: int
) -> None:
    client = changed(server={"trusted_proxies": (trusted,)})
    assert ask(client, peer, **({"X_Forwarded_For": forwarded} if forwarded else {})) == status


@pytest.mark.parametrize(
    ("sent", "status"),
    [(f"Bearer {TOKEN}", 200), (f"bearer  {TOKEN}", 200), (f"Bearer {TOKEN}x", 401), ("Bearer ", 401), (TOKEN, 401),
     ("Bearer ü", 401)],
)  # fmt: skip
def test_with_the_token_everybody_may(changed: Changed, sent: str, status: int) -> None:
    assert ask(changed(metrics={"token": TOKEN}), ELSEWHERE, Authorization=sent) == status


def test_without_a_token_in_the_settings_none_is_good(client: FlaskClient) -> None:
    assert ask(client, ELSEWHERE, Authorization="Bearer ") == 403


def test_who_is_refused_learns_nothing(changed: Changed) -> None:
    answer = changed(metrics={"token": TOKEN}).get("/metrics", environ_overrides={"REMOTE_ADDR": ELSEWHERE})
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "picgate_" not in answer.text and TOKEN not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_it_is_only_read(client: FlaskClient, method: str) -> None:
    assert client.open("/metrics", method=method).status_code == 405


def test_what_the_server_refuses_by_itself_counts(serve: Callable[..., LiveServer]) -> None:
    server = serve()
    line = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
    line.putrequest("POST", "/v1/images")
    line.putheader("Content-Length", "9" * 15)
    line.endheaders()
    assert line.getresponse().status == 413
    line.close()
    line.request("GET", "/metrics")
    text = line.getresponse().read().decode()
    line.close()
    assert 'picgate_requests_total{door="picora",method="POST",route="none",status="413"} 1.0' in text


def items(client: FlaskClient) -> dict[str, float]:
    return {
        dict(labels)["verdict"]: count
        for (name, labels), count in samples(client).items()
        if name == "picgate_import_items" and count
    }


def test_an_import_is_seen_while_it_runs_and_afterwards(client: FlaskClient, imports: Journals) -> None:
    assert value(client, "imports", state="finished") == 0
    assert items(client) == {}
    with imported(imports, GOOD, LOST):
        assert value(client, "imports", state="running") == 1
        assert items(client) == {"imported": 1, "missing": 1}
    assert (value(client, "imports", state="running"), value(client, "imports", state="finished")) == (0, 1)
    assert items(client) == {"imported": 1, "missing": 1}
    assert (value(client, "import_attention"), value(client, "import_stored_bytes")) == (1, GOOD.size_bytes)


def test_the_items_are_those_of_the_newest_import(client: FlaskClient, imports: Journals) -> None:
    with imported(imports, LOST):
        pass
    assert items(client) == {"missing": 1}
    newer = replace(run_of("20261122-120000-aabbcc"), started_at=run_of().started_at + timedelta(days=1))
    with imported(imports, GOOD, run=newer):
        pass
    assert items(client) == {"imported": 1}
    assert value(client, "imports", state="finished") == 2


def test_a_trial_is_no_import(client: FlaskClient, imports: Journals) -> None:
    with imported(imports, GOOD, run=run_of(is_dry=True)):
        assert value(client, "imports", state="running") == 0
    assert items(client) == {}
