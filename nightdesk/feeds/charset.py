"""Charsets: what a feed's bytes really are, whatever its server and its prologue say.

Comes in: a body and its Content-Type.  Goes out: UTF-8 and the name of the charset found, or the body
untouched where there is nothing to repair.  What decodes as UTF-8 with non-ASCII characters in it is
UTF-8; what its declared charset cannot decode, or makes no words of, is guessed (`nightdesk.feeds.guessing`).
"""

from __future__ import annotations

import codecs
import re

from nightdesk.feeds import guessing
from nightdesk.text.surrogates import without_surrogates

BLANKS = b"\xef\xbb\xbf \t\r\n"
"""What may stand before a document: the mark of UTF-8, and white space."""

_SAMPLE = 32_000
_DECLARED = re.compile(rb"""^\s{0,100}<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_HTTP = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = ("utf-16", "utf-32")
# Which of the four bytes of a group are zero throughout, where a document begins with letters of Latin.
_BY_ZEROS = (
    ((False, True, True, True), "utf-32-le"),
    ((True, True, True, False), "utf-32-be"),
    ((False, True, False, True), "utf-16-le"),
    ((True, False, True, False), "utf-16-be"),
)
# What only the charsets of seven bits write of Japanese (RFC 1468), Korean (RFC 1557), Chinese (RFC 1843).
_ESCAPES = re.compile(rb"\x1b\$(?:[@B]|\)C)")
_TILDES = re.compile(rb"~\{(?:[!-w][!-~]){2,}~\}")
_EVERY_SIGN = bytes(range(32, 127))
_HIGH = re.compile(rb"[\x80-\xff]")
_FOREIGN = re.compile(rb"[^<>\n]{0,40}[\x80-\xff][^<>\n]{0,400}")
_VALID = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
# What may name a half (U+D800 to U+DFFF), and some syllables of Hangul beside it.
_REFERENCE = re.compile(rb"&#(?:0{0,9}(5[567]\d{3})|[xX]0{0,9}([dD][89a-fA-F][\da-fA-F]{2}));")
_REFERENCES = re.compile(rb"(?:&#(?:0{0,9}5[567]\d{3}|[xX]0{0,9}[dD][89a-fA-F][\da-fA-F]{2});)+")
# Browsers read these names so, and publishers mean it so (WHATWG Encoding Standard).
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "koi8-r": "koi8_u",
    "mac-cyrillic": "mac_cyrillic",
    "mac-roman": "mac_roman",
    "tis-620": "cp874",
}
_UNTHINKING = "cp1252"
"""What servers say of all that they send, and programs of all that they write."""

# What Python does not know by these names.
_LABELS = {
    "windows-874": "cp874",
    "dos-874": "cp874",
    "iso-8859-8-i": "cp1255",
    "iso-8859-8-e": "cp1255",
    "sjis": "cp932",
    "x-windows-949": "cp949",
    "unicode-1-1-utf-8": "utf-8",
}


def to_utf8(body: bytes, content_type: str | None) -> tuple[bytes, str | None]:
    """Return `body` as UTF-8 and the charset it was in; or as it is, and None, where it is to be left.

    Left alone is ASCII that says to be in a charset where it means something else, as UTF-7.
    """
    wide = _wide(body)
    if wide:
        text = body.decode(wide, "replace").lstrip("\ufeff")
        return text.encode("utf-8", "replace"), wide
    if not _HIGH.search(body):
        return _of_seven_bits(body, content_type)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return body, "utf-8"
    claims = _claims(body, content_type)
    found = next((name for name in claims if _decodes(body, name)), None)
    if found in {None, _UNTHINKING} and _mostly_utf8(body):
        return _patched(body), "utf-8"
    if found is None:
        found = guessing.guess(body)
    elif found == _UNTHINKING:
        others = [name for name in claims if name != found and _decodes(body, name)]
        found = guessing.contradicted(body, found, others) or found
    return body.decode(found, "replace").encode(), found


def _decodes(body: bytes, name: str) -> bool:
    try:
        body.decode(name)
    except (UnicodeError, LookupError):
        return False
    return True


def _of_seven_bits(body: bytes, content_type: str | None) -> tuple[bytes, str | None]:
    if found := _ESCAPES.search(body):
        name = "iso2022_kr" if found[0].endswith(b"C") else "iso2022_jp"
        return body.decode(name, "replace").encode(), name
    if _TILDES.search(body) and _decodes(body, "hz"):
        return body.decode("hz").encode(), "hz"
    said = _named(body, content_type)
    says_wide = any(name.startswith(_WIDE) for name in said)
    return body, "utf-8" if says_wide or all(map(_is_ascii_too, said)) else None


def _is_ascii_too(name: str) -> bool:
    return _EVERY_SIGN.decode(name, "replace") == _EVERY_SIGN.decode("ascii")


def _wide(body: bytes) -> str | None:
    """Return which of UTF-16 and UTF-32 `body` is in, by its mark or else by where its first bytes are zero,
    for documents begin with markup; None for neither."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return name
    head = body[:16]
    if len(head) < 16:
        return None
    zeros = tuple(not any(head[place::4]) for place in range(4))
    return next((name for where, name in _BY_ZEROS if where == zeros), None)


def with_whole_characters(text: bytes) -> bytes:
    """Return `text` (ASCII or UTF-8) without references to halves of characters, which XML forbids.

    Software that thinks in UTF-16 writes a character beyond it as two references: they become the one
    that is meant, and a lone half becomes U+FFFD.
    """
    return _REFERENCES.sub(_whole, text)


def _whole(found: re.Match[bytes]) -> bytes:
    codes = [
        int(decimal) if decimal else int(digits, 16)
        for decimal, digits in _REFERENCE.findall(found[0])
    ]
    whole = without_surrogates("".join(map(chr, codes)))
    return "".join(f"&#{ord(char)};" for char in whole).encode()


def _claims(body: bytes, content_type: str | None) -> list[str]:
    """Return the charsets that server and prologue name, as what is meant by them, each once."""
    meant = dict.fromkeys(_MEANT.get(name, name) for name in _named(body, content_type))
    return [name for name in meant if not name.startswith((*_WIDE, "utf-7", "utf-8"))]


def _named(body: bytes, content_type: str | None) -> list[str]:
    """Return the charsets that server and prologue name, by their codecs."""
    found = _HTTP.search(content_type or "")
    declared = _DECLARED.match(body[:400])
    names = ([found[1]] if found else []) + ([declared[1].decode("ascii")] if declared else [])
    known: list[str] = []
    for name in names:
        codec = _codec(name.lower())
        if codec is not None and getattr(codec, "_is_text_encoding", True):
            known.append(codec.name)
    return known


def _codec(label: str) -> codecs.CodecInfo | None:
    bare = label.removeprefix("x-").replace("win-", "windows-")
    for name in (label, _LABELS.get(label), _LABELS.get(bare), bare):
        try:
            if name:
                return codecs.lookup(name)
        except LookupError:
            continue
    return None


def _mostly_utf8(body: bytes) -> bool:
    """Tell whether there is so much UTF-8 as no other charset looks like: the rest is cut characters, or
    comes from elsewhere."""
    sample = body[: 20 * _SAMPLE]
    valid = len(_VALID.findall(sample))
    bad = len(_HIGH.findall(_VALID.sub(b"", sample)))
    # Two letters of Thai, or of others in charsets of one byte, are often one character of UTF-8.
    return valid > bad or (2 * valid > bad and not guessing.of_one_byte(body)[1])


def _patched(body: bytes) -> bytes:
    """Decode as UTF-8, and what is not UTF-8 as Windows-1252, or as what makes it more legible."""
    foreign = b"\n".join(_FOREIGN.findall(_VALID.sub(b"", body[: 20 * _SAMPLE])))
    name = guessing.better(foreign, "cp1252")
    parts, position = list[str](), 0
    for found in _VALID.finditer(body):
        parts.append(body[position : found.start()].decode(name, "replace"))
        parts.append(found[0].decode("utf-8", "replace"))
        position = found.end()
    parts.append(body[position:].decode(name, "replace"))
    return "".join(parts).encode("utf-8", "replace")
