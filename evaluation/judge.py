"""Judges one file: the shipped engine and its peers over the same trial, as rows of one table.

Comes in: a corpus, the number of examples, whether stories are declared as rivals.  Goes out: `Row`s.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.engine import Tracked, track
from evaluation.learnt import SHIPPED, Weighing
from evaluation.measures import Measures, measure, oracle_threshold, oracle_thresholds
from evaluation.peers import run_peers
from evaluation.reports import Corpus, DataError
from evaluation.stream import Trial, trial
from nightdesk.dense.encoder import Encoder
from nightdesk.storylines.model import Model

HEADINGS = {
    "f1": "F1",
    "cost": "cost",
    "precision": "prec.",
    "recall": "recall",
    "average_precision": "AP",
    "calibration_error": "ECE",
}
"""What tables call the measures."""


@dataclass(frozen=True)
class Row:
    """One system, one decision, one number of examples: means over stories and their spread."""

    system: str
    decision: str
    rivals: bool
    examples: int
    measures: Measures
    articles_per_s: float

    def as_json(self) -> dict[str, Any]:
        """The row as `--json` prints it; what a system does not give is null."""
        return {
            "system": self.system,
            "decision": self.decision,
            "rivals": self.rivals,
            "examples": self.examples,
            "stories": self.measures.stories,
            **{
                name: None if math.isnan(value) else round(value, 6)
                for name, value in self.measures.means().items()
            },
            "articles_per_s": round(self.articles_per_s, 1),
        }


@dataclass(frozen=True)
class Judged:
    """The rows of one trial, the trial itself, and notes on what was left out."""

    trial: Trial
    tracked: Tracked
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def judge(
    corpus: Corpus,
    examples: int,
    *,
    rivals: bool = False,
    peers: bool = True,
    weighing: Weighing = SHIPPED,
    encoder: Encoder | None = None,
    model: Model | None = None,
) -> Judged:
    """Judge one file with so many examples a story, by meaning too where there is an `encoder`.

    `weighing` says how the engine has come to know how rare words are; the `model` is the shipped one, if
    none is given.

    Raises DataError where no story has more reports than that.
    """
    laid = trial(corpus.reports, examples)
    if not laid.stories:
        raise DataError(
            f"no story of {corpus.name} has more than {examples} "
            + ("report" if examples == 1 else "reports"),
            hint='a report belongs to the story that its "story" names; give fewer examples',
        )
    rarity = weighing.rarity(corpus.reports)
    tracked = track(laid, rivals=rivals, rarity=rarity, encoder=encoder, model=model)
    rows = [
        Row(
            "nightdesk",
            name,
            rivals,
            examples,
            measure(
                laid.truth, laid.judged, decided.accepted, decided.probability, calibrated=True
            ),
            tracked.articles_per_s,
        )
        for name, decided in (("at_once", tracked.at_once), ("settled", tracked.settled))
    ]
    beside, notes = _peer_rows(laid) if peers else ([], [])
    return Judged(laid, tracked, (*rows, *beside), tuple(notes))


def _peer_rows(laid: Trial) -> tuple[Sequence[Row], list[str]]:
    rows = []
    truth, judged = laid.truth, laid.judged
    scored, notes = run_peers(laid)
    for peer in scored:
        thresholds = {peer.name: np.array([oracle_threshold(truth, judged, peer.scores)])}
        if peer.name == "tfidf":
            thresholds["tfidf_per_story"] = oracle_thresholds(truth, judged, peer.scores)
        for name, threshold in thresholds.items():
            accepted = peer.scores >= threshold[:, None]
            measures = measure(truth, judged, accepted, peer.scores, calibrated=False)
            rows.append(Row(name, "at_once", False, laid.examples, measures, peer.articles_per_s))
    return rows, notes
