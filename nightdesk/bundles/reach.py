"""What a definition reaches of the machine that runs Nightdesk: files, secrets, private addresses.

Pure.  Whoever writes a bundle on that machine may use all of it.  A token that may change definitions from
elsewhere is no login there: what it adds of this kind takes an admin's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.base import Contract

_SECRETS = {"env", "file", "secret_env", "secret_file"}


def reaches(definition: Contract | None) -> frozenset[str]:
    """Return what a definition reaches, in words that name no secret's content; nothing for none."""
    return (
        frozenset(_walk(definition.model_dump(mode="json")))
        if definition is not None
        else frozenset()
    )


def _walk(data: Any) -> Iterator[str]:
    if isinstance(data, list):
        for item in data:
            yield from _walk(item)
    if not isinstance(data, dict):
        return
    if data.get("channel") == "file":
        yield f"writes to the path {data.get('path')}"
    if data.get("allow_private"):
        yield f"asks the private address {data.get('url') or data.get('host') or '(a secret one)'}"
    for name, value in data.items():
        if name in _SECRETS and isinstance(value, str):
            yield f"reads the {'file' if name.endswith('file') else 'variable'} {value}"
        else:
            yield from _walk(value)
