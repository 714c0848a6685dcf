"""Entries become reports: identity, fingerprints, duplicates, rejections."""

from __future__ import annotations

from datetime import UTC, datetime

from nightdesk.feeds.entries import tally, to_reports
from nightdesk.feeds.parsed import ParsedEntry, ParsedFeed
from schemas import Arrival, Feed, Report

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
FEED = Feed(id="outlet", url="http://outlet.example/feed", source="Outlet")


def reports(*entries: ParsedEntry, feed: Feed = FEED) -> list[Report]:
    found, _ = to_reports(
        feed, ParsedFeed("rss20", entries=entries), seen_at=NOW, arrival=Arrival.LIVE
    )
    return found


def one(feed: Feed = FEED, **fields: object) -> Report:
    (report,) = reports(ParsedEntry(**fields), feed=feed)  # type: ignore[arg-type]
    return report


def test_identity_is_the_guid_then_the_url_then_title_and_day() -> None:
    assert one(guid="g", url="/1", title="Bridge").entry == "guid:g"
    assert one(url="/1?utm_source=rss", title="Bridge").entry == "url:outlet.example/1"
    named = one(title="Bridge  reopened!", published_at=NOW)
    assert named.entry.startswith("title:")
    assert named.entry == one(title="bridge reopened", published_at=NOW).entry
    assert named.entry != one(title="Bridge reopened").entry


def test_a_login_in_the_feeds_address_is_in_no_link() -> None:
    feed = FEED.model_copy(update={"url": "http://me:s3cret@outlet.example/feed"})
    (report,) = reports(ParsedEntry(url="/1", title="Bridge"), feed=feed)
    assert report.url == "http://outlet.example/1"
    assert report.entry == one(url="/1", title="Bridge").entry


def test_whom_an_aggregator_names_goes_along_and_makes_no_other_report() -> None:
    named = one(guid="g", title="Bridge - Outlet", outlet="Outlet", outlet_url="https://o.example")
    assert (named.outlet, named.outlet_url) == ("Outlet", "https://o.example")
    assert named.id == one(guid="g", title="Bridge - Outlet").id


def test_an_aggregators_entries_are_their_publishers() -> None:
    aggregator = FEED.model_copy(update={"aggregator": True})
    told = {"guid": "g", "title": "Bridge - The  Herald", "outlet": " The\nHerald "}
    report = one(aggregator, **told)
    assert (report.source, report.title) == ("The Herald", "Bridge")
    assert report.id == one(**told).id
    assert (one(**told).source, one(**told).title) == ("Outlet", "Bridge - The  Herald")
    assert one(aggregator, guid="g", title="Bridge", outlet=" \u200b").source == "Outlet"
    assert len(one(aggregator, guid="g", title="Bridge", outlet="x" * 500).source) == 200


def test_a_bare_host_is_no_identity() -> None:
    assert one(url="http://outlet.example/", title="Bridge").entry.startswith("title:")


def test_what_changes_at_each_poll_makes_no_new_report() -> None:
    before = one(
        guid="g",
        title="Bridge",
        content="<p>It  is open.</p>",
        url="/1?utm_source=a",
        published_at=NOW,
    )
    after = one(
        guid="g",
        title="Bridge ",
        content='<div class="x9"><p>It is <b>open</b>.</p><img src="/t.gif?r=123"></div>',
        url="/1?utm_source=b",
        updated_at=NOW,
    )
    assert before.id == after.id


def test_an_edit_is_a_new_report_under_the_same_entry() -> None:
    before, after = one(guid="g", title="12 dead"), one(guid="g", title="14 dead")
    assert before.entry == after.entry
    assert before.id != after.id


def test_two_feeds_never_share_a_report() -> None:
    other = FEED.model_copy(update={"id": "other"})
    entry = ParsedEntry(guid="g", title="Bridge")
    assert reports(entry)[0].id != reports(entry, feed=other)[0].id


def test_the_longest_of_two_with_one_identity_stays() -> None:
    parsed = ParsedFeed(
        "rss20",
        entries=(
            ParsedEntry(guid="g", url="/1", title="Bridge", description="open"),
            ParsedEntry(guid="g", url="/1", title="Bridge", description="open since noon"),
            ParsedEntry(guid="g", url="/1", title="Bridge"),
        ),
    )
    found, rejected = to_reports(FEED, parsed, seen_at=NOW, arrival=Arrival.LIVE)
    assert [report.description for report in found] == ["open since noon"]
    assert tally(found, rejected) == {"read": 1, "duplicate": 2, "rejected": 0, "polled": 3}


def test_a_guid_that_stands_for_several_stories_is_not_trusted() -> None:
    found = reports(
        ParsedEntry(guid="same", url="/1", title="Bridge"),
        ParsedEntry(guid="same", url="/2", title="Tunnel"),
    )
    assert {report.entry for report in found} == {"url:outlet.example/1", "url:outlet.example/2"}


def test_a_page_shared_by_many_entries_is_no_identity() -> None:
    live_blog = [ParsedEntry(guid=f"g{i}", url="/live", title=f"Update {i}") for i in range(3)]
    assert all(report.entry.startswith("part:guid:g") for report in reports(*live_blog))
    anchors = [
        ParsedEntry(url=f"/live#{i}", title=f"Update {i}", published_at=NOW) for i in range(2)
    ]
    assert len({report.entry for report in reports(*anchors)}) == 2


def test_notes_under_one_title_are_apart_where_nothing_else_names_them() -> None:
    notes = [ParsedEntry(title="Live", description=f"note {i}") for i in range(3)]
    assert len({report.entry for report in reports(*notes)}) == 3
    again = reports(notes[0], ParsedEntry(title="Live", description="note 0"))
    assert [report.description for report in again] == ["note 0"]


def test_nothing_to_read_is_rejected_with_a_reason() -> None:
    parsed = ParsedFeed(
        "rss20",
        entries=(
            ParsedEntry(guid="1"),
            ParsedEntry(guid="2", content="<img src='a.png'><script>alert('words')</script>"),
            ParsedEntry(guid="3", title="…", description="&nbsp;"),
        ),
        left_out=7,
    )
    found, rejected = to_reports(FEED, parsed, seen_at=NOW, arrival=Arrival.LIVE)
    assert found == []
    assert tally(found, rejected) == {"read": 0, "duplicate": 0, "rejected": 10, "polled": 10}
    assert all(one.reason for one in rejected)


def test_reports_come_oldest_first() -> None:
    found = reports(
        ParsedEntry(guid="new", title="c", published_at=datetime(2026, 3, 3, 11, tzinfo=UTC)),
        ParsedEntry(guid="mid", title="b", published_at=datetime(2026, 3, 3, 10, tzinfo=UTC)),
        ParsedEntry(guid="old", title="a", published_at=datetime(2026, 3, 3, 9, tzinfo=UTC)),
    )
    assert [report.guid for report in found] == ["old", "mid", "new"]


def test_absurd_claims_are_kept_as_claims() -> None:
    report = one(guid="g", title="x", published_at=datetime(1970, 1, 1, tzinfo=UTC))
    assert report.published_at == datetime(1970, 1, 1, tzinfo=UTC)


def test_hostile_links_never_raise() -> None:
    for url in (
        "http://[bad",
        "javascript:alert(1)",
        "http://a:99999/",
        "mailto:desk@outlet.example",
        "http://" + "a" * 5_000,
    ):
        assert one(guid="g", title="x", url=url).url is None


def test_the_declared_language_of_the_feed_goes_first() -> None:
    feed = FEED.model_copy(update={"language": "uk"})
    (report,) = reports(ParsedEntry(guid="g", title="x", language="en"), feed=feed)
    assert report.language == "uk"
