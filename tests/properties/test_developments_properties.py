"""Replays tell nothing twice, whatever came before and in whatever order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import Decision, Match
from tests.unit.alerts.test_developments import OTHER, REPORT, Desk, make_match

matches = st.builds(
    make_match,
    name=st.sampled_from(["a", "b", "c", "d"]),
    text=st.sampled_from([REPORT, OTHER, f"{REPORT} {OTHER}", "Short.", ""]),
    source=st.sampled_from(["gazette", "herald", "mirror"]),
    title=st.sampled_from(["Freighter aground", "Freighter aground: 14 hurt", ""]),
    revision=st.integers(1, 3),
    hours=st.sampled_from([-100, -30, 0, 10, 60, 200]),
    decision=st.sampled_from([Decision.FITS, Decision.FITS, Decision.POSSIBLE, Decision.NOT]),
)


@given(st.lists(matches, max_size=12))
@settings(max_examples=80, deadline=None)
def test_the_same_match_again_tells_nothing(stream: list[Match]) -> None:
    desk = Desk()
    for match in stream:
        desk.take(match)
        before = desk.developments
        again = desk.take(match)
        assert again.alert is None
        assert again.outcome in {"unchanged", "held"}
        assert sorted(desk.developments, key=lambda d: d.id) == sorted(before, key=lambda d: d.id)


@given(st.lists(matches, max_size=12))
@settings(max_examples=80, deadline=None)
def test_sequences_of_an_alert_rise_by_one_and_sources_never_fall(stream: list[Match]) -> None:
    desk = Desk()
    told: dict[str, tuple[int, int]] = {}
    for match in stream:
        alert = desk.take(match).alert
        if alert is not None:
            sequence, sources = told.get(alert.id, (0, 0))
            assert alert.sequence == sequence + 1
            assert alert.sources >= sources
            told[alert.id] = (alert.sequence, alert.sources)
            opening = alert.articles[0]
            assert all(span.end <= len(opening.title) for span in alert.spans)
