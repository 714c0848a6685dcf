"""Conditions: which version a write means (RFC 9110, 13.1).  Pure."""

from __future__ import annotations

import re

from nightdesk.web.problems import Problem

_TAG = re.compile(r'\s*(?:W/)?"[\x21\x23-\x7e]{0,100}"\s*')


def etag(version: int) -> str:
    """Return the ETag of a version."""
    return f'"{version}"'


def must_match(
    if_match: str, if_none_match: str, version: int | None, *, asked: bool = True
) -> None:
    """Raise Problem where `version` (None: there is none) is not the one that a write means.

    With `asked`, a write to what exists has to say which version it means.
    """
    if if_none_match:
        if version is not None and _names(if_none_match, version, weakly=True):
            raise _stale("there is one already", version)
        if not if_match:
            return
    if if_match:
        if version is None:
            raise _stale("there is none (any more)", None)
        if not _names(if_match, version, weakly=False):
            raise _stale("somebody changed it meanwhile", version)
    elif asked and version is not None:
        raise Problem(
            428,
            "condition-required",
            "say which version this is to change",
            hint="send If-Match with the ETag of what you read",
            headers={"ETag": etag(version)},
        )


def _names(header: str, version: int, *, weakly: bool) -> bool:
    if header.strip() == "*":
        return True
    tags = [tag.strip() for tag in header.split(",") if _TAG.fullmatch(tag)]
    if weakly:
        tags = [tag.removeprefix("W/") for tag in tags]
    return etag(version) in tags


def _stale(message: str, version: int | None) -> Problem:
    return Problem(
        412,
        "stale",
        message,
        hint="read it again, and decide anew",
        headers={"ETag": etag(version)} if version is not None else {},
    )
