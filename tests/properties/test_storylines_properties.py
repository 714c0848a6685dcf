"""Whatever is read: spans lie in their fields, sums add up, and storylines know nothing of each other."""

from __future__ import annotations

from math import fsum

from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.storylines.compile import compile_storylines
from nightdesk.storylines.decide import Memory, decide
from nightdesk.storylines.nominate import nominate
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.text.tokens import Tokens
from schemas import Article, Match, Storyline
from tests.unit.storylines.build import NOON, make_article, make_storyline

SOME_WORDS = (
    "White House Russia's Russian U.S. us US-led cease-fire ceasefire joint strikes proposal denies"
    " coordinating not Syria Aleppo aid convoy Élysée 1,000 叙利亚 白宫 Россия سوريا the of freighter"
    " harbour sandbank grain tugs master fog war AT&T T AID aid E.ON on cease fire walk out переговоров"
)
WORDS = SOME_WORDS.split()

texts = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)
wild = st.one_of(texts, st.text(max_size=60))
phrases = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    return make_article(
        draw(wild),
        id=f"a{draw(st.integers(0, 6))}",
        revision=draw(st.integers(1, 3)),
        title=draw(wild),
        description=draw(wild),
    )


@st.composite
def storylines(draw: st.DrawFn, name: str = "s") -> Storyline:
    return make_storyline(
        id=name,
        description=draw(texts),
        exemplars=[{"title": t} for t in draw(st.lists(phrases, max_size=2))],
        entities=[
            {"name": a, "any_of": [a], "optional": draw(st.booleans())}
            for a in draw(st.lists(phrases, max_size=2))
        ],
        cues={
            "supporting": draw(st.lists(phrases, min_size=1, max_size=3)),
            "opposing": draw(st.lists(phrases, max_size=2)),
        },
        exclusions=draw(st.lists(phrases, max_size=1)),
        sensitivity=draw(st.sampled_from(["strict", "balanced", "wide"])),
    )


bundles = st.lists(st.integers(0, 5), min_size=1, max_size=4, unique=True).flatmap(
    lambda numbers: st.tuples(*(storylines(name=f"s{n}") for n in numbers))
)


def stream(bundle: tuple[Storyline, ...], reports: list[Article]) -> dict[str, list[Match]]:
    """Run reports through nominate and decide; return each storyline's matches."""
    index = compile_storylines([(s, 1) for s in bundle], rarity=shipped_rarity())
    memories: dict[str, Memory] = {}
    matches: dict[str, list[Match]] = {}
    for report in reports:
        for candidate in nominate(report, index, now=NOON):
            name = candidate.storyline
            before = Memory.from_bytes(memories.get(name, Memory()).to_bytes())
            verdict = decide(candidate, index.storylines[name], before, now=NOON)
            memories[name] = verdict.memory
            matches.setdefault(name, []).append(verdict.match)
            assert Memory.from_bytes(verdict.memory.to_bytes()) == verdict.memory
    return matches


@given(st.text(max_size=300))
@settings(max_examples=150)
def test_every_word_of_any_text_has_its_place(text: str) -> None:
    tokens = Tokens(text)
    spans = tokens.spans()
    assert len(spans) == len(tokens.words)
    assert all(tokens.words)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)


@given(bundles, st.lists(articles(), max_size=6))
@settings(max_examples=60, deadline=None)
def test_spans_lie_inside_their_fields_and_contributions_sum(
    bundle: tuple[Storyline, ...], reports: list[Article]
) -> None:
    for found in stream(bundle, reports).values():
        for match in found:
            total = fsum(part.value for part in match.contributions)
            assert abs(total - match.score) < 1e-9
            for span in match.spans:
                assert 0 <= span.start < span.end <= len(getattr(match.article, span.field))


@given(bundles, st.lists(articles(), max_size=6))
@settings(max_examples=60, deadline=None)
def test_a_storyline_is_decided_the_same_alone_and_in_any_company(
    bundle: tuple[Storyline, ...], reports: list[Article]
) -> None:
    together = stream(bundle, reports)
    assert together == stream(bundle[::-1], reports)
    for storyline in bundle:
        alone = stream((storyline,), reports)
        assert alone.get(storyline.id, []) == together.get(storyline.id, [])
