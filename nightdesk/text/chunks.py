"""Cuts a text into chunks, which are what stands between two spaces, in a few array steps.

Comes in: a text.  Goes out: where its chunks start and end, in characters, and a key for each: equal chunks
have equal keys.  Full stops and commas before a space and straight or curly double quotes count as spaces,
so that fewer chunks differ.
"""

from __future__ import annotations

import secrets
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nightdesk.text.polynomial import Hashes, Places, Polynomial

LONGEST = 64
"""Characters of a chunk that has a key at most: longer ones hardly ever come again."""

NO_KEY = 0

_SPACE, _STOPS = ord(" "), (ord(","), ord("."))
_QUOTES = '"“”'
_SPACES = np.array([chr(code).isspace() or chr(code) in _QUOTES for code in range(0x3002)])

# Nobody who writes feeds can know it, and so none can write words that are taken for others.
_CHUNKS = Polynomial(secrets.randbits(64) | 1)
_MIXED = np.uint64(0x9E3779B97F4A7C15)


class Chunks(NamedTuple):
    """Where each chunk starts, where it ends, and its key; `NO_KEY` where it is too long for one."""

    starts: Places
    ends: Places
    keys: Hashes


def cut(text: str) -> Chunks:
    """Return the chunks of a text, in order."""
    codes = _codes(text)
    starts, ends = _bounds(codes)
    # One more, or a chunk and the same with a null character behind it would be one.
    keys = _CHUNKS.hashes(codes + codes.dtype.type(1), starts, ends)
    keys *= _MIXED
    long = (ends - starts > LONGEST).nonzero()[0]
    if len(long):
        keys[long] = NO_KEY
    return Chunks(starts, ends, keys)


def _codes(text: str) -> NDArray[np.unsignedinteger]:
    if text.isascii():
        return np.frombuffer(text.encode(), np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _bounds(codes: NDArray[np.unsignedinteger]) -> tuple[Places, Places]:
    if not len(codes):
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    blank = codes == _SPACE
    for stop in _STOPS:
        parted = codes[:-1] == stop
        parted &= blank[1:]
        blank[:-1] |= parted
    blank |= _SPACES.take(codes, mode="clip")
    edge = np.empty(len(codes) + 1, np.bool_)
    edge[0], edge[-1] = not blank[0], not blank[-1]
    np.not_equal(blank[1:], blank[:-1], out=edge[1:-1])
    edges = edge.nonzero()[0]
    return edges[::2], edges[1::2]
