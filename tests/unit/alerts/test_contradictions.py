"""Figures of independent sources that differ are flagged; what is only an update, a copy or round is not."""

from __future__ import annotations

from typing import Any

import pytest

from nightdesk.alerts.contradictions import MOST_STATEMENTS, disputes, stated
from nightdesk.storylines.counted import Counted, counted
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.storylines.reading import Reading
from schemas import AlertKind
from tests.support.freighter import OTHER, REPORT, Desk, make_match


def counts(text: str) -> list[tuple[str, str]]:
    found = counted(Reading("", "", text), shipped_rarity())
    return [(count.what, count.text) for count in found]


def ranges(text: str) -> tuple[float, float]:
    (count,) = counted(Reading("", "", text), shipped_rarity())
    return count.low, count.high


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("At least 12 people were killed in the blast", ("killed", "At least 12 people")),
        ("Death toll rises to 19", ("killed", "19")),
        ("Bomb kills 5 soldiers", ("soldiers killed", "5 soldiers")),
        ("Mindestens 12 Tote bei Anschlag", ("killed", "12 Tote")),
        ("По меньшей мере 12 человек погибли", ("killed", "12 человек")),
        ("12 Syrian civilians were killed", ("civilians killed", "12 Syrian civilians")),
        ("Freighter aground: 14 hurt", ("injured", "14 hurt")),
        ("26 people are missing after the flood", ("missing", "26 people")),
        ("Seven missing sailors were found", ("sailors missing", "Seven missing sailors")),
        ("14 trapped under debris", ("trapped", "14 trapped")),
        ("12 rockets were fired at Aleppo overnight", ("rockets", "12 rockets")),
    ],
)
def test_a_toll_is_known_by_what_befell_people_and_all_else_by_its_noun(
    text: str, what: tuple[str, str]
) -> None:
    assert counts(text) == [what]


@pytest.mark.parametrize(
    "text",
    [
        "He died 3 days later",
        "12 people came",
        "a 30 % cut",
        "$3.5 billion lost",
        "1.2.3 killed",
        "A man, 67, was arrested",
        "12 people were killed or injured",
        "The other 2 American tourists left",
        "Riders were trapped inside and more than 50 of them were seen",
    ],
)
def test_what_nobody_can_compare_is_not_counted(text: str) -> None:
    assert counts(text) == []


def test_qualifiers_and_round_numbers_leave_room() -> None:
    assert ranges("at least 12 killed") == (12, float("inf"))
    assert ranges("up to 12 killed") == (0, 12)
    assert ranges("Some 1,000 people were evacuated") == (500, 1500)
    assert ranges("1,200 people were evacuated") == (1150, 1250)
    assert ranges("1,234 people were evacuated") == (1234, 1234)


def toll(name: str, said: str, *, hours: float = 0, **changes: Any) -> Any:
    text = changes.pop("text", None) or f"{name} has word from the quay, in its own way. {said}"
    title = changes.pop("title", said)
    return make_match(name, text, title=title, hours=hours, **changes)


def test_a_later_report_of_the_lower_figure_contradicts_the_higher() -> None:
    desk = Desk()
    desk.take(toll("gazette", "At least 17 people were killed"))
    result = desk.take(toll("herald", "Blast at the quay: 12 killed", text=OTHER, hours=2))
    assert result.alert is not None
    assert (result.outcome, result.alert.kind) == ("grew", AlertKind.GROWN)
    (contradiction,) = result.alert.contradictions
    assert contradiction.what == "killed"
    assert [(c.figure, c.sources) for c in contradiction.claims] == [
        ("12 killed", ("herald",)),
        ("At least 17 people", ("gazette",)),
    ]
    assert "sources differ on killed: 12 killed (herald), At least 17 people (gazette)" in (
        result.reason
    )


def test_a_rising_toll_is_an_update_until_somebody_tells_the_old_one_again() -> None:
    desk = Desk()
    desk.take(toll("gazette", "Blast: 12 killed"))
    risen = desk.take(toll("herald", "Blast: 17 killed", text=OTHER, hours=1))
    assert risen.alert is not None
    assert risen.alert.contradictions == ()
    again = desk.take(make_match("g2", REPORT, title="12 killed", source="gazette", hours=3))
    assert again.alert is not None
    assert again.outcome == "grew", "its figure was told before, and contradicts all the same"
    assert "sources differ" in again.reason
    agreed = desk.take(make_match("g3", NIGHT, title="17 killed", source="gazette", hours=4))
    assert agreed.development is not None
    assert agreed.development.contradictions == (), "its later report takes the earlier back"


def test_what_is_told_too_late_to_be_a_contradiction_is_none() -> None:
    desk = Desk()
    desk.take(toll("gazette", "Blast: 17 killed"))
    late = desk.take(toll("herald", "Blast: 12 killed", text=OTHER, hours=7))
    assert late.development is not None
    assert late.development.contradictions == ()


@pytest.mark.parametrize(
    ("first", "second", "hours", "differ"),
    [(20, 12, 0.5, True), (12, 20, 0.5, True), (20, 12, 3, False), (12, 20, 3, False)],
)
def test_the_missing_become_more_and_fewer_and_differ_only_where_told_at_once(
    first: int, second: int, hours: float, differ: bool
) -> None:
    desk = Desk()
    desk.take(toll("gazette", f"Ferry sinks: {first} people missing"))
    said = f"Ferry sinks: {second} people missing"
    told = desk.take(toll("herald", said, text=OTHER, hours=hours)).development
    assert told is not None
    assert [one.what for one in told.contradictions] == (["missing"] if differ else [])


def test_copies_state_nothing_and_one_source_never_contradicts_itself() -> None:
    desk = Desk()
    desk.take(toll("gazette", "Blast: 17 killed", text=REPORT))
    copy = desk.take(toll("mirror", "Blast: 12 killed", text=REPORT, hours=1))
    own = desk.take(make_match("g2", OTHER, title="12 killed", source="gazette", hours=2))
    for result in (copy, own):
        assert result.development is not None
        assert result.development.contradictions == ()


def test_a_report_that_gives_both_figures_agrees_with_either() -> None:
    desk = Desk()
    desk.take(toll("gazette", "Blast: 17 killed"))
    both = desk.take(toll("herald", "12 killed here, 5 killed there: 17 killed", text=OTHER))
    assert both.development is not None
    assert both.development.contradictions == ()


def test_a_revision_may_bring_a_contradiction_and_take_it_back() -> None:
    desk = Desk()
    desk.take(toll("gazette", "Blast: 17 killed"))
    desk.take(toll("herald", "Blast: 17 killed", text=OTHER))
    edited = toll("herald", "Blast: 12 killed", text=OTHER, revision=2)
    result = desk.take(edited)
    assert (result.outcome, "sources differ on killed" in result.reason) == ("revised", True)
    undone = desk.take(toll("herald", "Blast: 17 killed", text=OTHER, revision=3))
    assert undone.alert is not None
    assert undone.alert.contradictions == ()


def test_the_same_noun_in_other_words_is_another_thing() -> None:
    desk = Desk()
    desk.take(toll("gazette", "12 rockets were fired at Aleppo overnight"))
    other = desk.take(toll("herald", "3 rockets missed a school near Homs", text=OTHER))
    assert other.alert is not None
    assert other.alert.contradictions == ()
    same = desk.take(toll("tide", "20 rockets were fired at Aleppo overnight", text=NIGHT))
    assert same.alert is not None
    assert [c.what for c in same.alert.contradictions] == ["rockets"]


NIGHT = (
    "Nobody slept. The siren went at two, and again at four, said a teacher who had fled before."
)


def test_what_is_kept_is_bounded() -> None:
    said: tuple[Any, ...] = ()
    for number in range(MOST_STATEMENTS + 50):
        article = make_match(f"n{number}", "", source=f"s{number}").article
        said = stated(
            said, article, [Counted("toll: killed", "killed", str(number), number, number)]
        )
    assert len(said) == MOST_STATEMENTS
    (dispute,) = disputes(said)
    told = dispute.told()
    assert (len(told.claims), len(told.to_bytes()) < 5_000) == (6, True)
