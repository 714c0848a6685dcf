"""Sagas in other company: the same sagas, with and without what else is told beside them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evaluation import mixtures
from evaluation.engine import track
from evaluation.mixtures import SAMPLES, Mixture
from evaluation.reports import Corpus, DataError
from evaluation.stream import trial
from nightdesk.storylines.model import format_model, shipped_model


def streams(*names: str) -> dict[str, Mixture]:
    return {one.name: one for one in mixtures.mixtures(names, undated=True)}


def sagas(corpus: Corpus) -> set[str | None]:
    return {report.story for report in corpus.reports}


def test_one_file_is_shown_with_its_other_news_and_without() -> None:
    found = streams("uprisings")
    (mixed,) = found.pop("uprisings, with its other news").streams
    (alone,) = found.pop("uprisings, sagas alone").streams
    assert not found
    assert sagas(mixed) == sagas(alone) | {None}
    assert alone.reports == tuple(report for report in mixed.reports if report.story)


def test_samples_of_all_are_of_ten_sagas_and_no_other_news() -> None:
    found = streams("uprisings", "powers")
    (whole,) = found["all sagas together"].streams
    samples = found[f"ten sagas of all, {SAMPLES} samples"].streams
    assert len(samples) == SAMPLES
    for sample in samples:
        assert len(sagas(sample)) == 10
        assert sagas(sample) < sagas(whole)
        kept = [report for report in whole.reports if report.story in sagas(sample)]
        assert list(sample.reports) == kept
    assert len({frozenset(sagas(sample)) for sample in samples}) > 1


@pytest.mark.parametrize("text", [None, "", "first\tbase\tone\n", "first\tbase\n"])
def test_what_is_no_model_is_told_with_a_hint(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "model.tsv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(DataError, match="no whole model") as told:
        mixtures.read_model(path)
    assert "--without FILE" in told.value.hint


def test_a_model_that_was_printed_is_read(tmp_path: Path) -> None:
    path = tmp_path / "model.tsv"
    path.write_text(format_model(shipped_model()))
    assert format_model(mixtures.read_model(path)) == path.read_text()


def test_another_model_decides_otherwise() -> None:
    (corpus,) = streams("uprisings")["uprisings, sagas alone"].streams
    laid = trial(corpus.reports[:60], 1)
    model = shipped_model()
    weights = np.zeros_like(model.second.weights)
    weights[0, 0] = -20.0
    refusing = replace(model, second=replace(model.second, weights=weights))
    assert track(laid).settled.accepted.any()
    assert not track(laid, model=refusing).settled.accepted.any()
