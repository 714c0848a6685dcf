"""Where the bar lies: at the best F-measure that a storyline's own probabilities let one expect."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.storylines.bar import asked, fixed_bar
from nightdesk.storylines.judging import bar_of
from schemas import Bar, Sensitivity
from tests.unit.storylines.build import make_index, make_storyline


def bar(
    sensitivity: Sensitivity,
    beliefs: Sequence[float],
    *,
    exemplars: int,
    brief: float,
    at_once: bool = False,
    **declared: bool,
) -> Bar:
    return asked(sensitivity, exemplars, brief, **declared).bar(beliefs, at_once=at_once)


BELIEFS = st.lists(st.floats(0, 1), max_size=12)


def fits(beliefs: list[float], sensitivity: str = "balanced", brief: float = 0.0) -> float:
    return bar(Sensitivity(sensitivity), beliefs, exemplars=1, brief=brief).fits


def test_where_all_is_doubtful_the_bar_is_low_and_where_all_is_plain_it_is_near_even_odds() -> None:
    doubtful = fits([0.3, 0.25, 0.2, 0.2, 0.15, 0.1, 0.1, 0.1], brief=1.0)
    plain = fits([0.97] * 8 + [0.02] * 8, brief=1.0)
    assert doubtful < 0.15 < 0.25 < plain < 0.5


def test_articles_of_some_length_are_never_taken_at_long_odds() -> None:
    nothing_fits = [0.08, 0.06, 0.05, 0.03, 0.02] * 8
    assert fits(nothing_fits) > 0.16
    assert fits(nothing_fits, brief=1.0) < 0.12


def test_whoever_doubts_many_articles_and_is_sure_of_few_is_eased_nothing() -> None:
    one_in_five = [0.2] * 9
    assert fits(one_in_five[:3]) == pytest.approx(0.154)
    assert 0.154 < fits(one_in_five[:6]) < 0.35
    assert fits(one_in_five) == pytest.approx(0.35)
    assert fits([*one_in_five, *[0.9] * 6]) < 0.25, "it knows its own"
    assert fits([0.05] * 50) == pytest.approx(0.154), "these are no near misses"
    of_lines = [fits(one_in_five[:some], brief=1.0) for some in (3, 9)]
    assert max(of_lines) < 0.13, "lines are always in doubt"


def test_of_a_storyline_that_knows_nothing_more_exemplars_ask_for_more() -> None:
    one, four = (
        bar(Sensitivity.BALANCED, (), exemplars=number, brief=0.0).fits for number in (1, 4)
    )
    assert one == pytest.approx(0.154)
    assert four == pytest.approx(0.33)


@given(beliefs=BELIEFS)
def test_with_four_articles_shown_the_bar_stands_and_with_four_lines_it_moves(
    beliefs: list[float],
) -> None:
    articles, lines = (
        bar(Sensitivity.BALANCED, beliefs, exemplars=4, brief=brief).fits for brief in (0.0, 1.0)
    )
    assert articles == pytest.approx(0.33)
    assert 0.14 < lines <= 0.5


def test_a_storyline_without_any_exemplar_asks_for_as_much_as_ever() -> None:
    for sensitivity in Sensitivity:
        doubtful = bar(sensitivity, [0.1] * 9, exemplars=0, brief=1.0)
        sure = bar(sensitivity, [0.99] * 9, exemplars=4, brief=0.0)
        assert doubtful.fits >= sure.fits - 0.01
        assert doubtful.fits > bar(sensitivity, [0.1] * 9, exemplars=1, brief=1.0).fits


def test_declared_rivals_keep_false_alarms_out_so_that_less_is_asked() -> None:
    alone, among_rivals = (
        bar(Sensitivity.BALANCED, [0.97] * 8, exemplars=4, brief=0.0, rivals=rivals).fits
        for rivals in (False, True)
    )
    assert among_rivals == pytest.approx(0.75 * alone)


def test_of_brief_texts_less_is_expected() -> None:
    long, brief = (
        bar(Sensitivity.BALANCED, (), exemplars=1, brief=brief).fits for brief in (0.0, 1.0)
    )
    assert brief < long


def at_once_and_later(exemplars: int, brief: float = 0.0, **told: bool) -> list[float]:
    return [
        bar(Sensitivity.BALANCED, [], exemplars=exemplars, brief=brief, at_once=now, **told).fits
        for now in (True, False)
    ]


def test_who_shows_several_articles_asks_for_more_at_once_than_when_it_settles() -> None:
    for exemplars, more in ((3, 1.25), (4, 1.5), (9, 1.5)):
        at_once, later = at_once_and_later(exemplars)
        assert at_once == pytest.approx(later * more, abs=1e-6)


@pytest.mark.parametrize(
    ("exemplars", "brief", "told"),
    [
        (1, 0.0, {}),
        (2, 0.0, {}),
        (4, 1.0, {}),
        (4, 0.0, {"rivals": True}),
        (4, 0.0, {"cues": True}),
    ],
)
def test_no_more_is_asked_at_once_of_few_of_lines_or_where_more_is_told(
    exemplars: int, brief: float, told: dict[str, bool]
) -> None:
    at_once, later = at_once_and_later(exemplars, brief, **told)
    assert at_once == later


@given(beliefs=BELIEFS, sensitivity=st.sampled_from(Sensitivity), exemplars=st.integers(0, 9))
def test_at_once_no_less_is_asked_and_the_same_is_possible(
    beliefs: list[float], sensitivity: Sensitivity, exemplars: int
) -> None:
    at_once, later = (
        bar(sensitivity, beliefs, exemplars=exemplars, brief=0.2, at_once=now)
        for now in (True, False)
    )
    assert at_once.fits >= later.fits
    assert at_once.fits <= max(0.65, later.fits)
    assert at_once.possible == later.possible


@given(beliefs=BELIEFS)
def test_strict_asks_for_more_than_balanced_and_wide_for_less(beliefs: list[float]) -> None:
    strict, balanced, wide = (fits(beliefs, s) for s in ("strict", "balanced", "wide"))
    assert strict > balanced > wide


@given(beliefs=BELIEFS, sensitivity=st.sampled_from(Sensitivity))
def test_the_bar_does_not_depend_on_the_order_of_reports(
    beliefs: list[float], sensitivity: Sensitivity
) -> None:
    assert fits(beliefs, sensitivity) == fits(beliefs[::-1], sensitivity)


@given(beliefs=BELIEFS, sensitivity=st.sampled_from(Sensitivity))
def test_what_may_fit_is_possible_before(beliefs: list[float], sensitivity: Sensitivity) -> None:
    found = bar(sensitivity, beliefs, exemplars=2, brief=0.5)
    assert 0 < found.possible < found.fits < 1


def test_a_storyline_without_text_has_a_bar_that_never_moves() -> None:
    bare = make_storyline(exemplars=[], description="", cues={"supporting": ["ran aground"]})
    compiled = make_index(bare).storylines[bare.id]
    assert bar_of(compiled, [1.0] * 5) == fixed_bar(bare.sensitivity)
