"""What an article lacks, where its words are quoted, and how far it is from a yes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.storylines.bar import asked
from nightdesk.storylines.decide import judge, logistic
from nightdesk.storylines.explain import pieces, thresholds
from nightdesk.storylines.missing import barriers, missing
from nightdesk.storylines.nominate import admits, assess_article
from schemas import Article, Decision, Sensitivity, Span, Storyline
from tests.unit.storylines.build import NOON, make_article, make_index, make_storyline

BARGE = make_storyline(
    title="Barge aground at Tern Point",
    exemplars=[
        {
            "title": "Barge runs aground at Tern Point",
            "text": "A barge laden with gravel ran aground at Tern Point in thick fog on Tuesday.",
        }
    ],
    entities=[
        {"name": "Tern Point", "any_of": ["Tern Point"]},
        {"name": "Coast guard", "any_of": ["coast guard", "coastguard"], "optional": True},
    ],
    cues={"supporting": ["ran aground", "runs aground"], "opposing": ["training exercise"]},
    exclusions=["board game"],
)
INDEX = make_index(BARGE)


def test_what_is_not_named_and_what_it_would_add() -> None:
    article = make_article("A barge with gravel lies in the fog off the coast.")
    lacks = missing(article, INDEX, "s")
    assert [(lack.name, lack.optional) for lack in lacks.entities] == [
        ("Tern Point", False),
        ("Coast guard", True),
    ]
    assert lacks.cue is not None
    assert lacks.cue.any_of == ("ran aground", "runs aground")
    assert lacks.entities[0].gain > lacks.entities[1].gain > 0
    assert lacks.cue.gain > 0
    named = make_article(article.text + " It lies at Tern Point.")
    assert [lack.name for lack in missing(named, INDEX, "s").entities] == ["Coast guard"]


def test_what_a_mention_adds_is_what_it_adds_to_the_score() -> None:
    """The gravel is in the article: who calls the place so finds it named, all else being the same."""
    article = make_article("A barge with gravel lies in the fog off the coast.")
    lacks = missing(article, INDEX, "s")
    entities = [
        {"name": "Tern Point", "any_of": ["Tern Point", "gravel"]},
        BARGE.entities[1].model_dump(),
    ]
    called = make_storyline(**(BARGE.model_dump(mode="json") | {"entities": entities}))
    before = assess_article(article, INDEX, "s").score
    after = assess_article(article, make_index(called), "s").score
    assert after - before == pytest.approx(lacks.entities[0].gain)


def test_words_that_are_there_are_not_called_absent() -> None:
    lacks = missing(make_article("Gravel, nothing but gravel in the fog."), INDEX, "s")
    assert "barge" in lacks.words
    assert not {"gravel", "fog"} & set(lacks.words)
    assert (
        missing(make_article(BARGE.exemplars[0].text, title="Barge runs aground"), INDEX, "s").words
        == ()
    )


def test_what_speaks_against_it_is_named() -> None:
    text = "In a training exercise a barge ran aground at Tern Point; the board game comes next."
    lacks = missing(make_article(text), INDEX, "s")
    assert lacks.cue is None
    assert lacks.opposed == ("training exercise",)
    assert lacks.excluded == ("board game",)


def test_an_article_without_words_lacks_everything() -> None:
    lacks = missing(make_article(""), INDEX, "s")
    assert len(lacks.entities) == 2
    assert lacks.words


def _narrow(
    since: int | None, until: int | None, languages: list[str], sources: list[str]
) -> Storyline:
    window = {
        name: (NOON + timedelta(days=days)).isoformat()
        for name, days in (("since", since), ("until", until))
        if days is not None
    }
    return make_storyline(
        description="A barge", window=window, languages=languages, sources=sources
    )


@given(
    since=st.none() | st.integers(-2, 0),
    until=st.none() | st.integers(1, 2),
    languages=st.lists(st.sampled_from(["en", "fr"]), max_size=1),
    sources=st.lists(st.sampled_from(["Wire", "WIRE", "Herald"]), max_size=1),
    when=st.integers(-3, 3),
    language=st.sampled_from(["en", "fr", "de", "und"]),
)
def test_an_article_is_barred_where_it_is_not_let_in(
    since: int | None,
    until: int | None,
    languages: list[str],
    sources: list[str],
    when: int,
    language: str,
) -> None:
    storyline = make_index(_narrow(since, until, languages, sources)).storylines["s"]
    article = make_article(published_at=NOON + timedelta(days=when), language=language)
    assert bool(barriers(storyline, article)) is not admits(storyline, article)


_SPANS = st.lists(
    st.builds(
        Span,
        field=st.just("text"),
        start=st.integers(0, 30),
        end=st.integers(0, 30),
        weight=st.floats(-5, 5),
    ),
    max_size=8,
)


@given(text=st.text(max_size=25), spans=_SPANS)
def test_pieces_are_the_text_and_quote_spans_as_they_stand(text: str, spans: list[Span]) -> None:
    found = pieces(text, spans)
    assert "".join(piece.text for piece in found) == text
    at = 0
    for piece in found:
        if piece.span is not None:
            assert (piece.span.start, piece.span.end) == (at, at + len(piece.text))
        at += len(piece.text)
    sound = [span for span in spans if span.start < span.end <= len(text)]
    quoted = [piece.span for piece in found if piece.span is not None]
    if sound:
        assert max(abs(s.weight) for s in quoted) == max(abs(s.weight) for s in sound)


@given(
    score=st.floats(-20, 20),
    sensitivity=st.sampled_from(Sensitivity),
    beliefs=st.lists(st.floats(0, 1), max_size=8),
)
def test_the_distance_to_a_yes_is_the_distance_to_the_decision(
    score: float, sensitivity: Sensitivity, beliefs: list[float]
) -> None:
    held = asked(sensitivity, 1, 0.0).bar(beliefs)
    bounds = thresholds(BARGE, held)
    for lacking, wanted in (
        (bounds.to_fit(score), {Decision.FITS}),
        (bounds.to_be_possible(score), {Decision.FITS, Decision.POSSIBLE}),
    ):
        if abs(lacking) > 1e-9:
            assert (judge(logistic(score), held) in wanted) is (lacking < 0)
        assert judge(logistic(score + lacking + 1e-9), held) in wanted


def test_what_a_mention_is_worth_is_tried_without_changing_the_article() -> None:
    article: Article = make_article("Fog.")
    before = article.model_dump()
    missing(article, INDEX, "s")
    assert article.model_dump() == before
