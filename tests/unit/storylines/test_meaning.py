"""Meaning beside words: blended where both sides have a vector, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from nightdesk.storylines.blend import MEANING, blended
from nightdesk.storylines.compile import CompiledStoryline
from nightdesk.storylines.decide import Memory, Verdict, decide
from nightdesk.storylines.index import Index
from nightdesk.storylines.meaning import MOST_WORDS, Meanings, encoded, with_meaning
from nightdesk.storylines.memory import Settled
from nightdesk.storylines.nominate import nominate
from nightdesk.storylines.shelf import Texts
from schemas import Article, Candidate
from tests.support.encoders import SubjectEncoder
from tests.unit.storylines.build import NOON, make_article, make_index, make_storyline

REPORTS = [
    make_article(id=f"a{number}", title=title)
    for number, title in enumerate(
        (
            "Freighter Oriana runs aground near Mill Point",
            "Oriana towed off Mill Point as the tide rises",
            "Mill Point bakery opens a second shop",
            "Stranded vessel Oriana spills no oil",
            "Union calls a strike at the Mill Point docks",
            "Oriana captain questioned over grounding at Mill Point",
        )
    )
]


@pytest.fixture(scope="module")
def index() -> Index:
    exemplars = [
        {"title": "Freighter Oriana aground off Mill Point"},
        {"title": "Tug fails to free ship Oriana from reef"},
    ]
    return make_index(make_storyline(exemplars=exemplars, description="The ship aground"))


@pytest.fixture(scope="module")
def meant(index: Index) -> CompiledStoryline:
    return with_meaning(index.storylines["s"], SubjectEncoder())


def named(index: Index, *articles: Article) -> list[Candidate]:
    return [c for article in articles for c in nominate(article, index, now=NOON)]


def told(candidates: list[Candidate], storyline: CompiledStoryline) -> list[Verdict]:
    memory, verdicts = Memory(), []
    for candidate in candidates:
        verdicts.append(decide(candidate, storyline, memory, now=NOON))
        memory = verdicts[-1].memory
    return verdicts


def test_a_likeness_is_blended_only_where_both_have_a_vector() -> None:
    words, cosines = np.array([0.4, 0.4, 0.4]), np.array([1.0, -0.5, np.nan])
    whole = 0.4 * (1 - MEANING)
    assert blended(words, cosines) == pytest.approx([whole + MEANING, whole, 0.4])


def test_a_storyline_with_meaning_compares_words_as_before(
    index: Index, meant: CompiledStoryline
) -> None:
    plain = index.storylines["s"]
    for text in plain.shelf.texts():
        assert (meant.shelf.likeness(text) == plain.shelf.likeness(text)).all()


def test_reports_without_a_vector_are_near_by_their_words_alone(
    index: Index, meant: CompiledStoryline
) -> None:
    first, *_ = told(named(index, REPORTS[0]), meant)
    (kept,) = first.memory.reports
    (candidate,) = named(index, REPORTS[0])
    assert candidate.likeness is not None
    assert kept.cosine == candidate.likeness.cosine


def test_meaning_lifts_what_is_about_the_same_and_not_what_shares_a_name(
    index: Index, meant: CompiledStoryline
) -> None:
    def cosine(article: Article) -> tuple[float, float]:
        (plain,) = named(index, article)
        (candidate,) = encoded([plain], SubjectEncoder())
        (verdict,) = told([candidate], meant)
        assert plain.likeness is not None
        return plain.likeness.cosine, verdict.memory.reports[0].cosine

    stranded, bakery = cosine(REPORTS[3]), cosine(REPORTS[2])
    assert stranded[1] > stranded[0]
    assert bakery[1] < bakery[0]


def test_only_articles_with_candidates_are_encoded_and_all_at_once(index: Index) -> None:
    encoder = SubjectEncoder()
    stranger = make_article(id="x", title="Parliament adopts the budget")
    candidates = encoded(named(index, *REPORTS, stranger), encoder)
    assert len(encoder.asked) == 1
    assert sorted(encoder.asked[0]) == sorted({c.article.title for c in candidates})
    assert all(c.likeness and c.likeness.dense for c in candidates)


def test_long_texts_are_left_to_their_words(index: Index) -> None:
    encoder = SubjectEncoder()
    long = make_article(id="x", title=REPORTS[0].title, text="The tug waits. " * MOST_WORDS)
    (candidate,) = encoded(named(index, long), encoder)
    assert candidate.likeness is not None
    assert candidate.likeness.dense == ""
    assert encoder.asked == []
    told_long = make_index(make_storyline(exemplars=[{"text": long.text, "title": long.title}]))
    assert with_meaning(told_long.storylines["s"], encoder) is told_long.storylines["s"]


def test_a_memory_that_is_read_back_decides_the_same(
    index: Index, meant: CompiledStoryline
) -> None:
    candidates = encoded(named(index, *REPORTS), SubjectEncoder())
    whole = told(candidates, meant)
    memory = Memory()
    for candidate, before in zip(candidates, whole, strict=True):
        verdict = decide(candidate, meant, Memory.from_bytes(memory.to_bytes()), now=NOON)
        assert verdict == before
        memory = verdict.memory
    assert memory.to_bytes() == whole[-1].memory.to_bytes()
    assert any(memory.settled.shelf.meanings())


def test_a_shelf_keeps_vectors_where_texts_come_and_go(meant: CompiledStoryline) -> None:
    shelf = meant.shelf
    texts = shelf.texts()
    assert shelf.changed(Texts.of(texts[:1])).texts() == [*texts, texts[0]]
    assert shelf.only([0, 2]).texts() == [texts[0], texts[2]]
    apart = np.array([[shelf.likeness(text)] for text in texts]).reshape(3, 3)
    assert (shelf.likenesses(texts) == apart).all()
    assert (shelf.likenesses([*texts, texts[0]])[:3] == apart).all()


def test_another_model_s_vectors_count_for_nothing(index: Index, meant: CompiledStoryline) -> None:
    by_words = told(named(index, *REPORTS), meant)
    other = encoded(named(index, *REPORTS), SubjectEncoder(b"else"))
    for one, two in zip(by_words, told(other, meant), strict=True):
        kept = two.memory.reports[-1]
        assert kept.cosine == one.memory.reports[-1].cosine


def test_without_an_encoder_nothing_of_it_is_kept(index: Index) -> None:
    memory = told(named(index, *REPORTS), index.storylines["s"])[-1].memory
    assert b"meaning" not in memory.to_bytes()
    assert not any(Settled.of(memory.settled.whole()).shelf.meanings())


def test_a_storyline_is_encoded_once_until_it_is_compiled_anew(index: Index) -> None:
    encoder = SubjectEncoder()
    meanings = Meanings(encoder)
    first = meanings.of(index.storylines["s"])
    assert meanings.of(index.storylines["s"]) is first
    assert len(encoder.asked) == 1
    again = make_index(index.storylines["s"].definition).storylines["s"]
    assert meanings.of(again) is not first


def test_rivals_keep_their_share(index: Index, meant: CompiledStoryline) -> None:
    other = make_storyline(
        id="t", exemplars=[{"title": "Oriana bakery spills flour at the harbour"}]
    )
    both = make_index(index.storylines["s"].definition.model_copy(update={"rivals": ("t",)}), other)
    with_rival = [c for c in named(both, REPORTS[3]) if c.storyline == "s"]
    (verdict,) = told(encoded(with_rival, SubjectEncoder()), meant)
    (kept,) = verdict.memory.reports
    (rival,), likeness = with_rival[0].rivals, with_rival[0].likeness
    assert likeness is not None
    assert kept.rival is not None
    assert kept.rival / kept.cosine == pytest.approx(rival.cosine / likeness.cosine, abs=1e-4)
