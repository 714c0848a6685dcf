"""Memory: what a storyline keeps of its reports, within bounds, and has again after a restart."""

from __future__ import annotations

import json
from datetime import timedelta
from random import Random

import pytest

from nightdesk.errors import ArchiveError
from nightdesk.storylines.columns import BELIEVED, NEAR
from nightdesk.storylines.decide import Memory, decide
from nightdesk.storylines.memory import COPIES, Settled
from nightdesk.storylines.nominate import nominate
from nightdesk.storylines.packed import Packed
from nightdesk.storylines.remembered import Remembered
from nightdesk.storylines.settle import SETTLE_AFTER, due
from nightdesk.text.copies import Sketch
from tests.unit.storylines.build import (
    FREIGHTER,
    GROUNDING,
    NOON,
    make_article,
    make_index,
    make_storyline,
)


def test_an_older_revision_is_judged_and_not_remembered() -> None:
    index = make_index(make_storyline(exemplars=[FREIGHTER]))
    compiled = index.storylines["s"]
    (new,) = nominate(GROUNDING.model_copy(update={"revision": 2}), index, now=NOON)
    (old,) = nominate(GROUNDING, index, now=NOON)
    memory = decide(new, compiled, Memory(), now=NOON).memory
    assert decide(old, compiled, memory, now=NOON).memory is memory


def test_memory_is_bounded_and_comes_back_as_it_was() -> None:
    index = make_index(make_storyline(exemplars=[FREIGHTER]))
    compiled = index.storylines["s"]
    memory = Memory()
    for number in range(BELIEVED + NEAR + 5):
        # Every second one says the same words in another order, and so is no copy; the rest are copies.
        words = GROUNDING.text.split()
        if number % 2:
            Random(number).shuffle(words)
        article = make_article(" ".join(words), title=GROUNDING.title, id=f"a{number}")
        for candidate in nominate(article, index, now=NOON):
            memory = decide(candidate, compiled, memory, now=NOON + timedelta(hours=number)).memory
    assert 1 < len(memory.reports) <= BELIEVED + NEAR
    assert 1 < len(memory.copies) <= COPIES
    assert Memory.from_bytes(memory.to_bytes()) == memory
    assert len(memory.to_bytes()) < 150_000


def test_a_memory_of_the_format_before_is_brought_forward() -> None:
    index = make_index(make_storyline(exemplars=[FREIGHTER]))
    memory = Memory()
    for number in range(3):
        words = GROUNDING.text.split()
        Random(number).shuffle(words)
        article = make_article(" ".join(words), title=GROUNDING.title, id=f"a{number}")
        (candidate,) = nominate(article, index, now=NOON)
        memory = decide(candidate, index.storylines["s"], memory, now=NOON).memory
    today = json.loads(memory.to_bytes())
    before = {
        "format": 2,
        "unsettled": len(memory.pending),
        "reports": today["settled"] + today["pending"],
        "copies": today["copies"],
    }
    assert len(memory.settled)
    assert Memory.from_bytes(json.dumps(before).encode()) == memory


@pytest.mark.parametrize(
    ("settled", "pending", "settles"),
    [
        (0, [0.5], True),
        (0, [0.99], False),
        (0, [0.99, 0.01], True),
        (40, [0.5] * 9, False),
        (40, [0.5] * 10, True),
        (40, [0.99] * 10, False),
        (16, [0.01] * 7, False),
        (16, [0.01] * 8, True),
        (500, [0.01] * SETTLE_AFTER, True),
    ],
)
def test_a_storyline_settles_the_sooner_the_less_it_knows_and_the_more_it_doubts(
    settled: int, pending: list[float], settles: bool
) -> None:
    def reports(probabilities: list[float]) -> tuple[Remembered, ...]:
        return tuple(
            Remembered(
                str(n), 1, "s", "t", NOON, True, 0.1, 9, Packed(), Sketch(0), probability=belief
            )
            for n, belief in enumerate(probabilities)
        )

    assert due(Memory(Settled.of(reports([0.5] * settled)), reports(pending))) is settles


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"format":9}', b"\xff", b'{"format":2,"reports":[{}]}']
)
def test_a_damaged_memory_is_refused_with_a_hint(data: bytes) -> None:
    with pytest.raises(ArchiveError, match="hint"):
        Memory.from_bytes(data)
