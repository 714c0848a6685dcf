"""What all contracts share: the frozen strict base model, times, durations and identifiers.

Comes in: JSON from a topic, or a definition that a user wrote.  Goes out: an immutable model, or one
`pydantic.ValidationError` that names every field at fault.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(?:\d+[smhdw])+")
_PART = re.compile(r"(\d+)([smhdw])")
_LONGEST = timedelta(days=36_500)


class Contract(BaseModel):
    """Base of every model: frozen, strict, closed, and with plain JSON as its only wire form."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        ser_json_inf_nan="strings",
        allow_inf_nan=False,
        hide_input_in_errors=True,
        # Texts and ids do not come again: to remember the short ones of all messages takes 3 MB.
        cache_strings="keys",
    )

    def to_bytes(self) -> bytes:
        """Return the model as UTF-8 JSON, the form in which it travels on a topic."""
        return self.model_dump_json().encode()


class Arrival(StrEnum):
    """How a report came to us.  Only `live` reports may page anybody."""

    LIVE = "live"
    FIRST_FETCH = "first_fetch"
    BACKFILL = "backfill"
    REPLAY = "replay"


def parse_duration(text: object) -> object:
    """Turn `"90s"`, `"15m"`, `"1h30m"`, `"2d"` or `"1w"` into a timedelta; pass others on.

    Raises ValueError, with a hint, for a string in no such form.
    """
    if not isinstance(text, str):
        return text
    if not _DURATION.fullmatch(text):
        raise ValueError(
            f"not a duration: {text!r}; write a number and a unit, like 90s, 15m, 2h or 7d"
        )
    seconds = sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    if seconds > _LONGEST.total_seconds():
        raise ValueError(f"longer than 100 years: {text!r}")
    return timedelta(seconds=seconds)


def format_duration(value: timedelta) -> str:
    """Return the shortest form that `parse_duration` reads back: `5400 s` becomes `1h30m`."""
    rest, parts = round(value.total_seconds()), []
    for unit in ("d", "h", "m", "s"):
        number, rest = divmod(rest, _UNITS[unit])
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts) or "0s"


def _to_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC this lies outside of the years 1 to 9999") from None


def _is_http(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"not a URL: {error}") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("not a web address: write a full http:// or https:// URL")
    return url


HttpUrl = Annotated[str, AfterValidator(_is_http)]
"""The address of something on the web, kept as it was written."""

UtcDatetime = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""A moment with a zone, kept in UTC.  A time without a zone is refused."""

Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^([0-9]+[smhdw])+$", "examples": ["15m", "2d"]}),
]
"""A length of time, written `90s`, `15m`, `2h`, `7d`."""

Identifier = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$", min_length=1, max_length=100)
]
"""The name of a definition: small letters, digits, dot, dash and underscore, at most 100 characters."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Text that says something: not empty once trimmed."""

Probability = Annotated[float, Field(ge=0.0, le=1.0)]


def validation_hints(error: Any) -> list[tuple[tuple[str | int, ...], str]]:
    """Flatten a `pydantic.ValidationError` into (location, message) pairs, in document order."""
    return [
        (tuple(item["loc"]), str(item["msg"]).removeprefix("Value error, "))
        for item in error.errors()
    ]
