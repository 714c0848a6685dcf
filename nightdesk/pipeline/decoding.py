"""From bytes to contracts, and from what is no contract to a dead letter with its reason."""

from __future__ import annotations

import base64
from datetime import datetime

from pydantic import ValidationError

from nightdesk.errors import PoisonMessage
from nightdesk.ids import content_id
from nightdesk.pipeline.stage import Incoming, M
from schemas import DeadLetter, DeadLetterReason
from schemas.base import validation_hints

LARGEST_MESSAGE = 5_000_000
"""Bytes.  A report may carry three fields of 200,000 characters; all else is smaller."""

_SHOWN_PROBLEMS = 5


def decode(message: Incoming, contract: type[M]) -> M:
    """Return the contract that `message` holds.  Raises PoisonMessage with the fields at fault."""
    if not message.value:
        raise PoisonMessage(
            DeadLetterReason.NOT_JSON,
            "the message is empty",
            hint=f"{message.topic} carries JSON of the contract {contract.__name__}",
        )
    if len(message.value) > LARGEST_MESSAGE:
        raise PoisonMessage(
            DeadLetterReason.TOO_LARGE,
            f"a message of {len(message.value):,} bytes; {LARGEST_MESSAGE:,} are the most",
            hint=f"something other than Nightdesk writes to {message.topic}: find it, for a retry ends here",
        )
    try:
        return contract.model_validate_json(message.value)
    except ValidationError as error:
        problems = validation_hints(error)
        not_json = any(item["type"] == "json_invalid" for item in error.errors())
        shown = "; ".join(
            f"{'.'.join(map(str, where)) or 'message'}: {what}"
            for where, what in problems[:_SHOWN_PROBLEMS]
        )
        more = len(problems) - _SHOWN_PROBLEMS
        raise PoisonMessage(
            DeadLetterReason.NOT_JSON if not_json else DeadLetterReason.BREAKS_CONTRACT,
            shown + (f"; and {more} more" if more > 0 else ""),
            hint=(
                f"something other than Nightdesk, or another version of it, writes to "
                f"{message.topic}; its contract is schemas/json/{contract.__name__.lower()}.schema.json"
            ),
        ) from None


def dead_letter(stage: str, message: Incoming, poison: PoisonMessage, now: datetime) -> DeadLetter:
    """Return the dead letter of `message`; its id is a function of where it stood and what it held."""
    value = message.value or b""
    return DeadLetter(
        id=content_id("dead", stage, message.topic, message.partition, message.offset, value.hex()),
        stage=stage,
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        key=message.key,
        value=base64.b64encode(value).decode(),
        reason=poison.reason,
        detail=poison.message,
        hint=poison.hint,
        died_at=now,
    )
