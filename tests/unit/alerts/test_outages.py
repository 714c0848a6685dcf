"""An outage begins where most fail, ends where enough are well, and what lies between changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nightdesk.alerts.outages import (
    LATEST_OF_HOST,
    MANY,
    NETWORK,
    LatestPoll,
    Share,
    began,
    ended,
    outages_of,
    share_of,
    takes_in,
)
from schemas import AlertKind, AlertState, Severity
from tests.support.alerting import NOON

HOST = "host:x.example"


def polls(hosts: str, failed: str) -> list[LatestPoll]:
    """Return one poll for each letter of `hosts`; a `1` in `failed` says that it failed."""
    return [
        LatestPoll(f"f{number}", f"{host}.example", bit == "1")
        for number, (host, bit) in enumerate(zip(hosts, failed, strict=True))
    ]


@pytest.mark.parametrize(
    ("failed", "of", "is_out", "is_over"),
    [
        (0, 0, False, True),
        (2, 2, False, False),
        (3, 3, True, False),
        (2, 3, False, True),
        (3, 4, False, False),
        (4, 5, True, False),
        (40, 50, True, False),
        (39, 50, False, False),
        (33, 50, False, True),
    ],
)
def test_what_share_is_an_outage_and_what_ends_it(failed, of, is_out, is_over):
    share = Share(failed, of)
    assert (share.is_out, share.is_over(NETWORK)) == (is_out, is_over)


def test_many_are_over_once_two_thirds_are_well():
    assert not Share(9, 24).is_over(MANY)
    assert Share(8, 24).is_over(MANY)


def test_a_host_counts_once_and_fails_where_all_its_feeds_do():
    share = share_of(NETWORK, polls("aaaabc", "111110"))
    assert share == Share(2, 3)
    assert share_of(NETWORK, polls("aabc", "0111")) == Share(2, 3)


def test_of_a_host_those_polled_last_say_how_it_is_now():
    share = share_of(HOST, polls("a" * 40, "0" * LATEST_OF_HOST + "1" * (40 - LATEST_OF_HOST)))
    assert share == Share(0, LATEST_OF_HOST)


def test_the_widest_comes_first_and_no_host_has_no_outage_of_its_own():
    assert outages_of("x.example") == (NETWORK, MANY, HOST)
    assert outages_of("") == (NETWORK, MANY)


@pytest.mark.parametrize("outage", [NETWORK, MANY, HOST])
def test_an_outage_is_told_closed_and_told_anew_under_another_id(outage):
    def begin(before):
        return began(
            outage,
            polls("abc", "111"),
            before,
            health="dns",
            reason="no such name",
            since=NOON,
            now=NOON + timedelta(hours=1),
        )

    first = begin(None)
    assert first.about == outage
    assert (first.kind, first.sequence, first.feed) == (AlertKind.FEED_BROKEN, 1, None)
    assert first.reason.endswith("the last so: no such name")
    assert begin(None) == first
    over = ended(first, Share(0, 3), now=NOON + timedelta(hours=2))
    assert type(over).model_validate_json(over.to_bytes()) == over
    assert (over.id, over.kind, over.sequence) == (first.id, AlertKind.FEED_RECOVERED, 2)
    grave = Severity.WARNING if outage == HOST else Severity.CRITICAL
    assert (first.severity, over.severity) == (grave, grave)
    assert (first.state, over.state) == (AlertState.NEW, AlertState.QUIET)
    assert over.trouble is not None
    assert over.trouble.over_at == over.raised_at
    assert begin(over).id != first.id
    set_back = NOON - timedelta(hours=5)
    assert ended(first, Share(0, 3), now=set_back).raised_at > first.raised_at
    assert begin(over).raised_at > over.raised_at
    assert takes_in(first, NOON + timedelta(hours=2))
    assert takes_in(first, NOON + timedelta(days=9)) is (outage != MANY)
    assert not takes_in(over, NOON + timedelta(hours=2))
    assert not takes_in(None, NOON)
