"""Pages of an outlet that does not exist, in several layouts, and what it takes to read them on loopback."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from ipaddress import ip_address

from nightdesk.clock import SettableClock
from nightdesk.feeds.addresses import IpAddress
from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.fetched import Fetched
from schemas import Arrival, Report
from tests.support.feedserver import Reply

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TITLE = "Northquay bridge reopens after the winter floods"
TEASER = "The old bridge of Northquay carries traffic again, seven weeks after the flood."
PARAGRAPHS = (
    "The old bridge of Northquay carries traffic again, seven weeks after the river Lind undermined its "
    "middle pier and the council had to close it overnight.",
    "Masons replaced forty tonnes of stone below the waterline, and divers inspected every joint twice "
    "before the mayor, Ilse Marten, removed the barrier on Sunday morning.",
    "Shopkeepers on the eastern bank, who lost most of their winter trade, were given a year without rent; "
    "several of them said that it came too late for their neighbours.",
    "A second inspection will follow in June, when the river is low. Until then lorries of more than "
    "seven tonnes have to take the road over Oldmarsh.",
)
_NAV = "<nav><ul><li><a href='/'>Home</a></li><li><a href='/sport'>Sport</a></li></ul></nav>"
_RELATED = (
    "<aside class='related'><h3>Related stories</h3><ul>"
    "<li><a href='/9'>Beekeepers of Oldmarsh win a prize for heather honey</a></li>"
    "<li><a href='/8'>Orchestra opens its season with a symphony by Marlow</a></li></ul></aside>"
)
_COMMENTS = "<div id='comments'><div class='comment'><p>I never liked that bridge.</p></div></div>"
_FOOT = "<footer><p>Copyright 2026 The Outlet. Terms of use. Privacy.</p></footer>"


def page(body: str, title: str = TITLE, head: str = "") -> str:
    """Return a whole page around `body`."""
    return (
        f"<!doctype html><html lang='en'><head><title>{escape(title)} - The Outlet</title>{head}"
        f"<script>document.write('this ran')</script></head><body>{_NAV}{body}{_FOOT}</body></html>"
    )


def article_page(title: str = TITLE, paragraphs: Sequence[str] = PARAGRAPHS) -> str:
    """Return a page that marks its article as one."""
    told = "".join(f"<p>{escape(text)}</p>" for text in paragraphs)
    return page(
        f"<main><article><h1>{escape(title)}</h1>{told}</article>{_RELATED}</main>{_COMMENTS}",
        title,
    )


def layouts() -> dict[str, str]:
    """Return pages of the same article in layouts that outlets use."""
    blocks = "".join(
        f"<div class='b{n}'><div>{escape(t)}</div></div>" for n, t in enumerate(PARAGRAPHS)
    )
    told = "".join(f"<p>{escape(text)}</p>" for text in PARAGRAPHS)
    linked = json.dumps({"@type": "NewsArticle", "articleBody": "\n\n".join(PARAGRAPHS)})
    return {
        "article": article_page(),
        "divs": page(
            f"<div id='wrap'><h1>{TITLE}</h1><div class='story'>{told}</div>{_RELATED}</div>"
        ),
        "breaks": page(
            f"<table><tr><td>{_NAV}</td><td><h1>{TITLE}</h1>{'<br><br>'.join(PARAGRAPHS)}</td></tr></table>"
        ),
        "nested divs": page(f"<div class='x'><h1>{TITLE}</h1>{blocks}</div>"),
        "linked data": page(
            "<div id='root'></div>",
            head=f"<script type='application/ld+json'>{linked}</script>",
        ),
    }


def html(
    text: str | bytes, content_type: str = "text/html; charset=utf-8", status: int = 200
) -> Reply:
    """Return a reply with a page."""
    body = text.encode() if isinstance(text, str) else text
    return Reply(body, status, content_type=content_type)


def moved(to: str, status: int = 302) -> Reply:
    """Return a redirect."""
    return Reply(status=status, headers=(("Location", to),), content_type=None)


def report(url: str | None, number: int = 1, **changes: object) -> Report:
    """Return a report with a teaser whose page is at `url`."""
    values: dict[str, object] = {
        "id": f"report-{number:024d}",
        "entry": f"guid:{number}",
        "feed": "f",
        "source": "The Outlet",
        "url": url,
        "title": TITLE,
        "description": TEASER,
        "seen_at": NOON,
        "arrival": Arrival.LIVE,
    }
    return Report.model_validate(values | changes)


class LoopbackFetcher(Fetcher):
    """A fetcher for which names under `.example`, and those in `also`, are public and live on loopback."""

    def __init__(self, *also: str) -> None:
        async def resolver(host: str, port: int) -> Sequence[IpAddress]:
            del port
            return [ip_address("127.0.0.1" if self._is_ours(host) else host)]

        self._also = also
        super().__init__(
            user_agent="Nightdesk/test (+desk@example.org)",
            clock=SettableClock(NOON),
            ticks=lambda: 0.0,
            resolver=resolver,
        )

    def _is_ours(self, host: str) -> bool:
        return host.endswith(".example") or host in self._also

    async def get(
        self,
        url: str,
        *,
        accept: str,
        seconds: float,
        max_bytes: int,
        allow_private: bool = False,
        form: Mapping[str, str] | None = None,
    ) -> Fetched:
        """See Fetcher."""
        host = url.partition("://")[2].partition("/")[0].partition(":")[0]
        return await super().get(
            url,
            accept=accept,
            seconds=seconds,
            max_bytes=max_bytes,
            allow_private=allow_private or self._is_ours(host),
            form=form,
        )


class Time:
    """Seconds that pass when somebody sleeps, and else stand still."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
