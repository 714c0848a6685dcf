"""Each definition against its contract, by itself, so that one bad field hides no other problem.

Comes in: the document as plain data.  Goes out: `Part`s (a definition that holds, or None, with its
id and path), and findings in words for what breaks a contract.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from nightdesk.bundles.nodes import MAX_DEPTH
from nightdesk.bundles.problems import Finding, Path, nearest, shorten
from nightdesk.bundles.wording import say
from schemas import Bundle, Feed, Silence, Storyline, Subscription
from schemas.base import Contract

SECTIONS: Final[dict[str, type[Contract]]] = {
    "feeds": Feed,
    "storylines": Storyline,
    "subscriptions": Subscription,
    "silences": Silence,
}
"""The sections of a bundle, in the order in which they are declared, checked and applied."""

_TIMES: Final = (("window", "since"), ("window", "until"), ("starts_at",), ("ends_at",))

_STAND_INS: Final[dict[str, Any]] = {
    "url": "http://stand-in.invalid/",
    "source": "stand-in",
    "title": "stand-in",
    "description": "stand-in",
    "author": "stand-in",
    "comment": "stand-in",
    "starts_at": "1970-01-01T00:00:00Z",
    "ends_at": "9999-01-01T00:00:00Z",
    "receivers": [{"channel": "console"}],
    "matchers": [{"label": "source", "value": "stand-in"}],
}
"""Values for required fields that are faulty, only to be able to check the rest of a definition."""


@dataclass(frozen=True)
class Part:
    """One definition of the file.  `definition` is None where it breaks its contract.

    `readable` then is what can still be read of it, its faulty fields left out, so that the
    references of the others to it and of its sound fields can be checked all the same.  `left_out` are
    the items of lists that it lacks for that, by their paths within the definition.
    """

    section: str
    path: Path
    id: str | None
    definition: Any
    readable: Any
    left_out: frozenset[Path] = frozenset()

    def written(self, path: Path) -> Path:
        """Return where in the file stands what stands at `path` of `readable`."""
        return (*self.path, *_written(path[len(self.path) :], self.left_out))


def read_parts(data: Any) -> tuple[list[Part], list[Finding]]:
    """Return the definitions in `data`, and all that breaks the contracts."""
    if data is None:
        return [], [
            Finding(
                (), "the file is empty", "begin with `feeds:` or `storylines:`; see docs/bundles.md"
            )
        ]
    if not isinstance(data, dict):
        return [], [
            Finding(
                (),
                "a bundle is a mapping of sections",
                f"begin with one of {', '.join(f'`{name}:`' for name in SECTIONS)}",
            )
        ]
    parts: list[Part] = []
    findings = list(_frame(data))
    for section, model in SECTIONS.items():
        items = data.get(section)
        # A section's name with nothing below it is how people keep a place for later.
        if items is None:
            continue
        if not isinstance(items, list):
            findings.append(
                Finding(
                    (section,),
                    f"`{section}` should be a list",
                    "begin each definition with a dash: `- id: …`",
                )
            )
            continue
        for index, item in enumerate(items):
            part, wrong = _read_part(section, model, (section, index), item)
            parts.append(part)
            findings.extend(wrong)
    return parts, findings


def _frame(data: dict[str, Any]) -> Iterator[Finding]:
    for name in data:
        if name not in Bundle.model_fields:
            meant = nearest(name, Bundle.model_fields)
            yield Finding(
                (name,),
                f"unknown section `{name}`",
                f"did you mean `{meant}`?" if meant else f"known are {', '.join(SECTIONS)}",
                on_key=True,
            )
    version = data.get("schema_version", 1)
    if version != 1 or isinstance(version, bool):
        yield Finding(
            ("schema_version",),
            f"this Nightdesk reads bundles of schema version 1, not {shorten(version)}",
            "write `schema_version: 1`, or upgrade Nightdesk",
        )


def _read_part(
    section: str, model: type[Contract], path: Path, item: Any
) -> tuple[Part, list[Finding]]:
    name = item.get("id") if isinstance(item, dict) else None
    known = name if isinstance(name, str) else None
    try:
        definition = _validate(model, item)
    except ValidationError as error:
        faults = [dict(fault) for fault in error.errors(include_url=False)]
        findings = [f for fault in faults if (f := _finding(model, path, item, fault))]
        if known is None:
            return Part(section, path, known, None, None), findings
        return Part(section, path, known, None, *_salvage(model, item, faults)), findings
    return Part(section, path, known, definition, definition), list(_bare_numbers(path, item))


def _bare_numbers(path: Path, item: dict[str, Any]) -> Iterator[Finding]:
    """Times that are only digits: pydantic takes "2026" for seconds since 1970, which nobody means."""
    for steps in _TIMES:
        value: Any = item
        for step in steps:
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, str) and "-" not in value[1:]:
            yield Finding(
                (*path, *steps), f"not a time: {shorten(value)}", "write it as 2026-01-31T18:00:00Z"
            )


def _validate(model: type[Contract], item: Any) -> Contract:
    # As JSON, so that strict contracts still take text for times, durations and choices.
    return model.model_validate_json(json.dumps(item))


def _salvage(
    model: type[Contract], item: dict[str, Any], faults: list[dict[str, Any]]
) -> tuple[Contract | None, frozenset[Path]]:
    """Return the definition without its faulty values, as near to what is written as can be read, and
    the items of lists that went with them.

    What is left may have other faults (a name without aliases, once the faulty one is gone): then more of
    what stands around them goes.
    """
    kept = copy.deepcopy(item)
    left_out: frozenset[Path] = frozenset()
    for depth, stand_ins in ((MAX_DEPTH, False), (2, False), (1, False), (1, True)):
        paths = {tuple(_walk(model, kept, list(fault["loc"]))[0][:depth]) for fault in faults}
        # From the last to the first, so that positions in lists hold while items leave them.
        for steps in sorted(paths, key=_place, reverse=True):
            _remove(kept, steps)
        items = (steps for steps in paths if steps and isinstance(steps[-1], int))
        left_out |= {_written(steps, left_out) for steps in items}
        if stand_ins:
            missing = (name for name in _STAND_INS if name in model.model_fields)
            kept = {name: _STAND_INS[name] for name in missing} | kept
        try:
            return _validate(model, kept), left_out
        except ValidationError as error:
            faults = [dict(fault) for fault in error.errors(include_url=False)]
    return None, left_out


def _place(steps: Path) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (-1, step) for step in steps]


def _written(path: Path, left_out: Collection[Path]) -> Path:
    """Return where in the file stands what stands at `path` since the items `left_out` are gone."""
    found: Path = ()
    for step in path:
        at = step
        if isinstance(at, int):
            for gone in sorted(int(item[-1]) for item in left_out if item[:-1] == found):
                at += gone <= at
        found = (*found, at)
    return found


def _remove(data: Any, steps: tuple[str | int, ...]) -> None:
    for step in steps[:-1]:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return
    if steps and isinstance(data, dict):
        data.pop(steps[-1], None)
    elif steps and isinstance(data, list) and isinstance(steps[-1], int):
        del data[steps[-1] : steps[-1] + 1]


def _finding(
    model: type[BaseModel], path: Path, item: Any, fault: dict[str, Any]
) -> Finding | None:
    kind, steps = fault["type"], list(fault["loc"])
    inside, models, value = _walk(model, item, steps)
    if kind == "too_short" and value:
        return None  # its items are faulty, each of which is told by itself
    if kind in {"missing", "extra_forbidden"}:
        *outer, name = inside
        _, models, _ = _walk(model, item, list(outer))
        message, hint = say(fault, str(name), None, models)
        if kind == "missing":
            return Finding((*path, *outer), message, hint)
        return Finding((*path, *inside), message, hint, on_key=True)
    # An item of a list is what the list's field says.
    named = [str(step) for step in inside if isinstance(step, str)]
    message, hint = say(fault, named[-1] if named else "", value, models)
    return Finding((*path, *inside), message, hint)


def _walk(
    model: type[BaseModel], item: Any, steps: list[Any]
) -> tuple[list[str | int], list[type[BaseModel]], Any]:
    """Follow `steps` through the data, and say which models may describe what is there.

    Pydantic's location of a receiver also names its channel, which is no step of the document.
    """
    inside: list[str | int] = []
    models: list[type[BaseModel]] = [model]
    value = item
    for step in steps:
        if isinstance(value, dict) and step not in value and step == value.get("channel"):
            models = [m for m in models if m.model_fields["channel"].default == step]
            continue
        inside.append(step)
        if isinstance(step, str):
            fields = [m.model_fields[step] for m in models if step in m.model_fields]
            models = [m for field in fields for m in _models_of(field.annotation)]
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            value = None
    return inside, models, value


def _models_of(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for inner in getattr(annotation, "__args__", ()) for m in _models_of(inner)]
