"""The five seed articles as JSON lines, scraped noise included, for `nightdesk replay`."""

from __future__ import annotations

import json
from collections import defaultdict

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


def seed_exemplars() -> dict[str | None, list[dict[str, str | None]]]:
    """Return the exemplars that the seeds make, as a bundle has them, by storyline; oldest first."""
    shown = defaultdict(list)
    for record in seed_records():
        exemplar = {"title": record["title"], "text": record["text"]}
        exemplar["published"] = f"{record['published']}T00:00:00Z"
        shown[record["storyline"]].append(exemplar)
    return dict(shown)
