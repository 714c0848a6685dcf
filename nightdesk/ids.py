"""Identifiers that are functions of content, so that a replayed message makes the same one again."""

from __future__ import annotations

import hashlib


def content_id(prefix: str, *parts: object) -> str:
    """Return `prefix-` and 24 hexadecimal digits of SHA-256 over `parts`.

    Parts are length-prefixed, so ("ab", "c") and ("a", "bc") differ; None differs from "".  96 bits:
    among 10^9 articles the chance of one collision is below 10^-11.
    """
    digest = hashlib.sha256()
    for part in parts:
        data = b"" if part is None else str(part).encode("utf-8", "surrogatepass")
        digest.update(b"-" if part is None else len(data).to_bytes(8, "big"))
        digest.update(data)
    return f"{prefix}-{digest.hexdigest()[:24]}"
