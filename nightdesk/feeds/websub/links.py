"""The `Link` header (RFC 8288), read leniently and within bounds.  Pure.

Comes in: a header's value, several of them joined by commas.  Goes out: each target with its relations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LONGEST_HEADER = 16_000
_MOST_LINKS = 50
_TARGET = re.compile(r"[\s,]*<([^<>]{0,4000})>")
_PARAMETER = re.compile(
    r"\s*;\s*([!#$%&'*+.^_`|~\w-]{1,60})\s*(?:=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;,\"]*)))?"
)
_TO_NEXT = re.compile(r"[\s,]*[^,]*")


def read_links(header: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield (target, relations in small letters) of at most 50 links, in their order.

    What is no link is skipped up to the next comma.  A link with an `anchor` speaks of something else
    than the document, and has no relations here.
    """
    text, at, found = header[:_LONGEST_HEADER], 0, 0
    while at < len(text) and found < _MOST_LINKS:
        target = _TARGET.match(text, at)
        if target is None:
            skipped = _TO_NEXT.match(text, at)
            at = (skipped.end() if skipped else at) + 1
            continue
        at = target.end()
        parameters: dict[str, str] = {}
        while (one := _PARAMETER.match(text, at)) is not None:
            at = one.end()
            # The first `rel` counts (RFC 8288, 3.3).
            quoted, bare = one[2], one[3]
            value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare or ""
            parameters.setdefault(one[1].lower(), value)
        found += 1
        elsewhere = "anchor" in parameters
        relations = [] if elsewhere else parameters.get("rel", "").lower().split()
        yield target[1].strip(), frozenset(relations)
