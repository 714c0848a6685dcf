"""What a broken contract means, in words: a fault of pydantic's in, message and hint out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from nightdesk.bundles.problems import nearest, shorten

_SPLIT = re.compile(r"[:;] (?=(?:write|give|`))")
_GUIDE = "docs/bundles.md shows every field"

_TYPES: dict[str, tuple[str, str]] = {
    "string_type": ("text", "put it in quotes"),
    "bool_type": ("true or false", "write true or false, without quotes"),
    "int_type": ("a whole number", "write it in digits, without quotes"),
    "int_from_float": ("a whole number", "write it without a decimal point"),
    "float_type": ("a number", "write it in digits, without quotes"),
    "finite_number": ("a finite number", "write it in digits"),
    "tuple_type": ("a list", "begin each item with a dash, or write [one, two]"),
    "model_type": ("a mapping of fields", "write its fields below it, indented, as `name: value`"),
    "dict_type": ("a mapping of fields", "write its fields below it, indented, as `name: value`"),
    "timezone_aware": ("a time with a zone", "write it as 2026-01-31T18:00:00Z"),
    "time_delta_type": ("a length of time", "write it as 90s, 15m, 2h or 7d"),
    "model_attributes_type": ("a mapping of fields", "write its fields below it, indented"),
}
_MAPPINGS = frozenset({"model_type", "dict_type", "model_attributes_type"})

_BOUNDS = {
    "greater_than": ("more than", "write a larger number"),
    "greater_than_equal": ("at least", "write a larger number"),
    "less_than": ("less than", "write a smaller number"),
    "less_than_equal": ("at most", "write a smaller number"),
}
"""What the bounds of a number want of it, and what to do."""

_KINDS: dict[str, tuple[str, str]] = {
    "datetime": ("not a time: {value}", "write it as 2026-01-31T18:00:00Z"),
    "date_": ("not a time: {value}", "write it as 2026-01-31T18:00:00Z"),
    "time_delta": ("not a length of time: {value}", "write it as 90s, 15m, 2h or 7d"),
    "too_short": ("must not be empty", "give at least one"),
    "string_too_short": ("must not be empty", "say something, or remove the field"),
    "union_tag_not_found": (
        "`channel` is missing",
        "write `channel: console`, or one of webhook, mail, apprise, alertmanager, file, events, atom",
    ),
}


def say(
    fault: dict[str, Any], name: str, value: Any, models: Sequence[type[BaseModel]]
) -> tuple[str, str]:
    """Return message and hint for `fault` at the field `name`, whose value is `value`.

    `models` may describe what stands there (or, for a missing or unknown field, around it).
    """
    kind, context = str(fault["type"]), fault.get("ctx", {})
    if kind in {"missing", "extra_forbidden"}:
        hint = _describe(name, models) if kind == "missing" else _did_you_mean(name, models)
        return (f"`{name}` is missing" if kind == "missing" else f"unknown field `{name}`"), hint
    if kind in _TYPES:
        wanted, hint = _TYPES[kind]
        return f"should be {wanted}, not {_kind_of(value)}", _for_what_stands(kind, value, hint)
    if kind in _BOUNDS:
        wanted, hint = _BOUNDS[kind]
        bound = next(iter(context.values()))
        most = f"{bound:g}" if isinstance(bound, (int, float)) else str(bound)
        return f"should be {wanted} {most}, not {value}", hint
    if kind in {"enum", "literal_error", "union_tag_invalid"}:
        expected = str(context.get("expected") or context["expected_tags"])
        return _choice(context.get("tag", value), expected)
    if kind == "string_pattern_mismatch":
        return _pattern(name, str(value))
    return _in_general(kind, str(fault["msg"]), value)


def _for_what_stands(kind: str, value: Any, hint: str) -> str:
    if value is None or (isinstance(value, str) and not value.strip()):
        return "say something, or remove it"
    if isinstance(value, (int, float)) and not isinstance(value, bool) and kind in _MAPPINGS:
        return f"put it in quotes if it is meant as text, or {hint}"
    return hint


def _in_general(kind: str, message: str, value: Any) -> tuple[str, str]:
    for beginning, (said, hint) in _KINDS.items():
        if kind.startswith(beginning):
            return said.format(value=shorten(value)), hint
    if kind == "value_error":
        head, *tail = _SPLIT.split(message.removeprefix("Value error, "), maxsplit=1)
        return head, tail[0] if tail else _GUIDE
    return message[:1].lower() + message[1:], _GUIDE


def _describe(name: str, models: Sequence[type[BaseModel]]) -> str:
    examples = {
        "id": "`id: a-short-name`, in small letters, digits and dashes",
        "url": "`url: https://…`",
        "source": "`source:` and the publisher's name",
        "title": "`title:` and a few words",
        "receivers": "`receivers:` and at least one, such as `- channel: console`",
        "starts_at": "`starts_at: 2026-01-31T18:00:00Z`",
        "ends_at": "`ends_at: 2026-01-31T20:00:00Z`",
        "comment": "`comment:` and why",
        "author": "`author:` and who",
    }
    required = [n for m in models for n, field in m.model_fields.items() if field.is_required()]
    return f"add {examples.get(name, f'`{name}:`')}" + (
        f" (required are {', '.join(required)})" if len(required) > 1 else ""
    )


def _did_you_mean(name: str, models: Sequence[type[BaseModel]]) -> str:
    known = [field for model in models for field in model.model_fields if field != "schema_version"]
    meant = nearest(name, known)
    return f"did you mean `{meant}`?" if meant else f"known are {', '.join(dict.fromkeys(known))}"


def _choice(value: Any, expected: str) -> tuple[str, str]:
    choices = re.findall(r"'([^']*)'", expected) or [expected]
    meant = nearest(str(value), choices)
    listed = ", ".join(choices)
    hint = f"did you mean {meant}? Possible are {listed}" if meant else f"possible are {listed}"
    return f"{shorten(value)} is not one of the choices", hint


_TIME = ("not a time of day: {value}", "write hours and minutes, as in 07:30; 24:00 ends a day")
_MAILBOX = ("not a mail address: {value}", "write the address alone, as in desk@example.org")
_PATTERNS: Mapping[str, tuple[str, str]] = {
    "start": _TIME,
    "end": _TIME,
    "at": _TIME,
    "to": _MAILBOX,
    "sender": _MAILBOX,
}
"""What to say of a field's value that is of another form than its pattern, by the field's name."""


def _pattern(name: str, value: str) -> tuple[str, str]:
    if name == "country":
        return _country(value)
    if name == "language":
        return (
            f"not a language code: {shorten(value)}",
            "write two or three letters, as in en or es",
        )
    if name in _PATTERNS:
        said, hint = _PATTERNS[name]
        return said.format(value=shorten(value)), hint
    name_like = re.sub(r"[^a-z0-9._-]+", "-", value.casefold()).strip("-._")[:100]
    return (
        f"not a name that a definition can have: {shorten(value)}",
        "use small letters, digits, dots, dashes and underscores, at most 100"
        + (f": {name_like}" if name_like else ""),
    )


def _country(value: str) -> tuple[str, str]:
    from nightdesk.bundles.languages import code_meant

    return f"not the code of a country: {shorten(value)}", code_meant(value[:100])


def _kind_of(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, str):
        return f"the text {shorten(value)}"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "nothing"}[value]
    return f"the number {value}"
