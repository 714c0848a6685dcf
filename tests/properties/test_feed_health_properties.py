"""Whatever befalls a feed: spells of trouble open, change and close in order, and nothing is told twice."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.feeds.state import FeedState
from schemas import AlertKind
from tests.support.feedhealth import FEED, OUTCOMES, PolledFeed

waits = st.sampled_from([-60, 0, 1, 15, 60, 24 * 60, 5 * 24 * 60]).map(
    lambda number: timedelta(minutes=number)
)
steps = st.lists(
    st.tuples(st.sampled_from(OUTCOMES), waits, st.booleans()), min_size=5, max_size=60
)
intervals = st.sampled_from([None, timedelta(seconds=1), timedelta(minutes=15), timedelta(days=1)])


@settings(max_examples=300, deadline=None)
@given(steps, intervals)
def test_spells_open_change_and_close_in_order(
    taken: list[tuple[str, timedelta, bool]], interval: timedelta | None
) -> None:
    feed = PolledFeed(FEED.model_copy(update={"interval": interval}))
    standing: dict[str, int] = {}
    closed: set[str] = set()
    for word, wait, through_json in taken:
        before = len(feed.told)
        feed.poll(word, wait)
        if through_json:
            feed.state = _as_stored(feed.state)
        for alert in feed.told[before:]:
            assert alert.id not in closed
            assert alert.sequence == standing.get(alert.id, 0) + 1
            if alert.sequence == 1:
                assert not standing, "a spell opened while another stands"
                assert alert.kind is not AlertKind.FEED_RECOVERED
            standing[alert.id] = alert.sequence
            if alert.kind is AlertKind.FEED_RECOVERED:
                closed.add(alert.id)
                del standing[alert.id]
        told = feed.state.told
        assert standing == ({told.alert: told.sequence} if told else {})
        if not feed.state.failures and feed.state.health.value != "frozen":
            assert not standing, "a feed that is well stands in no alert"


def _as_stored(state: FeedState) -> FeedState:
    return FeedState.model_validate_json(state.model_dump_json())


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(("503", "dns", "404", "not modified")), max_size=40))
def test_however_long_a_feed_fails_it_is_told_once_for_each_reason(words: list[str]) -> None:
    feed = PolledFeed()
    for word in words:
        feed.poll(word, timedelta(minutes=15))
    assert len(feed.told) <= 3
    reasons = [alert.reason for alert in feed.told]
    assert len(reasons) == len(set(reasons))
