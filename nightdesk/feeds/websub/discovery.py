"""Which hubs tell of a feed, and by which name they know it: from headers and document.  Pure.

Headers come before the document, as the specification has it (section 4).  A feed that names hubs and not
itself is known by the address that it was fetched from: many do, and a hub that knows it otherwise says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin, urlsplit

from nightdesk.feeds.websub.links import read_links

MOST_HUBS = 3
_LONGEST_URL = 2_000


@dataclass(frozen=True)
class Hubs:
    """`hubs` are addresses in the feed's order, at most three; `topic` is what it is called there."""

    hubs: tuple[str, ...] = ()
    topic: str = ""

    def __bool__(self) -> bool:
        return bool(self.hubs)


def find_hubs(
    headers: Mapping[str, str], hubs: Iterable[str], self_url: str | None, *, url: str
) -> Hubs:
    """Return the hubs of a document fetched from `url`, empty where it names none.

    `headers` are the answer's (small letters); `hubs` and `self_url` are what the document itself says.
    """
    linked = list(read_links(headers.get("link", "")))
    named = [target for target, relations in linked if "hub" in relations]
    own = next((target for target, relations in linked if "self" in relations), None)
    found: dict[str, None] = {}
    for one in named or hubs:
        address = _absolute(url, one)
        if address is not None:
            found.setdefault(address)
    if not found:
        return Hubs()
    topic = _absolute(url, own or self_url or url) or url
    return Hubs(tuple(found)[:MOST_HUBS], topic)


def _absolute(base: str, link: str) -> str | None:
    """Return a web address without its fragment, None for anything else."""
    try:
        address = urldefrag(urljoin(base, link.strip())).url
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    proper = parts.scheme in {"http", "https"} and parts.hostname and address.isprintable()
    return address if proper and len(address) <= _LONGEST_URL and " " not in address else None
