"""The storylines that a draft stands against."""

from __future__ import annotations

from collections.abc import Iterable

from schemas import Storyline


def rivals_of(storyline: Storyline, *known: Iterable[Storyline]) -> list[Storyline]:
    """Return the storylines that it names as rivals, each from the first of `known` that has it."""
    found: dict[str, Storyline] = {}
    for candidates in known:
        for candidate in candidates:
            if candidate.id in storyline.rivals:
                found.setdefault(candidate.id, candidate)
    return [found[name] for name in sorted(found)]
