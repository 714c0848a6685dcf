"""The channels that readers come to: an Atom feed, server-sent events.

Being in the archive is being delivered; the documents themselves are made by `nightdesk.web` of what was
delivered.
"""

from __future__ import annotations

from nightdesk.delivery.notice import Notice
from schemas.receivers import AtomReceiver, EventsReceiver


class FetchedChannel:
    """Has nothing to send."""

    async def deliver(self, notice: Notice, receiver: AtomReceiver | EventsReceiver) -> None:
        """Return at once: the delivery's own row in the archive is what readers are shown."""
