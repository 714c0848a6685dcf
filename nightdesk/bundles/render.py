"""A change as a unified diff of YAML, the way its writer would have written the definition.

Comes in: one `Change`.  Goes out: lines, each with its sign (`+`, `-` or a space); colour is the
terminal's affair.
"""

from __future__ import annotations

import difflib
import io
import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML

from nightdesk.bundles.plan import Change
from schemas.base import Contract

_LOGIN = re.compile(r"(?<=://)[^/?#\s]*(?=@)")
_UNSAID: tuple[Any, ...] = (None, "", [], {})
"""Defaults that say nothing: a line that leaves them has nothing on its other side."""


def as_yaml(definition: Contract | None) -> str:
    """Return the definition as YAML, fields that have their default left out; "" for None."""
    return _yaml(_spoken(definition)) if definition is not None else ""


def diff_lines(change: Change) -> Iterator[str]:
    """Yield the lines of a unified diff from what the archive holds to what the bundle says.

    A default that gives way, or comes back, is shown on its side, though nobody wrote it.  A login in an
    address is not shown.
    """
    before, after = as_yaml(change.before), as_yaml(change.after)
    if change.before is not None and change.after is not None:
        old, new = _spoken(change.before), _spoken(change.after)
        before = _yaml(_beside(old, new, change.before.model_dump(mode="json")))
        after = _yaml(_beside(new, old, change.after.model_dump(mode="json")))
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    for number, line in enumerate(lines):
        if number >= 2 and not line.startswith("@@"):
            yield _LOGIN.sub("…", line)


def _spoken(definition: Contract) -> dict[str, Any]:
    """Return what a writer has to say of a definition: all that differs from a default, in its order."""
    data = definition.model_dump(mode="json", exclude_defaults=True)
    ordered = {name: data[name] for name in type(definition).model_fields if name in data}
    _keep_channels(definition, ordered)
    return ordered


def _beside(said: Any, other: Any, whole: Any) -> Any:
    """Return `said` with those defaults, out of `whole`, in whose place `other` says something."""
    if isinstance(said, dict) and isinstance(other, dict) and isinstance(whole, dict):
        found = {}
        for name, value in whole.items():
            if name in said:
                found[name] = _beside(said[name], other.get(name), value)
            elif name in other:
                default = _beside({}, other[name], value) if isinstance(value, dict) else value
                if default not in _UNSAID:
                    found[name] = default
        return found
    lists = (said, other, whole)
    if all(isinstance(one, list) for one in lists) and len(said) == len(other) == len(whole):
        return [_beside(*items) for items in zip(*lists, strict=True)]
    return said


def _yaml(data: dict[str, Any]) -> str:
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def _keep_channels(definition: Contract, data: dict[str, Any]) -> None:
    # A receiver's channel is a default of its class, and yet what tells one from the other.
    for receiver, shown in zip(
        getattr(definition, "receivers", ()), data.get("receivers", ()), strict=False
    ):
        channel = {"channel": receiver.channel}
        rest = dict(shown)
        shown.clear()
        shown.update(channel | rest)
