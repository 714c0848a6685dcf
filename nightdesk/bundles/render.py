"""A change as a unified diff of YAML, the way its writer would have written the definition.

Comes in: one `Change`.  Goes out: lines, each with its sign (`+`, `-` or a space); colour is the
terminal's affair.
"""

from __future__ import annotations

import difflib
import io
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML

from nightdesk.bundles.plan import Change
from schemas.base import Contract


def as_yaml(definition: Contract | None) -> str:
    """Return the definition as YAML, fields that have their default left out; "" for None."""
    if definition is None:
        return ""
    data = definition.model_dump(mode="json", exclude_defaults=True)
    ordered = {name: data[name] for name in type(definition).model_fields if name in data}
    _keep_channels(definition, ordered)
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(ordered, out)
    return out.getvalue()


def diff_lines(change: Change) -> Iterator[str]:
    """Yield the lines of a unified diff from what the archive holds to what the bundle says."""
    before, after = as_yaml(change.before), as_yaml(change.after)
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    for number, line in enumerate(lines):
        if number >= 2 and not line.startswith("@@"):
            yield line


def _keep_channels(definition: Contract, data: dict[str, Any]) -> None:
    # A receiver's channel is a default of its class, and yet what tells one from the other.
    for receiver, shown in zip(
        getattr(definition, "receivers", ()), data.get("receivers", ()), strict=False
    ):
        channel = {"channel": receiver.channel}
        rest = dict(shown)
        shown.clear()
        shown.update(channel | rest)
