"""Alerts that no message raises, but time or a look at the archive: recorded, counted and put into the
outbox.

It is done in the transaction that holds what they tell of: so a crash tells nothing twice and loses
nothing, and of two workers that found the same the second fails (ArchiveConflict) or finds it done.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from nightdesk.archive import accounts, alerts, outbox
from nightdesk.archive.outbox import Outgoing
from schemas import Alert

CHORES: Final = "chores"
"""The stage under which the account counts them, as `alerts`."""

Row = tuple[int, Outgoing]


def raise_alerts(
    connection: Connection, raised: Sequence[Alert], *, by: str, now: datetime
) -> list[Row]:
    """Record the alerts that the chore `by` raises, and return what is to be sent.

    Raises ArchiveConflict where another worker raised one of them meanwhile.
    """
    if not raised:
        return []
    alerts.record(connection, raised)
    accounts.count(connection, by, CHORES, {"alerts": len(raised)})
    messages = [Outgoing("alerts", alert.about, alert.to_bytes()) for alert in raised]
    return list(zip(outbox.enqueue(connection, by, messages, now), messages, strict=True))
