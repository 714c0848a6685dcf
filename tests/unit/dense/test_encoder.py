"""`Steady`: the last vectors are kept, and one bad text costs no other its vector."""

from __future__ import annotations

from nightdesk.dense.encoder import MOST_CHARACTERS, Steady, text_of
from tests.support.encoders import FailingEncoder, SubjectEncoder


def test_a_text_is_encoded_once() -> None:
    inner = SubjectEncoder()
    steady = Steady(inner)
    first = steady.encode(["a ship", "a vote", "a ship"])
    assert first[0] == first[2] != first[1]
    assert steady.encode(["a vote", "a strike"])[0] == first[1]
    assert inner.asked == [["a ship", "a vote"], ["a strike"]]


def test_it_keeps_so_many_and_no_more() -> None:
    inner = SubjectEncoder()
    steady = Steady(inner, kept=2)
    steady.encode(["a ship", "a vote", "a strike"])
    steady.encode(["a vote", "a strike"])
    steady.encode(["a ship"])
    assert inner.asked == [["a ship", "a vote", "a strike"], ["a ship"]]


def test_a_batch_larger_than_what_it_keeps_is_whole() -> None:
    assert all(Steady(SubjectEncoder(), kept=1).encode(["a ship", "a vote", "a strike"]))


def test_a_text_on_which_the_model_fails_goes_without() -> None:
    steady = Steady(FailingEncoder("cursed"))
    ship, cursed, vote = steady.encode(["a ship", "a cursed ship", "a vote"])
    assert ship
    assert vote
    assert cursed == b""
    assert steady.failed == 1


def test_nothing_to_encode_asks_nobody() -> None:
    inner = SubjectEncoder()
    assert Steady(inner).encode([]) == []
    assert inner.asked == []


def test_what_is_read_of_a_report() -> None:
    assert text_of(" Title ", "", "Text.") == "Title\nText."
    assert len(text_of("Title", "told", "x" * 5_000)) == MOST_CHARACTERS
