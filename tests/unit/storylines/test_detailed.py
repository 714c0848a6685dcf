"""Each part of a score says what it refers to, and each change of mind says why."""

from __future__ import annotations

from math import fsum

import numpy as np
import pytest

from nightdesk.storylines.decide import Memory, Verdict, decide
from nightdesk.storylines.detailed import said_of
from nightdesk.storylines.model import GROUPS, Model, shipped_model
from nightdesk.storylines.neighbourhood import SECOND
from nightdesk.storylines.nominate import nominate
from schemas import Article, Storyline
from tests.unit.storylines.build import (
    FREIGHTER,
    GROUNDING,
    NOON,
    make_article,
    make_index,
    make_storyline,
)

DIVERS = make_article(
    "Divers looked at the hull of the stranded freighter at Port Lindane; tugs wait for the tide.",
    title="Divers at stranded freighter",
    id="a2",
)
OTHER = {
    "title": "Ferry of Port Lindane runs again",
    "text": "The ferry from Port Lindane to the islands runs again, the harbour master said.",
}


def follow(articles: list[Article], *storylines: Storyline) -> list[Verdict]:
    index = make_index(*storylines)
    verdicts, memory = [], Memory()
    for article in articles:
        for candidate in nominate(article, index, now=NOON):
            if candidate.storyline == "s":
                verdict = decide(candidate, index.storylines["s"], memory, now=NOON)
                verdicts.append(verdict)
                memory = verdict.memory
    return verdicts


def details(verdict: Verdict) -> dict[str, str]:
    return {part.name: part.detail for part in verdict.match.contributions}


def test_where_nothing_is_known_the_nearest_exemplar_is_named() -> None:
    (verdict,) = follow([GROUNDING], make_storyline(exemplars=[FREIGHTER]))
    told = details(verdict)
    assert told["neighbours"] == "nearest to exemplar 1"
    assert told["learned"] == "no report accepted before"
    assert "of how near the nearest come" in told["standing"]


def test_what_was_accepted_is_named_where_the_neighbours_speak_for_a_report() -> None:
    verdicts = follow([GROUNDING, DIVERS], make_storyline(exemplars=[OTHER, FREIGHTER]))
    part = {p.name: p for p in verdicts[-1].match.contributions}["neighbours"]
    side = "near what was accepted" if part.value > 0 else "accepted"
    assert side in part.detail or part.detail.startswith("nearest to exemplar")
    assert "like the 1 report accepted before" in details(verdicts[-1])["learned"]


def test_a_rival_that_is_nearer_is_named() -> None:
    ours = make_storyline(exemplars=[OTHER], rivals=["rival"])
    rival = make_storyline(exemplars=[FREIGHTER]).model_copy(update={"id": "rival"})
    (verdict,) = follow([GROUNDING], ours, rival)
    part = {p.name: p for p in verdict.match.contributions}["rivals"]
    assert part.value < 0
    assert part.detail.startswith("nearer to rival (0.")
    assert "nearer to rival" in verdict.match.reason


@pytest.mark.parametrize("value", [-1.0, 1.0])
def test_every_group_but_the_base_can_say_something(value: float) -> None:
    row = np.full(len(SECOND), -0.5)
    silent = {name for name in GROUPS if not said_of(name, value, row.data, 2)}
    # Of these decide knows more than the row does.
    assert silent == {"base", "words in common", "neighbours", "rivals"}


def test_what_is_usual_moves_parts_and_not_their_sum() -> None:
    shipped = shipped_model()
    plain = Model(shipped.first, shipped.second)
    row, contexts = np.linspace(-2, 1, len(SECOND)), (0.3, -0.4)
    _, products = shipped.second.products(row.data, contexts)
    told, untold = dict(shipped.parts(products, contexts)), dict(plain.parts(products, contexts))
    assert fsum(told.values()) == pytest.approx(fsum(untold.values()), abs=1e-5)
    assert {name for name in GROUPS if told[name] != untold[name]} == {
        *GROUPS.keys() - {"time", "rivals"}
    }
    assert list(told) == list(untold) == list(GROUPS)
