"""Exemplars that are reprints of one another show no more than one of them does."""

from __future__ import annotations

import pytest

from nightdesk.storylines.compile import CompiledStoryline
from tests.unit.storylines.build import FREIGHTER, GROUNDING, make_index, make_storyline

OTHER = {"title": GROUNDING.title, "text": GROUNDING.text}
CUT = {**FREIGHTER, "text": FREIGHTER["text"].split(". ", 1)[0] + "."}
PAGE = {**FREIGHTER, "text": f"{FREIGHTER['text']} Subscribe to our letter."}


def compiled(*exemplars: dict[str, str]) -> CompiledStoryline:
    return make_index(make_storyline(exemplars=list(exemplars))).storylines["s"]


@pytest.mark.parametrize("reprint", [FREIGHTER, CUT, {"title": "", "text": FREIGHTER["text"]}])
def test_a_reprint_changes_nothing(reprint: dict[str, str]) -> None:
    once, twice = compiled(FREIGHTER, OTHER), compiled(FREIGHTER, reprint, OTHER, FREIGHTER)
    assert twice.profile == once.profile
    assert twice.told.exemplars == 2
    assert twice.told.alike == once.told.alike
    assert twice.asked == once.asked


def test_of_two_reprints_the_longer_stays_in_its_place() -> None:
    assert compiled(CUT, OTHER, FREIGHTER).profile == compiled(FREIGHTER, OTHER).profile
    assert compiled(FREIGHTER, PAGE).told.exemplars == 1


def test_exemplars_keep_the_numbers_that_they_were_given() -> None:
    assert compiled(FREIGHTER, FREIGHTER, OTHER).labels == ("exemplar 1", "exemplar 3")
