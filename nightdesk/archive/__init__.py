"""The archive: the database that stages write and that pages, feeds of alerts and replays read.

    engine        open, begin, read, migrate          errors        what it refuses
    marks         how far each stage is               outbox        what is still to be sent
    accounts      what came to which end              deadletters   what could not be used
    feeds         states, entries seen, polls         definitions   what users declared, versioned
    reports       what became of each                 articles      revisions, heads, keys
    matches       every decision                      memory        a storyline's checkpoint
    developments  what alerts are about               alerts        every change of each
    deliveries    planned, finished, attempts         retention     what is dropped, and when
    dispatch      claimed, given back, opened again   left_alone    receivers that fail again and again
    event_time    articles as things happened         finding       an article by what people call it
    paces         how many reports each storyline gets
    emerging      unmatched articles, offers of storylines
    hub_subscriptions  who pushes a feed, and until when
    tokens        who may use the API                 audit         who did what by it

Every function takes a connection from `Archive.begin()` or `Archive.read()` and works on many rows at
once; what belongs together is called within one `begin()`.
"""

from nightdesk.archive.engine import Archive, open_archive
from nightdesk.errors import ArchiveError

__all__ = ["Archive", "ArchiveError", "open_archive"]
