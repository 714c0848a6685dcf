"""Which reports want their page: new ones of feeds that ask for it, and no more than a poll has time for."""

from __future__ import annotations

from nightdesk.feeds.pages.outcome import PageOutcome
from nightdesk.feeds.pages.want import (
    MOST_AGAIN,
    MOST_OLD_PAGES,
    MOST_PAGES,
    MOST_TRIES,
    MOST_UNREAD,
    SHORT_WORDS,
    is_short,
    still_unread,
    wanted,
)
from nightdesk.text.identity import SHARED_PAGE
from schemas import Arrival, Feed, FullText
from tests.support.outlets import report


def feed(full_text: FullText) -> Feed:
    return Feed(id="f", url="http://outlet.example/feed", source="Outlet", full_text=full_text)


NEVER, WHEN_SHORT, ALWAYS = map(feed, FullText)
LONG = "word " * SHORT_WORDS
TEN = [report(f"http://outlet.example/{n}", n) for n in range(MOST_PAGES)]


def test_a_feed_is_read_from_its_pages_only_where_it_says_so() -> None:
    assert Feed(id="f", url="http://o.example/", source="O").full_text is FullText.NEVER
    assert wanted(NEVER, TEN, {}) == ([], [])
    assert wanted(ALWAYS, TEN, {}) == (TEN[::-1], [])


def test_when_short_looks_at_the_longer_of_summary_and_content() -> None:
    long = report("http://outlet.example/1", content=LONG)
    assert is_short(TEN[0])
    assert not is_short(long)
    assert is_short(
        report("http://outlet.example/1", content="<p>" + "<br>" * 500 + "one word</p>")
    )
    assert wanted(WHEN_SHORT, [TEN[0], long], {})[0] == [TEN[0]]
    assert wanted(ALWAYS, [TEN[0], long], {})[0] == [long, TEN[0]]


def test_only_new_and_edited_entries_want_a_page_and_edited_ones_come_last() -> None:
    same, edited, new = TEN[:3]
    seen = {same.entry: same.id, edited.entry: "report-other"}
    assert wanted(ALWAYS, [same, new, edited], seen)[0] == [new, edited]
    again = {same.entry: f"{same.id}.0123456789ab"}
    assert wanted(ALWAYS, [same], again)[0] == []


def test_entries_without_a_page_of_their_own_want_none() -> None:
    part = report("http://outlet.example/live", entry=f"{SHARED_PAGE}guid:1")
    assert wanted(ALWAYS, [part, report(None)], {}) == ([], [])


def test_there_is_a_bound_and_a_lower_one_for_the_first_document() -> None:
    many = [report(f"http://outlet.example/{n}", n) for n in range(MOST_PAGES + 7)]
    chosen, beyond = wanted(ALWAYS, many, {})
    assert (chosen, beyond) == (many[:6:-1], many[6::-1])
    old = [one.model_copy(update={"arrival": Arrival.FIRST_FETCH}) for one in many]
    assert len(wanted(ALWAYS, old, {})[0]) == MOST_OLD_PAGES


def test_live_reports_come_before_back_fill() -> None:
    late = [one.model_copy(update={"arrival": Arrival.BACKFILL}) for one in TEN[2:]]
    chosen, beyond = wanted(ALWAYS, [*TEN[:2], *late], {})
    assert chosen == [TEN[1], TEN[0], *late[: -MOST_OLD_PAGES - 1 : -1]]
    assert beyond == late[-MOST_OLD_PAGES - 1 :: -1]


def test_pages_that_failed_are_tried_again_after_what_is_new() -> None:
    seen = {one.entry: one.id for one in TEN[1:]}
    unread = {one.entry: 1 for one in TEN[3:]} | {"gone": 1}
    chosen, beyond = wanted(ALWAYS, TEN, seen, unread)
    assert chosen == [TEN[0], *TEN[: -MOST_AGAIN - 1 : -1]]
    assert beyond == []
    assert wanted(NEVER, TEN, seen, unread) == ([], [])


def test_a_page_is_tried_so_often_and_only_for_what_may_pass() -> None:
    one, other = TEN[:2]
    here = {one.entry, other.entry}
    left = still_unread({}, [(one, PageOutcome.TIMEOUT), (other, PageOutcome.WALL)], here)
    assert left == {one.entry: 1}
    for tries in range(2, MOST_TRIES):
        left = still_unread(left, [(one, PageOutcome.UNLISTED)], here)
        assert left == {one.entry: tries}
    assert still_unread(left, [(one, PageOutcome.FAILED)], here) == {}
    assert still_unread(left, [(one, PageOutcome.TAKEN)], here) == {}
    assert still_unread(left, [], here) == left, "the poll had no time for it"
    assert still_unread(left, [], set()) == {}
    assert still_unread(left, [], set(), partial=True) == left


def test_old_news_is_not_tried_again_and_there_is_a_bound() -> None:
    old = TEN[0].model_copy(update={"arrival": Arrival.BACKFILL})
    assert still_unread({}, [(old, PageOutcome.TIMEOUT)], {old.entry}) == {}
    many = [report(f"http://outlet.example/{n}", n) for n in range(MOST_UNREAD + 5)]
    failed = [(one, PageOutcome.NO_TIME) for one in many]
    left = still_unread({}, failed, {one.entry for one in many})
    assert list(left) == [one.entry for one in many[-MOST_UNREAD:]]
