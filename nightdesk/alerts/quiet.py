"""Quiet: a development of which nothing more comes, though its own cadence let expect it.

Comes in: a development as it stands, and the moment.  Goes out: when it goes quiet, should nothing more come;
then, the development and the last sequence of its alert, until more comes after all.  The cadence is the
median of the gaps between its reports: it takes several such gaps, never less than a night's break and
never more than the silence after which a report would open a new development anyway.  Pure.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from nightdesk.alerts.grouping import Development
from schemas import Alert, AlertKind, AlertState, Rate
from schemas.base import format_duration

GAPS = 6
"""So many of its own gaps without a report are a silence."""

LEAST = timedelta(hours=6)
"""No silence is shorter."""

_HOUR = timedelta(hours=1)
_SHORTEST = 1 / 60


def quiet_at(development: Development, gap: timedelta) -> datetime | None:
    """Return when it goes quiet, should nothing more come; None where it is quiet, or nobody was told of it.

    `gap` is the storyline's `development_gap`.
    """
    if development.state is AlertState.QUIET or not development.paged:
        return None
    return development.latest_seen_at + silence(development, gap)


def silence(development: Development, gap: timedelta) -> timedelta:
    """Return how long nothing must come; where one report alone came, there is no cadence but the gap."""
    between = cadence(development)
    return gap if between is None else min(max(LEAST, GAPS * between), max(LEAST, gap))


def cadence(development: Development) -> timedelta | None:
    """Return the median gap between its reports that copy none, by event time; None of one alone."""
    times = sorted(m.event_time for m in development.members if m.told.copy_of is None)
    gaps = [(later - earlier) / _HOUR for earlier, later in pairwise(times)]
    return timedelta(hours=median(gaps)) if gaps else None


def go_quiet(development: Development, told: Alert, now: datetime) -> tuple[Development, Alert]:
    """Return a development that is due as it is once quiet, and the sequence that says so after `told`."""
    waited = now - development.latest_seen_at
    between = cadence(development)
    hours = max(waited / _HOUR, 1.0)
    expected = 0.0
    reason = f"nothing more for {in_words(waited)}"
    if between is None:
        reason += "; one report alone came"
    else:
        expected = round(hours / max(between / _HOUR, _SHORTEST), 1)
        reason += f", where a report came every {in_words(between)}"
    rate = Rate(reports=0, hours=round(hours, 2), expected=expected)
    return _closed(development, told, now, {"reason": reason, "rate": rate, "pages": True})


def retire(development: Development, told: Alert, now: datetime) -> tuple[Development, Alert]:
    """Return the development of a storyline that is followed no more, closed, and the sequence for the
    archive that says so after `told`: nobody is paged."""
    reason = "its storyline is followed no more"
    return _closed(development, told, now, {"reason": reason, "rate": None, "pages": False})


def _closed(
    development: Development, told: Alert, now: datetime, said: dict[str, object]
) -> tuple[Development, Alert]:
    after = development.model_copy(
        update={"sequence": development.sequence + 1, "state": AlertState.QUIET}
    )
    alert = told.model_copy(
        update={
            "sequence": after.sequence,
            "kind": AlertKind.GONE_QUIET,
            "state": after.state,
            "title": after.title,
            # Outlets may have joined since, of which nobody was told.
            "articles": tuple(member.told for member in after.members),
            "sources": len(after.sources),
            "contradictions": after.contradictions,
            "latest_seen_at": after.latest_seen_at,
            "raised_at": now,
            "raised_by": None,
            "novelty": None,
            "also": (),
            "sources_before": told.sources,
            "awaited": False,
            **said,
        }
    )
    return after, alert


def in_words(length: timedelta) -> str:
    """Return a length of time without its small change: 2d3h, 6h, 40m."""
    unit = _HOUR if length >= _HOUR else timedelta(minutes=1)
    return format_duration(max(unit, round(length / unit) * unit))
