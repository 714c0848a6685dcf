"""What the engine asks of an encoder: texts in, vectors as bytes out.

`Steady` stands before any other: it keeps the vectors of the texts that it saw last, and a text on which
the model fails goes without one, for no report may be lost to a further signal.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, Protocol

import structlog

from nightdesk.text.descriptions import own_description

log = structlog.get_logger(__name__)

MOST_CHARACTERS: Final = 2_000
"""Characters of a text that an encoder is given: more than 256 tokens in almost any writing."""

_KEPT = 512


class Encoder(Protocol):
    """Turns texts into vectors as `nightdesk.dense.vectors` packs them."""

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        """Return a vector for each text, in order; empty for a text of which it can make none."""
        ...


def text_of(title: str, description: str, text: str) -> str:
    """Return what is encoded of a report or an exemplar: its beginning."""
    parts = (part.strip() for part in (title, own_description(description, text), text))
    return "\n".join(part for part in parts if part)[:MOST_CHARACTERS]


class Steady:
    """An encoder in front of another: keeps `kept` vectors, never raises, serves one thread at a time.

    `failed` counts the texts on which the other failed.
    """

    def __init__(self, encoder: Encoder, kept: int = _KEPT) -> None:
        self._encoder = encoder
        self._kept = kept
        self._lock = threading.Lock()
        self.failed = 0
        self._known: OrderedDict[str, bytes] = OrderedDict()

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        """Return a vector for each text; each unknown one is encoded once."""
        with self._lock:
            return self._encode(texts)

    def _encode(self, texts: Sequence[str]) -> list[bytes]:
        unknown = [text for text in dict.fromkeys(texts) if text not in self._known]
        found = dict(zip(unknown, self._tried(unknown), strict=True)) if unknown else {}
        result = [self._known[text] if text in self._known else found[text] for text in texts]
        for text, vector in zip(texts, result, strict=True):
            self._known[text] = vector
            self._known.move_to_end(text)
        while len(self._known) > self._kept:
            self._known.popitem(last=False)
        return result

    def _tried(self, texts: list[str]) -> list[bytes]:
        """Encode all at once; where that fails each alone, so that the others have their vectors."""
        try:
            return self._encoder.encode(texts)
        # Whatever the model raises, a report goes on by its words.
        except Exception as error:
            if len(texts) > 1:
                return [vector for text in texts for vector in self._tried([text])]
            self.failed += 1
            log.warning("a text was not encoded", characters=len(texts[0]), error=repr(error))
            return [b""]
