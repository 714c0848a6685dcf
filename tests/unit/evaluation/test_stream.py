"""A trial takes the examples and the order that its rules say, and judges what it may."""

from __future__ import annotations

import hashlib
from typing import Any

from evaluation.stream import Trial, trial
from tests.unit.evaluation.build import make_corpus


def lay(*rows: tuple[str, str | None, str | None], examples: int = 1) -> Trial:
    """Lay out a trial of (id, story, date)."""
    told: list[dict[str, Any]] = [{"id": i, "story": s, "published": d} for i, s, d in rows]
    return trial(make_corpus(*told).reports, examples)


def judged(laid: Trial, story: int = 0) -> set[str]:
    return {report.id for report, yes in zip(laid.stream, laid.judged[story], strict=True) if yes}


def test_the_first_by_date_are_examples_and_the_last_examples_date_bounds_the_test() -> None:
    laid = lay(
        ("late", "s", "2015-03-03"),
        ("first", "s", "2015-03-01"),
        ("second", "s", "2015-03-02"),
        ("before", None, "2015-03-01T23:59:59"),
        ("same day", "t", "2015-03-02"),
        ("undated", None, None),
        examples=2,
    )
    assert [story.label for story in laid.stories] == ["s"]
    assert [example.id for example in laid.stories[0].examples] == ["first", "second"]
    assert judged(laid) == {"late", "same day", "undated"}
    assert [r.id for r, yes in zip(laid.stream, laid.truth[0], strict=True) if yes] == [
        "first",
        "second",
        "late",
    ]


def test_examples_without_dates_go_by_the_file_and_the_stream_by_a_hash() -> None:
    names = [f"r{number}" for number in range(9)]
    laid = lay(*((name, "s", None) for name in names), examples=4)
    assert [example.id for example in laid.stories[0].examples] == names[:4]
    assert [report.id for report in laid.stream] == sorted(
        names, key=lambda name: hashlib.sha256(name.encode()).hexdigest()
    )
    assert judged(laid) == set(names[4:])


def test_within_one_date_the_stream_goes_by_a_hash_and_the_undated_come_last() -> None:
    same = sorted("abcdef", key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    laid = lay(
        ("y", None, None),
        *((name, "s", "2015-03-02") for name in "abcdef"),
        ("z", None, "2015-03-01T10:00:00Z"),
    )
    assert [report.id for report in laid.stream] == ["z", *same, "y"]


def test_a_dated_report_is_an_example_before_one_without_a_date() -> None:
    laid = lay(("undated", "s", None), ("dated", "s", "2015-03-01"), ("old", None, "2015-02-01"))
    assert [example.id for example in laid.stories[0].examples] == ["dated"]
    assert judged(laid) == {"undated"}


def test_a_story_needs_more_reports_than_examples() -> None:
    rows = (("a", "s", None), ("b", "s", None), ("c", "t", None), ("d", None, None))
    assert [story.label for story in lay(*rows).stories] == ["s"]
    assert judged(lay(*rows)) == {"b", "c", "d"}
    empty = lay(*rows, examples=2)
    assert empty.stories == ()
    assert empty.truth.shape == empty.judged.shape == (0, 4)
