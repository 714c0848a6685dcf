"""Messages as version 1 wrote them: `recorded/v1/<contract>[-variant].json`, never to be edited.

A field that is added later is recorded in a further variant.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schemas.base import Contract
from schemas.export import CONTRACTS

FOLDER = Path(__file__).with_name("recorded") / "v1"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
WHOLE = [name for name in NAMES if not name.endswith("-minimal")]


def recorded(name: str) -> tuple[type[Contract], Any]:
    """Return the contract and the document of one recording."""
    document = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return CONTRACTS[name.partition("-")[0]], document


def leaves(document: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every value of a document that holds no others."""
    pairs: Any = ()
    if isinstance(document, dict):
        pairs = document.items()
    elif isinstance(document, list):
        pairs = enumerate(document)
    else:
        yield path
    for step, value in pairs:
        yield from leaves(value, (*path, step))


def at(document: Any, path: tuple[str | int, ...]) -> Any:
    """Return what stands at `path`."""
    for step in path:
        document = document[step]
    return document


def replaced(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """Return a copy of the document with another value at `path`."""
    if not path:
        return value
    copied = document.copy()
    copied[path[0]] = replaced(document[path[0]], path[1:], value)
    return copied
