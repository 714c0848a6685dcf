"""Message headers to bytes and back: what `messages.headers` holds.

In come Faust's headers, a mapping or pairs of a name and bytes (or None); out comes JSON, of which
every value is a string with one character a byte, or null. Order and repeated names are kept, as in
Kafka. No headers at all are None, so that they cost nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

Pairs = tuple[tuple[str, bytes | None], ...]
HeadersArg = Mapping[str, bytes] | Iterable[tuple[str, bytes | None]] | None


def encode_headers(headers: HeadersArg) -> bytes | None:
    """Pack headers; `TypeError` if a value is not bytes."""
    if not headers:
        return None
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    packed = [[name, None if value is None else str(value, "latin-1")] for name, value in pairs]
    return json.dumps(packed).encode("ascii") if packed else None


def decode_headers(packed: bytes | None) -> Pairs:
    """Unpack what `encode_headers` made."""
    if packed is None:
        return ()
    return tuple(
        (name, None if value is None else value.encode("latin-1"))
        for name, value in json.loads(packed)
    )
