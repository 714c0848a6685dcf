"""Retention: drops what nobody will ask for again, a bounded number of rows at a time.

    while sum(pruned.values()):
        with archive.begin() as conn:
            pruned = prune(conn, before=…)

Each call is one short transaction's work, so that writers wait milliseconds and not minutes.  What is
pruned: reports, feed entries last seen, polls, decisions `not`, retried dead letters, boilerplate that
was not met for long, hosts that have rested; articles with their revisions, matches, alerts and deliveries
only if asked.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ColumnElement, Connection, Table, or_

from nightdesk.archive.boilerplate import LAPSES_AFTER
from nightdesk.archive.statements import delete_some
from nightdesk.archive.tables import (
    alert_actions,
    alert_handling,
    alerts,
    articles,
    dead_letters,
    deliveries,
    developments,
    emerging,
    feed_entries,
    feed_polls,
    hosts,
    learned_lines,
    line_counts,
    matches,
    reports,
)
from schemas.delivery import DeliveryState
from schemas.match import Decision


def prune(
    conn: Connection, *, before: datetime, limit: int = 5_000, articles_too: bool = False
) -> dict[str, int]:
    """Delete what ended before `before`, at most `limit` rows of each table; return table -> how many.

    Call it again, each time in a transaction of its own, until all are 0.  `before` must lie further
    back than the broker keeps messages: a pruned report that is replayed would look new.
    """
    old: list[tuple[Table, ColumnElement[bool]]] = [
        (reports, reports.c.seen_at < before),
        (feed_entries, feed_entries.c.last_seen_at < before),
        (feed_polls, feed_polls.c.polled_at < before),
        (
            matches,
            (matches.c.decision == Decision.NOT.value) & (matches.c.decided_at < before),
        ),
        (emerging, emerging.c.latest_at < before),
        (dead_letters, (dead_letters.c.died_at < before) & dead_letters.c.retried_at.is_not(None)),
        # What has lapsed is dropped from no article, and counts for none.
        (
            learned_lines,
            learned_lines.c.undone_at.is_(None) & (learned_lines.c.seen_at < before - LAPSES_AFTER),
        ),
        (line_counts, line_counts.c.seen_at < before - LAPSES_AFTER),
        (hosts, _before(hosts.c.turn_until, before) & _before(hosts.c.rest_until, before)),
    ]
    if articles_too:
        decided = matches.c.decision.in_([d.value for d in Decision])
        old[3] = (matches, decided & (matches.c.decided_at < before))
        old += [
            (articles, articles.c.seen_at < before),
            (developments, developments.c.latest_at < before),
            # What is held has no time at which it is due: its pool has.
            (
                deliveries,
                deliveries.c.due_at.is_(None)
                & (deliveries.c.state != DeliveryState.HELD.value)
                & (deliveries.c.changed_at < before),
            ),
            (alerts, alerts.c.raised_at < before),
            (alert_handling, alert_handling.c.changed_at < before),
            (alert_actions, alert_actions.c.at < before),
        ]
    return {table.name: delete_some(conn, table, where, limit) for table, where in old}


def _before(column: Column[datetime], before: datetime) -> ColumnElement[bool]:
    return or_(column.is_(None), column < before)
