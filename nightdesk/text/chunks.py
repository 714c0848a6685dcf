"""Cuts a text into chunks, which are what stands between two spaces, and looks each of them up: compiled.

Comes in: a text.  Goes out: where its chunks start and end, in characters, and what a table has for each, in
one pass over the characters.  Full stops and commas before a space and straight or curly double quotes count
as spaces, so that fewer chunks differ.
"""

from __future__ import annotations

from collections.abc import Sequence

_SPACE = ord(" ")
_STOPS = ",."
_QUOTES = '"“”'

BETWEEN = bytes(
    [
        2 if chr(code) in _STOPS else chr(code).isspace() or chr(code) in _QUOTES
        for code in range(0x3001)
    ]
)
"""By character: 1 for what stands between chunks, 2 for what does where a space follows."""

_ALWAYS, _STOP = 1, 2

_LONGEST = 64
"""Characters of a chunk that has a key at most: longer ones hardly ever come again."""

_NONE = 0
"""Key of what no table holds: of too long a chunk, and of an empty place."""

_ALL = (1 << 64) - 1
_MIXED = 0x9E3779B97F4A7C15

Numbers = memoryview
"""Whole numbers side by side."""


class Table:
    """What is known of chunks by key: `entries` are keys, each with its code behind it.

    There are 2^`bits` of them, some of which must stay empty.  Equal chunks have equal keys: a polynomial of
    the characters.  Who knows its odd `base` can write two chunks of one key.
    """

    def __init__(self, base: int, bits: int, entries: Numbers) -> None:
        self.base = base
        self.shift = 64 - bits
        self.last = (1 << bits) - 1
        self.entries = entries
        self.between = memoryview(BETWEEN)
        self.known = len(BETWEEN)

    def cut(
        self, text: Numbers, starts: Numbers, ends: Numbers, codes: Numbers, strange: list[int]
    ) -> int:
        """Write where each chunk starts and ends and what is known of it, and return how many there are.

        There must be room for half as many as the text has characters, rounded up.  The numbers of chunks
        that are not known are added to `strange`.
        """
        size, found, start, hashed = len(text), 0, -1, 0
        for at in range(size + 1):
            if at < size and not self.parted(text[at], text[at + 1] if at + 1 < size else 0):
                if start < 0:
                    start, hashed = at, 0
                # One more, or a chunk and the same behind a null character would be one.
                hashed = (hashed * self.base + (text[at] + 1)) & _ALL
            elif start >= 0:
                key = (hashed * _MIXED) & _ALL if at - start <= _LONGEST else _NONE
                starts[found], ends[found], codes[found] = start, at, self.code(key)
                if codes[found] < 0:
                    strange.append(found)
                found += 1
                start = -1
        return found

    def parted(self, code: int, after: int) -> bool:
        """Whether a character that has another after it stands between chunks."""
        if code >= self.known:
            return False
        kind = self.between[code]
        return kind == _ALWAYS or (kind != 0 and after == _SPACE)

    def code(self, key: int) -> int:
        """Return what is known of a chunk by its key, -1 for nothing."""
        place = self.place(key)
        return self.entries[place + 1] if key != _NONE and self.entries[place] == key else -1

    def place(self, key: int) -> int:
        """Return where a key stands, or else the empty place where it may."""
        at = key >> self.shift
        while self.entries[2 * at] != key and self.entries[2 * at] != _NONE:
            at = (at + 1) & self.last
        return 2 * at

    def key(self, chunk: Numbers) -> int:
        """Return the key of a chunk; 0 where it is too long for one."""
        if len(chunk) > _LONGEST:
            return _NONE
        hashed = 0
        for at in range(len(chunk)):
            hashed = (hashed * self.base + (chunk[at] + 1)) & _ALL
        return (hashed * _MIXED) & _ALL

    def keep(self, key: int, code: int) -> None:
        """Remember what is known of a chunk.  There must be an empty place left beside that of it."""
        place = self.place(key)
        self.entries[place + 1] = code
        # Last: another thread may look it up meanwhile.
        self.entries[place] = key


def counted(codes: Numbers, several: Sequence[int]) -> int:
    """Return how many words chunks have.

    The code of a chunk is twice the number of its word; where it has none or several, one more than twice
    the place in `several` that says how many, before their numbers.
    """
    words = 0
    for chunk in range(len(codes)):
        code = codes[chunk]
        words += several[code >> 1] if code & 1 else 1
    return words


def spread(codes: Numbers, several: Sequence[int], numbers: Numbers, firsts: Numbers) -> None:
    """Write the numbers of the words of chunks, and which word is the first of each chunk."""
    words = 0
    for chunk in range(len(codes)):
        code = codes[chunk]
        firsts[chunk] = words
        place = code >> 1
        if code & 1:
            for at in range(place + 1, place + 1 + several[place]):
                numbers[words] = several[at]
                words += 1
        else:
            numbers[words] = place
            words += 1
