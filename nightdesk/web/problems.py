"""Problems: how the API says no (RFC 9457), with a hint as every error of ours has one.

Nothing of what was sent is repeated, save names of fields and ids, and no trace of ours is shown.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from nightdesk.archive.errors import ArchiveConflict
from nightdesk.delivery.wording import one_line
from nightdesk.errors import ArchiveError, NightdeskError

MEDIA_TYPE = "application/problem+json"
_URN = "urn:nightdesk:problem:"


class Problem(NightdeskError):
    """Something that the API refuses: `kind` is its name for programs, `more` what else stands in it."""

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        *,
        hint: str = "",
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status, self.kind = status, kind
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    def response(self) -> Response:
        """Return the answer that tells of it."""
        body = {
            "type": _URN + self.kind,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": one_line(self.message, 1_000),
            "hint": one_line(self.hint, 1_000),
            **self.more,
        }
        text = json.dumps(body, ensure_ascii=True, allow_nan=False)
        return Response(text, self.status, headers=self.headers, media_type=MEDIA_TYPE)


def limited(seconds: float) -> Problem:
    """Say that somebody asks too often, and when to ask again."""
    after = max(1, math.ceil(seconds))
    return Problem(
        429,
        "too-many-requests",
        "more requests than this caller may make",
        hint=f"ask again in {after} s",
        headers={"Retry-After": str(after)},
    )


def not_found(what: str, name: str, hint: str = "") -> Problem:
    """Say that there is no such thing."""
    return Problem(404, "not-found", f"there is no {what} {name[:200]!a}", hint=hint)


def invalid(message: str, problems: Sequence[Mapping[str, Any]] = (), *, hint: str = "") -> Problem:
    """Say that what was sent makes no sense, with each problem that was found in it."""
    more = {"problems": list(problems)} if problems else {}
    return Problem(422, "invalid", message, hint=hint, more=more)


def of_archive(error: ArchiveError) -> Problem:
    """Say why the archive gives no answer: that somebody else was quicker, or what keeps it."""
    if isinstance(error, ArchiveConflict):
        return Problem(
            409, "conflict", error.message, hint=error.hint or "look at it again, then try again"
        )
    # A stored document that is broken quotes itself in its hint: that is for the log.
    hint = "try again later; /readyz tells more" if error.transient else "the log tells more"
    headers = {"Retry-After": "5"} if error.transient else {}
    return Problem(503, "archive", "the archive gives no answer now", hint=hint, headers=headers)


def fault() -> Problem:
    """Say that something broke here, and nothing else about it."""
    return Problem(
        500, "fault", "this is a fault of Nightdesk", hint="the log tells more: please report it"
    )
