"""A report that has a rival's entities and cues, and not ours, is the rival's."""

from __future__ import annotations

from math import fsum

import pytest

from nightdesk.storylines.decide import Memory, decide
from nightdesk.storylines.nominate import nominate
from nightdesk.storylines.rivalry import RIVAL_SAYS
from schemas import Decision, Match, Storyline
from tests.unit.storylines.build import NOON, make_article, make_index, make_storyline

CAST = [{"name": "Ostara", "any_of": ["Ostara"]}, {"name": "Velm", "any_of": ["Velm"]}]
AGREED = "Ostara and Velm agreed to merge after a night of talks, both boards said."
CALLED_OFF = "Ostara and Velm called off their merger after a night of talks, both boards said."


def rival(name: str, cues: list[str], *rivals: str, text: str = "") -> Storyline:
    told = {"exemplars": [{"text": text}]} if text else {}
    storyline = make_storyline(
        entities=CAST, cues={"supporting": cues}, rivals=list(rivals), **told
    )
    return storyline.model_copy(update={"id": name})


def judged(text: str, *storylines: Storyline) -> dict[str, Match]:
    index = make_index(*storylines)
    return {
        one.storyline: decide(one, index.storylines[one.storyline], Memory(), now=NOON).match
        for one in nominate(make_article(text), index, now=NOON)
    }


def parts(match: Match) -> dict[str, float]:
    return {part.name: part.value for part in match.contributions}


@pytest.mark.parametrize("text", ["", AGREED])
def test_what_a_rival_is_told_of_speaks_against_a_report(text: str) -> None:
    ours, theirs = ["their merger"], ["called off", "their merger"]
    alone = judged(CALLED_OFF, rival("on", ours, text=text))["on"]
    both = judged(
        CALLED_OFF, rival("on", ours, "off", text=text), rival("off", theirs, "on", text=text)
    )
    assert parts(both["on"])[RIVAL_SAYS] < 0
    assert RIVAL_SAYS not in parts(both["off"])
    assert both["on"].score < alone.score
    assert both["on"].score == pytest.approx(fsum(parts(both["on"]).values()))
    assert "more is said of off: Ostara, Velm, “called off”, “their merger”" in both["on"].reason
    assert both["off"].decision is Decision.FITS


def test_where_both_sides_are_told_neither_takes_from_the_other() -> None:
    text = f"{AGREED} By noon one of them had called off the talks."
    both = judged(text, rival("on", ["agreed to merge"], "off"), rival("off", ["called off"], "on"))
    assert set(both) == {"on", "off"}
    assert all(RIVAL_SAYS not in parts(match) for match in both.values())


def test_a_rival_that_is_not_declared_or_not_in_force_takes_nothing() -> None:
    one = judged(CALLED_OFF, rival("on", ["their merger"]), rival("off", ["called off"]))
    other = judged(CALLED_OFF, rival("on", ["their merger"], "off"))
    assert RIVAL_SAYS not in parts(one["on"])
    assert RIVAL_SAYS not in parts(other["on"])
    assert one["on"].score == other["on"].score
