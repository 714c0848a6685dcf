"""The five seed articles as JSON lines, scraped noise included, for `nightdesk replay`."""

from __future__ import annotations

import json

from tests.support.shared import shared_path


def seed_records() -> list[dict[str, str | None]]:
    """Return one record a seed, oldest first; `storyline` is where it belongs."""
    folder = shared_path("seeds")
    records = [
        {
            "id": seed["file"].removesuffix(".txt"),
            "title": seed["title"],
            "description": None,
            "text": (folder / seed["file"]).read_text(encoding="utf-8"),
            "published": seed["published"],
            "source": seed["source"],
            "url": None,
            "lang": "en",
            "storyline": seed["storyline"],
        }
        for seed in json.loads((folder / "index.json").read_text(encoding="utf-8"))
    ]
    return sorted(records, key=lambda record: record["published"])
