"""Publishers as the entries of an aggregator name them: hosts of one loopback server, and what they list."""

from __future__ import annotations

from html import escape

from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.pages.full_text import FullText, PageRead
from nightdesk.feeds.turns import Turns
from schemas import Feed, Report
from schemas import FullText as When
from tests.support.feedserver import Asked, FeedServer, Reply, Route, rss
from tests.support.outlets import NOON, TITLE, Time, article_page, html, report

NEWS_NAMESPACE = "http://www.google.com/schemas/sitemap-news/0.9"
AT = "2026-03-01T10:00:00Z"
FEED = Feed(id="f", url="http://feeds.example/rss", source="Google News", full_text=When.ALWAYS)
FORBIDS_ALL = "User-agent: *\nDisallow: /\n"

Listed = tuple[str, str] | tuple[str, str, str]
"""A title and an address, and when it was published (else at `AT`; empty for no date)."""


def news_sitemap(*listed: Listed) -> bytes:
    """Return a sitemap of news."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns:news="{NEWS_NAMESPACE}">'
        f"{''.join(map(_url, listed))}</urlset>"
    ).encode()


def _url(listed: Listed) -> str:
    title, url, *rest = listed
    at = rest[0] if rest else AT
    dated = f"<news:publication_date>{at}</news:publication_date>" if at else ""
    return (
        f"<url><loc>{escape(url)}</loc><news:news><news:publication><news:name>The Outlet</news:name>"
        f"</news:publication>{dated}<news:title>{escape(title)}</news:title></news:news></url>"
    )


def index(*listed: tuple[str, str]) -> bytes:
    """Return an index of sitemaps, each with an address and when it changed."""
    told = "".join(
        f"<sitemap><loc>{escape(url)}</loc><lastmod>{at}</lastmod></sitemap>" for url, at in listed
    )
    return f"<sitemapindex>{told}</sitemapindex>".encode()


def xml(body: bytes) -> Reply:
    """Return a reply with a document."""
    return Reply(body, content_type="application/xml")


def robots(*sitemaps: str, rules: str = "") -> Reply:
    """Return a robots.txt that names these sitemaps."""
    named = "".join(f"Sitemap: {one}\n" for one in sitemaps)
    return Reply(f"{rules}\n{named}".encode(), content_type="text/plain")


class Town:
    """Hosts that live at `server`: Google News, which forbids all, and those that a test puts up."""

    def __init__(self, server: FeedServer, news: str = "news.google.com") -> None:
        self.server = server
        self._routes: dict[tuple[str, str], Route] = {}
        self.origin = server.url("", news)
        self.put(news, "/robots.txt", robots(rules=FORBIDS_ALL))

    def put(self, host: str, path: str, route: Route) -> str:
        """Answer `path` at `host`; return its address."""
        self._routes[host, path] = route
        self.server.routes[path] = self._answer
        return self.server.url(path, host)

    def outlet(self, host: str = "outlet.example", *listed: Listed) -> str:
        """Put up an outlet with a sitemap of news, of `TITLE` at /story where nothing else is listed; return
        the address of its front page."""
        told = listed or ((TITLE, self.server.url("/story", host)),)
        place = self.put(host, "/news.xml", xml(news_sitemap(*told)))
        self.put(host, "/robots.txt", robots(place))
        self.put(host, "/story", html(article_page()))
        return self.server.url("", host)

    def feed(self, host: str, path: str, *listed: tuple[str, str]) -> str:
        """Put up a feed."""
        return self.put(host, path, Reply(rss(*listed)))

    def link(self, number: int = 1) -> str:
        """Return a link of Google News that holds a token alone."""
        return f"{self.origin}/rss/articles/CBMiVkFVX3lxTE1vd25tYWRldG9rZW4{number}?oc=5"

    def aggregated(self, *listed: tuple[str, str]) -> bytes:
        """Return a feed's document as Google News has it: for each entry a title and its outlet's address."""
        items = "".join(
            f"<item><title>{escape(title)} - The Outlet</title><link>{self.link(number)}</link>"
            f'<guid isPermaLink="false">CBMiVkFVX3lxTE1vd25tYWRldG9rZW4{number}</guid>'
            "<pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate>"
            f"<description>&lt;a href='{self.link(number)}'&gt;{escape(title)}&lt;/a&gt;</description>"
            f'<source url="{front}">The Outlet</source></item>'
            for number, (title, front) in enumerate(listed, 1)
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
            f"<title>bridge - Google News</title>{items}</channel></rss>"
        ).encode()

    def asked(self, host: str = "outlet.example") -> list[str]:
        """What `host` was asked for."""
        return [one.path for one in self.server.asked if _host(one) == host]

    def hosts(self) -> set[str]:
        """Who was asked for anything."""
        return set(map(_host, self.server.asked))

    def _answer(self, asked: Asked) -> Reply:
        nothing = Reply(b"", 404, content_type=None)
        route = self._routes.get((_host(asked), asked.path.partition("?")[0]), nothing)
        return route(asked) if callable(route) else route


def _host(asked: Asked) -> str:
    return asked.headers["host"].partition(":")[0]


def reader(
    fetcher: Fetcher, town: Town, ticks: Time, spacing: float = 1.0, **how: float
) -> FullText:
    """Return what reads pages, and takes the town's Google News for the real one."""
    turns = Turns(spacing, ticks, ticks.sleep)
    return FullText(fetcher, turns, ticks, user_agent="Nightdesk/test", news=town.origin, **how)


def entry(town: Town, outlet_url: str | None, number: int = 1, **changes: object) -> Report:
    """Return the report of an entry of Google News that names its outlet."""
    told = {
        "title": f"{TITLE} - The Outlet",
        "outlet": "The Outlet",
        "outlet_url": outlet_url,
        "published_at": NOON,
    } | changes
    return report(str(told.pop("url", town.link(number))), number, **told)


async def read(full_text: FullText, one: Report, feed: Feed = FEED) -> PageRead:
    """Return what became of the page of one report."""
    done = await full_text.complete(feed, [one], {})
    (told,) = done.pages
    assert told.error is None, told.why
    assert done.reports == [told.report]
    return told
