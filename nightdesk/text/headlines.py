"""Headlines: their words, however they are written, and without the name of who publishes them.

Comes in: titles of entries.  Goes out: words to compare by, or the title as its publisher has it.
"""

from __future__ import annotations

import re

from nightdesk.text.identity import raw_words

_LONGEST_TITLE = 500
_BEFORE_OUTLET = re.compile(r"\s[-|\u2010-\u2015]\s+")
_MOST_PARTS = 20


def folded(title: str | None) -> str:
    """Return the words of a title, parted by a space: case, punctuation, quotes, markup and the spelling of
    characters do not count."""
    return raw_words((title or "")[:_LONGEST_TITLE])


def without_outlet(title: str, outlet: str) -> str:
    """Return `title` without the outlet's name where it ends in one, behind a dash or a bar."""
    name, short = folded(outlet), title[:_LONGEST_TITLE].strip()
    if not name:
        return short
    for number, found in enumerate(_BEFORE_OUTLET.finditer(short)):
        if number >= _MOST_PARTS:
            break
        if folded(short[found.end() :]) == name:
            return short[: found.start()].rstrip()
    return short
