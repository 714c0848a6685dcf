"""One alert for each development: opened once, grown by others, quiet about what adds nothing."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from nightdesk.alerts.developments import Development, develop
from nightdesk.alerts.grouping import MOST_ARTICLES, MOST_SKETCHES
from nightdesk.storylines.rarity import shipped_rarity
from schemas import AlertKind, AlertState, Arrival, Decision, Severity
from tests.support.freighter import NEWS, NOON, OTHER, REPORT, STORYLINE, Desk, make_match


def test_the_first_report_opens_a_development_and_is_told() -> None:
    result = Desk().take(make_match("gazette"))
    assert result.outcome == "opened"
    assert result.alert is not None
    assert (result.alert.kind, result.alert.sequence) == (AlertKind.NEW_DEVELOPMENT, 1)
    assert (result.alert.sources, result.alert.pages) == (1, True)
    assert result.alert.articles[0].words == ("Freighter",)
    assert "close to exemplar 1" in result.alert.reason


def test_a_second_outlet_grows_the_same_alert() -> None:
    desk = Desk()
    first = desk.take(make_match("gazette"))
    second = desk.take(make_match("herald", OTHER, hours=3))
    assert second.outcome == "grew"
    assert first.alert is not None
    assert second.alert is not None
    assert second.alert.id == first.alert.id
    assert (second.alert.kind, second.alert.sequence, second.alert.sources) == (
        AlertKind.GROWN,
        2,
        2,
    )
    assert [a.source for a in second.alert.articles] == ["gazette", "herald"]
    assert "source 2" in second.reason


def test_a_rewrite_of_another_outlet_echoes_it_and_is_no_further_source() -> None:
    desk = Desk()
    desk.take(make_match("gazette"))
    result = desk.take(make_match("mirror", REPORT.replace("Monday", "Tuesday"), hours=1))
    assert result.outcome == "echoed"
    assert result.alert is not None
    assert result.alert.kind is AlertKind.MORE_OF_THE_SAME
    assert result.alert is not None
    assert result.alert.sources == 1
    assert result.alert.articles[1].copy_of == "gazette"
    own = desk.take(make_match("mirror2", OTHER, source="mirror", hours=2))
    assert (own.outcome, own.alert and own.alert.sources) == ("grew", 2)


def test_the_same_outlet_again_is_told_only_if_it_adds_something() -> None:
    desk = Desk()
    desk.take(make_match("gazette", f"{REPORT} {OTHER}"))
    copied = desk.take(make_match("g2", f"{REPORT} {OTHER}", source="gazette", hours=1))
    assert (copied.outcome, copied.alert) == ("copy", None)
    same = make_match("g3", OTHER[:120], title="Freighter aground", source="gazette", hours=2)
    assert desk.take(same).alert is None
    figures = make_match(
        "g4", "Short.", title="Freighter aground: 14 hurt", source="gazette", hours=3
    )
    result = desk.take(figures)
    assert result.outcome == "grew"
    assert "14" in result.reason
    assert result.alert is not None
    assert len(result.alert.articles) == 4


def test_a_report_that_adds_nothing_is_more_of_the_same_and_one_that_does_is_told_with_it() -> None:
    desk = Desk()
    first = desk.take(make_match("gazette"))
    assert first.alert is not None
    assert first.alert.novelty is None
    same = desk.take(make_match("herald", REPORT[:180], title="Freighter aground", hours=1))
    assert same.outcome == "echoed"
    assert same.alert is not None
    assert same.alert.kind is AlertKind.MORE_OF_THE_SAME
    more = desk.take(make_match("tribune", f"{REPORT} {NEWS}", hours=2))
    assert more.outcome == "grew"
    assert more.alert is not None
    assert more.alert.kind is AlertKind.GROWN
    assert more.alert.raised_by == "tribune"
    assert more.alert.novelty is not None
    assert more.alert.novelty.figures == ("at least 14 people",)
    assert more.alert.novelty.actors == ("Ada Marsh",)


def test_an_outlet_that_copies_itself_and_adds_news_is_told() -> None:
    desk = Desk()
    desk.take(make_match("gazette", f"{REPORT} {OTHER}"))
    again = make_match("g2", f"{NEWS} {REPORT} {OTHER}", source="gazette", hours=1)
    result = desk.take(again)
    assert result.outcome == "grew"
    assert "at least 14 people" in result.reason


def test_a_new_development_knows_what_the_storyline_was_told_before() -> None:
    desk = Desk()
    desk.take(make_match("gazette"))
    recap = desk.take(make_match("herald", f"{REPORT} {NEWS}", hours=100))
    assert recap.outcome == "opened"
    assert recap.alert is not None
    assert recap.alert.novelty is not None
    assert recap.alert.novelty.share < 0.5
    assert recap.alert.novelty.figures == ("at least 14 people",)
    later = desk.take(make_match("tribune", f"{REPORT} {NEWS}", title="Freighter", hours=101))
    assert later.outcome == "echoed"


def test_a_silence_longer_than_the_gap_ends_a_development() -> None:
    desk = Desk()
    first = desk.take(make_match("gazette"))
    within = desk.take(make_match("herald", OTHER, hours=48))
    text = (
        "Divers have sealed the hull, and the freighter shall be towed to the shipyard of Ostrand."
    )
    beyond = desk.take(make_match("gazette3", text, source="gazette", hours=97))
    assert (within.outcome, beyond.outcome) == ("grew", "opened")
    assert first.alert is not None
    assert beyond.alert is not None
    assert beyond.alert.id != first.alert.id


def test_a_copy_that_comes_after_the_gap_is_no_new_development() -> None:
    desk = Desk()
    first = desk.take(make_match("gazette"))
    copy = desk.take(make_match("mirror", hours=100))
    assert (copy.outcome, copy.development and copy.development.alert) == (
        "echoed",
        first.alert and first.alert.id,
    )
    assert desk.take(make_match("gazette2", source="gazette", hours=101)).outcome == "copy"
    # What is over does not go on for it.
    text = (
        "Divers have sealed the hull, and the freighter shall be towed to the shipyard of Ostrand."
    )
    assert desk.take(make_match("herald", text, hours=102)).outcome == "opened"


@pytest.mark.parametrize(
    ("hours", "changes"),
    [(200, {}), (100, {"title": "Freighter aground: 14 hurt"}), (100, {"text": REPORT + OTHER})],
)
def test_a_copy_that_is_old_or_tells_more_is_a_development_after_the_gap(
    hours: int, changes: dict[str, str]
) -> None:
    desk = Desk()
    desk.take(make_match("gazette"))
    assert desk.take(make_match("mirror", hours=hours, **changes)).outcome == "opened"


def test_a_late_report_joins_the_development_of_its_time() -> None:
    desk = Desk()
    old = desk.take(make_match("gazette"))
    desk.take(make_match("herald", OTHER, hours=100))
    late = desk.take(make_match("tribune", OTHER.upper(), hours=-20))
    assert late.development is not None
    assert old.development is not None
    assert late.development.id == old.development.id
    assert late.development.opened_at == NOON - timedelta(hours=20)


@pytest.mark.parametrize("decision", [Decision.POSSIBLE, Decision.NOT])
def test_what_does_not_fit_is_held(decision: Decision) -> None:
    result = Desk().take(make_match("gazette", decision=decision))
    assert (result.outcome, result.development, result.alert) == ("held", None, None)


def test_a_replay_changes_nothing() -> None:
    desk = Desk()
    desk.take(make_match("gazette"))
    desk.take(make_match("herald", OTHER, hours=1))
    before = desk.developments
    for name, text in (("gazette", REPORT), ("herald", OTHER)):
        again = desk.take(make_match(name, text))
        assert (again.outcome, again.alert) == ("unchanged", None)
    assert desk.developments == before


@pytest.mark.parametrize("arrival", [Arrival.BACKFILL, Arrival.FIRST_FETCH, Arrival.REPLAY])
def test_only_a_live_report_pages(arrival: Arrival) -> None:
    desk = Desk()
    quiet = desk.take(make_match("gazette", arrival=arrival))
    live = desk.take(make_match("herald", OTHER, hours=1))
    assert quiet.alert is not None
    assert live.alert is not None
    assert (quiet.alert.pages, live.alert.pages) == (False, True)
    # Nobody was told of it before: who takes new developments alone is told now, and once.
    assert live.alert.kinds == {AlertKind.GROWN, AlertKind.NEW_DEVELOPMENT}
    third = desk.take(make_match("tribune", f"{NEWS} Divers sealed the hull.", hours=2))
    assert third.alert is not None
    assert third.alert.kinds == {AlertKind.GROWN}


@pytest.mark.parametrize(("days", "pages"), [(0, True), (3, True), (3.1, False), (200, False)])
def test_what_is_taken_days_after_it_was_seen_pages_nobody(days: float, pages: bool) -> None:
    """A storyline that has learned more takes an old report: that is for the record, and wakes nobody."""
    match = make_match("gazette")
    decided_at = match.article.seen_at + timedelta(days=days)
    taken = Desk().take(match.model_copy(update={"decided_at": decided_at}))
    assert taken.alert is not None
    assert taken.alert.pages is pages


def test_the_first_live_outlet_is_told_though_many_told_it_before_anybody_listened() -> None:
    desk = Desk()
    for number in range(7):
        desk.take(make_match(f"outlet{number}", arrival=Arrival.FIRST_FETCH))
    live = desk.take(make_match("herald", hours=1))
    assert live.alert is not None
    assert live.alert.kinds == {AlertKind.MORE_OF_THE_SAME, AlertKind.NEW_DEVELOPMENT}
    assert desk.take(make_match("tribune", hours=2)).outcome == "joined"


def test_developments_of_other_storylines_are_left_alone() -> None:
    desk = Desk()
    desk.take(make_match("gazette"))
    elsewhere = desk.developments[0].model_copy(update={"storyline": "other"})
    result = develop(
        make_match("herald"), [elsewhere], STORYLINE, now=NOON, rarity=shipped_rarity()
    )
    assert result.outcome == "opened"


def test_a_development_is_bounded_and_keeps_its_opening_report() -> None:
    desk = Desk()
    for number in range(MOST_ARTICLES + 20):
        desk.take(make_match(f"outlet{number}", f"{number} " + OTHER[number:], hours=number / 10))
    (development,) = desk.developments
    assert len(development.members) == MOST_ARTICLES + 1
    assert development.members[0].told.id == "outlet0"
    assert sum(bool(m.signature) for m in development.members) <= MOST_SKETCHES + 1
    assert desk.take(make_match("outlet1", OTHER)).outcome == "unchanged"
    assert len(development.to_bytes()) < 100_000


def test_an_alert_is_as_grave_as_its_storyline() -> None:
    grave = STORYLINE.model_copy(update={"severity": Severity.CRITICAL})
    result = develop(make_match("gazette"), [], grave, now=NOON, rarity=shipped_rarity())
    assert result.alert is not None
    assert result.alert.severity is Severity.CRITICAL


def test_states_follow_each_other() -> None:
    desk = Desk()
    first = desk.take(make_match("gazette"))
    second = desk.take(make_match("herald", OTHER, hours=1))
    desk.developments = [
        d.model_copy(update={"state": AlertState.QUIET, "sequence": 3}) for d in desk.developments
    ]
    silent = desk.take(make_match("g2", source="gazette", hours=2))
    assert (silent.alert, silent.development and silent.development.state) == (
        None,
        AlertState.QUIET,
    )
    third = desk.take(make_match("mirror", REPORT, hours=3))
    fourth = desk.take(make_match("tide", NEWS, title="Crane topples", hours=4))
    told = [result.alert for result in (first, second, third, fourth)]
    assert [(a.sequence, a.state.value) for a in told if a is not None] == [
        (1, "new"),
        (2, "developing"),
        (4, "reopened"),
        (5, "developing"),
    ]


def test_a_development_of_before_states_and_outlets_goes_on() -> None:
    desk = Desk()
    desk.take(make_match("gazette"))
    older = {
        name: value
        for name, value in desk.developments[0].model_dump(mode="json").items()
        if name
        not in {
            "state",
            "paged",
            "outlets",
            "told_outlets",
            "told_sources",
            "statements",
            "contradictions",
        }
    }
    desk.developments = [Development.model_validate_json(json.dumps(older))]
    result = desk.take(make_match("mirror", hours=1))
    assert result.alert is not None
    assert (result.outcome, result.alert.sequence, result.alert.state) == (
        "echoed",
        2,
        AlertState.DEVELOPING,
    )
    assert desk.developments[0].outlets == ("gazette", "mirror")
