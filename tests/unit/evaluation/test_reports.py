"""Labelled files are read whatever is missing or odd in them, and what is left out is named."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.reports import DataError, corpus_of, load
from tests.unit.evaluation.build import lines, make_corpus

FULL = {
    "id": "a",
    "title": "Freighter aground off Lindane",
    "description": "Twelve sailors were brought ashore.",
    "text": "The harbour was closed on Monday after a freighter ran aground in fog.",
    "published": "2015-09-01T10:00:00+02:00",
    "source": "Harbour Post",
    "url": "https://harbour.example/aground",
    "lang": "en",
    "story": "grounding",
    "topic": "not read",
}


def test_a_report_is_read_with_its_story_and_date() -> None:
    (report,) = make_corpus(FULL).reports
    assert (report.id, report.story) == ("a", "grounding")
    assert report.when == report.article.published_at == datetime(2015, 9, 1, 8, tzinfo=UTC)
    assert report.exemplar.text == FULL["text"]
    assert report.article.source == "Harbour Post"


@pytest.mark.parametrize("missing", sorted(FULL.keys() - {"id"}))
@pytest.mark.parametrize("null", [True, False])
def test_any_field_but_the_id_may_be_missing_or_null(missing: str, null: bool) -> None:
    row: dict[str, Any] = {**FULL, missing: None}
    if not null:
        del row[missing]
    corpus = corpus_of("test", lines(row))
    assert [report.id for report in corpus.reports] == ["a"]
    assert corpus.notes == ()


def test_lines_that_cannot_be_used_are_named_and_left_out() -> None:
    bad = [b"{", b"[1]", b'{"title": "no id"}', b'{"id": "w"}', b'{"id": true, "title": "x"}', b""]
    corpus = corpus_of("test", [*bad, *lines(FULL, {**FULL, "story": "another"})])
    assert [(report.id, report.story) for report in corpus.reports] == [("a", "grounding")]
    named = {note.split(" is left out")[0] for note in corpus.notes}
    assert named == {"line 1", "line 2", "line 3", "report 'w'", "line 5", "line 8"}
    assert "line 2 is left out: no JSON object" in corpus.notes


@pytest.mark.parametrize(
    "odd",
    ["yesterday", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", 20, "2", -1.5, 10**400],
)
def test_a_date_that_cannot_be_read_is_none_and_is_told(odd: object) -> None:
    corpus = corpus_of("test", lines({**FULL, "published": odd}))
    assert corpus.reports[0].when is None
    assert corpus.reports[0].article.published_at is None
    assert "report 'a': published" in corpus.notes[0]
    assert "neither ISO 8601 nor RFC 2822: taken as undated" in corpus.notes[0]


@pytest.mark.parametrize("odd", [True, [], {}, ["2015-09-01"], float("nan"), float("inf")])
def test_what_is_no_date_at_all_loses_no_report(odd: object) -> None:
    corpus = corpus_of("test", lines({**FULL, "published": odd}))
    assert [report.when for report in corpus.reports] == [None]
    told = json.dumps(odd)
    assert corpus.notes == (f"report 'a': published is {told}, not a date: taken as undated",)


@pytest.mark.parametrize(
    "figures", [1441094400, 1441094400.0, "1441094400", 1441094400000, "1441094400000"]
)
def test_a_date_in_seconds_or_milliseconds_since_1970_is_read(figures: object) -> None:
    corpus = corpus_of("test", lines({**FULL, "published": figures}))
    assert corpus.reports[0].when == datetime(2015, 9, 1, 8, tzinfo=UTC)
    assert corpus.notes == ()


@pytest.mark.parametrize("name", [7, 7.0, 7.5, "7"])
def test_numbers_are_names_too_and_a_byte_order_mark_is_nothing(name: float | str) -> None:
    row = {**FULL, "id": name, "story": name, "source": name}
    (report,) = corpus_of("test", [b"\xef\xbb\xbf" + lines(row)[0]]).reports
    as_read = "7.5" if name == 7.5 else "7"
    assert (report.id, report.story, report.article.source) == (as_read, as_read, as_read)


def test_no_field_but_the_id_loses_a_report_and_what_is_odd_is_told() -> None:
    odd = {**FULL, "url": True, "lang": {"a": 1}, "source": ["x"], "story": []}
    corpus = corpus_of("test", lines(odd))
    assert [(r.id, r.story, r.article.url) for r in corpus.reports] == [("a", None, None)]
    assert {note.split(" is ")[0] for note in corpus.notes} == {
        f"report 'a': {field}" for field in ("url", "lang", "source", "story")
    }


def test_paragraphs_of_a_list_are_one_text_and_a_number_is_a_word() -> None:
    row = {**FULL, "text": ["Tugs came.", ["Fog lifted.", 12, None, {"no": 1}]], "title": 1912}
    corpus = corpus_of("test", lines({**row, "description": {"a": "b"}}))
    (report,) = corpus.reports
    assert report.article.text == "Tugs came.\nFog lifted.\n12"
    assert report.article.title == "1912"
    assert corpus.notes == (
        'report \'a\': description is {"a": "b"}, not text: left out',
        "report 'a': text is a list: its parts are taken for lines",
        "report 'a': title is a number: taken as text",
    )


def test_reports_without_a_date_are_seen_last() -> None:
    corpus = make_corpus({"id": "a"}, {"id": "b", "published": "2015-09-01"})
    assert corpus.reports[0].article.seen_at == corpus.reports[1].when
    assert corpus.reports[0].article.published_at is None


def test_dates_can_be_dropped_without_a_word() -> None:
    odd = [{"id": "b", "published": "odd"}, {"id": "c", "published": []}]
    corpus = make_corpus(FULL, *odd, undated=True)
    assert all(r.when is None and r.article.published_at is None for r in corpus.reports)
    assert corpus.notes == ()


@pytest.mark.parametrize("content", [b"", b"\n \n", b"nonsense", b"\xff\xfe\x00", b'{"id": "a"}'])
def test_a_file_without_reports_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file.jsonl").write_bytes(content)
    with pytest.raises(DataError, match="holds no report"):
        load(tmp_path / "file.jsonl")


def test_a_packed_file_is_refused_with_the_way_to_unpack_it(tmp_path: Path) -> None:
    path = tmp_path / "packed.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n".join(lines(FULL))))
    with pytest.raises(DataError, match="packed by gzip") as refused:
        load(path)
    assert "gunzip" in refused.value.hint


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        load(tmp_path / "nowhere.jsonl")
    with pytest.raises(DataError, match="cannot be read"):
        load(tmp_path)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
rows = st.fixed_dictionaries(
    {}, optional={field: anything | st.just(FULL[field]) for field in FULL if field != "topic"}
)


@given(st.lists(rows, max_size=4))
@settings(max_examples=150, deadline=None)
def test_whatever_the_lines_hold_they_are_read_or_refused_in_words(
    told: list[dict[str, object]],
) -> None:
    with suppress(DataError):
        corpus = corpus_of("test", [json.dumps(row).encode() for row in told])
        names = [report.id for report in corpus.reports]
        assert names
        assert len(names) == len(set(names))
