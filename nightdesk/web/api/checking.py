"""Definitions as they are sent: read, checked as `nightdesk check` does, compared with what is in force.

Comes in: bytes.  Goes out: a bundle without errors and its plan, or a `Problem` with all that was found.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from nightdesk.access.scopes import allows
from nightdesk.archive.definitions import Definitions
from nightdesk.bundles import Loaded, Problem, parse
from nightdesk.bundles.archived import ArchivedArticles
from nightdesk.bundles.plan import Action, Change, Plan, ids_of
from nightdesk.bundles.reach import reaches
from nightdesk.bundles.render import diff_lines
from nightdesk.pipeline.rarity import in_force
from nightdesk.web.api.operations import not_json
from nightdesk.web.api.shapes import ChangeOf, FieldDiffers, Found, PlanOf
from nightdesk.web.gate import Caller
from nightdesk.web.problems import Problem as Refusal
from nightdesk.web.problems import invalid

if TYPE_CHECKING:
    from datetime import datetime

_MOST_FOUND = 200
_MOST_LINES = 2_000


def one_definition(raw: bytes, section: str, name: str) -> str:
    """Return a bundle's text that declares what `raw` says under `name`.  Raises Problem."""
    given = read_json(raw)
    if not isinstance(given, dict):
        raise invalid("a definition is an object", hint="send its fields as one JSON object")
    given.setdefault("id", name)
    if given["id"] != name:
        raise invalid(
            "the definition has another id than its address", hint="leave `id` out, or correct it"
        )
    return bundle_text(section, given)


def bundle_text(section: str, given: Any) -> str:
    """Return the text of a bundle with one definition.  Raises Problem."""
    try:
        return json.dumps({section: [given]}, allow_nan=False)
    except (ValueError, RecursionError):
        raise not_json() from None


def read_json(raw: bytes) -> Any:
    """Return what JSON says: no key twice, no NaN, no depth that ends badly.  Raises Problem."""
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant)
    except (ValueError, RecursionError):
        raise not_json() from None


def check(
    connection: Connection,
    current: Definitions,
    text: bytes | str,
    *,
    now: datetime,
    prune: bool = False,
) -> Loaded:
    """Return the bundle that `text` is, checked beside what is in force.  Raises Problem for errors."""
    loaded = parse(
        text,
        file="body",
        now=now,
        known=None if prune else ids_of(current),
        articles=ArchivedArticles(connection, current),
        rarity=in_force(connection),
        compare=True,
    )
    if loaded.bundle is None:
        raise invalid(
            f"errors were found ({len(loaded.errors)}), and nothing was changed",
            [found.model_dump() for found in told(loaded.problems)],
            hint="each problem says where, and how to mend it",
        )
    return loaded


def told(problems: Iterable[Problem], inside: str = "") -> tuple[Found, ...]:
    """Return problems as they are shown; `inside` is taken off the beginning of where they are."""
    return tuple(
        Found(
            severity=one.severity,
            where=one.where.removeprefix(inside).removeprefix("."),
            line=one.line,
            column=one.column,
            message=one.message,
            hint=one.hint,
        )
        for one in list(problems)[:_MOST_FOUND]
    )


def must_not_reach(caller: Caller, changes: Iterable[Change]) -> None:
    """Raise Problem where changes reach what of this machine no admin let them reach."""
    if allows(caller.scopes, "admin"):
        return
    for change in changes:
        if added := sorted(reaches(change.after) - reaches(change.before)):
            raise Refusal(
                403,
                "forbidden",
                f"{change.section} {change.id} {added[0]}: that takes a token that allows admin",
                hint="have somebody apply it who runs this machine, or leave that out",
            )


def plan_of(
    planned: Plan, epoch: int, found: tuple[Found, ...] = (), *, applied: bool = False
) -> PlanOf:
    """Return a plan as it is shown, with what was found in what was sent."""
    return PlanOf(
        applied=applied,
        epoch=epoch,
        counts={action.value: n for action in Action if (n := planned.count(action))},
        changes=_changes_of(planned),
        problems=found,
    )


def _changes_of(planned: Plan) -> tuple[ChangeOf, ...]:
    """Return the changes that do something."""
    return tuple(
        ChangeOf(
            section=change.section,
            id=change.id,
            action=change.action.value,
            version=change.version,
            fields=tuple(
                FieldDiffers(name=field.name, before=field.before, after=field.after)
                for field in change.fields
            ),
            diff=tuple(diff_lines(change))[:_MOST_LINES] if change.after is not None else (),
        )
        for change in planned.effective
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is given twice")
    return found


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
