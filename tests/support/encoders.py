"""An encoder for tests, small and readable: what a text means is which of a few subjects its words name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nightdesk.dense.vectors import pack

SUBJECTS = (
    {"ship", "freighter", "vessel", "boat", "aground", "stranded", "reef", "shoal", "tug", "towed"},
    {"strike", "walkout", "union", "workers", "pay", "picket"},
    {"election", "vote", "ballot", "poll"},
)
MARK = b"fake"


class SubjectEncoder:
    """A dimension a subject, and a last one for everything else.  `asked` keeps each batch."""

    def __init__(self, mark: bytes = MARK) -> None:
        self.asked: list[list[str]] = []
        self._mark = mark

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        self.asked.append(list(texts))
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> bytes:
        words = text.casefold().replace(".", " ").split()
        counts = [float(sum(word in named for word in words)) for named in SUBJECTS]
        return pack(np.array([*counts, 0.25 * bool(words)], np.float32), self._mark)


class FailingEncoder(SubjectEncoder):
    """The same, but for texts that hold a word on which it fails."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self._word = word

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        if any(self._word in text for text in texts):
            raise RuntimeError("no such token")
        return super().encode(texts)
