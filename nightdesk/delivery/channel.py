"""What a channel is: one method that tells one receiver of one notice."""

from __future__ import annotations

from typing import Protocol, TypeVar

from nightdesk.delivery.notice import Notice

R_contra = TypeVar("R_contra", contravariant=True)


class Channel(Protocol[R_contra]):
    """Delivers to receivers of one kind (`schemas.receivers`).

    Returning means that the receiver has it; what is returned, if anything, is a remark in words that the
    ledger keeps.  Raises TransientFailure or PermanentFailure
    (`nightdesk.delivery.errors`); retries are not its business.  It may be cancelled at any await, and
    may be called again with the same delivery: the receiver knows it by `delivery.id`.  All alerts of a
    notice are told, with why they come together.
    """

    async def deliver(self, notice: Notice, receiver: R_contra) -> str | None: ...
