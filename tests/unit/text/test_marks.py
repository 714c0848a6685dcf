"""Combining marks: as many as a writing needs stay, a heap of them costs no time."""

from __future__ import annotations

import time
import unicodedata

import pytest

from nightdesk.text.identity import words
from nightdesk.text.marks import MOST_MARKS, with_few_marks
from nightdesk.text.repair import repair


@pytest.mark.parametrize(
    "text", ["plain", "Ве\u0301ра", "שָׁלוֹם", "a" + "\u0301" * MOST_MARKS, "€…“”" * 20]
)
def test_what_is_written_stays(text: str) -> None:
    assert with_few_marks(text) == text


def test_a_heap_of_marks_is_cut_in_its_own_place() -> None:
    heap = "\u0315\u0300" * 50
    assert with_few_marks(f"a{heap}b{heap[:4]}c") == f"a{heap[:MOST_MARKS]}b{heap[:4]}c"


def test_a_heap_of_marks_costs_no_time() -> None:
    heap = "e" + "\u0315\u0300" * 100_000
    began = time.process_time()
    assert len(repair(heap)) <= MOST_MARKS + 1
    assert words(heap)
    assert time.process_time() - began < 2
    assert unicodedata.is_normalized("NFC", repair(heap))
