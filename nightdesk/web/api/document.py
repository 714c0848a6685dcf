"""The OpenAPI document (3.1), made of the declared operations: what it says is what is checked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from nightdesk import __version__
from nightdesk.web.api.operations import Operation
from nightdesk.web.api.shapes import ProblemBody
from nightdesk.web.problems import MEDIA_TYPE

_REF = "#/components/schemas/{model}"
_JSON = "application/json"
_ALWAYS = (401, 403, 422, 429, 500, 503)
_WITH_BODY = (400, 408, 413, 415)
_IDENTIFIER = "^[a-z0-9][a-z0-9._-]{0,99}$"
_PARTS: dict[str, dict[str, Any]] = {
    "id": {"type": "string", "minLength": 1, "maxLength": 200},
    "name": {"type": "string", "pattern": _IDENTIFIER},
    "version": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
}
_MEANS = {
    200: "done",
    201: "made",
    202: "taken, and under way",
    204: "gone",
    400: "no JSON, or otherwise no such request",
    401: "no token, or none that is in force",
    403: "the token does not allow this, or a foreign page asks",
    404: "no such thing",
    408: "the body was not there in time",
    409: "somebody else was quicker, or something else stands against it",
    412: "it is another version by now",
    413: "the body is too large",
    415: "a body of another kind",
    422: "it makes no sense; `problems` says where",
    428: "say which version is meant: `If-Match`",
    429: "too many requests; `Retry-After` says when to come back",
    500: "a fault of ours, which is in the log",
    503: "the archive, or room for this, is not to be had now",
}
_HEADERS = {
    "If-Match": "The version that is meant, as its ETag has it.",
    "If-None-Match": "`*`: only where there is none yet.",
    "Last-Event-ID": "The event that was seen last.",
    "ETag": "The version.",
    "Location": "Where it is.",
}


def document(operations: Iterable[Operation], prefix: str) -> dict[str, Any]:
    """Return the document of `operations`, which stand below `prefix`."""
    listed = list(operations)
    names, schemas = _schemas(listed)
    paths: dict[str, dict[str, Any]] = {}
    for operation in listed:
        said = _operation(operation, names)
        paths.setdefault(operation.path, {})[operation.method.lower()] = said
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Nightdesk",
            "version": __version__,
            "description": "What the desk follows, what it found, and what people do about it.  "
            "Guide: docs/api.md.",
        },
        "servers": [{"url": prefix}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _schemas(operations: list[Operation]) -> tuple[dict[Any, str], dict[str, Any]]:
    wanted: dict[tuple[type[BaseModel], Any], None] = {(ProblemBody, "validation"): None}
    for operation in operations:
        taken = operation.schema or operation.body
        if taken is not None:
            wanted[taken, "validation"] = None
        for status in operation.answers:
            wanted |= {(model, "serialization"): None for model in operation.models(status)}
    refs, whole = models_json_schema(list(wanted), ref_template=_REF)
    names = {key: str(ref["$ref"]) for key, ref in refs.items()}
    schemas = _plain(whole["$defs"])
    for schema in schemas.values():
        _allow_short_forms(schema)
    return names, schemas


def _allow_short_forms(schema: dict[str, Any]) -> None:
    """Let a schema say what is spelt out before it is checked (`nightdesk.bundles.shorthand`)."""
    fields = schema.get("properties", {})
    if {"exemplars", "entities", "cues"} <= fields.keys():
        for name in ("exemplars", "entities"):
            fields[name]["items"] = {"anyOf": [fields[name]["items"], {"type": "string"}]}
    if {"name", "any_of", "country"} <= fields.keys():
        schema["required"] = [name for name in schema.get("required", ()) if name != "name"]


def _plain(schema: Any) -> Any:
    """Return a schema without what says nothing to others: pydantic's discriminator names its own way."""
    if isinstance(schema, dict):
        return {key: _plain(value) for key, value in schema.items() if key != "discriminator"}
    return [_plain(value) for value in schema] if isinstance(schema, list) else schema


def _operation(operation: Operation, names: dict[Any, str]) -> dict[str, Any]:
    summary, _, rest = (operation.handler.__doc__ or "").strip().partition("\n")
    said: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": summary.strip().rstrip("."),
        "description": " ".join(f"{rest} Scope: `{operation.scope}`.".split()),
        "security": [{"token": []}],
        "parameters": [*_of_path(operation), *_of_query(operation), *_of_headers(operation)],
        "responses": _responses(operation, names),
    }
    if operation.takes:
        taken = operation.schema or operation.body
        schema = {"$ref": names[taken, "validation"]} if taken else {"type": "string"}
        said["requestBody"] = {
            "required": taken is None or any(f.is_required() for f in taken.model_fields.values()),
            "content": {kind: {"schema": schema} for kind in operation.takes},
        }
    return said


def _of_path(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _PARTS[name]}
        for name in re.findall(r"\{(\w+)\}", operation.path)
    ]


def _of_query(operation: Operation) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    schema = operation.query.model_json_schema()
    found = []
    for name, field in schema["properties"].items():
        # What is left out is not said; null cannot be said in a query.
        options = [one for one in field.pop("anyOf", []) if one.get("type") != "null"]
        options = [_spelt_out(one, schema) for one in options]
        told = (options[0] if len(options) == 1 else {"anyOf": options} if options else {}) | field
        told = {key: value for key, value in told.items() if key not in {"title", "default"}}
        parameter: dict[str, Any] = {"name": name, "in": "query", "schema": told}
        if "description" in told:
            parameter["description"] = told.pop("description")
        found.append(parameter)
    return found


def _spelt_out(field: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return a field's schema itself where it only refers to it: a parameter stands by itself."""
    name = field.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = dict(schema["$defs"][name]) if name else field
    return {key: value for key, value in found.items() if key not in {"title", "description"}}


def _of_headers(operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "header",
            "description": _HEADERS[name],
            "schema": {"type": "string"},
        }
        for name in operation.headers
    ]


def _responses(operation: Operation, names: dict[Any, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status in operation.answers:
        said: dict[str, Any] = {"description": _MEANS[status]}
        refs = [{"$ref": names[m, "serialization"]} for m in operation.models(status)]
        if refs:
            schema = refs[0] if len(refs) == 1 else {"anyOf": refs}
            said["content"] = {_JSON: {"schema": schema}}
        if operation.stream is not None:
            said["content"] = {"text/event-stream": {"schema": {"type": "string"}}}
        if operation.gives:
            said["headers"] = {
                name: {"description": _HEADERS[name], "schema": {"type": "string"}}
                for name in operation.gives
            }
        found[str(status)] = said
    problem = {MEDIA_TYPE: {"schema": {"$ref": names[ProblemBody, "validation"]}}}
    more = _WITH_BODY if operation.takes else ()
    for status in sorted({*_ALWAYS, *more, *operation.refuses}):
        found[str(status)] = {"description": _MEANS[status], "content": problem}
    return found
