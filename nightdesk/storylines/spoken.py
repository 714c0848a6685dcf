"""The languages of a storyline: those that it declares, else those that its texts are written in.

Comes in: a storyline.  Goes out: ISO 639-1 codes.  A language is told by its function words, which costs next
to nothing, where a model takes half a second to load: whoever compiles 10,000 storylines cannot wait for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from nightdesk.storylines.stop_words import LATIN, stop_words
from nightdesk.text.tokens import fold
from schemas import Storyline

UNTOLD = ("en",)
"""Taken for the languages of what does not say them."""

_LOOKED_AT = 1_000
_CODE = 2
_FEWEST = 2
"""Function words without which a text shows no language."""


class Spoken:
    """`declared` are the languages that a storyline names, `own` those that its phrases are held to be of."""

    def __init__(self, declared: tuple[str, ...], texts: Iterable[str] = ()) -> None:
        self.declared = declared
        self._texts = texts

    @classmethod
    def of(cls, storyline: Storyline) -> Spoken:
        """Return the languages of a storyline; its texts are looked at once somebody asks."""
        declared = tuple(code for code in storyline.languages if len(code) == _CODE)
        return cls(declared, _texts(storyline))

    @cached_property
    def own(self) -> tuple[str, ...]:
        """The languages declared; else those of the texts; else English."""
        if self.declared:
            return self.declared
        told = dict.fromkeys(code for text in self._texts for code in _told(text))
        return tuple(told) or UNTOLD


def _texts(storyline: Storyline) -> Iterator[str]:
    """Yield the beginnings of the exemplars; of a storyline without any, its title and description."""
    shown = [(e.title, e.description, e.text) for e in storyline.exemplars if e.has_words]
    for parts in shown or [(storyline.title, storyline.description, "")]:
        yield "\n".join(part[:_LOOKED_AT] for part in parts)


def _told(text: str) -> list[str]:
    """Return the language with most function words in the beginning of a text; where several tie all of
    them, or English alone."""
    words = [word for word in fold(text[:_LOOKED_AT]) if len(word) > 1]
    counts = {code: sum(map(stop_words(code).__contains__, words)) for code in LATIN}
    most = max(counts.values())
    if most < _FEWEST:
        return []
    told = [code for code, count in counts.items() if count == most]
    return [*UNTOLD] if set(UNTOLD) <= set(told) else told
