"""The ledger of edits: what revisions carry, and what feeds do that is no edit at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nightdesk.archive import Archive, articles
from schemas import Article, Report
from tests.support.polled import FEED, LINK, Desk

BODY = (
    "Two people were killed when the night ferry struck a tug in fog, police said.",
    "The harbour master spoke of a broken radar that nobody had reported.",
    "Divers will go down again as soon as the tide allows it.",
)
TITLE = "Ferry strikes a tug"
WORLD = FEED.model_copy(update={"id": "world", "url": "https://wire.example/world.rss"})


@pytest.fixture
def desk(sqlite_archive: Archive) -> Desk:
    return Desk(sqlite_archive)


def item(
    *body: str,
    title: str = TITLE,
    link: str = LINK,
    guid: str = "ferry-1",
    date: str = "Sun, 01 Mar 2026 02:00:00 GMT",
) -> bytes:
    """Return a feed of one entry."""
    text = "".join(f"<p>{line}</p>" for line in body or BODY).replace("<", "&lt;")
    guids = f"<guid isPermaLink='false'>{guid}</guid>" if guid else ""
    return (
        f"<rss version='2.0'><channel><title>Wire</title><item><title>{title}</title>"
        f"<link>{link}</link>{guids}<pubDate>{date}</pubDate>"
        f"<description>{text}</description></item></channel></rss>"
    ).encode()


def told(article: Article) -> list[tuple[str, str, str, str]]:
    assert article.edit is not None
    return [(c.kind.value, c.field, c.before, c.after) for c in article.edit.changes]


def test_each_revision_carries_its_edit_and_the_first_has_none(desk: Desk) -> None:
    more = BODY[0].replace("Two", "Three")
    desk.normalise(*desk.poll_document(item()))
    desk.normalise(*desk.poll_document(item(more, *BODY[1:])))
    desk.normalise(*desk.poll_document(item(more, BODY[2], title="Ferry disaster")))
    first, second, third = desk.history()
    assert first.edit is None
    assert told(second) == [("figure", "text", BODY[0], more)]
    assert told(third) == [
        ("headline", "title", TITLE, "Ferry disaster"),
        ("removal", "text", BODY[1], ""),
    ]
    assert desk.counts() == {"received": 3, "new": 1, "revision": 2}
    assert desk.balanced()


def test_edits_in_one_batch_are_told_against_the_one_before(desk: Desk) -> None:
    documents = [item(*BODY[: n + 1]) for n in range(3)]
    desk.normalise(*[report for one in documents for report in desk.poll_document(one)])
    _, second, third = desk.history()
    assert told(second) == [("addition", "text", "", BODY[1])]
    assert told(third) == [("addition", "text", "", BODY[2])]


def test_what_is_sent_twice_makes_no_further_edit(desk: Desk) -> None:
    sent = [*desk.poll_document(item()), *desk.poll_document(item(*BODY[:2]))]
    desk.normalise(*sent)
    before = desk.history()
    desk.normalise(*sent)
    assert desk.history() == before
    assert desk.counts()["redelivered"] == 2


NO_EDITS = {
    "a guid of its own at each poll": lambda n: item(guid=f"ferry-{n}"),
    "no guid any more": lambda n: item(guid="" if n else "ferry-1"),
    "a later date at each poll": lambda n: item(date=f"Sun, 01 Mar 2026 0{n}:30:00 GMT"),
    "another link": lambda n: item(link=f"{LINK}-{n}"),
    "another link and no guid": lambda n: item(link=f"{LINK}-{n}", guid=""),
    "another link and another guid": lambda n: item(link=f"{LINK}-{n}", guid=f"ferry-{n}"),
    "links that are followed": lambda n: item(link=f"{LINK}?utm_source=rss&amp;utm_id={n}"),
    "a line of when it was updated": lambda n: item(*BODY, f"Updated at 1{n}:05"),
    "how long ago it was": lambda n: item(f"{n + 1} hours ago", *BODY),
    "a day and an hour": lambda n: item(f"{n + 1} March 2026, 14:05 GMT", *BODY),
    "who wrote it, how long ago": lambda n: item(
        f"Posted {n + 1} hours ago by Ann Miller | {n} comments", *BODY
    ),
    "numbers of comments": lambda n: item(*BODY, f"{n + 3} comments"),
    "markup": lambda n: item(*(f"<b class='c{n}'>{line}</b>" for line in BODY)),
    "other quotes, case and space": lambda n: (
        item(*(f"  {line}  " * 1 for line in BODY))
        if n % 2
        else item(*BODY[:2], BODY[2].upper().replace(" ", "  "))
    ),
}


@pytest.mark.parametrize("why", NO_EDITS)
def test_what_is_written_anew_and_says_the_same_is_no_edit(desk: Desk, why: str) -> None:
    for n in range(5):
        desk.normalise(*desk.poll_document(NO_EDITS[why](n)))
    assert len(desk.history()) == 1
    counts = desk.counts()
    assert (counts["new"], counts.get("revision", 0)) == (1, 0)
    assert desk.balanced()


def test_one_report_in_two_feeds_of_one_publisher_is_one_article(desk: Desk) -> None:
    desk.normalise(*desk.poll_document(item()))
    others = [
        item(),
        item(guid="world-9"),
        item(link="https://wire.example/world/ferry", guid="world-10"),
        item(*BODY[:1]),
    ]
    for document in others:
        desk.normalise(*desk.poll_document(document, feed=WORLD))
    (article,) = desk.history()
    assert (article.feed, article.edit) == (FEED.id, None)
    assert desk.counts() == {"received": 5, "new": 1, "duplicate": 4}


def test_another_publisher_with_the_same_words_has_an_article_of_its_own(desk: Desk) -> None:
    gazette = WORLD.model_copy(update={"id": "gazette", "source": "Gazette"})
    desk.normalise(*desk.poll_document(item()))
    desk.normalise(*desk.poll_document(item(link="https://gazette.example/ferry"), feed=gazette))
    assert desk.counts() == {"received": 2, "new": 2}


def test_an_edit_after_a_guid_was_issued_anew_is_a_revision_of_the_same(desk: Desk) -> None:
    desk.normalise(*desk.poll_document(item()))
    desk.normalise(*desk.poll_document(item(guid="ferry-2")))
    desk.normalise(*desk.poll_document(item(*BODY[:2], guid="ferry-2")))
    assert [told(article) for article in desk.history()[1:]] == [[("removal", "text", BODY[2], "")]]


def test_a_guid_that_was_issued_anew_for_other_news_is_other_news(desk: Desk) -> None:
    desk.normalise(*desk.poll_document(item()))
    other = item(
        "Wheat is dear again, and the millers of the plain blame the long rain for it.",
        title="Wheat is dear",
        link="https://wire.example/wheat",
        guid="wheat",
    )
    desk.normalise(*desk.poll_document(other, after=timedelta(days=1)))
    with desk.archive.read() as connection:
        assert [a.edit for a in articles.recent(connection, limit=9)] == [None, None]


def test_a_report_of_an_edit_keeps_its_id_and_its_edit_when_it_is_replayed(desk: Desk) -> None:
    first, second = desk.poll_document(item()), desk.poll_document(item(*BODY[:2]))
    desk.normalise(*first, *second)
    again = Desk(desk.archive)
    again.normalise(*first, *second)
    assert [a.report for a in desk.history()] == [
        Report.model_validate_json(report).id for report in (*first, *second)
    ]


def _from_page(sent: list[bytes], text: str | None) -> list[bytes]:
    """Return the reports as they are once their pages were read, or were not."""
    if text is None:
        return sent
    reports = [Report.model_validate_json(one) for one in sent]
    changes = {"content": text, "text_from": "page"}
    return [one.model_copy(update=changes).to_bytes() for one in reports]


PAGE = "\n\n".join(BODY)
TEASER = "Two died, it is said; more on our page, to which this link leads you."


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_a_page_that_cannot_be_read_takes_no_text_away(desk: Desk, in_one_batch: bool) -> None:
    polls: list[tuple[dict[str, str], str | None]] = [
        ({}, PAGE),
        ({"title": TITLE.upper() + "!", "guid": "again"}, None),
        ({"title": "Ferry disaster"}, None),
        ({"title": "Ferry disaster", "link": f"{LINK}/2"}, None),
        ({"title": "Ferry disaster at night"}, PAGE.replace("Two", "Three")),
    ]
    waiting: list[bytes] = []
    for changes, page in polls:
        waiting += _from_page(desk.poll_document(item(TEASER, **changes)), page)
        if not in_one_batch:
            desk.normalise(*waiting)
            waiting.clear()
    if waiting:
        desk.normalise(*waiting)
    first, second, third = desk.history()
    assert [first.text, second.text] == [PAGE, PAGE]
    assert [a.text_from for a in desk.history()] == ["page"] * 3
    assert told(second) == [("headline", "title", TITLE, "Ferry disaster")]
    assert [kind for kind, *_ in told(third)] == ["headline", "figure"]


def test_a_page_that_is_read_later_adds_its_text(desk: Desk) -> None:
    desk.normalise(*desk.poll_document(item(TEASER)))
    desk.normalise(
        *_from_page(
            desk.poll_document(
                item(TEASER, "More."),
            ),
            PAGE,
        )
    )
    first, second = desk.history()
    assert (first.text_from, second.text_from) == ("feed", "page")
    assert second.text == PAGE


def test_an_edited_teaser_is_an_edit_though_its_page_cannot_be_read(desk: Desk) -> None:
    desk.normalise(*_from_page(desk.poll_document(item(TEASER)), PAGE))
    edited = item(TEASER.replace("Two", "Nine"))
    desk.normalise(*desk.poll_document(edited))
    desk.normalise(*desk.poll_document(item(TEASER.replace("Two", "Nine"), guid="again")))
    first, second = desk.history()
    assert first.text == second.text == PAGE
    assert [(kind, field) for kind, field, *_ in told(second)] == [("figure", "description")]
