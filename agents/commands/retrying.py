"""Sending dead letters again: each by the way that it would have gone, counted so that accounts balance.

Comes in: letters and an open write transaction.  Goes out: how many are on their way, and how many
had nothing left to send.  A message goes back to its topic, through the outbox, with its own key and
bytes.  A delivery stood on no topic: it is opened again, and the dispatcher finds it due.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from nightdesk.archive import accounts, deadletters, dispatch, outbox
from nightdesk.archive.outbox import Outgoing
from nightdesk.delivery.outcome import STAGE as DELIVERIES
from schemas import DeadLetter, Delivery

ORIGIN = "dead-letters"


@dataclass(frozen=True)
class Retried:
    """`moot` counts deliveries that are not failed any more: there is nothing left to send."""

    sent: int
    moot: int


def send_again(conn: Connection, letters: Sequence[DeadLetter], now: datetime) -> Retried:
    """Send `letters` again, oldest first, and note each as retried."""
    # What had an order on its topic keeps it.
    ordered = sorted(letters, key=lambda one: (one.died_at, one.topic, one.partition, one.offset))
    messages: list[Outgoing] = []
    counts: dict[str, Counter[str]] = {}
    moot = 0
    for letter in ordered:
        value = base64.b64decode(letter.value)
        if letter.stage == DELIVERIES:
            delivery = _reopen(conn, value, now)
            if delivery is None:
                moot += 1
                continue
            # It stays counted as failed, and will be counted anew by the way it ends.
            counts.setdefault(letter.stage, Counter())["retried"] += 1
            messages.append(Outgoing("deliveries", delivery.subscription, delivery.to_bytes()))
        else:
            counts.setdefault(letter.stage, Counter())["retried"] += 1
            messages.append(Outgoing(letter.topic, letter.key or "", value))
    outbox.enqueue(conn, ORIGIN, messages, now)
    for stage, of_stage in counts.items():
        accounts.count(conn, ORIGIN, stage, of_stage)
    for letter in ordered:
        deadletters.mark_retried(conn, letter.id, now)
    return Retried(len(messages), moot)


def _reopen(conn: Connection, value: bytes, now: datetime) -> Delivery | None:
    delivery = Delivery.model_validate_json(value)
    return dispatch.reopen(conn, delivery.id, now, reason="retried by hand")
