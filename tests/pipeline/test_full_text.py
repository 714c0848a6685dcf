"""Full text through the whole service: a teaser in, the article in the archive, and never twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from nightdesk.archive import articles
from schemas import Article
from tests.support.feedserver import Asked, FeedServer, Reply, Route, rss
from tests.support.outlets import PARAGRAPHS, TITLE, article_page, html
from tests.support.service import Service, until


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


def changing(server: FeedServer, name: str) -> Route:
    """Return a feed of one story whose document changes each time, though the story does not."""

    def document(_: Asked) -> Reply:
        link = server.url(f"/story/{name}?utm_source=rss")
        return Reply(rss((TITLE, link), extra=f"<ttl>{len(server.asked)}</ttl>"))

    return document


def articles_by_feed(service: Service) -> dict[str, Article]:
    with service.archive() as archive, archive.read() as connection:
        return {one.feed: one for one in articles.recent(connection, limit=100)}


def test_the_article_of_a_page_is_read_once(service: Service, server: FeedServer) -> None:
    def story(_: Asked) -> Reply:
        # A page that says something else each time, as pages do.
        told = [
            *PARAGRAPHS,
            f"This story was read {len(server.asked)} times, and is being updated.",
        ]
        return html(article_page(paragraphs=told))

    wishes = {"whole": "when_short", "teaser": "never"}
    for name in wishes:
        server.routes[f"/{name}"] = changing(server, name)
        server.routes[f"/story/{name}"] = story
    feeds = [
        {
            "id": name,
            "url": server.url(f"/{name}"),
            "source": f"The {name} wire",
            "interval": "1s",
            "allow_private": True,
            "full_text": wish,
        }
        for name, wish in wishes.items()
    ]
    bundle = service.folder.parent / "bundle.json"
    bundle.write_text(json.dumps({"schema_version": 1, "feeds": feeds}))
    service.start("--bundle", str(bundle))

    def asked() -> Counter[str]:
        return Counter(one.path for one in server.asked)

    until(lambda: min(asked()["/whole"], asked()["/teaser"]) >= 3, "several polls", seconds=60)
    totals = service.settled(lambda totals: totals.get("normalise", {}).get("received") == 2)
    assert totals["poll"]["new"] == totals["normalise"]["new"] == 2
    found = articles_by_feed(service)
    assert found["whole"].text.split("\n\n")[: len(PARAGRAPHS)] == list(PARAGRAPHS)
    assert PARAGRAPHS[0] not in found["teaser"].text
    assert asked()["/story/whole"] == asked()["/robots.txt"] == 1
    assert asked()["/story/teaser"] == 0


def test_a_page_that_failed_is_tried_again_and_tells_of_no_edit(
    service: Service, server: FeedServer
) -> None:
    broken = {"story": True}

    def story(_: Asked) -> Reply:
        return Reply(status=500) if broken["story"] else html(article_page())

    server.routes |= {"/feed": Reply(rss()), "/story": story}
    feed = {
        "id": "wire",
        "url": server.url("/feed"),
        "source": "The Wire",
        "interval": "1s",
        "allow_private": True,
        "full_text": "always",
    }
    bundle = service.folder.parent / "bundle.json"
    bundle.write_text(json.dumps({"feeds": [feed]}))
    service.start("--bundle", str(bundle))

    def asked(path: str) -> int:
        return sum(one.path == path for one in server.asked)

    until(lambda: asked("/feed"), "the first document", seconds=60)
    server.routes["/feed"] = Reply(
        rss((TITLE, server.url("/story"))), headers=(("ETag", '"same"'),)
    )
    until(lambda: asked("/story"), "the page", seconds=60)
    broken["story"] = False
    totals = service.settled(lambda totals: totals.get("normalise", {}).get("revision") == 1)
    again = asked("/story")
    polls = asked("/feed")
    until(lambda: asked("/feed") >= polls + 3, "further polls", seconds=60)
    assert asked("/story") == again <= 4
    assert totals["normalise"]["new"] == 1
    found = articles_by_feed(service)["wire"]
    assert (found.revision, found.text_from) == (2, "page")
    assert PARAGRAPHS[0] in found.text
    assert found.edit is not None
    assert found.edit.changes == ()
