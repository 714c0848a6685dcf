"""The signature of a webhook: made here, and checked by the same few lines on the other side.

Pure.  The header reads `t=<seconds since 1970>,v1=<hex>`, where v1 is HMAC-SHA256 (RFC 2104) under the
receiver's secret over `<t>.<body>`, the body being the bytes as sent.  The time is signed, so that a
recorded delivery cannot be played again later.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

HEADER = "Nightdesk-Signature"
TOLERANCE = timedelta(minutes=5)
"""How far the two clocks may be apart."""

_LONGEST_HEADER = 1_000


def sign(secret: bytes, body: bytes, now: datetime) -> str:
    """Return the value of the signature header for `body` sent at `now`."""
    stamp = str(int(now.timestamp()))
    return f"t={stamp},v1={_digest(secret, stamp, body)}"


def verify(
    secret: bytes, body: bytes, header: str, now: datetime, tolerance: timedelta = TOLERANCE
) -> bool:
    """Tell whether `header` signs `body` under `secret`, and no longer than `tolerance` ago.

    For receivers written in Python, and for tests.  Compares in constant time; several `v1` may stand
    in one header, as while a secret is being replaced.
    """
    if len(header) > _LONGEST_HEADER:
        return False
    pairs = [part.partition("=")[::2] for part in header.split(",")]
    stamps = [value for name, value in pairs if name == "t"]
    if len(stamps) != 1 or not (stamps[0].isascii() and stamps[0].isdigit()):
        return False
    stamp = stamps[0]
    try:
        sent_at = datetime.fromtimestamp(int(stamp), UTC)
    except (ValueError, OverflowError, OSError):
        return False
    wanted = _digest(secret, stamp, body).encode()
    signed = [
        hmac.compare_digest(wanted, value.encode("utf-8", "replace"))
        for name, value in pairs
        if name == "v1"
    ]
    return any(signed) and abs(now - sent_at) <= tolerance


def _digest(secret: bytes, stamp: str, body: bytes) -> str:
    return hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
