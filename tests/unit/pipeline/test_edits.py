"""Edits from the poll to the article: taken back, going back and forth, sent twice; each counted once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from nightdesk.archive import feeds
from nightdesk.archive.engine import open_archive
from nightdesk.feeds.fetched import Validators
from nightdesk.feeds.state import FeedState
from nightdesk.feeds.trust import validators_for
from schemas import Edit, Report
from tests.support.feedserver import rss
from tests.support.polled import FEED, LINK, Desk

A, B, C = "Two dead on the ferry", "Twelve dead on the ferry", "Three dead on the ferry"


@pytest.fixture
def desk() -> Iterator[Desk]:
    archive = open_archive("sqlite://")
    archive.migrate()
    yield Desk(archive)
    archive.close()


def test_an_edit_that_is_taken_back_is_a_third_revision(desk: Desk) -> None:
    for title in (A, B, A):
        desk.normalise(*desk.poll(title))
    assert desk.titles() == [A, B, A]
    assert desk.counts() == {"received": 3, "new": 1, "revision": 2}
    assert desk.balanced()


def test_the_same_in_one_batch(desk: Desk) -> None:
    sent = [report for title in (A, B, A) for report in desk.poll(title)]
    desk.normalise(*sent)
    assert desk.titles() == [A, B, A]
    assert desk.balanced()


def test_what_is_sent_twice_is_known_as_itself_whatever_came_since(desk: Desk) -> None:
    sent = [report for title in (A, B, A) for report in desk.poll(title)]
    assert len({Report.model_validate_json(report).id for report in sent}) == 3
    for report in sent:
        desk.normalise(report)
    desk.normalise(*sent)
    assert desk.titles() == [A, B, A]
    assert desk.counts()["redelivered"] == 3
    assert desk.balanced()


def test_an_entry_that_says_what_it_said_last_is_unchanged(desk: Desk) -> None:
    for title in (A, B, A):
        desk.normalise(*desk.poll(title))
    # Another body, the same entry: the feed is read again.
    assert desk.poll(f"{A}!") == []


def test_a_page_that_is_read_at_last_is_a_revision_that_edits_nothing(desk: Desk) -> None:
    document = rss((A, LINK))
    page = f"{A}. " + "The ferry had left the harbour in fog, said its owner. " * 9
    desk.normalise(*desk.poll_document(document, unread={"guid:x": 1}))
    (sent,) = desk.poll_document(document, page=page, unread={})
    desk.normalise(sent, sent)
    teaser, whole = desk.history()
    assert (teaser.text_from, whole.text_from) == ("feed", "page")
    assert "in fog" in whole.text
    assert whole.edit == Edit()
    assert desk.counts() == {"received": 3, "new": 1, "revision": 1, "redelivered": 1}
    assert desk.poll_document(document) == [], "and once only"
    desk.normalise(*desk.poll(B))
    assert desk.titles() == [A, A, B]
    assert "in fog" in desk.latest().text, "a page that is away takes no text away"
    edit = desk.latest().edit
    assert edit is not None
    assert "text" not in {change.field for change in edit.changes}


def test_the_same_document_is_read_again_while_pages_are_to_be_tried_again(desk: Desk) -> None:
    document = rss((A, LINK))
    desk.poll_document(document, unread={"guid:x": 1})
    assert validators(desk) == Validators()
    desk.poll_document(document, unread={})
    assert len(desk.poll_document(document, page="The whole of it. " * 30)) == 0


def validators(desk: Desk) -> Validators:
    with desk.archive.read() as connection:
        _, document = feeds.load(connection, [FEED.id])[FEED.id]
    return validators_for(FeedState.model_validate_json(document), FEED.url, desk.now)


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_a_server_that_goes_back_and_forth_makes_three_revisions(
    desk: Desk, in_one_batch: bool
) -> None:
    waiting: list[bytes] = []
    for title in (A, B) * 30:
        waiting += desk.poll(title)
        if not in_one_batch:
            desk.normalise(*waiting)
            waiting.clear()
    if waiting:
        desk.normalise(*waiting)
    assert desk.titles() == [A, B, A]
    assert desk.counts() == {"received": 60, "new": 1, "revision": 2, "duplicate": 57}
    assert desk.balanced()


def test_a_new_text_ends_going_back_and_forth(desk: Desk) -> None:
    for title in (A, B, A, B, C):
        desk.normalise(*desk.poll(title))
    assert desk.titles() == [A, B, A, C]


def test_a_notice_that_is_put_up_again_after_days_is_an_edit(desk: Desk) -> None:
    for title in (A, B, A):
        desk.normalise(*desk.poll(title))
    desk.normalise(*desk.poll(B, after=timedelta(days=2)))
    assert desk.titles() == [A, B, A, B]
    assert desk.latest().seen_at == desk.now
