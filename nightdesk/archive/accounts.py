"""Accounts: how many messages of each stage came to which end, counted with the effects themselves.

A count commits in the transaction of what it counts, so that both sides of every identity of account
hold after any crash.  Rows are kept per shard (a worker's partition, say): rivals do not contend.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from nightdesk.archive.statements import insert_or_update
from nightdesk.archive.tables import accounts

_ADD = insert_or_update(accounts, adding=["count"])
_TOTALS = (
    select(accounts.c.stage, accounts.c.outcome, func.sum(accounts.c.count))
    .group_by(accounts.c.stage, accounts.c.outcome)
    .order_by(accounts.c.stage, accounts.c.outcome)
)


def count(conn: Connection, shard: str, stage: str, counts: Mapping[str, int]) -> None:
    """Add to the account of `stage`: `counts` maps an outcome to how many more came to it."""
    rows = [
        {"stage": stage, "outcome": outcome, "shard": shard, "count": n}
        for outcome, n in counts.items()
        if n
    ]
    _ADD.run(conn, rows)


def totals(conn: Connection) -> dict[str, dict[str, int]]:
    """Return stage -> outcome -> how many, over all shards."""
    found: dict[str, dict[str, int]] = {}
    for stage, outcome, n in conn.execute(_TOTALS):
        found.setdefault(stage, {})[outcome] = int(n)
    return found
