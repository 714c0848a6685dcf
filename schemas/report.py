"""A report: one entry of one feed as its publisher wrote it, on its way to be normalised.

Topic `reports`, key `feed`.  Text fields may hold HTML, mojibake and boilerplate; nothing is
repaired here, so that normalising can be done again, better, from the same report.
"""

from __future__ import annotations

from typing import Literal

from schemas.base import Arrival, Contract, Identifier, UtcDatetime


class Report(Contract):
    """`id` is a function of the feed, the entry's identity and its content, and of the report that it
    edits, if any: the same content polled twice in a row has one id, an edited entry a new id under
    the same `entry`, also where the edit is taken back.

    `content` is the feed's own, or, where `text_from` says `page`, what was read from the entry's page, as
    plain text; the id does not depend on it.  `published_at` and `updated_at` are claims of the publisher;
    `seen_at` is ours.  `outlet` and `outlet_url` are whom an aggregator's entry names as its publisher, as
    written.
    """

    schema_version: Literal[1] = 1
    id: str
    entry: str
    feed: Identifier
    source: str
    url: str | None = None
    guid: str | None = None
    title: str | None = None
    description: str | None = None
    content: str | None = None
    language: str | None = None
    author: str | None = None
    published_at: UtcDatetime | None = None
    updated_at: UtcDatetime | None = None
    seen_at: UtcDatetime
    arrival: Arrival = Arrival.LIVE
    text_from: Literal["feed", "page"] = "feed"
    outlet: str | None = None
    outlet_url: str | None = None
