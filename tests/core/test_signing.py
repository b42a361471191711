"""Signed links: good for one media, one variant and a while, and made here."""

from __future__ import annotations

import pytest

from gateway.core.errors import InvalidInput
from gateway.core.signing import Signing
from gateway.settings import Settings
from gateway.store.opening import Opened, open_data
from tests.conftest import FrozenClock


@pytest.fixture
def signing(opened: Opened) -> Signing:
    return opened.signing


def test_it_works(signing: Signing, clock: FrozenClock) -> None:
    signed = signing.sign("xK9mR2pQ7vB", 3600)
    assert signed.exp == int(clock.now().timestamp()) + 3600
    assert signed.expires_at.timestamp() == signed.exp
    assert signing.is_good("xK9mR2pQ7vB", signed.sig, str(signed.exp))


def test_it_is_good_until_its_time_is_over(signing: Signing, clock: FrozenClock) -> None:
    signed = signing.sign("xK9mR2pQ7vB", 60)
    clock.advance(seconds=59)
    assert signing.is_good("xK9mR2pQ7vB", signed.sig, str(signed.exp))
    clock.advance(seconds=1)
    assert not signing.is_good("xK9mR2pQ7vB", signed.sig, str(signed.exp))


def test_it_is_good_for_one_media_alone(signing: Signing) -> None:
    signed = signing.sign("xK9mR2pQ7vB", 60)
    assert not signing.is_good("xK9mR2pQ7vC", signed.sig, str(signed.exp))


def test_it_is_good_for_one_variant_alone(signing: Signing) -> None:
    whole, thumb = signing.sign("xK9mR2pQ7vB", 60), signing.sign("xK9mR2pQ7vB", 60, "th")
    assert signing.is_good("xK9mR2pQ7vB", thumb.sig, str(thumb.exp), "th")
    assert not signing.is_good("xK9mR2pQ7vB", whole.sig, str(whole.exp), "th")
    assert not signing.is_good("xK9mR2pQ7vB", thumb.sig, str(thumb.exp))


def test_its_time_cannot_be_made_longer(signing: Signing) -> None:
    signed = signing.sign("xK9mR2pQ7vB", 60)
    assert not signing.is_good("xK9mR2pQ7vB", signed.sig, str(signed.exp + 1))


@pytest.mark.parametrize("exp", ["", "-1", "soon", "1e12", " 1", "0", "9" * 400, "٣٣٣٣٣٣٣٣٣٣٣", "1\n"])
def test_a_time_that_is_none_is_refused(signing: Signing, exp: str) -> None:
    assert not signing.is_good("xK9mR2pQ7vB", signing.sign("xK9mR2pQ7vB", 60).sig, exp)


@pytest.mark.parametrize("sig", ["", "A", "=" * 43, "é" * 43, "\ud800", "\0"])
def test_what_is_no_signature_is_refused(signing: Signing, sig: str) -> None:
    assert not signing.is_good("xK9mR2pQ7vB", sig, str(signing.sign("xK9mR2pQ7vB", 60).exp))


@pytest.mark.parametrize("seconds", [0, -1, 86_401, 10**30])
def test_a_link_is_good_for_a_second_to_a_day(signing: Signing, seconds: int) -> None:
    with pytest.raises(InvalidInput, match="1 to 86400 seconds"):
        signing.sign("xK9mR2pQ7vB", seconds)
    assert signing.sign("xK9mR2pQ7vB", 86_400)


def test_it_outlives_a_restart(signing: Signing, settings: Settings, clock: FrozenClock) -> None:
    signed = signing.sign("xK9mR2pQ7vB", 60)
    again = open_data(settings, clock)
    assert again.signing.is_good("xK9mR2pQ7vB", signed.sig, str(signed.exp))
    again.close()
