"""Numbers side by side, as compiled loops take them: arrays of Python's, or what numpy's arrays hold.

A module with a `.pxd` beside it is compiled where that can be done; interpreted, it does the same.
"""

from __future__ import annotations

from array import array
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray


class Reals(Protocol):
    """Real numbers that are read."""

    def __len__(self) -> int: ...

    def __getitem__(self, at: int, /) -> float: ...


class Wholes(Protocol):
    """Whole numbers that are read."""

    def __len__(self) -> int: ...

    def __getitem__(self, at: int, /) -> int: ...


class Room(Reals, Protocol):
    """Real numbers that are read and written."""

    def __setitem__(self, at: int, value: float, /) -> None: ...


class WholeRoom(Wholes, Protocol):
    """Whole numbers that are read and written."""

    def __setitem__(self, at: int, value: int, /) -> None: ...


_ZERO = array("d", [0.0])


def room(size: int) -> array[float]:
    """Return so many zeros."""
    return _ZERO * size


def side_by_side(values: NDArray[np.float64]) -> Room:
    """Return the numbers of an array row by row: its own, where they stand so."""
    if values.ndim == 1 and values.flags.c_contiguous:
        return cast(Room, values.data)
    return cast(Room, np.ascontiguousarray(values).reshape(-1).data)
