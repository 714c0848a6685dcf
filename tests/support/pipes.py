"""Bundles that are handed over through a pipe, so that a test knows when they are being read."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.service import until


class PipedBundle:
    """A file that blocks its reader until `write`; `await_reader` returns once there is one.

    Use it as a context manager: at its end it lets go of a reader that was left waiting.
    """

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self._end: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        both_ends = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)
        self.path.unlink()
        os.close(both_ends)
        self._close()

    def await_reader(self) -> None:
        """Wait until somebody reads the bundle, and has read whatever comes before it."""
        until(self._opened, f"a reader of {self.path.name}")

    def write(self, text: str) -> None:
        """Let the reader go on, with this as the bundle."""
        assert self._end is not None, "await_reader() comes first"
        os.write(self._end, text.encode())
        self._close()

    def _close(self) -> None:
        if self._end is not None:
            os.close(self._end)
            self._end = None

    def _opened(self) -> bool:
        try:
            self._end = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            return False
        return True
