"""The numbers of the score, all in log-odds, in one place.

`TEXT` has its form from `evaluation.fit`: logistic regression over labelled reports (1, 2 and 4
exemplars; titles, leads and whole texts; each file and each story alike) on two features only, since
more features won inside a file and lost on files held out.  The fit itself gives base -7.3, likeness
2.3, title 1.2; base and title are smaller here, by hand: at even odds that found more in titles, leads
and whole texts of all files tried (mean F1 over 1, 2 and 4 exemplars, whole texts: events .89 instead
of .84, twins .80 / .78, stories .59 / .43).  The price is that probabilities are somewhat high.
The other numbers are set by hand, since no labelled set declares entities or cues,
and checked on confusable reports of one war.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log1p
from typing import Final

from nightdesk.storylines.brevity import brevity


@dataclass(frozen=True)
class TextWeights:
    """score = base + likeness * ln(1 + cosine / knee) + title * (share of the title's weight)."""

    base: float
    likeness: float
    knee: float
    title: float


TEXT: Final = TextWeights(base=-6.6, likeness=2.34, knee=0.02, title=0.56)
"""Even odds at a cosine of .29 to the profile with a third of the title in it, at zero with none."""


def text_score(cosine: float) -> float:
    """Return the static score of words alone at a cosine to the profile."""
    return TEXT.base + TEXT.likeness * log1p(cosine / TEXT.knee)


_NEAR_LONG, _NEAR_BRIEF = 0.1, 0.015


def near(log_words: float) -> float:
    """Return the least cosine that counts as near, for exemplars of a mean ln(1 + words).

    Brief texts have few words in common with anything, even with their own kind.
    """
    return _NEAR_LONG + (_NEAR_BRIEF - _NEAR_LONG) * brevity(log_words)


LEAST_NEAR: Final = 0.6
"""Entities and cues can make up for words, but not for all of them: so much of the cosine that counts as
near must be there.  Many articles name the entities of many storylines."""


@dataclass(frozen=True)
class DeclaredWeights:
    """What entities and cues are worth.  `complete`: all required entities; `missing`: each one.

    `cues` and `opposing` say what the first, the second and each further one adds, `lead` what a cue
    in the title or lead adds once, `no_cue` what it costs to have none of the declared ones.
    """

    base: float
    complete: float
    optional: float
    missing: float
    cues: tuple[float, float, float]
    opposing: tuple[float, float, float]
    lead: float
    no_cue: float


BESIDE_TEXT: Final = DeclaredWeights(
    0.0, 0.6, 0.2, -2.0, (1.8, 0.8, 0.4), (-1.8, -0.8, -0.4), 0.4, -2.0
)
ENTITIES_AND_CUES: Final = DeclaredWeights(
    -4.0, 2.4, 0.2, -2.0, (1.8, 0.8, 0.4), (-1.8, -0.8, -0.4), 0.4, 0.0
)
ENTITIES_ONLY: Final = DeclaredWeights(
    -4.0, 4.4, 0.4, -2.5, (0.0, 0.0, 0.0), (-1.8, -0.8, -0.4), 0.0, 0.0
)
CUES_ONLY: Final = DeclaredWeights(
    -4.0, 0.0, 0.0, 0.0, (3.6, 1.2, 0.4), (-1.8, -0.8, -0.4), 0.8, 0.0
)

QUOTED: Final = -3.0
"""The static score from which a candidate is likely enough to fit that its words are quoted at once, where
it says something that the storyline declares, or its cosine is `QUOTED_NEAR` times what counts as near.  To
read it again for that takes three times as long, and of what comes to this much two in five fit."""

QUOTED_NEAR: Final = 2.0

MOST_MISSING: Final = -6.0
"""All missing entities together cost no more than this."""

MOST_CUES: Final = 4
"""Cues beyond this number add nothing."""

BY_RIVAL: Final = 0.5
MOST_BY_RIVAL: Final = 2.0
"""Where a rival's entities and cues come to more than one's own, such a share of the lead is taken off, and
no more than this."""

EXCLUDED: Final = -12.0
"""An exclusion: no report with it can fit; the sum says so too."""

MIND: Final = 0.05
"""A decision once made falls back only when the probability is lower than its threshold by this."""
