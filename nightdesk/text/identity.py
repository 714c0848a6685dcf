"""Identity: by what two reports are known to be of one article, and what makes an edit an edit.

Comes in: the fields of a report.  Goes out: identity keys, strongest first, and hashes over words that
do not move when only spelling does (space, case, quotes, punctuation, dates, links).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from html import unescape

from nightdesk.text.marks import with_few_marks
from nightdesk.text.urls import leads_to_one_page, url_key

SHARED_PAGE = "part:"
"""Prefix of `Report.entry` where several entries of a feed link to one page, as live blogs and
bulletins do: there the URL tells the page, not the entry, and is no identity."""

_ENOUGH_WORDS = 8
_MARKUP = re.compile(
    r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<[a-zA-Z/!?][^<>]*>", re.IGNORECASE | re.DOTALL
)
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Return the words of `text` folded (NFKC, no case), without links and punctuation.

    An apostrophe or a hyphen parts words, so that all its spellings part them alike.
    """
    # The pattern of links is slow to look through a text that has none.
    if "://" in text or "www." in text.lower():
        text = _LINK.sub(" ", text)
    plain = with_few_marks(text)
    return _WORD.findall(unicodedata.normalize("NFKC", plain).casefold())


def words_hash(*texts: str) -> str:
    """Return 32 hexadecimal digits over the words of `texts`, each text apart."""
    joined = "\x1f".join(" ".join(words(text)) for text in texts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def raw_words(html: str | None) -> str:
    """Return the words of a field that may be HTML, cheaply: for comparing polls, not for reading."""
    return " ".join(words(unescape(unescape(_MARKUP.sub(" ", html))))) if html else ""


def identity_keys(
    *,
    source: str,
    entry: str,
    guid: str | None,
    canonical: str | None,
    content_hash: str,
    text: str,
) -> tuple[str, ...]:
    """Return identity keys in order of strength; never none.

    `url:` the page (http and https are one), `guid:` within the publisher, `content:` within the
    publisher where there is enough text to speak for itself, else `entry:`.
    """
    keys: list[str] = []
    if canonical and leads_to_one_page(canonical) and not entry.startswith(SHARED_PAGE):
        keys.append(f"url:{url_key(canonical)}")
    if guid:
        keys.append(f"guid:{source}:{guid}")
    if len(words(text[:500])) >= _ENOUGH_WORDS:
        keys.append(f"content:{source}:{content_hash}")
    return tuple(keys) or (f"entry:{source}:{entry}",)
