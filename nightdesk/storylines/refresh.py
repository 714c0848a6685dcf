"""Keeps an index up to date: what did not change is not compiled again.

Comes in: the index before, and all storylines as they are now.  Goes out: the index after, which names
the same candidates as one compiled from nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from nightdesk.storylines.compile import compile_storyline, compile_storylines
from nightdesk.storylines.index import Index
from nightdesk.storylines.rarity import Rarity
from schemas import Storyline


def refresh(
    before: Index | None, storylines: Sequence[tuple[Storyline, int]], *, rarity: Rarity
) -> Index:
    """Return the index of all (storyline, definition version) pairs, in any order.

    A storyline of the same id and version is taken to be the same.
    """
    if before is None or before.rarity is not rarity:
        return compile_storylines(storylines, rarity=rarity)
    known = {name: compiled.version for name, compiled in before.storylines.items()}
    added = [
        compile_storyline(storyline, version, rarity=rarity)
        for storyline, version in storylines
        if known.get(storyline.id) != version
    ]
    dropped = known.keys() - {storyline.id for storyline, _ in storylines}
    return before.changed(added, dropped) if added or dropped else before
