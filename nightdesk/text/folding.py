"""Folds one raw word, so that spelling does not hide it: case, accents, possessives, plural endings.

Comes in: a raw word as `RAW_WORD` finds it in a text ("U.S.-led", "Assad's", "1,000").  Goes out: its
folded parts, each with its place in the raw word.  Hyphens split a word; Chinese, Japanese and Thai
runs become character pairs; acronyms that would read as common words ("US", "UN", "WHO") stay in
capitals, so that the pronoun "us" is never a country.  Wide and narrow forms count as the usual ones.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

_LONGEST_WORD = 48

_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u0610-\u061a\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08ff\u0900-\u0903\u093a-\u094f"
    "\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u0a3c-\u0a4d\u0a81-\u0acd\u0b3c-\u0bcd\u0c3e-\u0d4d"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
)
# In the order in which joined forms are told; that of ASCII first, as a set of a pattern wants it.
HYPHENS = ("-", "‐", "‑", "–")
# The modifier letters ʼ and ʻ count as letters in Unicode; in words they are apostrophes (Лукʼянівка).
APOSTROPHES = ("'", "’", "ʼ", "ʻ")
_ANY_HYPHEN = "".join(HYPHENS)
RAW_WORD = re.compile(rf"[\w{_MARKS}]+(?:[{_ANY_HYPHEN}.,'’][\w{_MARKS}]+)*")
_PIECE = re.compile(rf"(?:[^\W_ʼʻ]|[{_MARKS}])+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)+")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_INITIALS = re.compile(r"[^\W\d_](?:\.[^\W\d_])+")
_PAIRED = (
    "\u0e01-\u0e4e\u0e80-\u0edf\u1000-\u109f\u1780-\u17d3"
    "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003134f"
)
_RUN = re.compile(rf"[{_PAIRED}]+|[^{_PAIRED}]+")
_HAS_PAIRED = re.compile(rf"[{_PAIRED}]")
_HALF_WIDTH = re.compile("[\uff66-\uff9f]")
_CELL = re.compile("[\uff66-\uff9d][\uff9e\uff9f]?|.", re.DOTALL)
"""One character; of half-width kana with the sign that voices it."""

ACRONYMS = {
    "US": "US",
    "USA": "US",
    "UN": "UN",
    "WHO": "WHO",
    "IS": "IS",
    "IT": "IT",
    "AI": "AI",
    "UAE": "UAE",
}
"""Acronyms told from words by their capitals, with the token that stands for them."""

Part = tuple[str, int, int]


def folded_parts(raw: str) -> list[Part]:
    """Split a raw word into folded parts, each with its place in it.  Never empty."""
    if raw.isascii() and raw.isalpha():
        return [(fold_word(raw), 0, len(raw))]
    if _INITIALS.fullmatch(raw):
        letters = raw.replace(".", "")
        acronym = ACRONYMS.get(letters.upper())
        return [(acronym or fold_word(letters), 0, len(raw))]
    if _NUMBER.fullmatch(raw):
        value = raw.replace(",", "") if _THOUSANDS.fullmatch(raw) else raw
        return [(value[:_LONGEST_WORD], 0, len(raw))]
    initials = _leading_initials(raw)
    if initials:
        head = raw[:initials]
        rest = [(word, a + initials, b + initials) for word, a, b in _pieces(raw[initials:])]
        return [*folded_parts(head), *rest]
    return _pieces(raw) or [("_", 0, len(raw))]


def _leading_initials(raw: str) -> int:
    """Return how long a dotted acronym before a hyphen or possessive is ("U.S-led"), else 0."""
    match = _INITIALS.match(raw)
    if match is None or match.end() == len(raw):
        return 0
    return match.end() if raw[match.end()] in (*HYPHENS, *APOSTROPHES) else 0


def _pieces(raw: str) -> list[Part]:
    found = list(_PIECE.finditer(raw))
    parts: list[Part] = []
    for match in found:
        start, end, piece = match.start(), match.end(), match.group()
        after_apostrophe = start > 0 and raw[start - 1] in APOSTROPHES
        if after_apostrophe and piece in {"s", "S"}:
            continue
        if after_apostrophe and piece in {"t", "T"} and parts and parts[-1][0].endswith("n"):
            word, first, _ = parts.pop()
            parts.append((word + "t", first, end))
            continue
        if piece.isascii() or not _HAS_PAIRED.search(piece):
            parts.append((fold_word(piece), start, end))
        else:
            parts.extend((w, start + a, start + b) for w, a, b in _pairs(piece))
    return parts


def _pairs(piece: str) -> list[Part]:
    """Cut runs of a script without spaces into overlapping pairs of characters."""
    parts: list[Part] = []
    for run in _RUN.finditer(piece):
        text, start = run.group(), run.start()
        if not _HAS_PAIRED.match(text):
            parts.append((fold_word(text), start, run.end()))
        elif _HALF_WIDTH.search(text):
            parts.extend(_narrow_pairs(text, start))
        elif len(text) == 1:
            parts.append((text, start, start + 1))
        else:
            parts.extend((text[i : i + 2], start + i, start + i + 2) for i in range(len(text) - 1))
    return parts


def _narrow_pairs(text: str, start: int) -> list[Part]:
    """Pair a run with half-width kana as if it were written in the usual width."""
    cells = [
        (unicodedata.normalize("NFKC", cell[0]), start + cell.start(), start + cell.end())
        for cell in _CELL.finditer(text)
    ]
    if len(cells) == 1:
        return cells
    return [(one + two, first, last) for (one, first, _), (two, _, last) in pairwise(cells)]


def join(raw: str) -> str:
    """Return the joined form of a word with one hyphen between letters, or between letters and a number
    ("ceasefire", "f16"); an empty string of others."""
    pieces = re.split(f"[{_ANY_HYPHEN}]", raw)
    if len(pieces) != 2 or not pieces[0].isalpha():
        return ""
    if not pieces[1].isdecimal() and not (pieces[1].isalpha() and min(map(len, pieces)) > 1):
        return ""
    if pieces[0] in ACRONYMS or _HAS_PAIRED.search(raw):
        return ""
    return fold_word("".join(pieces))


_ENDINGS_CYRILLIC = re.compile(
    "(?<=...)(?:иями|[аяыи]ми|[ое]го|[ое]му|и(?:еи|ях|ям|ем)|[оеыи][им]|[аяыи]х|[ая]м|[аоюу]ю|[аи]я|[оеыи]е|ью|"
    "ию|[аяыиіуюеоь])$"
)
"""Case endings as they stand once accents are gone: й has become и by then, and Ukrainian ї і."""

_STROKES = str.maketrans(
    {"æ": "ae", "œ": "oe", "þ": "th"} | dict(zip("łøđðħŧı", "loddhti", strict=True))
)
"""Letters that carry a stroke or join two, which Unicode does not take apart as it does accents."""

_PERSIAN = str.maketrans("یک", "يك")
"""Persian letters that Arabic writes by another code; news of both languages has either."""

_ARTICLES_ARABIC = ("وال", "بال", "كال", "فال", "لل", "ال")


def fold_word(word: str) -> str:
    """Fold case, accents and light endings of one word without punctuation.

    English (and other Latin) plurals: Harman's S-stemmer.  Russian: one longest case ending, three
    letters kept.  Arabic: the article with its particles, and letter variants.  Never empty or with
    a space.
    """
    acronym = ACRONYMS.get(word)
    if acronym is not None:
        return acronym
    word = word[:_LONGEST_WORD]
    if word.isascii():
        return _stem_latin(word.lower())
    acronym = ACRONYMS.get(unicodedata.normalize("NFKC", word))
    if acronym is not None:
        return acronym
    plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    plain = "".join(plain.casefold().split()) or word.replace(" ", "_") or "_"
    first = plain[0]
    if "\u0400" <= first <= "\u04ff":
        return _stem_cyrillic(plain)
    if "\u0600" <= first <= "\u06ff":
        return _stem_arabic(plain)
    return _stem_latin(plain.translate(_STROKES))


def _stem_latin(word: str) -> str:
    if len(word) < 4 or word[-1] != "s" or word == "news":
        return word
    if word.endswith("ies") and len(word) > 4 and word[-4] not in "ae":
        return word[:-3] + "y"
    if word[-2] in "us":
        return word
    return word[:-1]


def _stem_cyrillic(word: str) -> str:
    return _ENDINGS_CYRILLIC.sub("", word) or word


def _stem_arabic(word: str) -> str:
    word = word.replace("ـ", "").replace("ى", "ي").replace("ة", "ه").translate(_PERSIAN) or word
    for article in _ARTICLES_ARABIC:
        if word.startswith(article) and len(word) - len(article) >= 3:
            return word[len(article) :]
    return word
