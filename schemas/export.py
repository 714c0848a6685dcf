"""JSON Schemas of the contracts, for those who read or write our topics in another language.

    python -m schemas.export          write schemas/json/
    python -m schemas.export --check  end with 1 where a file there is not what the models say

Comes in: the models.  Goes out: one `<contract>.schema.json` for each contract of a topic, each
definition, and the bundle.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.base import Contract
from schemas.bundle import Bundle
from schemas.feed import Feed
from schemas.silence import Silence
from schemas.storyline import Storyline
from schemas.subscription import Subscription
from schemas.topics import TOPICS

FOLDER = Path(__file__).with_name("json")

_DEFINITIONS: tuple[type[Contract], ...] = (Feed, Storyline, Subscription, Silence, Bundle)

CONTRACTS: Mapping[str, type[Contract]] = {
    model.__name__.lower(): model
    for model in [topic.model for topic in TOPICS.values()] + list(_DEFINITIONS)
}
"""Every contract that leaves the house, by the name of its file."""


def json_schema(model: type[Contract]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of what `model` accepts."""
    name, version = model.__name__.lower(), model.model_fields["schema_version"].default
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:nightdesk:{name}:{version}",
        **model.model_json_schema(mode="validation"),
    }


def rendered() -> dict[str, str]:
    """Return file name -> text, for every contract."""
    return {
        f"{name}.schema.json": json.dumps(json_schema(model), indent=2, ensure_ascii=False) + "\n"
        for name, model in CONTRACTS.items()
    }


def outdated(folder: Path = FOLDER) -> list[str]:
    """Return the names of files in `folder` that are missing, left over, or not what the models say."""
    there = {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.schema.json"))}
    wanted = rendered()
    return sorted(
        name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name)
    )


def write(folder: Path = FOLDER) -> list[str]:
    """Bring `folder` up to date; return the names of the files that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed, wanted = outdated(folder), rendered()
    for name in changed:
        if name in wanted:
            (folder / name).write_text(wanted[name], "utf-8")
        else:
            (folder / name).unlink()
    return changed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m schemas.export", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args(arguments)
    names = outdated(options.folder) if options.check else write(options.folder)
    for name in names:
        print(f"{'outdated' if options.check else 'wrote'} {options.folder / name}")
    if options.check and names:
        print("run `python -m schemas.export`, and look at what changed", file=sys.stderr)
    return 1 if options.check and names else 0


if __name__ == "__main__":
    sys.exit(main())
