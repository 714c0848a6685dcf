"""The retry policy: waits grow, are bounded, heed the receiver, and end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.delivery.retry import RetryPolicy, parse_retry_after
from tests.support.alerting import NOON

POLICY = RetryPolicy(
    first=timedelta(seconds=2), longest=timedelta(minutes=1), max_attempts=8, min_attempts=6
)


def wait(attempts: int, chance: float = 0.0, **changes) -> timedelta | None:
    values = {"first_tried_at": NOON, "now": NOON} | changes
    due = POLICY.next_try(attempts=attempts, chance=chance, **values)
    return None if due is None else due - values["now"]


def test_waits_double_up_to_the_longest():
    seconds = [wait(n, 0.999999).total_seconds() for n in range(1, 8)]
    assert [round(second) for second in seconds] == [2, 4, 8, 16, 32, 60, 60]


def test_half_of_a_wait_is_chance():
    assert wait(3, 0.0) == timedelta(seconds=4)
    assert wait(3, 0.5) == timedelta(seconds=6)


def test_it_gives_up_after_the_last_attempt_or_a_day():
    assert wait(8) is None
    assert wait(6, now=NOON + POLICY.max_age) is None
    assert wait(6, now=NOON + POLICY.max_age - timedelta(seconds=60)) is not None


def test_a_clock_that_jumps_ahead_and_a_desk_that_was_off_are_no_day_of_tries():
    assert wait(1, now=NOON + timedelta(days=400)) == timedelta(seconds=1)
    assert wait(5, now=NOON + timedelta(days=400)) is not None


def test_a_receiver_is_not_called_sooner_than_it_asked_within_reason():
    assert wait(1, retry_after=timedelta(minutes=5)) == timedelta(minutes=5)
    assert wait(1, retry_after=timedelta(days=365)) == POLICY.longest_asked
    assert wait(1, retry_after=timedelta(0)) == timedelta(seconds=1)


def test_the_defaults_try_for_a_day():
    policy, now, attempts = RetryPolicy(), NOON, 0
    while now is not None:
        attempts, last = attempts + 1, now
        now = policy.next_try(attempts=attempts, first_tried_at=NOON, now=now, chance=0.5)
    assert 30 < attempts < policy.max_attempts
    assert timedelta(hours=22) < last - NOON <= policy.max_age


@settings(max_examples=200, deadline=None)
@given(
    attempts=st.integers(0, 10**9),
    chance=st.floats(0, 1, exclude_max=True),
    asked=st.none() | st.timedeltas(min_value=timedelta(0)),
)
def test_the_next_try_is_always_ahead_and_never_far(attempts, chance, asked):
    policy = RetryPolicy(max_attempts=10**10)
    due = policy.next_try(
        attempts=attempts, first_tried_at=NOON, now=NOON, chance=chance, retry_after=asked
    )
    assert due is not None
    assert NOON < due <= NOON + max(policy.longest, policy.longest_asked)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        (" 30 ", 30),
        ("-5", None),
        ("1.5", None),
        ("9" * 60, 10**9),
        ("٣", None),
        ("Fri, 17 May 2024 12:00:30 GMT", 30),
        ("Fri, 17 May 2024 11:00:00 GMT", 0),
        ("Friday, 17-May-24 12:01:00 GMT", 60),
        ("Fri, 99 May 2024 12:00:30 GMT", None),
        ("\x00", None),
    ],
)
def test_retry_after_as_servers_write_it(value, expected):
    found = parse_retry_after(value, NOON)
    assert (None if found is None else found.total_seconds()) == expected


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=100))
def test_no_retry_after_raises(value):
    found = parse_retry_after(value, NOON)
    assert found is None or found >= timedelta(0)
