"""The plan: what applying a bundle would change.  Pure: looks at two sets of definitions, acts on none.

Comes in: the definitions that the archive holds, and a bundle.  Goes out: one `Change` for each
definition of either, with the fields that differ.  What only the archive holds is `kept` unless the
caller prunes, since a desk may keep its definitions in several files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from nightdesk.bundles.contract import SECTIONS
from nightdesk.feeds.access import login_in
from schemas import Bundle
from schemas.base import Contract


class Action(StrEnum):
    """What happens to a definition."""

    CREATE = "create"
    UPDATE = "update"
    RETIRE = "retire"
    UNCHANGED = "unchanged"
    KEPT = "kept"


class _Stored(Protocol):
    @property
    def definition(self) -> Any: ...
    @property
    def version(self) -> int: ...


class CurrentDefinitions(Protocol):
    """What the archive holds, as `nightdesk.archive.definitions.current` returns it."""

    @property
    def feeds(self) -> Mapping[str, _Stored]: ...
    @property
    def storylines(self) -> Mapping[str, _Stored]: ...
    @property
    def subscriptions(self) -> Mapping[str, _Stored]: ...
    @property
    def silences(self) -> Mapping[str, _Stored]: ...


@dataclass(frozen=True)
class FieldChange:
    """One field that differs: `name` is its path (`cues.supporting`), the values are plain JSON data.

    A value of None stands for null; an optional field that is absent has its default.
    """

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """What happens to one definition.  `section` is "feeds", "storylines", …; `version` the archive's."""

    section: str
    id: str
    action: Action
    before: Contract | None = None
    after: Contract | None = None
    version: int | None = None
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True)
class Plan:
    """All changes, by section in the bundle's order; within one: as in the bundle, then what it lacks."""

    changes: tuple[Change, ...]

    @property
    def effective(self) -> tuple[Change, ...]:
        """The changes that do something."""
        return tuple(c for c in self.changes if c.action not in {Action.UNCHANGED, Action.KEPT})

    def count(self, action: Action) -> int:
        """Return how many definitions meet `action`."""
        return sum(change.action is action for change in self.changes)


def plan(current: CurrentDefinitions, bundle: Bundle, *, prune: bool = False) -> Plan:
    """Return what would make the archive's definitions those of `bundle`.

    With `prune`, definitions that the bundle lacks are retired; without, they are kept.
    """
    changes: list[Change] = []
    for section in SECTIONS:
        stored: Mapping[str, _Stored] = getattr(current, section)
        wanted: dict[str, Contract] = {d.id: d for d in getattr(bundle, section)}
        changes += (_compare(section, name, stored.get(name), d) for name, d in wanted.items())
        changes += (
            Change(
                section,
                name,
                Action.RETIRE if prune else Action.KEPT,
                before=stored[name].definition,
                version=stored[name].version,
            )
            for name in sorted(stored)
            if name not in wanted
        )
    return Plan(tuple(changes))


def ids_of(current: CurrentDefinitions) -> dict[str, frozenset[str]]:
    """Return the ids of the archive's definitions by section: what a bundle may refer to."""
    return {section: frozenset(getattr(current, section)) for section in SECTIONS}


def logins_of(current: CurrentDefinitions) -> frozenset[str]:
    """Return the URLs of the archive's feeds in which a login stands."""
    urls = (stored.definition.url for stored in current.feeds.values())
    return frozenset(url for url in urls if login_in(url))


def field_changes(before: Contract, after: Contract) -> tuple[FieldChange, ...]:
    """Return the fields that differ.  Mappings are compared inside; a list is one value."""
    return tuple(_differences("", before.model_dump(mode="json"), after.model_dump(mode="json")))


def _compare(section: str, name: str, stored: _Stored | None, wanted: Contract) -> Change:
    if stored is None:
        return Change(section, name, Action.CREATE, after=wanted)
    fields = field_changes(stored.definition, wanted)
    action = Action.UPDATE if fields else Action.UNCHANGED
    return Change(section, name, action, stored.definition, wanted, stored.version, fields)


def _differences(path: str, before: Any, after: Any) -> Iterator[FieldChange]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            inner = f"{path}.{name}" if path else name
            yield from _differences(inner, before.get(name), after.get(name))
    elif before != after:
        yield FieldChange(path, before, after)
