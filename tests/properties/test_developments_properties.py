"""Replays tell nothing twice, whatever came before and in whatever order; states and counts keep their
word."""

from __future__ import annotations

import math
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.alerts.surge import FADES, Pace
from schemas import Alert, AlertState, Decision, Match
from tests.support.freighter import OTHER, REPORT, Desk, make_match

matches = st.builds(
    make_match,
    name=st.sampled_from(["a", "b", "c", "d"]),
    text=st.sampled_from([REPORT, OTHER, f"{REPORT} {OTHER}", "Short.", ""]),
    source=st.sampled_from(["gazette", "herald", "mirror"]),
    title=st.sampled_from(["Freighter aground", "Freighter: 14 hurt", "Freighter: 9 hurt", ""]),
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
        before, pace = desk.developments, desk.pace
        again = desk.take(match)
        assert again.alert is None
        assert again.outcome in {"unchanged", "held"}
        assert sorted(desk.developments, key=lambda d: d.id) == sorted(before, key=lambda d: d.id)
        assert desk.pace == pace


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


def run(stream: list[Match], quiet_after: int) -> list[Alert]:
    """Take a stream; after so many reports all developments have gone quiet meanwhile."""
    desk = Desk()
    told = []
    for number, match in enumerate(stream):
        if number == quiet_after:
            desk.developments = [
                d.model_copy(update={"state": AlertState.QUIET}) for d in desk.developments
            ]
        alert = desk.take(match).alert
        told += [alert] if alert is not None else []
    return told


@given(st.lists(matches, max_size=12), st.integers(0, 12))
@settings(max_examples=80, deadline=None)
def test_states_follow_each_other_and_a_stream_taken_anew_tells_the_same(
    stream: list[Match], quiet_after: int
) -> None:
    told = run(stream, quiet_after)
    states: dict[str, list[AlertState]] = {}
    for alert in told:
        states.setdefault(alert.id, []).append(alert.state)
    for seen in states.values():
        assert seen[0] is AlertState.NEW
        assert AlertState.NEW not in seen[1:]
        assert AlertState.QUIET not in seen
        assert seen.count(AlertState.REOPENED) <= 1
    assert run(stream, quiet_after) == told


OWN = {
    "wire": REPORT,
    "herald": OTHER,
    "tide": "Nobody slept. The siren went at two, and again at four, said a teacher who fled.",
}


@given(
    st.permutations(
        [*((source, source) for source in OWN)]
        + [(f"{source}-{number}", source) for source in OWN for number in range(4)]
    )
)
@settings(max_examples=40, deadline=None)
def test_copies_count_once_in_whatever_order_they_come(order: list[tuple[str, str]]) -> None:
    desk = Desk()
    for at, (name, source) in enumerate(order):
        desk.take(make_match(name, OWN[source], title="Freighter aground", hours=at / 10))
    (development,) = desk.developments
    assert len(development.sources) == len(OWN)
    assert len(development.outlets) == len(order)
    assert {m.told.copy_of is None for m in development.members} == {True, False}
    assert desk.pace.reports() == len(OWN)
    assert sorted(m.told.copy_of is None for m in development.members).count(True) == len(OWN)


hours = st.floats(-200, 200, allow_nan=False).map(lambda value: round(value, 2))


@given(st.lists(hours, max_size=40))
@settings(max_examples=80, deadline=None)
def test_a_pace_never_forgets_more_than_time_lets_it(times: list[float]) -> None:
    pace = Pace()
    for at in times:
        pace = pace.plus(make_match("a", hours=at).article.event_time)
        assert list(pace.recent) == sorted(pace.recent)
        assert 0 <= pace.mass <= len(times)
        assert 0 <= pace.near <= pace.mass * len(times)
    counted = pace.reports() + pace.mass
    fades = 400 / (FADES / timedelta(hours=1))
    assert len(times) * math.exp(-fades) - 1e-9 <= counted <= len(times) + 1e-9
