"""A few simulated days of polling: the account balances, and no host is pressed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from benchmarks.month.__main__ import balances, fixed, row
from benchmarks.month.polling import Month, poll_for
from benchmarks.month.world import world
from nightdesk.feeds.agenda import Agenda

DAYS = 2.0


def test_a_few_days() -> None:
    outlets = world(60, DAYS, seed=3)
    learned = poll_for(outlets, DAYS)
    assert balances(learned)
    assert (learned.together, learned.too_close) == (0, 0)
    assert learned.counts["new"] > 500
    every_15_minutes = poll_for(fixed(outlets, timedelta(minutes=15)), DAYS)
    ours, theirs = row("", learned, 1), row("", every_15_minutes, 1)
    assert ours["wasted"] < theirs["wasted"]  # type: ignore[operator]
    assert ours["median_lateness_s"] < theirs["median_lateness_s"]  # type: ignore[operator]


def test_the_same_seed_gives_the_same_days() -> None:
    assert poll_for(world(20, 1.0), 1.0) == poll_for(world(20, 1.0), 1.0)


def test_the_check_would_see_a_host_that_gets_no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.month.polling.Agenda", lambda _: Agenda(timedelta(0)))
    assert poll_for(world(60, 0.05, seed=3), 0.05).too_close > 0


def test_an_account_that_does_not_balance_is_seen() -> None:
    month = Month()
    assert balances(month)
    month.counts["polled"] = 1
    assert not balances(month)
