"""Nightdesk's own figures: compile, add one, nominate, decide, one article at a time on one core.

Comes in: material.  Goes out: `Rates`, by CPU time.  Tokenising is part of nominating.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.engine.material import NOW, Material
from nightdesk.storylines.compile import compile_storyline, compile_storylines
from nightdesk.storylines.decide import decide
from nightdesk.storylines.index import Index
from nightdesk.storylines.memory import Memory
from nightdesk.storylines.nominate import nominate
from nightdesk.storylines.rarity import shipped_rarity
from schemas import Article, Candidate

_ADDED = 20
_WARM = 300

BATCH = 100
"""So many messages a stage commits at once, if nobody sets it otherwise."""


@dataclass(frozen=True)
class Rates:
    """Seconds to compile all and to add one (the slowest of twenty), articles and candidates a second."""

    compile_s: float
    add_s: float
    nominate_per_s: float
    candidates_per_article: float
    decide_per_s: float
    decided: int


def measure(material: Material, *, seconds: float) -> Rates:
    """Measure all rates; `seconds` is what nominating and deciding may take each, at least."""
    declared = [(storyline, 1) for storyline in material.storylines]
    began = time.process_time()
    index = compile_storylines(declared, rarity=shipped_rarity())
    compiled = time.process_time() - began
    added = slowest_addition(index, material)
    rate, each = nominated(index, material, seconds=seconds)
    decided, number = deciding(index, material, seconds=seconds)
    return Rates(compiled, added, rate, each, decided, number)


def slowest_addition(index: Index, material: Material) -> float:
    """Return how long it took to compile one more storyline and have it in the index, at worst."""
    worst = 0.0
    for number, storyline in enumerate(material.storylines[:_ADDED]):
        further = storyline.model_copy(update={"id": f"added-{number}"})
        began = time.process_time()
        index = index.changed([compile_storyline(further, 1, rarity=index.rarity)])
        worst = max(worst, time.process_time() - began)
    return worst


def nominated(index: Index, material: Material, *, seconds: float) -> tuple[float, float]:
    """Return articles a second, and how many candidates an article has."""
    articles = material.articles
    for article in articles[-_WARM:]:
        nominate(article, index, now=NOW)
    done = found = 0
    began = time.process_time()
    while (took := time.process_time() - began) < seconds:
        found += len(nominate(articles[done % len(articles)], index, now=NOW))
        done += 1
    return done / took, found / done


def deciding(index: Index, material: Material, *, seconds: float) -> tuple[float, int]:
    """Return candidates a second, and how many were decided.

    They are decided in batches, as the stage takes them; what names them is not timed.  Memories fill as they
    would, and are empty again when all articles were met.
    """
    took, done = 0.0, 0
    _decided(index, material.busy[:_WARM])
    while took < seconds:
        one, number = _decided(index, material.busy)
        if not number:
            return 0.0, 0
        took += one
        done += number
    return done / took, done


def _decided(index: Index, articles: Sequence[Article]) -> tuple[float, int]:
    """Let storylines that remember nothing meet articles: seconds taken to decide, and candidates."""
    memories: dict[str, Memory] = {}
    waiting: list[Candidate] = []
    took, done = 0.0, 0
    for number, article in enumerate(articles, start=1):
        waiting += nominate(article, index, now=NOW)
        if len(waiting) < BATCH and number < len(articles):
            continue
        began = time.process_time()
        for candidate in waiting:
            storyline = index.storylines[candidate.storyline]
            memory = memories.get(candidate.storyline) or Memory()
            memories[candidate.storyline] = decide(candidate, storyline, memory, now=NOW).memory
        took += time.process_time() - began
        done += len(waiting)
        waiting.clear()
    return took, done
