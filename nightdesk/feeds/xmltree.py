"""XML that is no feed (OPML), read element by element by lxml, leniently and without any reach.

Comes in: bytes.  Goes out: elements as they end, each to be taken at once, since it is emptied after.  No
entity is expanded, nothing is fetched or loaded, depth and text are bounded by libxml2, and a document that
breaks off gives what stood before.  Imported late: lxml takes some 10 MB that most workers never need.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from nightdesk.feeds.charset import BLANKS
from nightdesk.feeds.hostile import with_plain_prologue


def elements(text: bytes, charset: str | None, *names: str) -> Iterator[Any]:
    """Yield each element of one of `names`, whatever its namespace, in the order in which they end.

    `text` and `charset` are as `to_utf8` returns them.
    """
    from lxml import etree

    wanted = [f"{{*}}{name}" for name in names]
    found = etree.iterparse(
        io.BytesIO(with_plain_prologue(text.lstrip(BLANKS))),
        events=("end",),
        tag=wanted,
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        encoding="utf-8" if charset is not None else None,
    )
    try:
        for _, element in found:
            yield element
            element.clear()
    except etree.XMLSyntaxError:
        return
