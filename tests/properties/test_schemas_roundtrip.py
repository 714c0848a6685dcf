"""Every message that a contract can hold survives the wire: bytes and back are the same message."""

from __future__ import annotations

import json
import types
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, ValidationError
from pydantic.fields import FieldInfo

from schemas.alert import Alert, AlertKind
from schemas.base import Contract, format_duration, parse_duration
from schemas.export import CONTRACTS, json_schema

jsonschema = pytest.importorskip("jsonschema")

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
ZONES = st.sampled_from(
    [UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-11))]
)
TIMES = st.datetimes(
    datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2200-01-01"), timezones=ZONES
)
DURATIONS = st.integers(1, 10**8).map(lambda seconds: timedelta(seconds=seconds))
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    bool: st.booleans(),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    AwareDatetime: TIMES,
    timedelta: DURATIONS,
}


def _of_type(annotation: Any, metadata: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _of_type(inner[0], (*metadata, *inner[1:]))
    if origin is Literal:
        return st.sampled_from(inner)
    if origin in (Union, types.UnionType):
        return st.one_of([_of_type(one, metadata) for one in inner])
    if origin is tuple:
        return st.lists(_of_type(inner[0]), min_size=_least(metadata), max_size=2).map(tuple)
    if annotation is type(None):
        return st.none()
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _of_model(annotation)
    return _bounded(SCALARS[annotation], annotation, metadata)


def _least(metadata: tuple[Any, ...]) -> int:
    return max((m.min_length for m in metadata if isinstance(m, annotated_types.MinLen)), default=0)


def _bounded(
    strategy: st.SearchStrategy[Any], kind: Any, metadata: tuple[Any, ...]
) -> st.SearchStrategy[Any]:
    flat = [m for item in metadata for m in getattr(item, "metadata", [item])]
    patterns = [m.pattern for m in flat if getattr(m, "pattern", None)]
    if patterns:
        return st.from_regex(patterns[0].removesuffix("$") + r"\Z")
    if kind is str and any(getattr(m, "min_length", None) for m in flat):
        return TEXT.map(lambda text: text.strip() or "words")
    low = next((m.ge for m in flat if isinstance(m, annotated_types.Ge)), None)
    high = next((m.le for m in flat if isinstance(m, annotated_types.Le)), None)
    above = next((m.gt for m in flat if isinstance(m, annotated_types.Gt)), None)
    if kind is int:
        return st.integers(-(2**63) if low is None else low, 2**63 - 1 if high is None else high)
    if kind is float:
        least = low if low is not None else above
        return st.floats(
            least, high, allow_nan=False, allow_infinity=False, exclude_min=above is not None
        )
    return strategy


def _of_field(name: str, field: FieldInfo) -> st.SearchStrategy[Any]:
    if name == "url" and field.is_required():
        return st.sampled_from(
            ["https://a.example/feed?x=1", "http://[::1]:8080/", "http://ü.example"]
        )
    if name == "sender_name":
        return st.sampled_from(["Night desk", "ночной стол"])
    strategy = _of_type(field.annotation, tuple(field.metadata))
    if name == "zone":
        strategy = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"])
    return strategy if field.is_required() else st.one_of(strategy, st.just(...))


def _of_model(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    fields = {name: _of_field(name, field) for name, field in model.model_fields.items()}

    def build(values: dict[str, Any]) -> BaseModel:
        given_ = {name: value for name, value in values.items() if value is not ...}
        if model is Alert:
            given_ = about_one_thing(given_)
        try:
            return model.model_validate(given_)
        except ValidationError as error:
            # Only rules between fields may refuse what the types allow.
            if {fault["type"] for fault in error.errors()} != {"value_error"}:
                raise
            reject()

    return st.fixed_dictionaries(fields).map(build)


def about_one_thing(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of an alert without those that its kind has no use for."""
    kind = values["kind"]
    if kind.is_of_storylines:
        others = {"feed", "trouble", "emerging", "silence"}
        return {k: value for k, value in values.items() if k not in others}
    if kind is AlertKind.EMERGING:
        others = {"feed", "trouble", "silence", "storyline", "storyline_version", "development"}
        return {k: value for k, value in values.items() if k not in others}
    kept = {"schema_version", "id", "sequence", "kind", "title", "reason", "trouble", "spans"}
    kept |= {"silence"} if kind is AlertKind.SILENCE_EXPIRING else set()
    kept -= {"trouble"} if kind is AlertKind.SILENCE_EXPIRING else set()
    kept |= {"severity", "state"}
    kept |= {"pages", "first_seen_at", "latest_seen_at", "raised_at", "raised_by", "novelty"}
    fitting = {k: value for k, value in values.items() if k in kept}
    trouble = fitting.get("trouble")
    if trouble is not None and trouble.scope == "feed":
        fitting["feed"] = trouble.feeds[0]
    return fitting


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_bytes_and_back(name: str) -> None:
    model: type[Contract] = CONTRACTS[name]
    validator = jsonschema.Draft202012Validator(json_schema(model))

    @settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
    @given(_of_model(model))
    def check(message: Contract) -> None:
        data = message.to_bytes()
        again = model.model_validate_json(data)
        assert again == message
        assert again.to_bytes() == data
        validator.validate(json.loads(data))

    check()


@given(st.integers(0, 36_500 * 86_400))
def test_durations_are_read_as_they_are_written(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert parse_duration(format_duration(length)) == length
