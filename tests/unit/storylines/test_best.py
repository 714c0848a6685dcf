"""The most that entities and cues come to is what the engine gives a report that names and says all."""

from __future__ import annotations

from typing import Any

import pytest

from nightdesk.storylines.best import best_of
from nightdesk.storylines.compile import compile_storyline
from nightdesk.storylines.nominate import assess_alone
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.storylines.rethinking import logistic
from tests.unit.storylines.build import make_article, make_storyline

EVERYTHING = make_article(
    "Havblikk seized a trawler off Oslo", title="Havblikk: trawler held, quota"
)


@pytest.mark.parametrize("optional", [[False], [True], [False, True], [True, True]])
@pytest.mark.parametrize("cues", [[], ["trawler"], ["trawler", "seized", "held", "quota", "off"]])
def test_the_most_that_a_storyline_comes_to(optional: list[bool], cues: list[str]) -> None:
    names = [
        {"name": name, "any_of": [name], "optional": one, "weight": 1.5}
        for name, one in zip(["Havblikk", "Oslo"], optional, strict=False)
    ]
    parts: dict[str, Any] = {"entities": names, "cues": {"supporting": cues}}
    compiled = compile_storyline(make_storyline(**parts), 1, rarity=shipped_rarity())
    best = best_of(compiled)
    assert best is not None
    assert best.probability == pytest.approx(logistic(assess_alone(EVERYTHING, compiled).score))


def test_with_texts_nothing_can_be_told() -> None:
    told = make_storyline(description="Coast guards seized a trawler")
    assert best_of(compile_storyline(told, 1, rarity=shipped_rarity())) is None
