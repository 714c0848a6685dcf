"""A back-test as plain data, for scripts: nothing left out but what examples were not asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nightdesk.backtest.comparison import compare
from nightdesk.backtest.findings import Judged, Outcome
from nightdesk.backtest.sources import FileSource, Source
from nightdesk.storylines.explain import thresholds
from schemas import Decision


@dataclass(frozen=True)
class Tested:
    """A back-test that is over.

    `version` is the one in force, None where there is none; `in_force` its outcome, None also where
    the draft says the same.  `place` names what was read, `seconds` is how long that took.
    """

    outcome: Outcome
    version: int | None
    in_force: Outcome | None
    source: Source
    place: str
    seconds: float


def as_data(tested: Tested, *, samples: int) -> dict[str, Any]:
    """Return everything as plain data; all but `speed` is the same in every run.

    Of lines that are no record or that were read in another way than they stand, the first hundred are named.
    """
    outcome, source = tested.outcome, tested.source
    bounds = thresholds(outcome.storyline)
    data: dict[str, Any] = {
        "storyline": outcome.storyline.id,
        "sensitivity": outcome.storyline.sensitivity.value,
        "thresholds": {"fits": bounds.fits, "possible": bounds.possible},
        "read": {
            "from": tested.place,
            "reports": source.total,
            "articles": outcome.articles,
            "first": source.first.isoformat() if source.first else None,
            "last": source.last.isoformat() if source.last else None,
        },
        "decisions": {d.value: len(outcome.of(d)) for d in Decision},
        "changed_minds": {
            "articles": outcome.reconsidered,
            "changes": [
                {"before": before.value, "after": after.value, "count": count}
                for (before, after), count in sorted(outcome.changes.items())
            ],
        },
        "days": [day.as_dict() for day in outcome.days()],
        "hits": _dicts(outcome.of(Decision.FITS)),
        "at_threshold": {
            "above": _dicts(outcome.just_above(samples)),
            "below": _dicts(outcome.just_below(samples)),
        },
        "near_misses": {
            "in_doubt": outcome.in_doubt,
            "tells_subject": outcome.tells_subject,
            "possible": _dicts(outcome.best(Decision.POSSIBLE, len(outcome.judged))),
            "not": _dicts(outcome.best(Decision.NOT, samples)),
        },
        "alerts": {
            "developments": outcome.developments,
            "kinds": outcome.kinds(),
            "raised": [raised.as_dict() for raised in outcome.raised],
        },
        "compared": _compared(tested),
        "speed": {
            "seconds": round(tested.seconds, 3),
            "articles_per_s": round(outcome.articles / max(tested.seconds, 1e-9)),
        },
    }
    if isinstance(source, FileSource):
        data["read"] |= {"fates": dict(source.fates()), "unusable_lines": source.rejected.count}
        for name, remarks in (("rejected", source.rejected), ("odd", source.odd)):
            data["read"][name] = [{"line": n, "reason": why} for n, why in remarks.first]
    return data


def _compared(tested: Tested) -> dict[str, Any] | None:
    if tested.version is None:
        return None
    if tested.in_force is None:
        return {"version": tested.version, "definition": "same"}
    compared = compare(tested.outcome, tested.in_force).as_dict()
    alerts = {
        "developments": tested.in_force.developments,
        "raised": len(tested.in_force.raised),
    }
    return {"version": tested.version, "definition": "differs", **compared, "alerts": alerts}


def _dicts(judged: Iterable[Judged]) -> list[dict[str, Any]]:
    return [one.as_dict() for one in judged]
