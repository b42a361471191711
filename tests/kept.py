"""What is kept from one test to the next: each opens a library and a gateway of its own, and these parts of them take
longer to make than most tests do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from gateway.core import intake
from gateway.core.formats.child import Pool
from gateway.store.places import S3Place

NewClient = Callable[[S3Place], tuple[Any, str | None]]


class KeptPool(Pool):
    """Decoders that outlive a library."""

    def close(self) -> None:
        """Not yet."""


@contextmanager
def keep_decoders(patch: pytest.MonkeyPatch) -> Iterator[None]:
    kept: dict[int, KeptPool] = {}
    patch.setattr(intake, "Pool", lambda workers: kept.setdefault(workers, KeptPool(workers)))
    yield
    for pool in kept.values():
        Pool.close(pool)


def keep_routes(patch: pytest.MonkeyPatch) -> None:
    """How an address of a route is put together is compiled anew for each of a hundred routes of each application."""
    compiled: dict[object, Callable[..., Any]] = {}
    compile_builder = Rule._compile_builder

    def kept_builder(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        key = rule.rule, rule.subdomain, rule.host, repr(rule.defaults), append_unknown
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    patch.setattr(Rule, "_compile_builder", kept_builder)


class KeptTemplates(BytecodeCache):
    def __init__(self) -> None:
        self.compiled: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key, bucket.checksum] = bucket.code


def keep_templates(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Flask, "jinja_options", {"bytecode_cache": KeptTemplates()})


def keep_s3_clients(patch: pytest.MonkeyPatch) -> None:
    """Of one server and one key."""
    from gateway.store import s3_bucket

    patch.setattr(s3_bucket, "new_client", kept_clients(s3_bucket.new_client))


@cache
def kept_clients(new_client: NewClient) -> NewClient:
    clients: dict[object, tuple[Any, str | None]] = {}

    def kept_client(place: S3Place) -> tuple[Any, str | None]:
        key = place.endpoint, place.region, place.addressing, os.environ.get("AWS_SECRET_ACCESS_KEY")
        if key not in clients:
            clients[key] = new_client(place)
        return clients[key]

    return kept_client
