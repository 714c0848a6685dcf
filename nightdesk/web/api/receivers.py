"""`/receivers/left-alone`: whom nothing reaches just now, why, and when that is tried again."""

from __future__ import annotations

from dataclasses import asdict

from nightdesk.archive import left_alone
from nightdesk.web.api.operations import Answer, Call, Routes
from nightdesk.web.api.shapes import Page, ReceiverLeftAlone

routes = Routes("receivers")


@routes.add("GET", "/receivers/left-alone", scope="read", answers={200: Page[ReceiverLeftAlone]})
def list_left_alone(call: Call) -> Answer:
    """List the receivers that are left alone for a while, since they failed again and again.

    What is to be told there waits; from `next_try_at` on one delivery tries it.  All are on one page.
    """
    with call.api.deps.archive.read() as connection:
        found = left_alone.find(connection)
    items = tuple(ReceiverLeftAlone(**asdict(one)) for one in found)
    return Answer(Page[ReceiverLeftAlone](items=items, next=None))
