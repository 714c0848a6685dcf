"""Storylines that no report can fit, and those that very many fit: by entities and cues alone.

Comes in: the storylines of a file.  Goes out: findings.  What a storyline with texts takes hangs on the words
of the reports, so that only their being too few is told of (`nightdesk.bundles.exemplars`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from nightdesk.bundles.contract import Part
from nightdesk.bundles.languages import told_in
from nightdesk.bundles.phrases import MANY_CUES
from nightdesk.bundles.problems import Finding, Path
from nightdesk.bundles.resolve import with_country
from nightdesk.storylines.best import Best, best_of
from nightdesk.storylines.compile import compile_storyline
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.sought import sought
from nightdesk.storylines.spoken import Spoken
from schemas import Entity, Storyline


def check_prospects(parts: Iterable[Part], rarity: Rarity) -> Iterator[Finding]:
    """Find the storylines that take nothing, or of all the news too much."""
    for part in parts:
        # Of a faulty definition what makes it fit may have been left out.
        storyline = part.definition
        if isinstance(storyline, Storyline) and not storyline.exemplars and _asks(storyline):
            best = best_of(compile_storyline(storyline, 1, rarity=rarity))
            if best is None:
                continue
            if best.probability < best.bar.fits:
                yield _never(part.path, storyline, best)
            elif not storyline.cues.supporting:
                yield from _always(part.path, storyline, rarity)


def _asks(storyline: Storyline) -> bool:
    return bool(storyline.entities or storyline.cues.supporting)


def _never(path: Path, storyline: Storyline, best: Best) -> Finding:
    optional = storyline.entities and all(entity.optional for entity in storyline.entities)
    first = (
        "take `optional` off an entity that has to be there" if optional else "name another entity"
    )
    return Finding(
        path,
        f"no report can fit: one that names and says all of it comes to {best.probability:.3f}, and"
        f" `sensitivity: {storyline.sensitivity.value}` asks for {best.bar.fits:g}",
        f"{first}, or add an exemplar, a description or a supporting cue",
        "warning" if best.probability >= best.bar.possible else "error",
    )


def _always(path: Path, storyline: Storyline, rarity: Rarity) -> Iterator[Finding]:
    """Find entities that stand in so many reports that these are no storyline, with nothing else to go by."""
    spoken = Spoken.of(storyline)
    needed = [entity for entity in storyline.entities if not entity.optional]
    languages = told_in(storyline) if any(entity.country for entity in needed) else ()
    share = math.prod(_share(with_country(one, languages), spoken, rarity) for one in needed)
    if needed and share >= math.exp(-MANY_CUES):
        yield Finding(
            (*path, "entities"),
            f"about one report in {max(2, round(1 / share))} of any kind fits: it names"
            f" {'this' if len(needed) == 1 else 'these'}, and nothing else is asked for",
            "give an exemplar or a description, or say what has to be said (`cues`)",
            "warning",
        )


def _share(entity: Entity, spoken: Spoken, rarity: Rarity) -> float:
    """Return the share of reports that name an entity by one word; of small ones it is told anyway."""
    words = {
        form[0]
        for name in entity.any_of
        if not name.islower()
        for form in sought(name, spoken)
        if len(form) == 1
    }
    return 1.0 - math.prod(1.0 - math.exp(-rarity.weight(word)) for word in words)
