"""A charset that is declared nowhere, or wrongly, told by the text that it makes.

Comes in: a body that is not UTF-8.  Goes out: the name of a codec.  Of the charsets of one byte a character
the one is taken whose text is legible and in the letters of some language; where none is, the bytes are left
to charset-normalizer (imported then, for it takes 3 MB and few feeds need it), which knows those of more
bytes.  Looks at a bounded sample.
"""

from __future__ import annotations

import re

from nightdesk.feeds.alphabets import likeness
from nightdesk.feeds.legible import legibility

_LOOKED_AT, _SAMPLE, _TASTE = 640_000, 32_000, 8_000
_TELLING = re.compile(rb"[^<>\n]{0,400}[\x80-\xff][^<>\n]{0,400}")
_HIGH = re.compile(rb"[\x80-\xff]")
_LANGUAGE = re.compile(
    rb"""<(?:dc:)?language>\s*([a-zA-Z]{2})|(?:xml:)?lang\s*=\s*["']([a-zA-Z]{2})"""
)
# In the order in which they are preferred.
_ONE_BYTE = (
    "cp1252", "cp1251", "cp1250", "cp1254", "koi8_u", "cp1255", "cp1256", "cp1253", "cp874", "cp1257",
    "iso8859_2", "iso8859_5", "iso8859_6", "iso8859_7", "iso8859_13", "iso8859_15", "cp866", "mac_cyrillic",
    "mac_roman", "cp850",
)  # fmt: skip
_MORE_BYTES = ["gb18030", "big5", "cp932", "euc_jp", "cp949"]
# Texts of one line reach .69 and more in their own charset; Chinese, Japanese and Korean .44 at most in any
# of one byte.
_LIKELY = 0.6
_CLEARLY, _HARDLY = 0.1, 0.01
_KNOWN_LANGUAGE = 0.1
_ENOUGH = 12


def guess(body: bytes) -> str:
    """Return the charset that `body` is most likely in."""
    name, is_likely = of_one_byte(body)
    if is_likely:
        return name
    from charset_normalizer import from_bytes

    found = from_bytes(_telling(body), cp_isolation=_MORE_BYTES).best()
    return found.encoding if found is not None else name


def of_one_byte(body: bytes) -> tuple[str, bool]:
    """Return the likeliest charset of one byte a character, and whether `body` really is a text in it."""
    name, score = _best(_telling(body)[:_TASTE], _language(body), _HARDLY)
    return name, score >= _LIKELY


def better(sample: bytes, name: str) -> str:
    """Return `name`, or the charset of one byte a character in which `sample` clearly makes a better text."""
    return _best(sample[:_TASTE], "", _CLEARLY, (name, *_ONE_BYTE))[0]


def contradicted(body: bytes, name: str, others: list[str]) -> str | None:
    """Return which charset `body` is in where it is not `name`, though its server or its prologue says so, as
    many say of all that they send; `others` are also said.  None where it may well be true."""
    language, sample = _language(body), _telling(body)[:_TASTE]
    claimed = _score(sample, name, language)
    for other in others:
        if other not in _ONE_BYTE or _score(sample, other, language) > claimed + _HARDLY:
            return other
    if claimed >= _LIKELY or len(_HIGH.findall(sample)) < _ENOUGH:
        return None
    found = guess(body)
    return found if found not in _ONE_BYTE or _score(sample, found, language) >= _LIKELY else None


def _telling(body: bytes) -> bytes:
    """Return the lines that hold non-ASCII bytes: markup tells nothing and costs time."""
    return b"\n".join(_TELLING.findall(body[:_LOOKED_AT]))[:_SAMPLE]


def _language(body: bytes) -> str:
    found = _LANGUAGE.search(body[:4_000])
    return (found[1] or found[2]).decode("ascii").lower() if found else ""


def _best(
    sample: bytes, language: str, margin: float, names: tuple[str, ...] = _ONE_BYTE
) -> tuple[str, float]:
    """Return the first of `names` that no later one surpasses by more than `margin`, and its score."""
    best, most = names[0], _score(sample, names[0], language)
    for name in names[1:]:
        if (score := _score(sample, name, language)) > most + margin:
            best, most = name, score
    return best, most


def _score(sample: bytes, name: str, language: str) -> float:
    text = sample.decode(name, "replace")
    score = legibility(text) * likeness(text)
    return score + _KNOWN_LANGUAGE * likeness(text, language) if language else score
