"""What holds of novelty whatever is reported: a report adds nothing to itself, and order is no matter."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.storylines.facts import Facts
from nightdesk.storylines.novelty import Known, novelty
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.storylines.reading import Reading

_WORDS = (
    "the Olin Marsh pier burned fog 12 killed $3 million percent 30 Front Monday 7 ships 货轮搁浅"
    " Порт ٤٢"
)
words = st.sampled_from([*_WORDS.split(), ". ", "\n", "“", ", ", "-"])
texts = st.one_of(st.lists(words, max_size=40).map(" ".join), st.text(max_size=120))
reports = st.builds(
    lambda title, lead, text: (title, lead, text, Facts.of(Reading(title, lead, text), RARITY)),
    texts,
    st.one_of(st.just(""), texts),
    texts,
)
RARITY = shipped_rarity()


@given(st.lists(reports, max_size=4), reports)
@settings(max_examples=150, deadline=None)
def test_a_report_adds_nothing_to_itself(told: list[tuple], report: tuple) -> None:
    known = Known()
    for *_, facts in [*told, report]:
        known = known.plus(facts)
    found = novelty(report[-1], known)
    assert (found.share, found.sentences, found.figures, found.actors) == (0.0, (), (), ())
    assert Known.from_text(known.to_text()) == known


@given(st.lists(reports, max_size=4), reports, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_of_what_is_known_is_no_matter(told: list[tuple], report: tuple, chance) -> None:
    known, other = Known(), Known()
    shuffled = list(told)
    chance.shuffle(shuffled)
    for *_, facts in told:
        known = known.plus(facts)
    for *_, facts in shuffled:
        other = other.plus(facts)
    assert novelty(report[-1], known) == novelty(report[-1], other)


@given(st.lists(reports, max_size=3), reports, reports)
@settings(max_examples=150, deadline=None)
def test_who_knows_more_finds_less_new_and_spans_lie_in_their_fields(
    told: list[tuple], more: tuple, report: tuple
) -> None:
    known = Known()
    for *_, facts in told:
        known = known.plus(facts)
    title, lead, text, facts = report
    before, after = novelty(facts, known), novelty(facts, known.plus(more[-1]))
    assert 0.0 <= after.share <= before.share <= 1.0
    fields = {"title": title, "description": lead, "text": text}
    for span in before.sentences:
        assert 0 <= span.start < span.end <= len(fields[span.field])
        assert 0.0 < span.weight <= 1.0
