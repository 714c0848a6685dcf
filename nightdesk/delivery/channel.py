"""What a channel is: one method that tells one receiver of one change of one alert."""

from __future__ import annotations

from typing import Protocol, TypeVar

from schemas.alert import Alert
from schemas.delivery import Delivery

R_contra = TypeVar("R_contra", contravariant=True)


class Channel(Protocol[R_contra]):
    """Delivers to receivers of one kind (`schemas.subscription`).

    Returning means that the receiver has it.  Raises TransientFailure or PermanentFailure
    (`nightdesk.delivery.errors`); retries are not its business.  It may be cancelled at any await, and
    may be called again with the same delivery: the receiver knows it by `delivery.id`.
    """

    async def deliver(self, delivery: Delivery, alert: Alert, receiver: R_contra) -> None: ...
