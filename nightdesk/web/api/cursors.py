"""Cursors: where the next page of a list begins, opaque to whoever keeps it.  Pure."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime

from nightdesk.web.problems import Problem, invalid


def pack(*position: str | int | datetime) -> str:
    """Return the cursor of a position."""
    plain = [one.isoformat() if isinstance(one, datetime) else one for one in position]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def unpack_moment(cursor: str | None) -> tuple[datetime, str] | None:
    """Return the moment and the id of a cursor, None for none.  Raises Problem for what is no cursor."""
    if cursor is None:
        return None
    moment, name = _unpack(cursor, 2)
    try:
        found = datetime.fromisoformat(str(moment)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _no() from None
    return found, _text(name)


def unpack_text(cursor: str | None) -> str | None:
    """Return the text of a cursor, None for none.  Raises Problem."""
    return None if cursor is None else _text(_unpack(cursor, 1)[0])


def unpack_number(cursor: str | None) -> int | None:
    """Return the number of a cursor, None for none.  Raises Problem."""
    if cursor is None:
        return None
    [found] = _unpack(cursor, 1)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < 2**62:
        raise _no()
    return found


def _unpack(cursor: str, length: int) -> list[object]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError, binascii.Error):
        raise _no() from None
    if not isinstance(found, list) or len(found) != length:
        raise _no()
    return found


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 400 or "\x00" in value or not _whole(value):
        raise _no()
    return value


def _whole(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _no() -> Problem:
    return invalid("this is no cursor of ours", hint="take `next` from the page before")
