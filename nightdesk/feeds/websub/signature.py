"""The signature of a push: `X-Hub-Signature: method=hex`, an HMAC over the body under the secret.  Pure."""

from __future__ import annotations

import hashlib
import hmac
import re

HEADER = "X-Hub-Signature"
METHODS = ("sha1", "sha256", "sha384", "sha512")
"""What the specification has subscribers know.  SHA-1 too: as an HMAC it is not broken, and many hubs know
no other."""

_FORM = re.compile(r"\s*([A-Za-z0-9]{1,10})=([0-9A-Fa-f]{1,128})\s*")


def sign(secret: bytes, body: bytes, method: str = "sha256") -> str:
    """Return the header's value for `body`.  Raises ValueError for a method that is not of METHODS."""
    if method not in METHODS:
        raise ValueError(f"no method of WebSub: {method!r}; one of {', '.join(METHODS)}")
    return f"{method}={hmac.new(secret, body, getattr(hashlib, method)).hexdigest()}"


def is_signed(secret: bytes, body: bytes, header: str | None) -> bool:
    """Tell whether `header` signs `body` under `secret`; compares in constant time.

    An empty secret signs nothing, and a header of another form is no signature.
    """
    form = _FORM.fullmatch(header or "")
    if form is None or not secret:
        return False
    method, digest = form[1].lower(), form[2].lower()
    if method not in METHODS:
        return False
    wanted = sign(secret, body, method).partition("=")[2]
    return hmac.compare_digest(wanted.encode(), digest.encode())
