"""Polls and pushes in any order: each text is one report, the account holds, and polls never cease."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk import accounting
from nightdesk.archive import accounts, hub_subscriptions
from nightdesk.archive.engine import Archive, open_archive
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.poll import read
from nightdesk.feeds.schedule import SPREAD
from nightdesk.feeds.websub import safety
from nightdesk.feeds.websub.subscription import HubState
from nightdesk.pipeline import push
from nightdesk.pipeline.poll import Claim, claim, conclude_poll, next_polls
from schemas import Feed
from tests.support.feedserver import rss

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEED = Feed(id="wire", url="https://wire.example/rss", source="The Wire")
HUB = '<link rel="hub" href="https://hub.example/" xmlns="http://www.w3.org/2005/Atom"/>'
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["poll", "push"]),
        st.sets(st.integers(0, 9), min_size=1, max_size=4),
        st.booleans(),
        st.integers(0, 400),
    ),
    max_size=12,
)


@contextmanager
def fresh_archive() -> Iterator[Archive]:
    archive = open_archive("sqlite://")
    archive.migrate()
    try:
        yield archive
    finally:
        archive.close()


@settings(max_examples=40)
@given(STEPS)
def test_polls_and_pushes_in_any_order(
    steps: list[tuple[str, set[int], bool, int]],
) -> None:
    numbers = count()
    callbacks = push.Callbacks("https://desk.example", NOON, lambda: f"word-{next(numbers)}")
    now, sent, shown = NOON, [], set()
    with fresh_archive() as archive:
        for how, stories, advertised, minutes in [("poll", {0}, True, 0), *steps]:
            now += timedelta(minutes=minutes)
            pushed = how == "push"
            if not pushed:
                now = max(now, next_polls(archive)["wire"].at or now) if shown else now
            claimed = claim(archive, FEED, "worker", now, pushed=pushed)
            assert isinstance(claimed, Claim)
            items = [(f"Story {n}", f"https://wire.example/{n}") for n in sorted(stories)]
            body = rss(*items, extra=HUB if advertised else "")
            fetched = Fetched(200, FEED.url, body, body_hash=str(hash(body)))
            found = read(FEED, claimed.state, fetched, now=now)
            done = conclude_poll(
                archive,
                claimed,
                fetched,
                found,
                callbacks=callbacks,
                pushed=pushed,
                now=now,
                jitter=0.5,
            )
            sent += [report.id for report in done.conclusion.new]
            shown |= stories
            due = next_polls(archive)["wire"].at
            assert due is not None
            assert now <= due <= now + safety.MOST * (1 + SPREAD)
            begun = push.begin_asking(archive, "wire", now=now + timedelta(seconds=1), jitter=0.5)
            if begun is not None and begun[1] is not None:
                it, mode = begun
                query = {"hub.mode": mode, "hub.topic": it.topic, "hub.challenge": "c"}
                _, said = push.answer(archive, it.token, query, now=now, jitter=0.5)
                assert said.status == 200
        with archive.read() as connection:
            totals = accounts.totals(connection)
            states = hub_subscriptions.states(connection)
    assert len(sent) == len(set(sent)) == len(shown)
    assert totals["poll"]["new"] == len(shown)
    assert [one for one in accounting.check(totals) if not one.between and not one.holds] == []
    assert states["wire"] in {HubState.ACTIVE, HubState.LEFT, HubState.WANTED}
