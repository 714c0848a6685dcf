"""Which definitions name another one: what would be left naming nothing, were that one retired.  Pure."""

from __future__ import annotations

from nightdesk.archive.definitions import Definitions


def referring(current: Definitions, section: str, name: str) -> list[str]:
    """Return those that name `name` of `section`, in words, in order."""
    found = []
    if section == "storylines":
        found += [
            f"storyline {one.definition.id} (rivals)"
            for one in current.storylines.values()
            if name in one.definition.rivals and one.definition.id != name
        ]
    if section in {"storylines", "feeds"}:
        found += [
            f"subscription {one.definition.id} ({section})"
            for one in current.subscriptions.values()
            if name in getattr(one.definition, section)
        ]
    return found
