"""The phrases that a storyline gives, as the engine reads them: aliases, cues, exclusions.

Comes in: a storyline.  Goes out: each phrase with its place in the file and the forms it is looked for in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nightdesk.bundles.problems import Path
from nightdesk.storylines.sought import sought
from nightdesk.storylines.spoken import Spoken
from nightdesk.text.entities import Phrase
from schemas import Storyline


class Given(NamedTuple):
    """A phrase of a storyline: where it stands, what it is there for, as written and as read.  It has no form
    where it says nothing."""

    path: Path
    what: str
    text: str
    forms: tuple[Phrase, ...]


def phrases_of(path: Path, storyline: Storyline, spoken: Spoken) -> Iterator[Given]:
    """Yield the aliases, cues and exclusions of a storyline."""
    for number, entity in enumerate(storyline.entities):
        for index, alias in enumerate(entity.any_of):
            yield given((*path, "entities", number, "any_of", index), "alias", alias, spoken)
    for name, cues in (
        ("supporting", storyline.cues.supporting),
        ("opposing", storyline.cues.opposing),
    ):
        for index, cue in enumerate(cues):
            yield given((*path, "cues", name, index), f"{name} cue", cue, spoken)
    for index, exclusion in enumerate(storyline.exclusions):
        yield given((*path, "exclusions", index), "exclusion", exclusion, spoken)


def given(path: Path, what: str, text: str, spoken: Spoken) -> Given:
    """Read one phrase."""
    return Given(path, what, text, sought(text, spoken))
