"""Moments as people write them on a command line: a date, a time, or how long ago."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import typer

FORMS = "write 2026-03-01, 2026-03-01T18:00, or how long ago: 36h, 7d, 12w"


def moment(text: str | None, option: str, *, now: datetime, end: bool = False) -> datetime | None:
    """Return the moment that `text` means, in UTC; None for None.

    A time without a zone is UTC.  A date alone is its first moment, or with `end` its last, since who
    says "until the 5th" means the 5th too.  Raises typer.BadParameter, which names `option`.
    """
    from schemas.base import parse_duration

    if text is None:
        return None
    wanted = text.strip()
    try:
        if wanted[-1:].isalpha() and wanted[:1].isdigit() and "-" not in wanted:
            ago = parse_duration(wanted)
            assert isinstance(ago, timedelta)
            return now - ago
        found = datetime.fromisoformat(wanted)
        found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        whole_day = len(wanted) <= len("2026-03-01") and end
        return found + timedelta(days=1) if whole_day else found
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"{text!r} is no moment; {FORMS}", param_hint=f"--{option}"
        ) from None


def length(text: str | None, option: str) -> timedelta | None:
    """Return the length of time that `text` means (`90s`, `2h`, `7d`); None for None.

    Raises typer.BadParameter, which names `option`.
    """
    from schemas.base import parse_duration

    if text is None:
        return None
    try:
        found = parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=f"--{option}") from None
    assert isinstance(found, timedelta)
    return found


def check_span(since: datetime | None, until: datetime | None) -> None:
    """Raise typer.BadParameter where the span holds no moment."""
    if since and until and since >= until:
        raise typer.BadParameter(
            f"ends at {until:%Y-%m-%d %H:%M}, before --since {since:%Y-%m-%d %H:%M} (UTC)",
            param_hint="--until",
        )
