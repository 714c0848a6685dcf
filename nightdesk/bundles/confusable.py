"""Storylines so close that they should be each other's rivals.

Comes in: the storylines of a file.  Goes out: one warning for each that does not name all it may be
taken for, with the line to write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nightdesk.bundles.contract import Part
from nightdesk.bundles.exemplars import MOST
from nightdesk.bundles.problems import Finding
from nightdesk.storylines.compile import compile_storyline
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.similar import Pair, confusable
from schemas import Storyline

MOST_NAMED = 5
"""Rivals that one warning offers, the closest first; a storyline of many rivals is too broad."""


def check_confusable(parts: Iterable[Part], rarity: Rarity) -> Iterator[Finding]:
    """Find enabled storylines that lack a rival."""
    sound = {
        part.definition.id: part
        for part in parts
        if isinstance(part.definition, Storyline)
        and part.definition.enabled
        and len(part.definition.exemplars) <= MOST
    }
    compiled = [compile_storyline(part.definition, 1, rarity=rarity) for part in sound.values()]
    lacking: dict[str, list[tuple[str, Pair]]] = {}
    for pair in confusable(compiled):
        for one, other in ((pair.left, pair.right), (pair.right, pair.left)):
            if other not in sound[one].definition.rivals:
                lacking.setdefault(one, []).append((other, pair))
    for name, others in lacking.items():
        yield _finding(sound[name], others)


def _finding(part: Part, others: list[tuple[str, Pair]]) -> Finding:
    shown = others[:MOST_NAMED]
    rivals = [*part.definition.rivals, *(name for name, _ in shown)]
    close = ", ".join(f"`{name}` ({_alike(pair)})" for name, pair in shown)
    more = f" and {len(others) - len(shown)} more" if len(others) > len(shown) else ""
    return Finding(
        (*part.path, "rivals"),
        f"`{part.id}` is close to {close}{more}: a report of one may be taken for another's",
        f"write `rivals: [{', '.join(rivals)}]`, so that what is rather the other's counts less",
        "warning",
    )


def _alike(pair: Pair) -> str:
    cast = f"; both need {', '.join(pair.shared[:3])}" if pair.shared else ""
    return f"{pair.cosine:.2f} alike{cast}"
