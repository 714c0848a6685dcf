"""Tells copies and light rewrites of one report: MinHash sketches of overlapping runs of words.

Comes in: texts.  Goes out: a `Sketch`, small enough to keep for each report, and how much two sketches
have in common.  `rensa` makes the signature (of its values 16 bits are kept: b-bit MinHash, Li and König
2010); with the number of runs beside it a report that swallowed another whole is found too.
"""

from __future__ import annotations

from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import numpy as np
import rensa
from numpy.typing import NDArray

from nightdesk.text.polynomial import Polynomial
from nightdesk.text.slots import count_equal
from nightdesk.text.tokens import Tokens

RUN = 3
"""Words of a run.  Of 100 words 15 are replaced: 62 % of the runs are left at 3, 52 % at 4."""

SLOTS = 192
"""Values kept, of 16 bits each: 384 bytes.  The standard error of a half overlap is 4 %."""

COPY = 0.4
"""Share of the shorter text's runs that stand in the other: from here on it is a copy or a rewrite."""

COPY_SHORT = 0.7
"""The same for texts of fewer than `SHORT_RUNS` runs, such as titles: they meet by chance more often."""

SHORT_RUNS = 40

LEAST_RUNS = 8
"""Texts with fewer runs are too short to tell a copy from a coincidence."""

COPY_WINDOW = timedelta(days=7)
"""A copy is this near (event time) to its original; beyond, an old text is news again."""

SCHEME = f"r{rensa.RMinHash.ALGORITHM_VERSION}.{RUN}.{SLOTS}"
"""How sketches are made.  Those of another scheme cannot be compared, and resemble nothing."""

_SEED = 1
_MOST_WORDS = 5_000

_FEW = 6
"""With fewer values in common, even a short text inside a long one is no copy worth the estimate."""

Values = NDArray[np.uint16]

_PACKED = np.dtype("<u2")
_UNSIGNED = bytes(2 * SLOTS)
_SPACE = 32
_RUNS = Polynomial(0x9E3779B97F4A7C15)
_FINALIZER = (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53)


@dataclass(frozen=True, slots=True)
class Sketch:
    """`runs` distinct runs of words, and their signature, packed: a worker keeps thousands of them.

    Texts of fewer than `LEAST_RUNS` runs have no signature.
    """

    runs: int
    packed: bytes = b""

    def containment(self, other: Sketch) -> float:
        """Estimate which share of the smaller text's runs stands in the other, 0 to 1."""
        if not self.packed or not other.packed:
            return 0.0
        common = _counted(_values(other.packed), self)
        return _containment(self.runs, other.runs, *common) if common else 0.0

    def is_copy_of(self, other: Sketch) -> bool:
        """Whether the two tell one text, lightly reworded at most."""
        return self.containment(other) >= _needed(self.runs, other.runs)

    def to_text(self) -> str:
        """Return the sketch as ASCII, with its scheme: what checkpoints keep."""
        return f"{SCHEME}:{self.runs}:{b64encode(self.packed).decode()}"

    @classmethod
    def from_text(cls, text: str) -> Sketch:
        """Read what `to_text` wrote.  Raises ValueError for what it never wrote.

        A sketch of another scheme comes back empty: a few days later no copy is nearer than that.
        """
        scheme, runs, packed = text.split(":")
        if scheme != SCHEME:
            return cls(0)
        found = cls(int(runs), a2b_base64(packed, strict_mode=True))
        if len(found.packed) != (2 * SLOTS if found.runs >= LEAST_RUNS else 0):
            raise ValueError(f"a sketch of {found.runs} runs with {len(found.packed)} bytes")
        return found


class Sketched(Protocol):
    """A report that is remembered by its time and its sketch."""

    @property
    def event_time(self) -> datetime: ...

    @property
    def sketch(self) -> Sketch: ...


class Timed(Protocol):
    """A report that is remembered by its time; its sketch stands elsewhere."""

    @property
    def event_time(self) -> datetime: ...


R = TypeVar("R", bound=Sketched)
T = TypeVar("T", bound=Timed)


def original_of(signature: Sketch, when: datetime, reports: Sequence[R]) -> R | None:
    """Return the report that a text of event time `when` copies most, the first of equals; else None.

    Only reports within `COPY_WINDOW` of `when` count, before or after it.
    """
    return most_copied(signature, when, in_common(signature, reports))


def in_common(signature: Sketch, reports: Sequence[R]) -> list[tuple[R, int, int]]:
    """Return the reports beside their runs and how many values they have in common with `signature`; none
    where all have but a few.
    """
    signatures = b"".join([report.sketch.packed for report in reports])
    common = _counted(_values(signatures), signature)
    if not common:
        return []
    signed = [report for report in reports if report.sketch.packed]
    return [(report, report.sketch.runs, many) for report, many in zip(signed, common, strict=True)]


def most_copied(signature: Sketch, when: datetime, met: Iterable[tuple[T, int, int]]) -> T | None:
    """Return the same of reports beside their runs and how many values they have in common with it."""
    original, most = None, 0.0
    for report, runs, common in met:
        if common >= _FEW and abs(report.event_time - when) <= COPY_WINDOW:
            share = _containment(signature.runs, runs, common)
            if share > most and share >= _needed(signature.runs, runs):
                original, most = report, share
    return original


class Sketches:
    """Sketches side by side: `runs` of each, and a row of `SLOTS` values, all 0 where it has no signature.

    As objects they would take a quarter more.
    """

    __slots__ = ("_table", "runs")

    def __init__(self, sketches: Sequence[Sketch]) -> None:
        self.runs = np.array([one.runs for one in sketches], np.int32)
        self._table = _table(b"".join([one.packed or _UNSIGNED for one in sketches]))

    @classmethod
    def _of(cls, runs: NDArray[np.int32], table: NDArray[np.uint16]) -> Sketches:
        found = cls.__new__(cls)
        found.runs, found._table = runs, table
        return found

    def followed_by(self, more: Sketches) -> Sketches:
        """Return them with others at their end."""
        runs = np.concatenate((self.runs, more.runs))
        return Sketches._of(runs, np.concatenate((self._table, more._table)))

    def only(self, places: Sequence[int]) -> Sketches:
        """Return those at `places` alone."""
        return Sketches._of(self.runs[places], self._table[places])

    def each(self) -> list[Sketch]:
        """Return the sketches."""
        pairs = zip(self.runs.tolist(), self._table, strict=True)
        return [Sketch(runs, row.tobytes() if runs >= LEAST_RUNS else b"") for runs, row in pairs]

    def common(self, one: Sketch) -> list[tuple[int, int, int]]:
        """Return which have more than a few values in common with `one`, their runs, and how many values
        these are.
        """
        counts = _counted(self._table.reshape(-1), one)
        if not counts:
            return []
        found = zip(self.runs.tolist(), counts, strict=True)
        return [
            (place, runs, many)
            for place, (runs, many) in enumerate(found)
            if many >= _FEW and runs >= LEAST_RUNS
        ]


def sketch(*texts: str | Tokens) -> Sketch:
    """Return the sketch of one report, whose fields are given in reading order, all as they are or all read.

    Runs do not cross fields: a title is no part of the sentence that follows it.
    """
    words: list[str] = []
    ends: list[int] = []
    read = [text for text in texts if isinstance(text, Tokens)]
    for tokens in read or Tokens.together([text for text in texts if isinstance(text, str)]):
        words += tokens.words[: _MOST_WORDS - len(words)]
        ends.append(len(words))
    if len(words) < RUN:
        return Sketch(0)
    hashes = _hash_runs(words)
    whole = np.ones(len(hashes), np.bool_)
    for end in ends[:-1]:
        whole[max(0, end - RUN + 1) : end] = False
    hashes = np.sort(hashes[whole])
    runs = int(np.count_nonzero(hashes[1:] != hashes[:-1])) + bool(len(hashes))
    return Sketch(runs, _signature(hashes) if runs >= LEAST_RUNS else b"")


def _needed(one: int, other: int) -> float:
    return COPY_SHORT if min(one, other) < SHORT_RUNS else COPY


def _counted(values: Values, one: Sketch) -> list[int]:
    """Return how many values each of some signatures has in common with that of one; none at all where no
    signature has but a few, which is nearly always so.
    """
    if not one.packed or not len(values):
        return []
    counts = np.empty(len(values) // SLOTS, np.int32)
    most = count_equal(values.data, _values(one.packed).data, counts.data)
    return counts.tolist() if most >= _FEW else []


def _values(signatures: bytes) -> Values:
    return np.frombuffer(signatures, _PACKED)


def _table(signatures: bytes) -> NDArray[np.uint16]:
    return _values(signatures).reshape(-1, SLOTS)


def _containment(one: int, other: int, common: int) -> float:
    """Estimate the containment of texts with so many runs whose sketches have so many values in common.

    With Jaccard's share J of |A or B|, the common runs are J / (1 + J) of |A| + |B|.
    """
    jaccard = common / SLOTS
    share = jaccard / (1.0 + jaccard) * (one + other) / min(one, other)
    return min(1.0, share)


def _signature(hashes: NDArray[np.uint64]) -> bytes:
    matrix = rensa.RMinHash.digest_matrix_from_flat_token_hashes(
        hashes, [0, len(hashes)], SLOTS, _SEED
    )
    return np.array(matrix.to_rows()[0], np.uint32).astype(_PACKED).tobytes()


def _hash_runs(words: Sequence[str]) -> NDArray[np.uint64]:
    """Hash all runs of `words`, at least `RUN` of them; the same in every process and version.

    A polynomial over the bytes of the run; then MurmurHash3's finalizer, for its low bits are weak.
    """
    # No word holds a space.
    data = np.frombuffer(" ".join(words).encode("utf-8", "surrogatepass"), np.uint8)
    gaps = np.flatnonzero(data == _SPACE)
    starts = np.concatenate(([0], gaps[: len(gaps) - RUN + 1] + 1))
    ends = np.concatenate((gaps[RUN - 1 :], [len(data)]))
    hashes = _RUNS.hashes(data, starts, ends)
    for factor in _FINALIZER:
        hashes ^= hashes >> np.uint64(33)
        hashes *= np.uint64(factor)
    hashes ^= hashes >> np.uint64(33)
    return hashes
