"""Whether what an old JSON Schema accepts, a new one still accepts: for the contracts' own features.

Comes in: two schemas.  Goes out: the breaks, in words, with the path of each.  It knows what
pydantic writes for our models: objects, arrays, scalars with bounds, enums, unions, `$ref`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_EXACT = ("pattern", "format")
_IGNORED = {"title", "description", "default", "examples", "$schema", "$id", "$defs"}
_KNOWN = {
    *(*_LOWER, *_UPPER, *_EXACT),
    *("type", "properties", "required", "additionalProperties", "items", "enum", "const"),
    *("anyOf", "oneOf", "discriminator", "$ref"),
}


def breaks(old: Schema, new: Schema) -> list[str]:
    """Return how `new` refuses what `old` accepts; empty where it never does."""
    return list(_Comparison(old, new).run())


def fields(schema: Schema) -> set[str]:
    """Return the path of every field that documents of `schema` may have: `window.since`, `tags`, …"""
    return set(_fields("", schema, schema))


def _fields(path: str, schema: Schema, root: Schema) -> Iterator[str]:
    for alternative in _alternatives(schema, root):
        if "items" in alternative:
            yield from _fields(f"{path}[]", alternative["items"], root)
        for name, inner in alternative.get("properties", {}).items():
            whole = f"{path}.{name}" if path else name
            yield whole
            yield from _fields(whole, inner, root)


class _Comparison:
    def __init__(self, old: Schema, new: Schema) -> None:
        self._old, self._new = old, new

    def run(self) -> Iterator[str]:
        yield from self._compare("", self._old, self._new)

    def _compare(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        after = list(_alternatives(new, self._new))
        for alternative in _alternatives(old, self._old):
            # The nearest alternative is the one that the change was made to.
            found = [list(self._one(path, alternative, other)) for other in after]
            yield from min(found, key=len)

    def _one(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        where = path or "the document"
        for schema in (old, new):
            if unknown := schema.keys() - _KNOWN - _IGNORED:
                yield f"{where}: this check does not understand {', '.join(sorted(unknown))}"
        if "type" in new and not _covers(new["type"], old.get("type")):
            yield f"{where}: the type {old.get('type')} became {new['type']}"
            # Nothing further can be compared; outweigh alternatives of the right type.
            yield from [f"{where}: the type changed"] * 2
            return
        before, after = _values(old), _values(new)
        if after is not None:
            if before is None:
                yield f"{where}: any value became one of {after}"
            else:
                yield from (f"{where}: {v!r} is refused now" for v in before if v not in after)
        yield from _bounds(where, old, new)
        if "items" in old:
            yield from self._compare(f"{path}[]", old["items"], new.get("items", {}))
        if "properties" in old or "properties" in new:
            yield from self._object(path, old, new)

    def _object(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        closed = new.get("additionalProperties", True) is False
        if closed and old.get("additionalProperties", True) is not False:
            yield f"{path or 'the document'}: further fields are refused now"
        for name, schema in before.items():
            inner = f"{path}.{name}" if path else name
            if name in after:
                yield from self._compare(inner, schema, after[name])
            elif closed:
                yield f"{inner}: the field was removed"
        for name in new.get("required", ()):
            if name not in old.get("required", ()):
                yield f"{path}.{name}".lstrip(".") + ": the field is required now"


def _alternatives(schema: Schema, root: Schema) -> Iterator[Schema]:
    if "$ref" in schema:
        found = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        yield from _alternatives({**found, **rest}, root)
        return
    unions = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if not unions:
        yield schema
    for union in unions:
        yield from _alternatives(union, root)


def _covers(new: str, old: str | None) -> bool:
    return new == old or (new, old) == ("number", "integer")


def _values(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values


def _bounds(where: str, old: Schema, new: Schema) -> Iterator[str]:
    for name in _LOWER:
        if name in new and (name not in old or new[name] > old[name]):
            yield f"{where}: {name} became {new[name]}"
    for name in _UPPER:
        if name in new and (name not in old or new[name] < old[name]):
            yield f"{where}: {name} became {new[name]}"
    for name in _EXACT:
        if name in new and new[name] != old.get(name):
            yield f"{where}: {name} became {new[name]!r}"
