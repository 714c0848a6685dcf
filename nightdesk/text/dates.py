"""Dates as people write them: months by name in some twenty languages, figures in their usual orders.

Comes in: a short text.  Goes out: a moment, or None.  Nothing is guessed: `3/4/2026` is a day in March to
some and in April to others, and names none; words such as "yesterday" would need a clock.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from nightdesk.text.months import MONTHS

_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "mez": 60, "cest": 120,
    "mesz": 120, "eet": 120, "sast": 120, "eest": 180, "msk": 180, "trt": 180, "ast": -240, "adt": -180,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "akst": -540, "akdt": -480, "hst": -600, "art": -180, "brt": -180, "clt": -240, "pkt": 300, "ict": 420,
    "wib": 420, "hkt": 480, "sgt": 480, "awst": 480, "jst": 540, "kst": 540, "acst": 570, "aest": 600,
    "aedt": 660, "nzst": 720, "nzdt": 780,
}  # fmt: skip
"""Zones by their names, in minutes.  Names of several zones (IST) stand for none."""

_WORD = r"([^\W\d_]{2,20})"
_GAP = r"[\s.,/'’-]*"
_JOINT = rf"(?:{_GAP}(?:de|del|of|do|da)(?![^\W\d_]))?{_GAP}"
_DAY = r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|eme|[ºª°])?"
_YEAR = r"((?:19|20)\d\d)(?!\d)"
_BY_NAME = re.compile(rf"{_DAY}{_JOINT}{_WORD}{_JOINT}{_YEAR}")
_NAME_FIRST = re.compile(rf"{_WORD}{_GAP}{_DAY}{_GAP}{_YEAR}")
_YEAR_FIRST = re.compile(rf"(?<!\d){_YEAR}{_GAP}{_WORD}{_GAP}(\d{{1,2}})(?!\d)")
_FIGURES = (
    (
        re.compile(rf"(?<!\d){_YEAR}\s*[-/.年년]\s*(\d{{1,2}})\s*[-/.月월]\s*(\d{{1,2}})(?!\d)"),
        "ymd",
    ),
    (re.compile(rf"(?<!\d)(\d{{1,2}})\s*[.]\s*(\d{{1,2}})\s*[.]\s*{_YEAR}"), "dmy"),
    (re.compile(rf"(?<!\d)(\d{{1,2}})\s+(\d{{1,2}})\s?[月월]\s+{_YEAR}"), "dmy"),
    (re.compile(rf"(?<!\d)(\d{{1,2}})\s+thang\s+(\d{{1,2}})\s*(?:,|nam)?\s*{_YEAR}"), "dmy"),
    (re.compile(rf"(?<!\d)(\d{{1,2}})[/-](\d{{1,2}})[/-]{_YEAR}"), "??y"),
)
_TIME = re.compile(
    r"(?<![\d:+-])(\d{1,2})(?:[:.h時시]|\s*uhr\s*)(\d{2})?(?:[:.分분](\d{2}))?(?![\d])\s*([ap]\.?\s?m)?"
)
_OFFSET = re.compile(r"(?:^|[\s\d)])(?:utc|gmt)?\s?([+-])(\d{1,2}):?(\d{2})?(?!\d)\s*(?:\(|$)")
_ZONE = re.compile(r"[^\W\d_]{1,5}")
_EPOCH = re.compile(r"(?:/Date\()?(1\d{9}|[2-4]\d{9})(\d{3})?(?:\.\d{0,9})?(?:[+-]\d{4})?(?:\)/)?")


def read_date(text: str) -> datetime | None:
    """Return the moment that `text` names, in UTC; None where it names none, or could mean another.

    Without a zone it is taken as UTC, without a time of day as midnight.
    """
    if epoch := _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(epoch[1]), UTC)
    folded = _folded(text)
    for found, year, month, day in _days(folded):
        rest = f"{folded[: found.start()]} {folded[found.end() :]}"
        try:
            hour, minute, second = _time(rest)
            # 24:00 is the end of its day.
            late = timedelta(days=hour == 24)
            moment = datetime(
                year, month, day, 0 if late else hour, minute, second, tzinfo=_zone(rest)
            )
            return (moment + late).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def _days(text: str) -> Iterator[tuple[re.Match[str], int, int, int]]:
    """Yield the days that may be meant, as year, month and day, and where each stands."""
    for pattern, places in (
        (_BY_NAME, (3, 2, 1)),
        (_NAME_FIRST, (3, 1, 2)),
        (_YEAR_FIRST, (1, 2, 3)),
    ):
        for found in pattern.finditer(text):
            year, name, day = (found[place] for place in places)
            if month := _BY_WORD.get(name):
                yield found, int(year), month, int(day)
    for figures, order in _FIGURES:
        if numbers := figures.search(text):
            one, two, three = (int(numbers[place]) for place in (1, 2, 3))
            if order == "ymd":
                yield numbers, one, two, three
            elif order == "dmy" or one > 12 >= two:
                yield numbers, three, two, one
            elif two > 12 >= one:
                yield numbers, three, one, two


def _time(text: str) -> tuple[int, int, int]:
    found = _TIME.search(text)
    if found is None:
        return 0, 0, 0
    hour, minute, second = (int(part or 0) for part in found.group(1, 2, 3))
    if found[4]:
        hour = hour % 12 + (12 if found[4][0] == "p" else 0)
    return hour, minute, second


def _zone(text: str) -> timezone:
    if found := _OFFSET.search(text):
        minutes = 60 * int(found[2]) + int(found[3] or 0)
        return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
    named = (_ZONES[word] for word in _ZONE.findall(text) if word in _ZONES)
    return timezone(timedelta(minutes=next(named, 0)))


def _folded(text: str) -> str:
    """Return `text` in small letters without accents, its figures those of ASCII."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold()).replace("ı", "i").replace("−", "-")
    bare = "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() else char
        for char in plain
        if not unicodedata.combining(char)
    )
    return unicodedata.normalize("NFC", bare)


_BY_WORD = {_folded(word): month for word, month in MONTHS.items()}
