"""Streams of stories that develop: what is decided depends on the storyline, its rivals and the stream."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from math import fsum
from pathlib import Path

import pytest
from hypothesis import event, given, settings, target
from hypothesis import strategies as st

from nightdesk.storylines.compile import compile_storylines
from nightdesk.storylines.index import Index
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.storylines.rethinking import logistic
from nightdesk.storylines.settle import settling_window
from schemas import Decision, Storyline, StorylineKind
from tests.support.developing import (
    NOBODY,
    STORIES,
    Told,
    articles,
    crowd,
    random_stream,
    storylines,
)
from tests.support.following import History, Learned, follow

pytestmark = pytest.mark.timeout(400)
"""When one fails, Hypothesis looks for a smaller stream for up to five minutes."""

ROOT = Path(__file__).resolve().parents[2]
CROWD = crowd(700)
"""So many that share names that the index treats those as common."""

KINDS = (None, StorylineKind.EVENT, StorylineKind.SAGA)

reports = st.builds(
    Told,
    topic=st.integers(0, NOBODY),
    turn=st.integers(0, 2),
    near=st.integers(0, 5),
    hours=st.sampled_from([0, 1, 2, 5, 20, 60, 300]),
    seed=st.integers(0, 10**6),
    dated=st.sampled_from([True, True, True, False]),
    copies=st.sampled_from([0, 0, 0, 0, 1, 3]),
    revises=st.sampled_from([0, 0, 0, 0, 0, 2]),
)
streams = st.lists(reports, min_size=6, max_size=36) | st.builds(
    random_stream, st.integers(0, 10**6), st.integers(20, 45)
)
declared = st.tuples(*(st.sampled_from(KINDS) for _ in STORIES)).map(
    lambda kinds: storylines(kinds=kinds)
)


def index_of(told: Sequence[Storyline]) -> Index:
    return compile_storylines([(storyline, 1) for storyline in told], rarity=shipped_rarity())


def fates(history: History) -> Counter[str]:
    """Count what came up, by name."""
    found = Counter(match.decision.value for match in history.matches())
    found["copy"] = sum(
        part.name == "copy" for match in history.matches() for part in match.contributions
    )
    order = [Decision.NOT, Decision.POSSIBLE, Decision.FITS]
    for told in history.lines.values():
        last: dict[str, Decision] = {}
        for line in told:
            if isinstance(line, Learned):
                change = line.change
                before = order.index(last[change.article])
                rose = order.index(change.decision) > before
                found["promoted" if rose else "retracted" if before == 2 else "dropped"] += 1
                last[change.article] = change.decision
            else:
                last[line.article.id] = line.decision
    return found


def tell(history: History) -> None:
    """Let Hypothesis look for streams in which minds change, and count what it found."""
    target(float(len(history.changes())), label="changes of mind")
    count(history)


def count(history: History) -> None:
    """Count for Hypothesis what became of the reports."""
    found = fates(history)
    for name in ("fits", "possible", "copy", "promoted", "retracted", "dropped"):
        event(f"{name}: {found[name] > 0}")


def test_these_streams_have_all_that_can_become_of_a_report() -> None:
    index = index_of(storylines())
    found: Counter[str] = Counter()
    for seed in range(12):
        found += fates(follow(index, articles(random_stream(seed))))
    assert {"fits", "possible", "not", "copy", "promoted", "retracted", "dropped"} <= found.keys()
    assert min(found.values()) >= 2


@given(declared, streams, st.permutations(range(len(STORIES))), st.sampled_from(range(4)))
@settings(max_examples=15, deadline=None)
def test_a_storyline_depends_on_itself_its_rivals_and_the_stream_alone(
    told: tuple[Storyline, ...], stream: list[Told], order: list[int], asked: int
) -> None:
    arriving = articles(stream)
    together = follow(index_of(told), arriving)
    tell(together)
    reordered = follow(index_of([told[number] for number in order]), arriving)
    assert all(together.of(name) == reordered.of(name) for name in STORIES)
    name, rivals = told[asked].id, told[asked].rivals
    company = [storyline for storyline in told if storyline.id in {name, *rivals}]
    assert together.of(name) == follow(index_of(company), arriving).of(name)


def test_hundreds_of_other_storylines_change_nothing() -> None:
    told = storylines()
    few, many = index_of(told), index_of([*CROWD[:300], *told, *CROWD[300:]])
    arriving = articles(random_stream(2))
    expected, found = follow(few, arriving), follow(many, arriving)
    assert expected.changes()
    assert found.lines.keys() - expected.lines.keys()
    for storyline in told:
        assert found.of(storyline.id) == expected.of(storyline.id)


@given(declared, streams)
@settings(max_examples=30, deadline=None)
def test_spans_lie_in_their_fields_and_contributions_sum_to_the_score_whoever_changes_his_mind(
    told: tuple[Storyline, ...], stream: list[Told]
) -> None:
    history = follow(index_of(told), articles(stream))
    tell(history)
    for match in history.matches():
        assert abs(fsum(part.value for part in match.contributions) - match.score) < 1e-9
        assert abs(logistic(match.score) - match.probability) < 1e-6
        for span in match.spans:
            assert 0 <= span.start < span.end <= len(getattr(match.article, span.field))
    for learned in history.changes():
        change = learned.change
        assert abs(fsum(part.value for part in change.contributions) - change.score) < 1e-9
        assert abs(logistic(change.score) - change.probability) < 1e-6


@given(declared, streams, st.sets(st.integers(0, 50)) | st.just(set(range(60))))
@settings(max_examples=25, deadline=None)
def test_a_memory_that_is_written_and_read_again_changes_nothing(
    told: tuple[Storyline, ...], stream: list[Told], points: set[int]
) -> None:
    index, arriving = index_of(told), articles(stream)
    straight = follow(index, arriving)
    tell(straight)
    restored = follow(index, arriving, reload=points.__contains__)
    event(f"reloaded while settling was pending: {restored.unsettled_reloads > 0}")
    assert restored.lines == straight.lines
    assert restored.memories == straight.memories


@given(declared, streams, st.sampled_from([None, 0, 3, 40, 400]))
@settings(max_examples=30, deadline=None)
def test_minds_change_within_the_settling_window_alone(
    told: tuple[Storyline, ...], stream: list[Told], hours: int | None
) -> None:
    if hours is not None:
        window = timedelta(hours=hours)
        told = tuple(s.model_copy(update={"settling_window": window}) for s in told)
    index = index_of(told)
    history = follow(index, articles(stream))
    count(history)
    for name, lines in history.lines.items():
        window = settling_window(index.storylines[name])
        event(f"window of {window}: {any(isinstance(line, Learned) for line in lines)}")
        for line in lines:
            if isinstance(line, Learned):
                assert abs(line.at - line.about) <= window


_DIGEST = """
import hashlib, sys, tests.support.sources as sources
if "interpreted" in sys.argv:
    sources.interpret()
import tests.properties.test_storyline_streams as streams
index = streams.index_of(streams.storylines())
history = streams.follow(index, streams.articles(streams.random_stream(2)))
told = repr([history.of(name) for name in streams.STORIES])
print(len(history.changes()), hashlib.sha256(told.encode()).hexdigest())
print(*sources.compiled(), file=sys.stderr)
"""


def decided(*how: str, seed: str = "1") -> tuple[str, list[str]]:
    """What another process decides, and which modules were compiled there."""
    ran = subprocess.run(
        [sys.executable, "-c", _DIGEST, *how],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout, ran.stderr.split()


def test_every_process_decides_the_same() -> None:
    told = {decided(seed=seed)[0] for seed in ("1", "2")}
    assert len(told) == 1
    assert not told.pop().startswith("0 ")


def test_interpreted_loops_decide_the_same() -> None:
    told, compiled = decided()
    if not compiled:
        pytest.skip("no loop is compiled here: no C compiler")
    assert decided("interpreted") == (told, [])
