"""Repair of characters: mojibake, invisible controls, odd spaces, one Unicode form.

Comes in: text without markup.  Goes out: the same text, legible.  ftfy is kept for what looks broken
only: on 3 KB it takes 1 ms, as long as all other steps of normalising together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from nightdesk.text.marks import with_few_marks

# What UTF-8 looks like when read in a one-byte charset starts with one of these, followed by a
# character from the upper half of that charset.
_SUSPECT = re.compile(
    "[\u00c2-\u00f4\u0102\u0103\u010e\u010f\u0413\u0420\u0421\u0432\u043f\u03a0\u0393]"
    "[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u2013-\u2026\u2030\u2039\u203a\u20ac\u2116\u2122\u0402-\u040f\u0451-\u045f\u0490\u0491\u02c7\u02d8-\u02dd]"
)
# Controls and formats that show nothing: C0 and C1, soft hyphen, zero widths (but not the joiners
# where a script needs them), bidirectional marks, embeddings and isolates, tags, the byte order mark.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]|[\ud800-\udfff\ufffe\uffff]"
)
_JOINERS = re.compile(
    "(?<![\u0600-\u0dff\ufb50-\ufefc\u2600-\u27bf\U0001f000-\U0001faff\ufe0f])[\u200c\u200d]"
)
_BREAKS = re.compile("\r\n?|[\u000b\u000c\u0085\u2028\u2029]")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")


def repair(text: str) -> str:
    """Return `text` with legible characters only, lines parted by \\n, in NFC."""
    if text.isascii() and text.isprintable():
        return text
    text = _BREAKS.sub("\n", text)
    if _SUSPECT.search(text):
        text = _fix_mojibake(text)
    text = with_few_marks(_JOINERS.sub("", _SPACES.sub(" ", _INVISIBLE.sub("", text))))
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _fix_mojibake(text: str) -> str:
    """Repair line by line: one broken quotation must not vouch for the whole text, nor spoil it."""
    fixed = _line_fixer()
    return "\n".join(fixed(line) if _SUSPECT.search(line) else line for line in text.split("\n"))


@cache
def _line_fixer() -> Callable[[str], str]:
    """Import ftfy with the first suspect: 3 MB that a desk of plain English does without."""
    from ftfy import TextFixerConfig, fix_encoding
    from ftfy.badness import is_bad

    config = TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=True,
        remove_control_chars=False,
        normalization=None,
    )
    return lambda line: fix_encoding(line, config) if is_bad(line) else line
