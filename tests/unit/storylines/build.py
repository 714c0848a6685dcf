"""Builds articles and storylines for tests with as little said as a test needs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from nightdesk.storylines.compile import compile_storylines
from nightdesk.storylines.index import Index
from nightdesk.storylines.rarity import shipped_rarity
from schemas import Article, Storyline

NOON = datetime(2016, 7, 14, 12, tzinfo=UTC)
BUNDLE = Path(__file__).resolve().parents[3] / "examples" / "bundle.yaml"


def make_article(text: str = "", *, title: str = "", **changes: Any) -> Article:
    values = {
        "id": "a1",
        "report": "r1",
        "feed": "wire",
        "source": "Wire",
        "title": title,
        "text": text,
        "language": "en",
        "published_at": NOON,
        "seen_at": NOON,
        "content_hash": "0",
    }
    return Article(**{**values, **changes})


def make_storyline(**values: Any) -> Storyline:
    """Read a storyline as from a file: lists and strings, not tuples and enums."""
    return Storyline.model_validate_json(json.dumps({"id": "s", "title": "Untitled", **values}))


def make_index(*storylines: Storyline) -> Index:
    return compile_storylines([(s, 1) for s in storylines], rarity=shipped_rarity())


def example_storylines() -> list[Storyline]:
    with BUNDLE.open(encoding="utf-8") as file:
        rows = YAML(typ="safe").load(file)["storylines"]
    return [Storyline.model_validate_json(json.dumps(row)) for row in rows]


FREIGHTER = {
    "title": "Freighter blocks the harbour of Port Lindane",
    "text": "A freighter with grain ran aground on a sandbank off Port Lindane in thick fog. The harbour"
    " is closed until tugs have pulled it free, the harbour master said.",
}
GROUNDING = make_article(
    "Tugs tried in vain to pull the freighter off the sandbank at Port Lindane. The grain in its hold"
    " is to be unloaded before the harbour opens again, the harbour master said.",
    title="Tugs fail to free freighter at Port Lindane",
)
