"""The Atom channel: readers come and fetch, so that being in the archive is being delivered.

The feed itself is made from delivered alerts by `nightdesk.web.atom`.
"""

from __future__ import annotations

from schemas.alert import Alert
from schemas.delivery import Delivery
from schemas.receivers import AtomReceiver


class AtomChannel:
    """Has nothing to send."""

    async def deliver(self, delivery: Delivery, alert: Alert, receiver: AtomReceiver) -> None:
        """Return at once: the delivery's own row in the archive is what the feed shows."""
