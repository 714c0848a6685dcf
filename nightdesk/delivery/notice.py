"""A notice: all that one delivery tells, in the form in which channels are given it."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.alert import Alert
from schemas.delivery import Delivery, Occasion


@dataclass(frozen=True, slots=True)
class Notice:
    """What a receiver is told at once: `alert`, and `others` besides, in the order of `delivery.also`.

    `missing` counts changes of `delivery.also` that the archive does not hold any more: what is left is told,
    and that there was more.  `title` is the subscription's.
    """

    delivery: Delivery
    alert: Alert
    others: tuple[Alert, ...] = ()
    missing: int = 0
    title: str = ""

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """All alerts, in the order told."""
        return (self.alert, *self.others)

    @property
    def subscription(self) -> str:
        """The id of the subscription that tells."""
        return self.delivery.subscription

    @property
    def is_test(self) -> bool:
        """Whether nothing happened: a sample on its way through the real path."""
        return self.delivery.occasion is Occasion.TEST
