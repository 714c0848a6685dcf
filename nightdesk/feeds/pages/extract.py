"""The article on a page, as paragraphs of plain text.  CPU work: run it in a worker thread.

Comes in: the body of a page and its Content-Type.  Goes out: paragraphs parted by a blank line.  Nothing
of a page is executed, and nothing but text is kept.  trafilatura is imported on first use, for it takes
25 MB; it is given bounded markup (`nightdesk.feeds.pages.markup`), with which no shape tried takes it
longer than 3.3 s.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from nightdesk.feeds.pages.errors import PageRefused
from nightdesk.feeds.pages.markup import readable_markup
from nightdesk.feeds.pages.outcome import PageOutcome
from nightdesk.text.normalise import LONGEST_TEXT
from nightdesk.text.surrogates import without_surrogates

_OPTIONS: dict[str, Any] = {
    "include_comments": False,
    "include_tables": False,
    "include_formatting": False,
    "with_metadata": False,
    "output_format": "txt",
}
_MOST_TAGS_TO_COMPARE = 6_000
"""Larger pages are read without jusText, which trafilatura compares its own finding with: it costs the square
of the number of paragraphs, 20 s for 15,000 of one letter."""

_TAG_START = re.compile(r"<(?=[a-zA-Z/!?])")


def extract(body: bytes, content_type: str | None) -> str:
    """Return the article's text, at most `LONGEST_TEXT` characters; empty where the page has none.

    Raises PageRefused for what is no HTML, or HTML that nobody can read.
    """
    try:
        markup = readable_markup(body, content_type)
    except ValueError as error:
        raise PageRefused(PageOutcome.NOT_READABLE, str(error)) from None
    # Its complaints about pages are the pages' faults, and each would be a line of the log.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    import trafilatura
    from trafilatura.utils import line_processing, trim

    try:
        fast = markup.count("<") > _MOST_TAGS_TO_COMPARE
        found = trafilatura.extract(markup, fast=fast, **_OPTIONS) or ""
    except Exception as error:
        why = f"reading it failed: {type(error).__name__}"
        raise PageRefused(PageOutcome.NOT_READABLE, why) from error
    finally:
        # Its memos hold a thousand lines, of any length.
        line_processing.cache_clear()
        trim.cache_clear()
    lines = (" ".join(line.split()) for line in without_surrogates(found).splitlines())
    return "\n\n".join(line for line in lines if line)[:LONGEST_TEXT].rstrip()


def as_content(text: str) -> str:
    """Return plain text as the content of a report, which may be HTML: nothing in it is a tag."""
    return _TAG_START.sub("< ", text)
