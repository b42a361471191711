"""What should be gone by now: media and uploads past their time, and cached files of media that are no more."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.core.checking.findings import (
    CACHE_STALE,
    EXPIRED_WAITING,
    HALF_ARRIVED,
    SESSION_EXPIRED,
    Finding,
)
from gateway.core.checking.premises import AT_ONCE, Premises
from gateway.core.library import batches

MOST = 1_000  # of what the sweeper should have removed long ago


def check_leftovers(premises: Premises) -> Iterator[Finding]:
    premises.hear("Looking for leftovers", 0)
    for media in premises.catalog.expired(premises.before, MOST):
        sentence = f"{media.id} was to go on {media.expires_at:%Y-%m-%d %H:%M} UTC, and is still here."
        yield Finding(EXPIRED_WAITING, media.id, sentence)
    yield from sessions(premises)
    yield from half_arrived(premises)
    yield from cached(premises)


def sessions(premises: Premises) -> Iterator[Finding]:
    expired = premises.catalog.expired_sessions(premises.before, MOST)
    if expired and premises.repairs:
        premises.sessions.sweep_expired()
    for session in expired:
        sentence = f"The upload {session.id} was given up on {session.expires_at:%Y-%m-%d %H:%M} UTC."
        is_gone = premises.repairs and not premises.catalog.session(session.id)
        yield Finding(SESSION_EXPIRED, session.id, sentence, is_gone)


def half_arrived(premises: Premises) -> Iterator[Finding]:
    unclaimed = premises.sessions.unclaimed(premises.before)
    if unclaimed and premises.repairs:
        premises.sessions.sweep_unclaimed(premises.before)
    left = premises.sessions.unclaimed(premises.before) if premises.repairs else unclaimed
    for name in unclaimed:
        sentence = f"Bytes arrived for the upload {name}, of which nobody knows any more."
        yield Finding(HALF_ARRIVED, name, sentence, name not in left)
    if number := premises.blobs.half_arrived(premises.before):
        swept = premises.blobs.sweep_incoming(premises.before) if premises.repairs else 0
        sentence = f"{number} uploads were broken off, and what arrived of them was left."
        yield Finding(HALF_ARRIVED, "incoming", sentence, swept >= number)


def cached(premises: Premises) -> Iterator[Finding]:
    for batch in batches(premises.cache.media_ids(), AT_ONCE):
        ids = set(batch)
        for media_id in sorted(ids - premises.catalog.media_ids(sorted(ids))):
            if premises.repairs:
                premises.cache.forget(media_id)
            is_gone = premises.repairs and not premises.cache.names(media_id)
            yield Finding(CACHE_STALE, media_id, f"Something made of {media_id}, which is gone, is cached.", is_gone)
