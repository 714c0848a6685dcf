"""The bar: how probable must a report be to fit, given how well its storyline can be told apart?

Comes in: what a storyline shows (`asked`), and the probabilities of what it remembers.  Goes out: a `Bar`.
Where reports are plainly in or out, one at even odds is better left out; where all are doubtful, whoever
waits for even odds finds nothing.  The bar lies where the F-measure is best that can be expected from the
probabilities themselves: at F / (1 + b²) for the measure with weight b (Jansche 2007; Lipton et al. 2014).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from nightdesk.storylines.expected import best_expected
from nightdesk.storylines.weighing import rounded
from schemas import Bar, Sensitivity


@dataclass(frozen=True, eq=False)
class _Stance:
    """`missed` says how much worse a missed report is than a false alarm (b²); the bar stays in bounds.

    `least` is for texts of a line or two; articles of some length must have more.
    """

    missed: float
    least: float
    most: float


_STANCES: Final = {
    Sensitivity.STRICT: _Stance(0.25, 0.25, 0.75),
    Sensitivity.BALANCED: _Stance(1.0, 0.15, 0.5),
    Sensitivity.WIDE: _Stance(4.0, 0.08, 0.3),
}

_FIXED: Final = {
    Sensitivity.STRICT: Bar(fits=0.6, possible=0.3),
    Sensitivity.BALANCED: Bar(fits=0.35, possible=0.2),
    Sensitivity.WIDE: Bar(fits=0.2, possible=0.12),
}

_MORE_IF_LONG, _LESS_IF_SHOWN, _SHOWN_MUCH = 4 / 3, 0.34, 4
"""By what share articles of some length must be likelier than texts of a line or two, at the least; and by
what share less is the most that is asked of them where so many exemplars are shown.  There the bar stands
still: what is not of the storyline is plain, and a higher one would only miss more."""

_EASED_ARTICLES, _EASED_LINES = (0.44, 0.1875), (0.7, 0.1)
"""What is asked is eased to such a share where one exemplar is shown, an article or a line or two, and less
for each further one: a storyline that was told but little is less sure of its own than it might be."""

_EASED_BY_RIVALS: Final = 0.75
"""Declared rivals keep false alarms out, so that less need be asked."""

DOUBTED: Final = 0.07
"""A report that is at least so likely, and does not fit, is in doubt."""

_FEW, _MANY = 5, 4
"""From so many more in doubt than fit a storyline may have met its subject and no more of its story; from
`_MANY` more than that it has."""

_SHOWN_LITTLE: Final = 2
"""A storyline that shows more exemplars than these, articles and no lines, asks for more at once, ..."""

_MORE_AT_ONCE, _MOST_MORE, _MOST_AT_ONCE = 0.25, 0.5, 0.65
"""... by such a share for each of them, within bounds: what is passed over and was right is taken when the
storyline settles; of what is taken and was wrong people have heard."""

_SHARE: Final = 0.6
"""A report is possible from this share of what it takes to fit."""

_ONE_EXEMPLAR, _EACH_FURTHER, _AT_MOST, _LESS_IF_BRIEF = 0.6, 0.1, 0.9, 0.2
"""F-measure expected of a storyline of which nothing else is known yet."""


class Asked(NamedTuple):
    """What a storyline asks, whatever it remembers: what is expected `at_first`, bounds, the share to which
    they are `eased`, that to which they are where it has met its subject alone (`doubting`), and how many
    times as much is asked at once.
    """

    missed: float
    at_first: float
    least: float
    most: float
    eased: float
    doubting: float
    more: float

    def bar(self, beliefs: Iterable[float], *, at_once: bool = False) -> Bar:
        """Return the bar of a storyline that believes `beliefs` of its reports, in any order.

        `at_once` is for the first decision about a report, which is judged again when the storyline settles.
        """
        rising = sorted(beliefs)
        best = best_expected(rising, self.missed, self.at_first)
        fits = min(self.most, max(self.least, best / (1.0 + self.missed)))
        fits *= self._eased(rising, fits)
        possible = fits * _SHARE
        if at_once:
            fits = max(fits, min(_MOST_AT_ONCE, fits * self.more))
        return Bar(fits=rounded(fits), possible=rounded(possible))

    def _eased(self, rising: list[float], fits: float) -> float:
        """Return the share to which a bar of `fits` is eased, given beliefs in order."""
        sure = len(rising) - bisect_left(rising, fits)
        doubted = len(rising) - sure - bisect_left(rising, DOUBTED)
        return self.eased + (self.doubting - self.eased) * subject_alone(doubted, sure)


def subject_alone(doubted: int, sure: int) -> float:
    """Return how far (0 to 1) a storyline with so many in doubt, and so many sure, met its subject alone."""
    return min(1.0, max(0.0, (doubted - sure - _FEW) / _MANY))


@lru_cache(maxsize=1_024)
def asked(
    sensitivity: Sensitivity,
    exemplars: int,
    brief: float,
    *,
    rivals: bool = False,
    cues: bool = False,
) -> Asked:
    """Return what a storyline asks that shows so many exemplars.

    `brief` says how brief these are, from 0 to 1 (`nightdesk.storylines.brevity`).
    A storyline that declares supporting cues has told what counts, and nothing is eased for it.
    Where nobody has shown an exemplar, as much is asked as ever: nothing but words of its author tells
    it from what else is said of the same people.
    """
    stance = _STANCES[sensitivity]
    if not exemplars:
        return Asked(
            stance.missed, _AT_MOST, stance.most, stance.most, eased=1.0, doubting=1.0, more=1.0
        )
    at_first = min(_AT_MOST, _ONE_EXEMPLAR + _EACH_FURTHER * (exemplars - 1))
    at_first -= _LESS_IF_BRIEF * brief / exemplars
    shown = min(1.0, (exemplars - 1) / (_SHOWN_MUCH - 1))
    least = stance.least * (1.0 + _MORE_IF_LONG * (1.0 - brief))
    most = stance.most * (1.0 - _LESS_IF_SHOWN * shown * (1.0 - brief))
    eased = doubting = more = 1.0
    if not cues:
        articles, lines = (
            min(1.0, one + further * (exemplars - 1))
            for one, further in (_EASED_ARTICLES, _EASED_LINES)
        )
        # Of articles that are about the subject alone none is eased; lines are always in doubt.
        by_rivals = _EASED_BY_RIVALS if rivals else 1.0
        eased = (articles * (1.0 - brief) + lines * brief) * by_rivals
        doubting = by_rivals * (1.0 - brief) + eased * brief
    if not (cues or rivals):
        share = min(_MOST_MORE, _MORE_AT_ONCE * max(0, exemplars - _SHOWN_LITTLE))
        more = 1.0 + share * (1.0 - brief)
    return Asked(stance.missed, at_first, least, most, eased, doubting, more)


def fixed_bar(sensitivity: Sensitivity) -> Bar:
    """Return the bar of a storyline that has no text to learn by."""
    return _FIXED[sensitivity]
