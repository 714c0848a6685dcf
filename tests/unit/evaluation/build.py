"""Builds labelled corpora for tests with as little said as a test needs."""

from __future__ import annotations

import json
from typing import Any

from evaluation.reports import Corpus, corpus_of


def lines(*rows: dict[str, Any]) -> list[bytes]:
    return [json.dumps(row).encode() for row in rows]


def make_corpus(*rows: dict[str, Any], undated: bool = False) -> Corpus:
    """Read rows as from a file; a row without a title says its id."""
    told = [{"title": f"report {row.get('id')}", **row} for row in rows]
    return corpus_of("test", lines(*told), undated=undated)
