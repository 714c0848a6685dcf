"""docs/bundles.md names every field that a user can declare, with its default; its example is sound."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from nightdesk.bundles import load
from nightdesk.bundles.nodes import MAX_DEPTH, MAX_NODES
from nightdesk.bundles.source import MAX_BYTES
from schemas import (
    AlertmanagerReceiver,
    AppriseReceiver,
    AtomReceiver,
    EventsReceiver,
    Feed,
    FileReceiver,
    MailReceiver,
    Silence,
    Storyline,
    Subscription,
    WebhookReceiver,
)
from schemas.base import Contract

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "bundles.md").read_text("utf-8")
RECEIVERS = (
    WebhookReceiver,
    MailReceiver,
    AppriseReceiver,
    AlertmanagerReceiver,
    FileReceiver,
    EventsReceiver,
    AtomReceiver,
)
SECTIONS = dict(re.findall(r"^## (\w+)$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize(
    ("section", "model"),
    [
        ("Feeds", Feed),
        ("Storylines", Storyline),
        ("Subscriptions", Subscription),
        *(("Subscriptions", receiver) for receiver in RECEIVERS),
        ("Silences", Silence),
    ],
)
def test_every_field_is_told(section: str, model: type[Contract]) -> None:
    fields = set(model.model_fields) - {"schema_version"}
    assert [name for name in sorted(fields) if f"`{name}`" not in SECTIONS[section]] == []


@pytest.mark.parametrize(
    ("section", "model"),
    [("Feeds", Feed), ("Storylines", Storyline), ("Subscriptions", Subscription)],
)
def test_the_defaults_told_are_the_defaults(section: str, model: type[Contract]) -> None:
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| ([^|]*?) \|", SECTIONS[section], re.MULTILINE)
    told = {
        name.strip("`"): default for names, default in rows for name in names.split(", ") if default
    }
    for name, default in told.items():
        if name not in model.model_fields or name in {"storylines", "tags", "kinds"}:
            continue
        field = model.model_fields[name]
        if default == "required":
            assert field.is_required(), name
        elif default.startswith("`"):
            assert field.default is not PydanticUndefined, name
            [value] = model.model_construct(**{name: field.default}).model_dump(
                mode="json", include={name}
            ).values()  # fmt: skip
            shown = value if isinstance(value, str) else json.dumps(value)
            assert default == f"`{shown}`", name


def test_no_row_tells_of_a_field_that_does_not_exist() -> None:
    for section, model in (("Feeds", Feed), ("Storylines", Storyline)):
        cells = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", SECTIONS[section], re.MULTILINE)
        names = {name.strip("`") for cell in cells for name in cell.split(", ")} - {"field"}
        assert names <= set(model.model_fields)


def test_bounds_are_told_as_they_are() -> None:
    assert f"{MAX_BYTES // 1_000_000} MB, {MAX_NODES:,} keys" in PAGE
    assert f"{MAX_DEPTH} levels" in PAGE


def test_the_example_is_sound() -> None:
    assert load(ROOT / "examples" / "bundle.yaml").problems == ()
