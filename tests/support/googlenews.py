"""An imitation of Google News, made after what public resolvers say of it; the real one was never at hand."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

from tests.support.feedserver import Asked, FeedServer, Reply
from tests.support.outlets import html

ID = "CBMiVkFVX3lxTE1vd25tYWRldG9rZW4tbm8tYWRkcmVzcw"
OTHER = "CBMiVkFVX3lxTE9hbm90aGVycy10b2tlbg"
SERVICE = "/_/DotsSplashUi/data/batchexecute"
MADE_AT, SIGNATURE = 1_790_000_000, "AZ5r3eT-made_up"


def marked(article: str = ID, made_at: object = MADE_AT, signature: str = SIGNATURE) -> str:
    """Return the element that bears what a page's script asks with."""
    return (
        f'<div jscontroller="aLI87" data-n-a-id="{article}" data-n-a-ts="{made_at}" '
        f'data-n-a-sg="{signature}" data-n-dnlg="false"></div>'
    )


def news_page(*elements: str) -> str:
    """Return a page of the application, with links of its own and two that leave it."""
    return (
        "<!doctype html><html><head><title>Google News</title><script>window.WIZ={}</script></head><body>"
        f"<c-wiz jsrenderer='x'>{''.join(elements)}</c-wiz><a href='https://policies.google.com/'>Terms</a>"
        "<a href='https://one.example/'>1</a><a href='https://two.example/'>2</a></body></html>"
    )


def answer(goal: object, call: str = "Fbv4je", word: str = "garturlres") -> bytes:
    """Return an answer of the service."""
    frames = [
        ["wrb.fr", call, json.dumps([word, goal, 1]), None, None, None, "generic"],
        ["di", 22],
        ["af.httprm", 21, "-123", 5],
    ]
    return b")]}'\n\n" + json.dumps(frames).encode()


class GoogleNews:
    """Answers at `server` as news.google.com: `goals` says where articles lead, `says` is what the service
    answers instead, where it is set."""

    def __init__(self, server: FeedServer, robots: str = "") -> None:
        self.goals: dict[str, str] = {}
        self.says: Reply | None = None
        self._server = server
        self.origin = f"http://news.google.com:{server.port}"
        server.routes["/robots.txt"] = lambda asked: Reply(
            (robots if asked.headers["host"].startswith("news.") else "").encode(),
            content_type="text/plain",
        )
        server.routes[SERVICE] = self._service

    def link(self, article: str, page: str | None = None) -> str:
        """Return a feed's link to `article`, whose page is there from now on."""
        path = f"/rss/articles/{article}"
        found = html(news_page(marked(OTHER), marked(article)) if page is None else page)
        self._server.routes[path] = found
        return f"{self.origin}{path}?oc=5"

    @property
    def questions(self) -> int:
        """How often the service was asked."""
        return sum(one.path == SERVICE for one in self._server.asked)

    def _service(self, asked: Asked) -> Reply:
        assert asked.method == "POST"
        if self.says is not None:
            return self.says
        kind = asked.headers["content-type"].partition(";")[0]
        ((call, words, nothing, last),) = json.loads(parse_qs(asked.body.decode())["f.req"][0])[0]
        word, _context, article, made_at, signature = json.loads(words)
        shape = (kind, call, nothing, last, word, made_at, signature)
        known = "application/x-www-form-urlencoded", "Fbv4je", None, "generic", "garturlreq"
        if shape != (*known, MADE_AT, SIGNATURE) or article not in self.goals:
            return Reply(status=400)
        return Reply(answer(self.goals[article]), content_type="application/json; charset=utf-8")
