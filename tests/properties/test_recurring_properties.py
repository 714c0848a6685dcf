"""Whatever lines recur: what is dropped is bounded, what stays is as it was, and counting is exact."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nightdesk.text.identity import words
from nightdesk.text.recurring import MOST_OF_A_TEXT, LineCounts, candidates, key_of, without

LINES = (
    "Share",
    "SHARE!",
    " Share ",
    "Write to us",
    "Two died.",
    "A title",
    "橋が落ちた",
    "* * *",
    "",
    "12",
)
texts = st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=30)), max_size=50).map(
    "\n".join
)
titles = st.sampled_from(["A title", "share", ""])


@given(texts, titles, st.frozensets(st.sampled_from(LINES)))
def test_what_is_dropped_is_bounded_and_what_stays_is_as_it_was(
    text: str, title: str, boilerplate: frozenset[str]
) -> None:
    keys = {key_of(line) for line in boilerplate}
    kept, gone = without(text, candidates(text, title), keys.__contains__)
    assert gone <= keys
    assert key_of(title) not in gone
    assert (
        sum(map(len, text.split("\n"))) - sum(map(len, kept.split("\n")))
        <= (MOST_OF_A_TEXT * len(text))
        or not gone
    )
    stays = [line for line in text.split("\n") if line.strip() and key_of(line) not in gone]
    assert [line for line in kept.split("\n") if line.strip() and key_of(line) not in gone] == stays
    if not gone:
        assert kept is text


@given(st.lists(st.tuples(texts, st.integers(0, 200)), max_size=30), st.integers(0, 30))
def test_counts_go_on_where_they_were_left(told: list[tuple[str, int]], at: int) -> None:
    whole, halves = LineCounts(), LineCounts()
    for n, (text, day) in enumerate(told):
        if n == at:
            halves = LineCounts.from_bytes(halves.to_bytes())
        found = candidates(text, "A title")
        assert whole.count(found, len(text), day) == halves.count(found, len(text), day)
    assert whole.to_bytes() == halves.to_bytes()


@given(st.text(max_size=80))
def test_equal_words_have_equal_keys(line: str) -> None:
    assert key_of(line) == key_of(f"  {line} !")
    assert (key_of(line) is None) == (not any(c.isalpha() for word in words(line) for c in word))
