"""Is something a text that anybody could read?  Binary files, encoded data, lost letters and code are none.

Comes in: what somebody pasted.  Goes out: why it is no text.  Only its beginning is looked at.
"""

from __future__ import annotations

import re
import unicodedata

_LOOKED_AT = 20_000
_ODD = 0.01
_WORDLIKE = 0.5
_ENCODED = re.compile(r"[A-Za-z0-9+/=_-]{60,}")
_ODD_CATEGORIES = frozenset({"Cc", "Co", "Cn", "Cs"})
_REPLACEMENT = "\ufffd"

_SIGNS = re.compile(r"[{}\[\]<>=_\\|`]|(?<=[A-Za-z0-9_])\(")
"""Signs of code that hardly any sentence has; of brackets those that open right behind a word."""

_ALSO_SIGNS = frozenset('{}[]<>=_\\|`;:"()')
_SURELY, _MIXED, _BRIEF = (0.05, 0.0), (0.01, 0.075), (0.07, 0.15)
"""Shares of the former and of all these signs from which on a text is code or data; the last are of a brief
one.  Of 24,651 reports in English, Spanish and French, and of their fields, none has as much; of files of
Python, C and JSON nine in ten."""

_ADDRESS = re.compile(r"https?://\S+")

_FEW = 100
_LEAST = 40
"""Characters of a text in which shares tell something."""

_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LETTERS_OF_DENSE = 3
"""A character of Chinese, Japanese and Korean says as much as so many letters."""


def not_text(text: str) -> str | None:
    """Return why `text` is no text that anybody could read, or None."""
    text = text[:_LOOKED_AT]
    full = sum(not char.isspace() for char in text)
    odd = sum(unicodedata.category(c) in _ODD_CATEGORIES and c not in "\n\t\r" for c in text)
    if odd > 2 and odd > _ODD * len(text):
        return "holds characters that no text has: it looks like a binary file"
    if text.count(_REPLACEMENT) > max(2, _ODD * len(text)):
        return "was damaged by a wrong encoding: many of its letters are lost"
    encoded = sum(len(run) for run in _ENCODED.findall(text))
    if encoded > _WORDLIKE * full:
        return "is one long run of letters and digits: it looks like encoded data"
    # Vowel signs of Indian and other scripts are letters to a reader.
    letters = sum(unicodedata.category(char)[0] in "LM" for char in text)
    if full >= 20 and letters < _WORDLIKE * full:
        return "holds more signs and digits than letters: it looks like code or a table"
    if _is_code(_ADDRESS.sub("", text)):
        return "is full of signs such as { } = _ and ( ): it looks like code or data"
    return None


def _is_code(text: str) -> bool:
    """Whether a text is code, or data in some notation."""
    told = sum(not char.isspace() for char in text)
    told += (_LETTERS_OF_DENSE - 1) * len(_DENSE.findall(text))
    if told < _LEAST:
        return False
    surely = len(_SIGNS.findall(text)) / told
    in_all = sum(char in _ALSO_SIGNS for char in text) / told
    bars = [_BRIEF] if told < _FEW else [_SURELY, _MIXED]
    return any(surely >= least and in_all >= least_in_all for least, least_in_all in bars)
