"""No contract may refuse what it once accepted; and the check that holds this is itself held."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.export import CONTRACTS, json_schema, main, outdated, write
from tests.unit.schemas import forward
from tests.unit.schemas.compatibility import breaks

FORWARD = "look at it, then bring the baseline forward: python -m tests.unit.schemas.forward"
BASELINES = forward.baselines()


def test_the_committed_schemas_are_what_the_models_say() -> None:
    assert outdated() == [], "run `python -m schemas.export` and commit what changed"


def test_export_writes_and_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "json"
    assert main(["--check", "--folder", str(folder)]) == 1
    assert main(["--folder", str(folder)]) == 0
    assert main(["--check", "--folder", str(folder)]) == 0
    (folder / "old.schema.json").write_text("{}")
    (folder / "feed.schema.json").write_text("{}")
    assert outdated(folder) == ["feed.schema.json", "old.schema.json"]
    assert write(folder) == ["feed.schema.json", "old.schema.json"]
    assert not (folder / "old.schema.json").exists()
    assert "outdated" in capsys.readouterr().out


def test_what_the_baseline_accepts_is_accepted() -> None:
    assert forward.broken() == []


def test_the_baseline_knows_every_field_and_value_of_the_contracts() -> None:
    assert forward.behind() == [], FORWARD
    assert set(BASELINES) == set(CONTRACTS), FORWARD


def _left_out(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what `schema` names, and the schema without it: each field, and each value of each choice."""

    def inner(node: Any, *path: Any) -> Iterator[tuple[Any, ...]]:
        if isinstance(node, dict):
            for key, value in node.items():
                if path[-1:] == ("properties",):
                    yield (*path, key)
                yield from inner(value, *path, key)
        elif isinstance(node, list):
            for number, value in enumerate(node):
                if path[-1:] == ("enum",):
                    yield (*path, number)
                yield from inner(value, *path, number)

    for path in inner(schema):
        without = copy.deepcopy(schema)
        owner: Any = without
        for step in path[:-1]:
            owner = owner[step]
        del owner[path[-1]]
        owner = without
        for step in path[:-2]:
            owner = owner[step]
        if path[-1] in owner.get("required", ()):
            owner["required"].remove(path[-1])
        yield ".".join(map(str, path)), without


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_a_field_or_a_value_that_the_baseline_lacks_is_found(name: str) -> None:
    schema = json_schema(CONTRACTS[name])
    lacking = dict(_left_out(schema))
    assert len(lacking) > 3
    assert [left for left, old in lacking.items() if not breaks(schema, old)] == []


def test_the_baseline_is_brought_forward_and_never_over_a_break(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert forward.main([str(tmp_path)]) == 0
    assert forward.behind(tmp_path) == []
    feed = tmp_path / "feed.schema.json"
    older = feed.read_text("utf-8").replace('"tags"', '"labels"')
    feed.write_text(older)
    (tmp_path / "alert.schema.json").unlink()
    capsys.readouterr()
    assert forward.main([str(tmp_path)]) == 1
    assert "feed: labels: the field was removed" in capsys.readouterr().out
    assert feed.read_text("utf-8") == older
    assert "alert: it has no baseline" in forward.behind(tmp_path)
    feed.unlink()
    assert forward.main([str(tmp_path)]) == 0
    assert forward.behind(tmp_path) == []
    (tmp_path / "telegram.schema.json").write_text("{}")
    assert forward.broken(tmp_path) == ["telegram: the contract was removed"]


Change = Callable[[dict[str, Any]], None]


def _set(*path: str | int, to: Any) -> Change:
    def change(schema: dict[str, Any]) -> None:
        inner: Any = schema
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = to

    return change


def _remove(*path: str | int) -> Change:
    def change(schema: dict[str, Any]) -> None:
        inner: Any = schema
        for step in path[:-1]:
            inner = inner[step]
        del inner[path[-1]]

    return change


def _rename(old: str, new: str) -> Change:
    def change(schema: dict[str, Any]) -> None:
        schema["properties"][new] = schema["properties"].pop(old)

    return change


BREAKING: list[tuple[str, Change, str]] = [
    ("feed", _remove("properties", "tags"), "tags: the field was removed"),
    ("feed", _rename("source", "publisher"), "source: the field was removed"),
    ("feed", lambda s: s["required"].append("title"), "title: the field is required now"),
    ("feed", _set("properties", "enabled", to={"type": "string"}), "enabled: the type boolean"),
    ("feed", _set("properties", "max_bytes", "minimum", to=2_000), "max_bytes: minimum"),
    ("feed", _set("properties", "max_bytes", "maximum", to=5), "max_bytes: maximum"),
    ("feed", _set("properties", "id", "pattern", to="^[a-z]+$"), "id: pattern"),
    ("feed", _set("properties", "source", "maxLength", to=10), "source: maxLength"),
    ("feed", _set("properties", "schema_version", "const", to=2), "schema_version: 1 is refused"),
    ("feed", _set("properties", "tags", "items", to={"type": "integer"}), "tags[]: the type"),
    ("feed", _set("properties", "tags", "maxItems", to=3), "tags: maxItems"),
    ("report", _set("properties", "url", to={"type": "string"}), "url: the type null"),
    ("storyline", _set("$defs", "StorylineKind", "enum", to=["event"]), "kind: 'saga' is refused"),
    ("storyline", _remove("$defs", "Entity", "properties", "optional"), "entities[].optional:"),
    ("storyline", _set("$defs", "Window", "required", to=["since"]), "window.since: the field is"),
    ("subscription", _remove("properties", "receivers", "items", "oneOf", 2), "receivers[]"),
    ("match", _remove("$defs", "Article", "properties", "text"), "article.text: the field was"),
    (
        "match",
        _set("$defs", "Span", "properties", "field", "enum", to=["title"]),
        "'text' is refused",
    ),
    (
        "match",
        _set("$defs", "Span", "properties", "weight", "type", to="integer"),
        "weight: the type",
    ),
    ("deadletter", _set("properties", "value", "enum", to=["a"]), "value: any value became"),
    ("alert", _set("not", to={}), "does not understand not"),
]

HARMLESS: list[tuple[str, Change]] = [
    ("feed", _set("properties", "colour", to={"type": "string"})),
    ("feed", lambda s: s["required"].remove("source")),
    ("feed", _set("properties", "max_bytes", "maximum", to=10**12)),
    ("feed", _remove("properties", "max_bytes", "maximum")),
    ("feed", _set("properties", "title", to={"anyOf": [{"type": "string"}, {"type": "null"}]})),
    ("feed", _set("description", to="other words")),
    ("storyline", lambda s: s["$defs"]["StorylineKind"]["enum"].append("campaign")),
    ("alert", _set("properties", "sources", "type", to="number")),
]


@pytest.mark.parametrize(("name", "change", "told"), BREAKING)
def test_a_breaking_change_is_found(name: str, change: Change, told: str) -> None:
    now = copy.deepcopy(BASELINES[name])
    change(now)
    found = breaks(BASELINES[name], now)
    assert any(told in line for line in found), found


@pytest.mark.parametrize(("name", "change"), HARMLESS)
def test_a_harmless_change_is_let_through(name: str, change: Change) -> None:
    now = copy.deepcopy(BASELINES[name])
    change(now)
    assert breaks(BASELINES[name], now) == []
