"""Dead letters that are sent again, through the stages that buried them: judged anew, counted once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from agents.commands.retrying import Retried, send_again
from nightdesk import accounting
from nightdesk.archive import (
    Archive,
    accounts,
    articles,
    deadletters,
    definitions,
    open_archive,
    outbox,
    reports,
)
from nightdesk.archive.outbox import Outgoing
from nightdesk.clock import SettableClock
from nightdesk.pipeline.bare import build_stages
from nightdesk.pipeline.definitions import CatalogueCache
from nightdesk.pipeline.runner import BatchRunner
from nightdesk.pipeline.stage import Incoming
from schemas import Article, Candidate, DeadLetter, Report, Storyline
from tests.support.archive_samples import NOON, article, at

EMPTY = Report(
    id="report-1",
    entry="guid:1",
    feed="wire",
    source="The Wire",
    description="<p>Share</p><p>Advertisement</p>",
    seen_at=NOON,
)
FERRY = Storyline(id="ferry", title="Ferry talks", description="Talks on the ferry line.")


class Stream:
    """The stages over one archive; what they send is kept, and sent where the test says."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self._offsets: dict[str, int] = {}
        stages = build_stages(CatalogueCache())
        self._runners = {s.topic: BatchRunner(s, archive, SettableClock(NOON)) for s in stages}

    def send(self, topic: str, *values: bytes) -> list[Outgoing]:
        """Let the stage of `topic` have `values`, under offsets of their own; return what it sends."""
        begin = self._offsets.get(topic, 0)
        self._offsets[topic] = begin + len(values)
        batch = [Incoming(topic, 0, begin + n, "k", value) for n, value in enumerate(values)]
        return [message for _, message in self._runners[topic].run(batch).to_send]

    def polled(self, count: int) -> None:
        with self.archive.begin() as connection:
            accounts.count(connection, "wire", "poll", {"polled": count, "new": count})

    def letters(self) -> list[DeadLetter]:
        with self.archive.read() as connection:
            return deadletters.list_letters(connection, limit=99)

    def retry(self, letters: Sequence[DeadLetter]) -> tuple[Retried, list[Outgoing]]:
        """Retry `letters` as the command does; return what it tells, and what waits to be sent."""
        with self.archive.begin() as connection:
            outbox.discard(connection, [row for row, _ in self._waiting(connection)])
            done = send_again(connection, letters, at(60))
            return done, [message for _, message in self._waiting(connection)]

    @staticmethod
    def _waiting(connection: Any) -> list[tuple[int, Outgoing]]:
        return outbox.pending(connection, before=at(10_000), limit=999)

    def counts(self, stage: str) -> dict[str, int]:
        with self.archive.read() as connection:
            return accounts.totals(connection)[stage]

    def balanced(self, *stages: str) -> bool:
        with self.archive.read() as connection:
            balances = accounting.check(accounts.totals(connection))
        return all(balance.holds for balance in balances if balance.stage in stages)


@pytest.fixture
def stream() -> Iterator[Stream]:
    archive = open_archive("sqlite://")
    archive.migrate()
    yield Stream(archive)
    archive.close()


def test_a_report_without_a_word_dies_again_and_leaves_a_letter_again(stream: Stream) -> None:
    stream.polled(1)
    stream.send("reports", EMPTY.to_bytes())
    for times in (1, 2):
        done, waiting = stream.retry(stream.letters())
        assert done == Retried(sent=1, moot=0)
        assert stream.letters() == []
        stream.send("reports", *(message.value for message in waiting))
        (letter,) = stream.letters()
        assert letter.offset == times
        assert stream.balanced("poll", "normalise")
    assert stream.counts("normalise") == {"received": 3, "dead_letter": 3, "retried": 2}


def test_a_report_that_can_be_read_now_becomes_an_article(stream: Stream) -> None:
    """As after an update that reads what its predecessor could not."""
    report = EMPTY.model_copy(update={"title": "Ferry late again"})
    stream.polled(1)
    stream.send("reports", report.model_copy(update={"title": None}).to_bytes())
    (letter,) = stream.letters()
    with stream.archive.begin() as connection:
        reports.retry(connection, report.id)
        accounts.count(connection, "dead-letters", "normalise", {"retried": 1})
    stream.send("reports", report.to_bytes())
    assert letter.offset == 0
    with stream.archive.read() as connection:
        assert [a.title for a in articles.recent(connection, limit=9)] == ["Ferry late again"]
    assert stream.balanced("poll", "normalise")
    assert stream.counts("normalise")["new"] == 1


def test_a_dead_report_that_a_crash_sends_again_leaves_no_second_letter(stream: Stream) -> None:
    stream.polled(1)
    stream.send("reports", EMPTY.to_bytes())
    stream.send("reports", EMPTY.to_bytes(), EMPTY.to_bytes())
    assert len(stream.letters()) == 1
    assert stream.counts("normalise") == {"received": 3, "dead_letter": 1, "redelivered": 2}
    assert stream.balanced("poll", "normalise")


def test_a_retried_report_that_a_crash_sends_twice_is_judged_once(stream: Stream) -> None:
    stream.polled(1)
    stream.send("reports", EMPTY.to_bytes())
    _, waiting = stream.retry(stream.letters())
    stream.send("reports", *(message.value for message in waiting * 2))
    assert len(stream.letters()) == 1
    assert stream.counts("normalise")["redelivered"] == 1
    assert stream.balanced("poll", "normalise")


def test_a_letter_is_sent_once(stream: Stream) -> None:
    stream.polled(1)
    stream.send("reports", EMPTY.to_bytes())
    letters = stream.letters()
    stream.retry(letters)
    assert stream.retry(letters) == (Retried(sent=0, moot=1), [])
    assert stream.counts("normalise")["retried"] == 1


def test_a_candidate_of_an_unknown_storyline_is_decided_once_it_is_declared(stream: Stream) -> None:
    of: Article = article(title="Ferry talks resume on the harbour line")
    candidate = Candidate(
        id="candidate-1",
        storyline=FERRY.id,
        storyline_version=1,
        article=of,
        score=3.0,
        nominated_at=NOON,
    )
    with stream.archive.begin() as connection:
        accounts.count(connection, "0", "nominate", {"candidates": 1})
    stream.send("candidates", candidate.to_bytes())
    assert [letter.stage for letter in stream.letters()] == ["decide"]
    with stream.archive.begin() as connection:
        definitions.put(connection, FERRY, author="test", now=NOON)
    done, waiting = stream.retry(stream.letters())
    assert done == Retried(sent=1, moot=0)
    stream.send("candidates", *(message.value for message in waiting))
    counts = stream.counts("decide")
    assert counts["dead_letter"] == counts["retried"] == 1
    assert counts["received"] == 2
    assert "redelivered" not in counts
    assert stream.letters() == []
    assert stream.balanced("decide")
