"""The errors of delivery: each says whether trying again can help.

DeliveryError (nightdesk.errors)
├── TransientFailure         may pass: tried again, with a wait
│   ├── ReceiverUnreachable  no such name, no connection, TLS refused, broken off half way
│   ├── ReceiverTimedOut     no whole answer within the receiver's own bound
│   ├── ReceiverBusy         answered "not now" (429, 5xx and such), perhaps with a Retry-After
│   └── SecretUnavailable    the secret that signs cannot be read just now
└── PermanentFailure         never passes by itself: becomes a dead letter at once
    ├── ReceiverRefused      answered that this message, or any, is not welcome
    └── AddressRefused       lives at a private address that was not allowed by name

No message holds a URL: a webhook's URL often carries a token.  The host is named instead.
"""

from __future__ import annotations

from datetime import timedelta

from nightdesk.errors import DeliveryError


class TransientFailure(DeliveryError):
    """Trying again may help.  `retry_after` is what the receiver asked for, if it did."""

    def __init__(
        self, message: str, *, hint: str = "", retry_after: timedelta | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class ReceiverUnreachable(TransientFailure):
    """No connection, or one that broke before the answer was whole."""


class ReceiverTimedOut(TransientFailure):
    """No whole answer within the receiver's `timeout`."""


class ReceiverBusy(TransientFailure):
    """The receiver answered, and said "not now"."""


class SecretUnavailable(TransientFailure):
    """The secret that signs deliveries cannot be read: once it is there, the delivery goes out."""


class PermanentFailure(DeliveryError):
    """Trying again cannot help: the delivery becomes a dead letter."""


class ReceiverRefused(PermanentFailure):
    """The receiver will not have this message."""


class AddressRefused(PermanentFailure):
    """The receiver lives at a private address, and its definition does not allow that."""
