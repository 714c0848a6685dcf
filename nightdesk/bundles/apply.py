"""Applying a plan: the one place where a bundle reaches the archive.

Comes in: a plan, and a write transaction of the caller's.  Goes out: the new version of each
definition that changed.  All of the plan happens, or (the caller's transaction rolls back) nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from nightdesk.archive import definitions
from nightdesk.archive.definitions import Definition, Kind
from nightdesk.bundles.plan import Action, Change, Plan
from nightdesk.errors import ConfigurationError
from schemas import Feed, Silence, Storyline, Subscription

KINDS: Final[dict[str, Kind]] = {
    "feeds": "feed",
    "storylines": "storyline",
    "subscriptions": "subscription",
    "silences": "silence",
}
"""What the archive calls the definitions of each section."""


def apply(
    conn: Connection, plan: Plan, *, author: str, now: datetime
) -> dict[tuple[str, str], int | None]:
    """Do what `plan` says, as `author`, within the transaction of `conn`.

    Returns (section, id) -> new version, None for a retired one, of what changed.  What somebody else
    brought to the same meanwhile is left as it is.  Raises ConfigurationError if one of those
    definitions was changed to anything else since the plan was made.
    """
    definitions.hold(conn)
    current = definitions.current(conn)
    done: dict[tuple[str, str], int | None] = {}
    for change in plan.effective:
        held = getattr(current, change.section).get(change.id)
        if (held.definition if held else None) == change.after:
            continue
        if (held.version if held else None) != change.version:
            raise ConfigurationError(
                f"{KINDS[change.section]} `{change.id}` was changed by somebody else meanwhile",
                hint="nothing was applied; look at the new plan by applying again",
            )
        done[change.section, change.id] = _apply_one(conn, change, author, now)
    return done


def _apply_one(conn: Connection, change: Change, author: str, now: datetime) -> int | None:
    if change.action is Action.RETIRE:
        definitions.retire(conn, KINDS[change.section], change.id, author=author, now=now)
        return None
    return definitions.put(conn, _definition(change), author=author, now=now)


def _definition(change: Change) -> Definition:
    after = change.after
    assert isinstance(after, (Feed, Storyline, Subscription, Silence)), change
    return after
