"""What holds of sketches whatever the texts: estimates are bounded, even-handed, and know themselves."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.text.copies import LEAST_RUNS, Sketch, sketch

words = st.lists(st.sampled_from("abcdefghij"), max_size=60).map(" ".join)
texts = st.one_of(words, st.text(max_size=300))


@given(texts, texts)
@settings(max_examples=150, deadline=None)
def test_containment_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    left, right = sketch(one), sketch(other)
    assert 0.0 <= left.containment(right) <= 1.0
    assert left.containment(right) == right.containment(left)
    assert left.is_copy_of(right) == right.is_copy_of(left)


@given(texts, texts)
@settings(max_examples=150, deadline=None)
def test_a_text_with_enough_runs_is_a_copy_of_itself(one: str, other: str) -> None:
    made = sketch(one, other)
    assert made == sketch(one, other)
    assert made.is_copy_of(made) == (made.runs >= LEAST_RUNS)
    assert Sketch.from_text(made.to_text()) == made


@given(st.lists(st.sampled_from([f"w{n}" for n in range(40)]), min_size=3, max_size=200))
@settings(max_examples=150, deadline=None)
def test_the_number_of_runs_is_exact(told: list[str]) -> None:
    runs = {tuple(told[at : at + 3]) for at in range(len(told) - 2)}
    assert sketch(" ".join(told)).runs == len(runs)
