"""Texts are cut by compiled loops as by interpreted ones."""

from __future__ import annotations

import sys
from array import array
from types import ModuleType

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.text import chunks
from tests.properties.test_tokens_properties import texts
from tests.support.interpreted import interpreted

PLAIN = interpreted(chunks)
BITS, ROOM = 6, 40
SEVERAL = array("i", [0, 2, 7, 8])

bases = st.integers(0, (1 << 64) - 1).map(lambda base: base | 1)


def characters(text: str) -> memoryview:
    codes = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
    return memoryview(text.encode(codes, "surrogatepass")).cast("I")


def told(module: ModuleType, said: list[str], base: int) -> list[object]:
    """Read texts, remembering their chunks, and tell all that was found."""
    entries = np.zeros(2 << BITS, np.uint64)
    table = module.Table(base, BITS, entries.data)
    found: list[object] = []
    kept = 0
    for text in said:
        most = (len(text) + 1) // 2
        starts, ends, codes = (np.full(most, -7, np.int32) for _ in range(3))
        strange: list[int] = []
        size = table.cut(characters(text), starts.data, ends.data, codes.data, strange)
        for chunk in strange:
            key = table.key(characters(text[starts[chunk] : ends[chunk]]))
            codes[chunk] = code = (1, 3, 2 * chunk)[key % 3]
            if key and kept < ROOM and table.code(key) < 0:
                table.keep(key, code)
                kept += 1
        words = module.counted(codes[:size].data, SEVERAL)
        numbers, firsts = np.empty(words, np.int32), np.empty(size, np.int32)
        module.spread(codes[:size].data, SEVERAL, numbers.data, firsts.data)
        found += [size, strange, words]
        found += [each.tolist() for each in (starts, ends, codes, numbers, firsts, entries)]
    return found


@given(st.lists(texts, max_size=4), bases)
@settings(max_examples=200, deadline=None)
def test_chunks_are_the_same_compiled_and_interpreted(said: list[str], base: int) -> None:
    assert told(chunks, said, base) == told(PLAIN, said, base)
