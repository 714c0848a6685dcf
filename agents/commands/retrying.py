"""Sending dead letters again: each by the way that it would have gone, counted so that accounts balance.

Comes in: letters and an open write transaction.  Goes out: how many are on their way, and how many
had nothing left to send.  A message goes back to its topic, through the outbox, with its own key and
bytes.  A delivery stood on no topic: it is opened again, and the dispatcher finds it due.

A letter is sent once: a message that dies again leaves a letter of its own, and one that does not would
be counted both as `retried` and as `redelivered`.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import Connection

from nightdesk.archive import accounts, deadletters, dispatch, outbox, reports
from nightdesk.archive.outbox import Outgoing
from nightdesk.delivery.outcome import STAGE as DELIVERIES
from nightdesk.pipeline.normalise import NormaliseStage
from schemas import DeadLetter, Delivery, DeliveryState, Report

ORIGIN = "dead-letters"
_ENDED = (DeliveryState.FAILED, DeliveryState.FELL_BACK, DeliveryState.DELIVERED)
_MOST = 100_000


@dataclass(frozen=True)
class Retried:
    """`moot` counts letters with nothing left to send: sent again already, or a delivery that is not
    failed any more."""

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
        if not deadletters.mark_retried(conn, letter.id, now):
            moot += 1
            continue
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
            if letter.stage == NormaliseStage.name:
                _reopen_report(conn, value)
            counts.setdefault(letter.stage, Counter())["retried"] += 1
            messages.append(Outgoing(letter.topic, letter.key or "", value))
    outbox.enqueue(conn, ORIGIN, messages, now)
    for stage, of_stage in counts.items():
        accounts.count(conn, ORIGIN, stage, of_stage)
    return Retried(len(messages), moot)


def deliver_again(
    conn: Connection, delivery_ids: Iterable[str], now: datetime
) -> tuple[list[Delivery], list[str]]:
    """Open deliveries again, whether they failed, fell back or were delivered, under the same ids.

    Returns them, and the ids of those that are open, held or were never to be sent.  Dead letters of them
    are noted as retried: there is nothing left to send.
    """
    opened: list[Delivery] = []
    moot: list[str] = []
    for id_ in dict.fromkeys(delivery_ids):
        delivery = dispatch.reopen(conn, id_, now, reason="sent again by hand", states=_ENDED)
        if delivery is None:
            moot.append(id_)
        else:
            opened.append(delivery)
    messages = [Outgoing("deliveries", one.subscription, one.to_bytes()) for one in opened]
    outbox.enqueue(conn, ORIGIN, messages, now)
    # They stay counted by how they ended, and will be counted anew.
    accounts.count(conn, ORIGIN, DELIVERIES, {"retried": len(opened)})
    again = {one.id for one in opened}
    for letter in deadletters.list_letters(conn, stage=DELIVERIES, limit=_MOST) if again else ():
        if Delivery.model_validate_json(base64.b64decode(letter.value)).id in again:
            deadletters.mark_retried(conn, letter.id, now)
    return opened, moot


def _reopen_report(conn: Connection, value: bytes) -> None:
    """Let normalising know that a report which it buried comes again, and is to be judged anew."""
    try:
        report = Report.model_validate_json(value)
    except ValidationError:
        return
    reports.retry(conn, report.id)


def _reopen(conn: Connection, value: bytes, now: datetime) -> Delivery | None:
    delivery = Delivery.model_validate_json(value)
    return dispatch.reopen(conn, delivery.id, now, reason="retried by hand")
