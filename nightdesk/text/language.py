"""Language: ISO 639-1 of a text, or `und` where it cannot be told.

Comes in: text without markup, and the language that feed or entry declare.  Goes out: what the words
say where they say it clearly, else what was declared.  Script settles what script can settle; the rest
is py3langid's naive Bayes over bytes (BSD), on a bounded beginning of the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

UNKNOWN = "und"
_LOOKED_AT = 250
_FEW_LETTERS = 12
_SHORT = 120
_SURE_SHORT = 0.90
_SURE_LONG = 0.50
_NOISE = re.compile(r"https?://\S+|[@#]\w+|[\d_]+")
_ISO_639_1 = {"iw": "he", "in": "id", "ji": "yi", "nb": "no", "nn": "no", "cmn": "zh", "prs": "fa"}
_THREE_TO_TWO = {
    "eng": "en", "fra": "fr", "fre": "fr", "deu": "de", "ger": "de", "spa": "es", "rus": "ru", "ara": "ar",
    "zho": "zh", "chi": "zh", "por": "pt", "ita": "it", "ukr": "uk", "tur": "tr", "fas": "fa", "per": "fa",
    "heb": "he", "pol": "pl", "nld": "nl", "dut": "nl", "jpn": "ja", "kor": "ko", "swe": "sv", "nor": "no",
}  # fmt: skip


def detect(text: str, declared: str | None = None) -> str:
    """Return the language of `text` as ISO 639-1, or `und`.

    A short text follows its words only against nothing declared or with high confidence (0.9); a long
    one (120 letters and more) with 0.5.  Otherwise the declared language stands.
    """
    claim = plain_code(declared)
    beginning = _NOISE.sub(" ", text[: _LOOKED_AT * 2])[:_LOOKED_AT]
    letters = sum(map(str.isalpha, beginning))
    if letters < _FEW_LETTERS and not _dense_script(beginning):
        return claim or UNKNOWN
    found, confidence = _identifier().classify(beginning)
    if found == claim:
        return str(found)
    needed = _SURE_LONG if letters >= _SHORT else _SURE_SHORT
    if claim is None:
        needed -= 0.25
    return str(found) if confidence >= needed else claim or UNKNOWN


def plain_code(tag: str | None) -> str | None:
    """Return the ISO 639-1 code of a language tag (`en-GB`, `iw`, `eng`), or None where it has none."""
    if not tag:
        return None
    primary = tag.strip().replace("_", "-").split("-")[0].lower()
    primary = _THREE_TO_TWO.get(primary, _ISO_639_1.get(primary, primary))
    is_code = len(primary) == 2 and primary.isascii() and primary.isalpha()
    return primary if is_code and primary not in {"un", "xx", "zx"} else None


def _dense_script(text: str) -> bool:
    """Tell whether a few characters already say much: Chinese, Japanese and Korean."""
    dense = sum(
        unicodedata.name(char, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL"))
        for char in text[:_FEW_LETTERS]
        if char.isalpha()
    )
    return dense >= 4


@lru_cache(maxsize=1)
def _identifier() -> Any:
    """Load the model when the first text comes: a process that sees none does without it."""
    from nightdesk.text.language_model import load_identifier

    return load_identifier()
