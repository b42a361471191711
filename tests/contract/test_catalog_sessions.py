"""What a catalog remembers of uploads that come in pieces."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.core.errors import QuotaExceeded
from gateway.core.ids import new_id, new_image_id
from gateway.core.pieces import Session
from gateway.core.plans import UNLIMITED, Plan
from gateway.core.ports import Catalog
from gateway.core.records import Owner
from tests.contract.conftest import OpenCatalog
from tests.contract.samples import NOW, ODD_TEXTS, a_media, a_token, at_once, minutes

DAY = minutes(24 * 60)


def a_session(owner: Owner, **facts: Any) -> Session:
    session = Session(
        id=new_id(),
        owner_id=owner.id,
        kind=None,
        length_bytes=100,
        offset_bytes=0,
        metadata="",
        created_at=NOW,
        expires_at=NOW + DAY,
    )
    return replace(session, **facts)


def add(catalog: Catalog, session: Session, plan: Plan = UNLIMITED) -> Session:
    catalog.add_session(session, plan)
    return session


def test_it_comes_back_as_it_was(catalog: Catalog, alice: Owner) -> None:
    session = add(catalog, a_session(alice, kind="video", metadata="filename Y2F0,flag", offset_bytes=7))
    assert catalog.session(session.id) == session
    unknown = add(catalog, a_session(alice, length_bytes=None, metadata=ODD_TEXTS[0]))
    assert catalog.session(unknown.id) == unknown


@pytest.mark.parametrize("id", ["x" * 21, "", "\ud83d", "\0"])
def test_unknown_ones(catalog: Catalog, id: str) -> None:
    assert catalog.session(id) is None


def test_it_is_another_processes_too(open_catalog: OpenCatalog, catalog: Catalog, alice: Owner) -> None:
    session = add(catalog, a_session(alice))
    assert open_catalog().session(session.id) == session


def test_changing_it(catalog: Catalog, alice: Owner) -> None:
    session = add(catalog, a_session(alice, length_bytes=None))
    later = replace(session, length_bytes=200, offset_bytes=50)
    assert catalog.change_session(later)
    assert catalog.session(session.id) == later
    finished = replace(later, offset_bytes=200, media_id=new_image_id())
    assert catalog.change_session(finished)
    assert catalog.session(session.id) == finished


def test_changing_what_is_gone(catalog: Catalog, alice: Owner) -> None:
    assert not catalog.change_session(a_session(alice))


def test_removing_it(catalog: Catalog, alice: Owner) -> None:
    session, other = add(catalog, a_session(alice)), add(catalog, a_session(alice))
    assert catalog.remove_session(session.id)
    assert not catalog.remove_session(session.id)
    assert catalog.session(session.id) is None
    assert catalog.session(other.id) == other


def test_expired_ones_come_oldest_first(catalog: Catalog, alice: Owner) -> None:
    late, early = (
        add(catalog, a_session(alice, expires_at=NOW + minutes(2))),
        add(catalog, a_session(alice, expires_at=NOW + minutes(1))),
    )
    add(catalog, a_session(alice, expires_at=NOW + minutes(4)))
    assert catalog.expired_sessions(NOW, 9) == []
    assert catalog.expired_sessions(NOW + minutes(2), 9) == [early, late]
    assert catalog.expired_sessions(NOW + minutes(2), 1) == [early]


# room


def test_a_quota_counts_what_is_under_way(catalog: Catalog, alice: Owner, bob: Owner) -> None:
    catalog.set_owner_limits(alice.id, None, 1_000)
    catalog.add_media(a_media(alice, size_bytes=300), a_token(), reuse=False)
    first = add(catalog, a_session(alice, length_bytes=500))
    add(catalog, a_session(bob, length_bytes=5_000))
    with pytest.raises(QuotaExceeded) as refused:
        add(catalog, a_session(alice, length_bytes=201))
    assert refused.value.meta["type"] == "storage"
    add(catalog, a_session(alice, length_bytes=200))
    catalog.remove_session(first.id)
    add(catalog, a_session(alice, length_bytes=500))


def test_what_is_refused_is_not_there(catalog: Catalog, alice: Owner) -> None:
    catalog.set_owner_limits(alice.id, None, 99)
    with pytest.raises(QuotaExceeded):
        add(catalog, session := a_session(alice))
    assert catalog.session(session.id) is None


def test_finished_and_expired_ones_take_no_room(catalog: Catalog, alice: Owner) -> None:
    catalog.set_owner_limits(alice.id, None, 100)
    catalog.change_session(replace(add(catalog, a_session(alice)), media_id=new_image_id()))
    add(catalog, a_session(alice, expires_at=NOW + minutes(1)))
    add(catalog, a_session(alice, created_at=NOW + minutes(1)))


def test_one_of_unknown_length_takes_what_is_here(catalog: Catalog, alice: Owner) -> None:
    catalog.set_owner_limits(alice.id, None, 100)
    catalog.change_session(replace(add(catalog, a_session(alice, length_bytes=None)), offset_bytes=60))
    with pytest.raises(QuotaExceeded):
        add(catalog, a_session(alice, length_bytes=41))
    add(catalog, a_session(alice, length_bytes=40))


def test_a_plan_limits_each_kind(catalog: Catalog, alice: Owner) -> None:
    plan = Plan("small", image_bytes=150, video_bytes=1_000)
    add(catalog, a_session(alice, kind="image"), plan)
    with pytest.raises(QuotaExceeded) as refused:
        add(catalog, a_session(alice, kind="image"), plan)
    assert refused.value.meta["type"] == "img_storage"
    add(catalog, a_session(alice, kind="video"), plan)
    add(catalog, a_session(alice), plan)


def test_a_plan_limits_uploads_in_a_day(catalog: Catalog, alice: Owner) -> None:
    plan = Plan("small", uploads_per_day=1)
    add(catalog, a_session(alice), plan)
    catalog.add_media(a_media(alice), a_token(), reuse=False, plan=plan)
    with pytest.raises(QuotaExceeded) as refused:
        add(catalog, a_session(alice), plan)
    assert refused.value.meta["type"] == "uploads_per_day"


def test_many_at_once_do_not_pass_the_quota(open_catalog: OpenCatalog, catalog: Catalog, alice: Owner) -> None:
    catalog.set_owner_limits(alice.id, None, 300)
    catalogs = [open_catalog() for _ in range(6)]
    done = at_once(6, lambda at: add(catalogs[at], a_session(alice)))
    assert [type(one) for one in done if isinstance(one, Exception)] == [QuotaExceeded] * 3
