"""A publisher and its hub on loopback, on one port: a feed, and those that subscribed to it.

The hub verifies intent as the specification has it, on a thread of its own, and pushes on demand; what it
does otherwise is for a test to set.  `sent` holds what it was asked, `answers` what subscribers said.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Self
from urllib.parse import parse_qs, urlencode

import httpx

from nightdesk.feeds.websub.signature import HEADER, sign
from tests.support.feedserver import Asked, FeedServer, Reply


@dataclass
class Subscribed:
    """One subscription as the hub knows it."""

    callback: str
    secret: str


class Hub:
    """Use it as a context manager.  `status` is what requests are answered with, `denies` whether they are
    denied, `verifies` whether the hub asks back; `lease` is what it grants, in seconds."""

    def __init__(self) -> None:
        self.server = FeedServer()
        self.status, self.denies, self.verifies, self.lease = 202, False, True, 864_000
        self.advertises = True
        self.items: list[str] = []
        self.sent: list[dict[str, str]] = []
        self.answers: list[tuple[str, int, str]] = []
        self.subscribed: dict[str, Subscribed] = {}
        self.polls = 0
        self._client = httpx.Client(trust_env=False, timeout=10)

    def __enter__(self) -> Self:
        self.server.__enter__()
        self.server.routes |= {"/feed": self._feed, "/hub": self._take}
        return self

    def __exit__(self, *about: object) -> None:
        self.server.__exit__(None, None, None)
        self._client.close()

    @property
    def topic(self) -> str:
        """The feed's address."""
        return self.server.url("/feed")

    def document(self) -> bytes:
        """The feed as it stands."""
        atom = 'xmlns="http://www.w3.org/2005/Atom"'
        links = f'<link {atom} rel="hub" href="{self.server.url("/hub")}"/>'
        links += f'<link {atom} rel="self" href="{self.topic}"/>'
        links = links if self.advertises else ""
        channel = f"<title>The Wire</title>{links}{''.join(self.items)}"
        return f'<rss version="2.0"><channel>{channel}</channel></rss>'.encode()

    def publish(self, name: str, when: datetime | None = None) -> None:
        """Add an entry, and tell nobody."""
        dated = f"<pubDate>{format_datetime(when)}</pubDate>" if when else ""
        link = self.server.url(f"/{name.replace(' ', '-')}")
        told = f"<title>{name}</title><link>{link}</link><guid>{link}</guid>{dated}"
        self.items.insert(0, f"<item>{told}<description>{name}, at length.</description></item>")

    def push(
        self, body: bytes | None = None, *, secret: str | None = None, encoding: str | None = None
    ) -> list[int]:
        """Push the feed, or `body`, to all that are subscribed; return what they answer.

        `encoding` says that it is compressed; the body that is given is so already.
        """
        body = self.document() if body is None else body
        found = []
        for one in list(self.subscribed.values()):
            key = one.secret if secret is None else secret
            headers = {
                "Content-Type": "application/rss+xml",
                "Link": f'<{self.server.url("/hub")}>; rel="hub", <{self.topic}>; rel="self"',
                HEADER: sign(key.encode(), body, "sha256"),
            }
            headers |= {"Content-Encoding": encoding} if encoding else {}
            found.append(self._client.post(one.callback, content=body, headers=headers).status_code)
        return found

    def modes(self) -> list[str]:
        """What it was asked for, in order."""
        return [form["hub.mode"] for form in self.sent]

    def _feed(self, _: Asked) -> Reply:
        self.polls += 1
        return Reply(self.document())

    def _take(self, asked: Asked) -> Reply:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        self.sent.append(form)
        if self.status < 300 and self.verifies:
            threading.Thread(target=self.verify, args=(form,), daemon=True).start()
        return Reply(b"", self.status, content_type=None)

    def verify(self, form: dict[str, str]) -> None:
        """Ask back, and take the subscription up or off as the answer says."""
        mode = "denied" if self.denies else form["hub.mode"]
        query = {"hub.mode": mode, "hub.topic": form["hub.topic"]}
        if self.denies:
            query["hub.reason"] = "not for you"
        else:
            query["hub.challenge"] = f"challenge-{len(self.answers)}"
        if mode == "subscribe":
            query["hub.lease_seconds"] = str(self.lease)
        callback = form["hub.callback"]
        joint = "&" if "?" in callback else "?"
        answer = self._client.get(f"{callback}{joint}{urlencode(query)}")
        echoed = answer.status_code == 200 and answer.text == query.get("hub.challenge")
        if echoed and mode == "subscribe":
            self.subscribed[callback] = Subscribed(callback, form["hub.secret"])
        elif echoed and mode == "unsubscribe":
            self.subscribed.pop(callback, None)
        self.answers.append((mode, answer.status_code, answer.text))
