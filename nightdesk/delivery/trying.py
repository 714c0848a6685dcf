"""One try: a channel is called within the longest time that a try may take, and whatever happens has a
name."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog

from nightdesk.delivery.channel import Channel
from nightdesk.delivery.errors import PermanentFailure, ReceiverTimedOut, TransientFailure
from nightdesk.delivery.notice import Notice
from nightdesk.errors import DeliveryError
from schemas.receivers import Receiver

log = structlog.get_logger(__name__)


async def attempt(
    channels: Mapping[str, Channel[Any]],
    notice: Notice,
    receiver: Receiver | None,
    longest_try: timedelta,
) -> tuple[str, DeliveryError | None]:
    """Return the channel's remark, and how the try failed, if it did.  Raises nothing but cancellation."""
    name = notice.delivery.channel
    channel = channels.get(name)
    if channel is None:
        return "", PermanentFailure(
            f"this worker has no channel {name}",
            hint="the delivery was planned by another version of Nightdesk",
        )
    longest = longest_try.total_seconds()
    try:
        async with asyncio.timeout(longest):
            return await channel.deliver(notice, receiver) or "", None
    except DeliveryError as error:
        return "", error
    except TimeoutError:
        return "", ReceiverTimedOut(
            f"no end after {longest:g} s",
            hint=f"a try may take {longest:g} s at most, whatever the receiver's `timeout`",
        )
    except Exception as error:
        log.error("channel_failed", channel=name, exc_info=error)
        return "", TransientFailure(
            f"a fault of Nightdesk: {type(error).__name__}", hint="please report it"
        )
