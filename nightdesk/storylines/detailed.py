"""What each of the model's contributions refers to: the details that stand beside their numbers.

Comes in: a newcomer as it was measured, by what, and what the model made of it.  Goes out: a few words for
each group of features (`nightdesk.storylines.model.GROUPS`), which go by whether it speaks for or against;
and why a mind was changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, expm1

from nightdesk.numbers import Reals, side_by_side
from nightdesk.storylines.company import nearest
from nightdesk.storylines.compile import CompiledStoryline
from nightdesk.storylines.memory import Measure
from nightdesk.storylines.model import BASE
from nightdesk.storylines.neighbourhood import EPSILON, SECOND, Newcomer
from nightdesk.storylines.remembered import Remembered
from nightdesk.storylines.rethinking import logistic
from nightdesk.storylines.score import WORDS
from schemas import Contribution, Rival

_PLACES = {name: at for at, name in enumerate(SECOND)}


def said_of(name: str, value: float, row: Reals, accepted: int) -> str:
    """Say what a group of features refers to, of which the report's `row` tells all; "" for another.

    `accepted` is how many of the remembered reports are believed.
    """
    if name == "paths":
        return ("near" if value > 0 else "not near") + " by way of reports that are alike"
    if name == "learned":
        return _learned(row, accepted)
    say = _SAID.get(name)
    return say(row) if say else ""


def _learned(row: Reals, accepted: int) -> str:
    if not accepted:
        return "no report accepted before"
    many = "1 report" if accepted == 1 else f"{accepted} reports"
    return f"{_cosine(row, 'profile'):.2f} like the {many} accepted before"


def _time(row: Reals) -> str:
    gap = _of(row, "time_gap")
    return f"{expm1(gap + 1.0):.1f} days from the nearest that was accepted" if gap else ""


_SAID: Mapping[str, Callable[[Reals], str]] = {
    "standing": lambda row: f"{exp(_of(row, 'standing')):.2f} of how near the nearest come",
    "surroundings": lambda row: f"{_cosine(row, 'core'):.2f} like what stands nearest",
    "first impression": lambda row: (
        f"{logistic(_of(row, 'before_odds')):.2f} before its neighbours are asked"
    ),
    "time": _time,
}


def _of(row: Reals, name: str) -> float:
    return row[_PLACES[name]]


def _cosine(row: Reals, name: str) -> float:
    return max(0.0, exp(_of(row, name)) - EPSILON)


def why_changed(parts: Sequence[Contribution], before: float, after: float, accepted: str) -> str:
    """Say why the probability of a report became another: what is known by now, and which part of its score
    speaks most for what became of it.
    """
    said = f"{accepted} known reports accepted by now, probability {before:.2f} before"
    rising = after > before
    given = [part for part in parts if part.name != BASE and (part.value > 0) == rising]
    if not given:
        return said
    most = max(given, key=lambda part: abs(part.value))
    side, detail = "for" if rising else "against", f": {most.detail}" if most.detail else ""
    return f"{said}; most {side} it: {most.name} {most.value:+.2f}{detail}"


@dataclass(frozen=True, slots=True)
class Details:
    """Says what the contributions of one newcomer refer to.

    `words` are those in common, `remembered` the reports by which `measure` measured it; `row` is what the
    model was told of it, `rivals` are those it comes near to, the nearest first.
    """

    words: str
    storyline: CompiledStoryline
    remembered: Sequence[Remembered]
    measure: Measure
    asked: Newcomer
    row: Reals
    rivals: Sequence[Rival]

    def whole(self, name: str, value: float) -> str:
        """Return what the contribution `name` refers to, given that it adds `value`."""
        return self.named(name, value) or said_of(name, value, self.row, self.measure.accepted)

    def named(self, name: str, value: float) -> str:
        """Return the words, the neighbour or the rival that it refers to; "" for any other."""
        if name == WORDS:
            return self.words
        if name == "neighbours":
            return self._neighbours(value > 0)
        if name == "rivals":
            return self._rivals()
        return ""

    def _neighbours(self, accepted: bool) -> str:
        """Name the nearest neighbour on the side that the votes are on."""
        met, texts = self.asked.met, self.asked.texts
        place = nearest(met, texts, side_by_side(self.measure.beliefs), accepted)
        if accepted:
            shown = [met[at] for at in range(texts)]
            most = max(shown, default=0.0)
            if most > 0.0 and (not place or most >= met[texts + place - 1]):
                return f"nearest to {self.storyline.labels[shown.index(most)]}"
        if not place:
            return "" if accepted else "near nothing that was accepted"
        report = self.remembered[place - 1]
        side = "accepted" if accepted else "not accepted"
        return f"near what was {side}: “{report.title or report.article}”"

    def _rivals(self) -> str:
        if not self.rivals:
            return ""
        rival = self.rivals[0]
        return f"nearer to {rival.storyline} ({rival.cosine:.2f}) than to this ({self.asked.cosine:.2f})"
