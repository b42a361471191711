"""Three gateways behind the nginx of the README, and everything that can go away does: gateways are killed, one every
few seconds, PostgreSQL crashes and comes back, the S3 store is away for ten seconds.

What was acknowledged is there with the same bytes, nothing is there twice, limits hold over all gateways together, and
nobody hears anything worse than a 503 that says when to try again. PICGATE_CHAOS_SECONDS=600 is the long run.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.journeys.cluster import NODES, Cluster, a_cluster, kill_in_turns
from tests.journeys.commands import gateway, gateway_json, until
from tests.journeys.people import Kept, Ledger, Limited, Person, most_in_a_minute
from tests.journeys.uploading import ask, form, get, picture

SECONDS = int(os.environ.get("PICGATE_CHAOS_SECONDS", "40"))
BETWEEN_KILLS = 4
S3_AWAY = 10
ROUND = 32  # seconds in which PostgreSQL crashes once and the S3 store goes away once
PEOPLE = 6
LIMIT = 30  # an admin has ten times as much


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    limits = {"GATEWAY_LIMITS__UPLOAD": "0", "GATEWAY_LIMITS__MUTATION": "0", "GATEWAY_LIMITS__HOURLY": "0"}
    with a_cluster(tmp_path_factory.mktemp("cluster"), GATEWAY_LIMITS__READ=str(LIMIT), **limits) as cluster:
        yield cluster


def key_of(cluster: Cluster, name: str, role: str) -> str:
    gateway(cluster.folder / "a", "owner", "add", name, "--role", role, **cluster.settings)
    made = gateway_json(cluster.folder / "a", "key", "add", "test", "--owner", name, **cluster.settings)
    key: str = made["api_key"]
    return key


@pytest.mark.timeout(240 + 4 * SECONDS)
def test_nothing_is_lost_and_nothing_is_there_twice(cluster: Cluster) -> None:
    ledger, over = Ledger(), threading.Event()
    # Each an owner of their own, as in life; the last two share one.
    keys = [key_of(cluster, f"person{number}", "admin") for number in range(PEOPLE - 1)]
    people = [Person(number, cluster.url, key, ledger, over) for number, key in enumerate([*keys, keys[-1]])]
    limited_key = key_of(cluster, "limited", "user")
    limited = [Limited(number, cluster.url, limited_key, ledger, over) for number in (100, 101)]
    for thread in (*people, *limited):
        thread.start()
    kills = disturb(cluster, over)
    for thread in (*people, *limited):
        thread.join()

    print(f"{kills} kills; done {dict(ledger.done)}; refused {dict(ledger.refused)}; answers {dict(ledger.nodes)}")
    assert ledger.wrong == []
    assert set(ledger.nodes) >= set(NODES)
    until(cluster.is_well, "all three are well again", 60)

    passed = [said for one in limited for said in one.through]
    assert most_in_a_minute(passed) <= LIMIT
    assert len({said.headers["x-request-id"].partition("-")[0] for said in passed}) > 1, (
        "one gateway alone proves nothing"
    )
    assert sum(one.turned_away for one in limited) > LIMIT

    everything_is_there(cluster, ledger)
    for node in NODES:
        body, kind = form(picture(90_000 + NODES.index(node)))
        url = cluster.url_of(node)
        assert ask(url, "POST", "/api/1/upload", body, {"X-API-Key": keys[0], "Content-Type": kind}).status == 200
    cluster.stop()
    nothing_else_is_there(cluster, ledger)


def disturb(cluster: Cluster, over: threading.Event) -> int:
    """Everything that can go away does. How many gateways were killed."""
    calm = threading.Event()
    with ThreadPoolExecutor(1) as thread:
        killing = thread.submit(kill_in_turns, cluster, calm, BETWEEN_KILLS)
        try:
            for _ in range(max(1, SECONDS // ROUND)):
                threading.Event().wait(ROUND / 4)
                cluster.database.crash()
                threading.Event().wait(ROUND / 4)
                cluster.store.stop()
                threading.Event().wait(S3_AWAY)
                cluster.store.start()
                threading.Event().wait(ROUND / 8)
            calm.set()
            return killing.result()
        finally:
            calm.set()
            over.set()


def everything_is_there(cluster: Cluster, ledger: Ledger) -> None:
    """At each of the three, and in the stores themselves."""
    still = [one for id, one in ledger.kept.items() if id not in ledger.gone | ledger.unknown]
    assert len(still) > PEOPLE, "hardly anything was acknowledged"
    with ThreadPoolExecutor(len(NODES)) as threads:
        missing = threads.map(lambda node: list(lost(cluster.url_of(node), still)), NODES)
    assert list(missing) == [[], [], []]
    rows = {id: sha256 for id, sha256 in cluster.query("SELECT id, sha256 FROM media")}
    files = cluster.store.files()
    for one in still:
        assert rows[one.id] == one.sha256
        assert hashlib.sha256(files[one.path[1:]].read_bytes()).hexdigest() == one.sha256
    assert not ledger.gone & rows.keys(), "deleted, and there all the same"
    assert not {id for id in ledger.gone for name in files if name.startswith(f"{id}.")} - orphaned(cluster)
    tags: dict[str, list[str]] = {}
    for id, name in cluster.query("SELECT media_id, name FROM media_tags JOIN tags ON tags.id = tag_id"):
        tags.setdefault(str(id), []).append(str(name))
    assert [one for one in still if one.tags is not None and sorted(one.tags) != sorted(tags.get(one.id, []))] == []


def orphaned(cluster: Cluster) -> set[str]:
    """Ids of files that no row speaks of: an attempt that was killed half-way leaves them for the sweep."""
    rows = {str(id) for (id,) in cluster.query("SELECT id FROM media")}
    return {name.partition(".")[0] for name in cluster.store.files()} - rows


def lost(url: str, kept: list[Kept]) -> Iterator[str]:
    for one in kept:
        answer = get(url, one.path)
        if answer.status != 200 or hashlib.sha256(answer.body).hexdigest() != one.sha256:
            yield f"{one.path}: {answer.status}, {len(answer.body)} bytes"


def nothing_else_is_there(cluster: Cluster, ledger: Ledger) -> None:
    twice = "SELECT owner_id, sha256, count(*) FROM media GROUP BY owner_id, sha256 HAVING count(*) > 1"
    assert cluster.query(twice) == []
    surplus = {str(id) for (id,) in cluster.query("SELECT id FROM media")} - ledger.kept.keys()
    assert len(surplus) <= ledger.refused["tired"] + PEOPLE + len(NODES), "rows of uploads that nobody was told of"
    folder, settings = cluster.folder / "a", cluster.settings
    clean = gateway(folder, "check", "--read-data", **settings)
    assert clean.returncode == 0, clean.stdout
    # What was half done when a gateway was killed is young, and left alone for a day.
    old = settings | {"GATEWAY_SWEEPER__INCOMING_AGE": "0"}
    found = json.loads(gateway(folder, "check", "--json", **old).stdout)
    assert {one["kind"] for one in found["kinds"]} <= {"orphan", "half_arrived"}, found["findings"]
    gateway_json(folder, "sweep", **old)
    assert gateway(folder, "check", **old).returncode == 0
    assert orphaned(cluster) == set()
