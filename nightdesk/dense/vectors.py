"""Vectors of meaning as whole numbers: a mark of their model, then a byte a dimension.

Comes in: what an encoder computed.  Goes out: bytes, and how near two of them come.  Whole numbers are
summed, so a likeness does not depend on the order or on the machine; and vectors of two models, whose
marks differ, are never compared.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MARK = 4
"""Bytes of the mark."""

_MOST = 127.0
_LONGEST = 4_096


def pack(vector: NDArray[np.float32], mark: bytes) -> bytes:
    """Return a vector in 127ths of its largest part, behind the `MARK` bytes of its model.

    One that has no direction, or holds what is no number, becomes empty.
    """
    largest = float(np.abs(vector).max(initial=0.0))
    if not 0.0 < largest < np.inf:
        return b""
    parts: NDArray[np.int8] = np.rint(vector * (_MOST / largest)).astype(np.int8)
    return mark + parts.tobytes()


def to_text(vector: bytes) -> str:
    """Return it as ASCII, for messages and checkpoints."""
    return b64encode(vector).decode()


def from_text(text: str) -> bytes:
    """Read what `to_text` wrote.  Raises ValueError for what it never wrote."""
    if not text:
        return b""
    vector = b64decode(text, validate=True)
    if vector and not MARK < len(vector) <= MARK + _LONGEST:
        raise ValueError("this is no vector of meaning")
    return vector


def cosines(vector: bytes, others: Sequence[bytes]) -> Floats:
    """Return the cosine of a vector and each of others, -1 to 1; NaN where they cannot be compared."""
    result = np.full(len(others), np.nan)
    mark, length = vector[:MARK], len(vector)
    if length <= MARK:
        return result
    same = [at for at, o in enumerate(others) if len(o) == length and o[:MARK] == mark]
    if not same:
        return result
    table = np.frombuffer(b"".join([others[at] for at in same]), np.int8)
    # Products are below 2^14 and their sums below 2^26: exact in any order.
    table = table.reshape(len(same), length)[:, MARK:].astype(np.float64)
    own = np.frombuffer(vector, np.int8)[MARK:].astype(np.float64)
    lengths = np.einsum("nd,nd->n", table, table) * (own @ own)
    result[same] = (table @ own) / np.sqrt(np.maximum(lengths, 1.0))
    return result
