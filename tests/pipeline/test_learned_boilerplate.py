"""Boilerplate is learned in the order of the archive, dropped, and never makes an edit of what it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.archive import Archive, articles, boilerplate, open_archive, retention
from nightdesk.archive.boilerplate import LAPSES_AFTER
from nightdesk.clock import SettableClock
from nightdesk.pipeline.normalise import NormaliseStage
from nightdesk.pipeline.runner import BatchRunner, Done
from nightdesk.pipeline.stage import Incoming
from nightdesk.text.recurring import LEAST_ARTICLES, key_of
from schemas import Article, Report

NOW = datetime(2026, 3, 1, 6, tzinfo=UTC)
LINE = "Write to our night desk, day and night"
DAY = timedelta(days=1)


def report(n: int, *more: str, day: int | None = None, **fields: Any) -> Report:
    body = [f"What number {n} has to say in line {at} is said nowhere else." for at in range(4)]
    values: dict[str, Any] = {
        "id": f"report-{n}",
        "entry": f"guid:{n}",
        "guid": str(n),
        "feed": "wire",
        "source": "The Wire",
        "url": f"https://wire.example/{n}",
        "title": f"Report number {n}",
        "content": "\n".join([*body, *(more or (LINE,))]),
        "seen_at": NOW + DAY * (n if day is None else day),
    }
    return Report(**(values | fields))


class Stream:
    """The partition of one feed, batch by batch."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self._runner = BatchRunner(NormaliseStage(), archive, SettableClock(NOW))
        self._offset = 0

    def take(self, *batch: Report) -> Done:
        messages = [
            Incoming("reports", 0, self._offset + at, one.feed, one.to_bytes())
            for at, one in enumerate(batch)
        ]
        self._offset += len(messages)
        return self._runner.run(messages)

    def restart(self) -> None:
        self._runner = BatchRunner(NormaliseStage(), self.archive, SettableClock(NOW))

    def again(self) -> None:
        """Let the broker deliver from the beginning once more."""
        self._offset = 0
        self.restart()

    def article(self, n: int) -> Article:
        with self.archive.read() as connection:
            owner = articles.resolve(connection, [f"guid:The Wire:{n}"])
            found = articles.get(connection, next(iter(owner.values())))
        assert found is not None
        return found

    def undo(self, moment: datetime | None) -> None:
        key = key_of(LINE)
        assert key is not None
        with self.archive.begin() as connection:
            assert boilerplate.set_undone(connection, "The Wire", key, moment)

    def learned(self) -> dict[str, int]:
        with self.archive.read() as connection:
            return {line.words: line.dropped for line in boilerplate.listed(connection)}


@pytest.fixture
def stream(sqlite_archive: Archive) -> Stream:
    return Stream(sqlite_archive)


def teach(stream: Stream, first: int = 0) -> None:
    for n in range(first, first + LEAST_ARTICLES):
        stream.take(report(n))


def test_a_line_is_learned_dropped_and_counted(stream: Stream) -> None:
    teach(stream)
    assert stream.learned() == {LINE: 0}
    assert all(LINE in stream.article(n).text for n in range(LEAST_ARTICLES))
    done = stream.take(report(10, "Share", LINE), report(11))
    assert done.dropped == {"learned": 2, "first_sight": 1}
    assert not any(LINE in stream.article(n).text for n in (10, 11))
    assert stream.article(10).text.endswith("is said nowhere else.")
    assert stream.learned() == {LINE: 2}


def test_on_every_kind_of_database(archive: Archive) -> None:
    stream = Stream(archive)
    stream.take(*(report(n, source="Wíre 'of' \x00 all") for n in range(LEAST_ARTICLES)))
    stream.restart()
    stream.take(*(report(n, source="Wíre 'of' \x00 all") for n in range(10, 14)))
    stream.again()
    stream.take(*(report(n, source="Wíre 'of' \x00 all") for n in range(LEAST_ARTICLES)))
    assert stream.learned() == {LINE: 4}


def test_within_one_batch_too(stream: Stream) -> None:
    stream.take(*(report(n) for n in range(LEAST_ARTICLES + 3)))
    assert stream.learned() == {LINE: 3}


def test_identity_does_not_move_when_a_line_is_learned(stream: Stream) -> None:
    teach(stream)
    stream.take(report(10))
    hashes = [stream.article(n).content_hash for n in (0, 10)]
    # All of the source is sent again, as by a feed that changed its links and its dates.
    everything = [
        report(n, id=f"later-{n}", url=f"https://wire.example/new/{n}", day=20)
        for n in (*range(LEAST_ARTICLES), 10)
    ]
    done = stream.take(*everything)
    assert done.counts["duplicate"] == len(everything)
    assert done.to_send == []
    assert [stream.article(n).content_hash for n in (0, 10)] == hashes
    assert stream.learned() == {LINE: 1}


def test_an_edit_after_it_was_learned_tells_the_edit_alone(stream: Stream) -> None:
    teach(stream)
    stream.take(report(0, "Nobody was hurt there.", LINE, id="later", day=9))
    edited = stream.article(0)
    assert edited.edit is not None
    assert LINE not in edited.text
    assert [(c.kind, c.after) for c in edited.edit.changes] == [
        ("addition", "Nobody was hurt there."),
        ("cosmetic", ""),
    ]


def test_descriptions_lose_it_and_titles_keep_it(stream: Stream) -> None:
    teach(stream)
    told = "A summary, in some words, of what is told below."
    summary = f"{told}\n{LINE}"
    stream.take(
        report(10, title=LINE), report(11, description=summary), report(12, description=LINE)
    )
    assert stream.article(10).title == LINE
    assert stream.article(11).description == told
    assert stream.article(12).description == LINE


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(
            [report(0, id=f"e{n}", day=n, title=f"T{n}") for n in range(20)], id="revisions"
        ),
        pytest.param([report(0, id=f"c{n}", day=n, guid=f"c{n}") for n in range(20)], id="copies"),
        pytest.param(
            [
                report(0, LINE, f"Another {n}", id=f"c{n}", day=n, guid=f"c{n}", url=None)
                for n in range(20)
            ],
            id="near copies",
        ),
        pytest.param([report(n, day=0) for n in range(20)], id="one day"),
        pytest.param([report(n, source=f"Wire {n % 5}") for n in range(20)], id="many sources"),
    ],
)
def test_what_is_no_reason_to_learn(stream: Stream, more: list[Report]) -> None:
    for one in more:
        stream.take(one)
    assert stream.learned() == {}


def test_two_feeds_of_one_publisher_teach_together(stream: Stream) -> None:
    for n in range(LEAST_ARTICLES):
        stream.take(report(n, feed=("wire", "world")[n % 2]))
    assert stream.learned() == {LINE: 0}


def test_what_is_undone_stays_until_it_is_redone(stream: Stream) -> None:
    teach(stream)
    stream.take(report(10))
    stream.undo(NOW)
    stream.take(*(report(n) for n in range(11, 30)))
    assert all(LINE in stream.article(n).text for n in range(11, 30))
    stream.undo(None)
    stream.take(report(30))
    assert LINE not in stream.article(30).text
    assert stream.learned() == {LINE: 2}


def test_what_was_not_met_for_long_is_kept_until_it_is_learned_again(stream: Stream) -> None:
    teach(stream)
    late = LEAST_ARTICLES + LAPSES_AFTER.days
    stream.take(report(100, day=late))
    assert LINE in stream.article(100).text
    for n in range(LEAST_ARTICLES):
        stream.take(report(101 + n, day=late + n))
    assert LINE not in stream.article(100 + LEAST_ARTICLES).text
    assert stream.learned() == {LINE: 1}


def test_housekeeping_takes_what_has_lapsed_and_nothing_else(stream: Stream) -> None:
    teach(stream)

    def prune(before: datetime) -> tuple[int, int]:
        with stream.archive.begin() as connection:
            pruned = retention.prune(connection, before=before)
        return pruned["learned_lines"], pruned["line_counts"]

    last = NOW + DAY * (LEAST_ARTICLES - 1)
    assert prune(last + LAPSES_AFTER) == (0, 0)
    stream.undo(NOW)
    assert prune(last + LAPSES_AFTER + DAY) == (0, 1)
    stream.undo(None)
    assert prune(last + LAPSES_AFTER + DAY) == (1, 0)


def _story() -> Iterator[Report]:
    """Thirty days of a feed: new ones, edits, copies, and a line that comes and goes."""
    for n in range(36):
        more = (LINE,) if n % 3 else (f"Only {n}",)
        yield report(n, *more, "Our phone rings at night", day=n // 2)
        if n % 5 == 0:
            yield report(n, *more, f"Edited {n}", id=f"edit-{n}", day=n // 2)
        if n % 7 == 0:
            yield report(n, *more, id=f"copy-{n}", guid=f"copy-{n}", day=n // 2)


STORY = list(_story())


def _dump(archive: Archive) -> list[object]:
    with archive.read() as connection:
        return [
            [
                tuple(row)
                for row in connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2")
            ]
            for table in ("articles", "revisions", "reports", "line_counts", "learned_lines")
        ]


def _run(batches: list[int], *, restarts: bool = False, redeliver: bool = False) -> list[object]:
    archive = open_archive("sqlite://")
    archive.migrate()
    stream = Stream(archive)
    ends = sorted({0, *(end % len(STORY) for end in batches), len(STORY)})
    for start, end in pairwise(ends):
        stream.take(*STORY[start:end])
        if restarts:
            stream.restart()
    if redeliver:
        stream.again()
        stream.take(*STORY)
        stream.take(*STORY)
    dumped = _dump(archive)
    archive.close()
    return dumped


@settings(max_examples=12)
@given(st.lists(st.integers(0, len(STORY)), max_size=30), st.booleans())
def test_batches_and_restarts_change_nothing(batches: list[int], restarts: bool) -> None:
    whole = _run([])
    lines = whole[-1]
    assert isinstance(lines, list)
    assert len(lines) == 2
    assert _run(batches, restarts=restarts) == whole


def test_what_is_sent_again_counts_once() -> None:
    # Under its old offsets it is skipped, under new ones it is known by its id.
    assert _run([7, 20], redeliver=True) == _run([])
