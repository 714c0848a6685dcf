"""The circuit breaker by itself: when it opens, who may probe, and that it never keeps anybody out for
ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.delivery.breaker import Admission, BreakerPolicy, Breakers, Change
from nightdesk.delivery.errors import ReceiverBusy, ReceiverRefused
from tests.support.alerting import NOON, make_webhook

NAME = ("desk", "webhook")
BUSY = ReceiverBusy("500")
RECEIVER = make_webhook()
POLICY = BreakerPolicy()


def seconds(number):
    return NOON + timedelta(seconds=number)


def opened(receiver=RECEIVER):
    breakers = Breakers()
    for number in range(POLICY.failures):
        change = breakers.note(NAME, receiver, f"d{number}", BUSY, NOON)
    assert change is Change.OPENED
    return breakers


def test_it_opens_after_so_many_failures_in_a_row():
    breakers = Breakers()
    for _ in range(POLICY.failures - 1):
        assert breakers.note(NAME, RECEIVER, "d", BUSY, NOON) is None
    assert breakers.note(NAME, RECEIVER, "d", None, NOON) is None
    for _ in range(POLICY.failures - 1):
        assert breakers.note(NAME, RECEIVER, "d", BUSY, NOON) is None
    assert breakers.open() == {}
    assert breakers.note(NAME, RECEIVER, "d", BUSY, NOON) is Change.OPENED
    assert breakers.open() == {NAME: NOON}


def test_one_probe_goes_after_the_wait_and_the_wait_grows():
    breakers = opened()
    waits, at = [], NOON
    for number in range(8):
        assert breakers.holding(at) == [NAME]
        step = 0
        while breakers.holding(at + timedelta(seconds=step)):
            step += 1
        at += timedelta(seconds=step)
        waits.append(step)
        assert breakers.admit(NAME, RECEIVER, f"p{number}", at) is Admission.TRY
        assert breakers.admit(NAME, RECEIVER, "other", at) is Admission.WAIT
        assert breakers.holding(at) == [NAME]
        assert breakers.note(NAME, RECEIVER, f"p{number}", BUSY, at) is None
    assert waits == [10, 20, 40, 80, 160, 300, 300, 300]


@pytest.mark.parametrize("answer", [None, ReceiverRefused("400")])
def test_an_answer_closes_it(answer):
    breakers = opened()
    assert breakers.admit(NAME, RECEIVER, "p", seconds(10)) is Admission.TRY
    assert breakers.note(NAME, RECEIVER, "p", answer, seconds(10)) is Change.CLOSED
    assert breakers.open() == {}
    assert breakers.admit(NAME, RECEIVER, "next", seconds(10)) is Admission.TRY


def test_tries_that_had_begun_before_say_nothing_new():
    breakers = opened()
    for _ in range(20):
        breakers.note(NAME, RECEIVER, "late", BUSY, seconds(1))
    assert breakers.holding(seconds(10)) == []


def test_a_retry_after_is_heeded_within_bounds():
    breakers = opened()
    breakers.admit(NAME, RECEIVER, "p", seconds(10))
    asks = ReceiverBusy("429", retry_after=timedelta(days=9))
    breakers.note(NAME, RECEIVER, "p", asks, seconds(10))
    assert breakers.holding(seconds(10 + 3599)) == [NAME]
    assert breakers.holding(seconds(10 + 3600)) == []


def test_a_receiver_declared_anew_begins_anew():
    breakers = opened()
    assert breakers.admit(NAME, RECEIVER, "x", seconds(1)) is Admission.WAIT
    mended = make_webhook("http://127.0.0.1:10/")
    assert breakers.admit(NAME, mended, "x", seconds(1)) is Admission.TRY
    assert breakers.open() == {}


def test_a_clock_set_back_keeps_nobody_out():
    breakers = opened()
    long_ago = NOON - timedelta(days=30)
    assert breakers.holding(long_ago) == [NAME]
    assert breakers.holding(long_ago + POLICY.first) == []


def test_with_a_fallback_deliveries_pass_on_after_a_while_and_probes_go_on():
    receiver = make_webhook(fallback="pager", fallback_after=timedelta(minutes=1))
    breakers = opened(receiver)
    assert breakers.admit(NAME, receiver, "p1", seconds(10)) is Admission.TRY
    breakers.note(NAME, receiver, "p1", BUSY, seconds(10))
    assert breakers.admit(NAME, receiver, "x", seconds(20)) is Admission.WAIT
    assert breakers.admit(NAME, receiver, "p2", seconds(30)) is Admission.TRY
    breakers.note(NAME, receiver, "p2", BUSY, seconds(30))
    assert not breakers.passes_on(NAME, seconds(59))
    assert breakers.passes_on(NAME, seconds(60))
    assert breakers.holding(seconds(60)) == []
    assert breakers.admit(NAME, receiver, "x", seconds(60)) is Admission.FALL_BACK
    assert breakers.admit(NAME, receiver, "p3", seconds(70)) is Admission.TRY


@given(
    st.lists(
        st.tuples(st.sampled_from(["fail", "well", "refuse"]), st.integers(0, 400)), max_size=60
    )
)
def test_whatever_happens_somebody_is_let_through_within_the_longest_wait(happenings):
    breakers, at = Breakers(), NOON
    for number, (what, wait) in enumerate(happenings):
        at += timedelta(seconds=wait)
        admission = breakers.admit(NAME, RECEIVER, f"d{number}", at)
        if admission is Admission.TRY:
            error = {"fail": BUSY, "well": None, "refuse": ReceiverRefused("400")}[what]
            breakers.note(NAME, RECEIVER, f"d{number}", error, at)
    assert breakers.holding(at + POLICY.longest) == []
