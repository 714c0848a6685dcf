"""Tokens, scopes and buckets."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.access.limits import Allowance, Limiter, address_of
from nightdesk.access.scopes import SCOPES, allows, allows_feed, feed_scope, is_feed
from nightdesk.access.tokens import digest, is_same, looks_right, mint


def test_each_scope_allows_what_those_before_it_do() -> None:
    granted = {held: [need for need in SCOPES if allows([held], need)] for held in SCOPES}
    assert granted == {
        "read": ["read"],
        "write": ["read", "write"],
        "admin": ["read", "write", "admin"],
    }


def test_a_feeds_token_opens_that_feed_and_nothing_else() -> None:
    held = [feed_scope("desk")]
    assert allows_feed(held, "desk")
    assert not allows_feed(held, "des")
    assert not allows_feed(held, "desk2")
    assert not any(allows(held, need) for need in SCOPES)
    assert is_feed(held)
    assert allows_feed(["read"], "desk")
    assert not is_feed(["read"])


def test_a_token_is_random_recognisable_and_kept_as_its_hash() -> None:
    minted = mint(lambda n: b"\xff" * n)
    other = mint(lambda n: b"\x00" * n)
    assert looks_right(minted.secret)
    assert looks_right(other.secret)
    assert len(minted.secret) == len("nightdesk_") + 43
    assert is_same(minted.hash, digest(minted.secret))
    assert not is_same(minted.hash, other.hash)
    assert minted.secret not in repr(minted)
    assert minted.hash not in repr(minted)


@pytest.mark.parametrize(
    "text", ["", "nightdesk_", "nightdesk_" + "a" * 42, "nightdesk_" + "ä" * 43, "x" * 10_000]
)
def test_what_cannot_be_a_token_is_known_by_its_looks(text: str) -> None:
    assert not looks_right(text)


def test_a_bucket_runs_dry_and_fills_again() -> None:
    limiter = Limiter(Allowance(rate=2.0, burst=3.0))
    assert [limiter.take("a", 10.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert limiter.take("b", 10.0) == 0.0
    assert limiter.take("a", 10.4) == pytest.approx(0.1)
    assert limiter.take("a", 10.5) == 0.0
    assert limiter.wait("a", 1_000.0, 3.0) == 0.0
    assert limiter.wait("a", 1_000.0, 4.0) > 0.0


@given(
    st.lists(st.tuples(st.floats(0, 100), st.sampled_from("ab")), max_size=60),
    st.floats(0.1, 10),
    st.integers(1, 10),
)
def test_no_more_is_given_than_burst_and_rate(steps, rate, burst) -> None:
    limiter = Limiter(Allowance(rate, float(burst)))
    now, given_ = 0.0, {"a": 0, "b": 0}
    for moment, caller in steps:
        # Also backwards: clocks jump.
        now = moment
        given_[caller] += not limiter.take(caller, now)
    forward = sum(max(0.0, b - a) for (a, _), (b, _) in pairwise(steps))
    for number in given_.values():
        assert number <= burst + rate * forward + 1


def test_a_clock_that_is_set_back_starves_nobody() -> None:
    limiter = Limiter(Allowance(rate=1.0, burst=1.0))
    assert limiter.take("a", 5_000.0) == 0.0
    assert limiter.take("a", 10.0) == 1.0
    assert limiter.take("a", 11.0) == 0.0


def test_memory_is_bounded_however_many_call() -> None:
    limiter = Limiter(Allowance(1.0, 1.0), remembered=100)
    for number in range(1_000):
        limiter.take(str(number), 0.0)
    assert len(limiter._levels) == 100


@pytest.mark.parametrize(
    ("host", "caller"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_a_network_of_ipv6_is_one_caller(host: str, caller: str) -> None:
    assert address_of(host) == caller
