"""JSON, read leniently: with comments, commas too many, backslashes that escape nothing, words after its end.

Comes in: a body in UTF-8.  Goes out: what it holds, and what had to be mended.  A document that breaks off,
or is no JSON somewhere, gives what stands before that place, and of a list of items those behind it too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from nightdesk.feeds.charset import BLANKS
from nightdesk.feeds.parsed import MOST_ENTRIES

_LONGEST_NUMBER = 300
_MOST_OBJECTS = 200_000
"""Beyond which a document is read item by item, since all at once would take hundreds of megabytes."""

_MOST_FAULTS = 100
_MOST_PIECES, _MOST_MENDED = 1_000_000, 200_000
_LONGEST_MENDED = 2_000_000
_BETWEEN = re.compile(r"[\s,]*")
_COLON = re.compile(r"\s*:\s*")
_NEXT = re.compile(r"\}\s{0,100},\s{0,100}(?=\{)")
_CALL_ENDS = re.compile(r"[\s);]*\Z")
_OF_ITEMS = frozenset({"id", "content_text", "content_html"})
_STRING = r'"(?:[^"\\]|\\.)*(?:"|\Z)'
_COMMENTS = re.compile(rf"{_STRING}|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_COMMAS = re.compile(rf"{_STRING}|,(?=\s{{0,1000}}[,\]}}])", re.DOTALL)
_ESCAPED = re.compile(r'\\(?:["\\/bfnrt]|u[\da-fA-F]{4}|(.)|\Z)', re.DOTALL)


def read_json(body: bytes) -> tuple[object, str]:
    """Return what `body` holds, None where that is nothing, and words for what was mended."""
    text = body.lstrip(BLANKS).decode("utf-8", "replace")
    if text.count("{") > _MOST_OBJECTS and (members := dict(_members(text))):
        return members, ""
    try:
        found, end = _DECODER.raw_decode(text)
        if _CALL_ENDS.match(text, end):
            return found, ""
        return found, f"mended: JSON, and {len(text) - end:,} characters more"
    except (ValueError, RecursionError) as error:
        note = f"mended: {type(error).__name__}: {error}"[:300]
    if len(text) > _LONGEST_MENDED:
        return dict(_members(text)), note
    mended = _without(_COMMAS, _without(_COMMENTS, text))
    try:
        return _DECODER.raw_decode(mended)[0], note
    except (ValueError, RecursionError):
        # Behind a string that is broken what is mended may be worse than what is not.
        return max(dict(_members(text)), dict(_members(mended)), key=_items), note


def _items(found: dict[str, Any]) -> int:
    items = found.get("items")
    return len(items) if isinstance(items, list) else 0


def _without(pattern: re.Pattern[str], text: str) -> str:
    """Return `text` without what `pattern` finds outside of strings, and with these escaped as they should
    be; within bounds, for not every text that looks like JSON is worth it."""
    pieces, done = list[str](), 0
    for number, found in enumerate(pattern.finditer(text)):
        if number >= _MOST_PIECES or len(pieces) >= _MOST_MENDED:
            break
        is_string = text[found.start()] == '"'
        if is_string and text.find("\\", *found.span()) < 0:
            continue
        pieces += text[done : found.start()], _ESCAPED.sub(_escape, found[0]) if is_string else ""
        done = found.end()
    return "".join((*pieces, text[done:]))


def _escape(found: re.Match[str]) -> str:
    return found[0] if found[1] is None else found[1]


def _members(text: str) -> Iterator[tuple[str, Any]]:
    """Yield the members of the object that `text` begins as, up to where it is broken; of a list that is
    broken what stands before."""
    at, whole = 1, text.startswith("{")
    while whole:
        try:
            name, at = _DECODER.raw_decode(text, _after(_BETWEEN, text, at))
            at = _after(_COLON, text, at)
            if text.startswith("[", at):
                value, at, whole = _elements(text, at + 1)
            else:
                value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        if isinstance(name, str):
            yield name, value


def _elements(text: str, at: int) -> tuple[list[Any], int, bool]:
    """Return the elements of a list from `at` on, where it ends, and whether it does."""
    found: list[Any] = []
    faults, is_lost = 0, False
    while True:
        at = _after(_BETWEEN, text, at)
        if text.startswith("]", at) and not is_lost:
            return found, at + 1, True
        try:
            element, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            is_lost, faults, end = True, faults + 1, at
        else:
            # Behind a fault an object may be one within another: items are known by what they hold.
            is_lost = is_lost and not (isinstance(element, dict) and element.keys() & _OF_ITEMS)
            if not is_lost:
                # What is beyond the bound is counted alone.
                found.append(element if len(found) < MOST_ENTRIES else None)
        at = end
        if is_lost:
            following = _NEXT.search(text, at) if faults <= _MOST_FAULTS else None
            if following is None:
                return found, at, False
            at = following.end()


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _number(digits: str) -> int | str:
    """Numbers of thousands of digits, which Python does not read, are ids of somebody's."""
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


_DECODER = json.JSONDecoder(strict=False, parse_int=_number)
