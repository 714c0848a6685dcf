"""What was written once is read for ever, and strictly: nothing is guessed, nothing let through."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from pydantic import ValidationError

from schemas import TOPICS
from schemas.base import Contract
from schemas.export import CONTRACTS, json_schema
from tests.unit.schemas.compatibility import fields
from tests.unit.schemas.recorded_messages import NAMES, WHOLE, at, leaves, recorded, replaced

jsonschema = pytest.importorskip("jsonschema")
TIME = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z")


def _load(model: type[Contract], document: Any) -> Contract:
    return model.model_validate_json(json.dumps(document))


def _refuses(model: type[Contract], document: Any) -> bool:
    try:
        _load(model, document)
    except ValidationError:
        return True
    return False


def test_every_contract_is_recorded() -> None:
    assert {name.split("-")[0] for name in WHOLE} == set(CONTRACTS)
    assert {topic.model for topic in TOPICS.values()} <= set(CONTRACTS.values())


def _fields_of(document: Any, path: str = "") -> set[str]:
    if isinstance(document, list):
        return set().union(*(_fields_of(value, f"{path}[]") for value in document))
    if not isinstance(document, dict):
        return set()
    found = set()
    for key, value in document.items():
        inner = f"{path}.{key}" if path else key
        found |= {inner} | _fields_of(value, inner)
    return found


@pytest.mark.parametrize("contract", sorted(CONTRACTS))
def test_every_field_is_recorded(contract: str) -> None:
    documents = [recorded(name)[1] for name in WHOLE if name.partition("-")[0] == contract]
    named = set().union(*map(_fields_of, documents))
    missing = fields(json_schema(CONTRACTS[contract])) - named
    assert missing == set(), "record one more message of today, with these fields"


def _holds(written: Any, document: Any) -> bool:
    """Whether all of `document` stands in `written`, which may have fields of a later version too."""
    if isinstance(document, dict) and isinstance(written, dict):
        return all(key in written and _holds(written[key], document[key]) for key in document)
    if isinstance(document, list) and isinstance(written, list):
        return len(written) == len(document) and all(map(_holds, written, document))
    return bool(written == document)


@pytest.mark.parametrize("name", WHOLE)
def test_a_recorded_message_is_read_and_written_unchanged(name: str) -> None:
    model, document = recorded(name)
    assert _holds(json.loads(_load(model, document).to_bytes()), document)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WHOLE])
def test_fields_left_out_take_their_defaults(name: str) -> None:
    model, document = recorded(name)
    first = _load(model, document)
    written = json.loads(first.to_bytes())
    assert _load(model, written) == first
    assert {key: written[key] for key in document if key != "receivers"} == {
        key: value for key, value in document.items() if key != "receivers"
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_json_schema_accepts_what_the_model_accepts(name: str) -> None:
    model, document = recorded(name)
    jsonschema.Draft202012Validator(json_schema(model)).validate(document)


@pytest.mark.parametrize("name", WHOLE)
def test_models_are_frozen_and_hashable(name: str) -> None:
    model, document = recorded(name)
    instance = _load(model, document)
    with pytest.raises(ValidationError):
        instance.schema_version = 1  # type: ignore[attr-defined]
    assert hash(instance) == hash(_load(model, document))


@pytest.mark.parametrize("name", WHOLE)
def test_further_fields_are_refused_at_every_level(name: str) -> None:
    model, document = recorded(name)
    for path in {path[:-1] for path in leaves(document)}:
        if isinstance(at(document, path), dict):
            further = replaced(document, path, {**at(document, path), "further": 1})
            assert _refuses(model, further), path


@pytest.mark.parametrize("name", WHOLE)
def test_a_value_of_another_type_is_refused_everywhere(name: str) -> None:
    model, document = recorded(name)
    others: tuple[Any, ...] = ("words of no meaning", 3, 2.5, True, {}, [], [1], {"a": 1})
    for path in leaves(document):
        value = at(document, path)
        for other in others:
            is_kind = type(other) is type(value) or (
                # Whole numbers are numbers; text fields that may be null take text.
                isinstance(value, float) and other == 3
            )
            if is_kind or (value is None and isinstance(other, str)):
                continue
            if path[-1] == "schema_version" and other is True:
                continue  # pydantic takes true for the literal 1; it says the same
            assert _refuses(model, replaced(document, path, other)), (path, other)


@pytest.mark.parametrize("name", WHOLE)
def test_numbers_in_text_and_text_in_numbers_are_refused(name: str) -> None:
    model, document = recorded(name)
    for path in leaves(document):
        value = at(document, path)
        if isinstance(value, (bool, int, float)):
            assert _refuses(model, replaced(document, path, json.dumps(value))), path


@pytest.mark.parametrize("name", WHOLE)
def test_times_without_a_zone_are_refused(name: str) -> None:
    model, document = recorded(name)
    times = [p for p in leaves(document) if TIME.fullmatch(str(at(document, p)))]
    for path in times:
        value = at(document, path)
        for naive in (value.removesuffix("Z"), value[:10], "yesterday", ""):
            assert _refuses(model, replaced(document, path, naive)), (path, naive)
        elsewhere = replaced(document, path, "2026-03-01T09:30:00+05:30")
        if not _refuses(model, elsewhere):
            written = json.loads(_load(model, elsewhere).to_bytes())
            assert at(written, path) == "2026-03-01T04:00:00Z"


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(name: str, token: str) -> None:
    model, document = recorded(name)
    for path in leaves(document):
        value = at(document, path)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            text = json.dumps(replaced(document, path, "\0here")).replace('"\\u0000here"', token)
            with pytest.raises(ValidationError):
                model.model_validate_json(text)


@pytest.mark.parametrize("name", WHOLE)
def test_another_schema_version_is_refused(name: str) -> None:
    model, document = recorded(name)
    assert _refuses(model, {**document, "schema_version": 2})


@pytest.mark.parametrize("name", WHOLE)
def test_an_error_never_shows_the_value(name: str) -> None:
    model, document = recorded(name)
    shown = []
    for path in leaves(document):
        # A channel that does not exist is named: it is no secret, and its writer looks for it.
        if path[-1] == "channel":
            continue
        try:
            _load(model, replaced(document, path, ["hunter2"]))
        except ValidationError as error:
            shown.append(str(error))
    assert shown
    assert not [text for text in shown if "hunter2" in text]
