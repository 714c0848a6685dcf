"""Links of Google News since July 2024: what its page tells its script to ask, and what the answer says.

Comes in: the bytes of an article's page at Google News, later those of the answer.  Goes out: the form to
post, later the article's address; None for all that is not as expected.  Pure, bounded, and nothing is run.
The service is undocumented.  Its shapes are those that public resolvers agree on; whether it may be asked
at all is for its robots.txt to say (`nightdesk.feeds.pages.fetch`), and docs/why.md says what that does.
Where it may not be, publishers are (`nightdesk.feeds.pages.publishers`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from nightdesk.clock import Ticks
from nightdesk.feeds.addresses import why_scheme_refused
from nightdesk.feeds.network import why_literal_refused
from nightdesk.text.redirectors import id_of_google_news
from nightdesk.text.urls import canonical_url, leads_to_one_page

ORIGIN = "https://news.google.com"
MOST_ANSWERED = 100_000
"""Bytes of an answer; the known ones have a few hundred."""

_SERVICE = "/_/DotsSplashUi/data/batchexecute"
_CALL, _ASKS, _ANSWERS = "Fbv4je", "garturlreq", "garturlres"
_GUARD = b")]}'"

_MOST_MARKS = 200
_LONGEST_TAG = 8_000
_LONGEST_GOAL = 2_000
_ATTRIBUTE = re.compile(r"\sdata-n-a-(id|ts|sg)\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)')")
_TIMESTAMP = re.compile(r"[0-9]{1,13}")
_SIGNATURE = re.compile(r"[\w.~+/=-]{4,400}", re.ASCII)

_MOST_FAILURES = 3
_REST_SECONDS = 3_600.0


@dataclass(frozen=True)
class Question:
    """What the service wants to know: which article, when its page was made, and the page's signature."""

    id: str
    made_at: int
    signature: str


class Patience:
    """How often asking failed in a row.  After the third time nobody is asked for an hour: a service that has
    changed, or that does not want us, is not pressed."""

    def __init__(self, ticks: Ticks) -> None:
        self._ticks = ticks
        self._failures = 0
        self._until = 0.0

    @property
    def is_over(self) -> bool:
        """Whether nobody is to be asked now."""
        return self._failures >= _MOST_FAILURES and self._ticks() < self._until

    def told(self, *, resolved: bool) -> None:
        """Take note of one link; after an hour's rest one more failure is enough for the next."""
        self._failures = 0 if resolved else self._failures + 1
        self._until = self._ticks() + _REST_SECONDS


def is_article_at(url: str, origin: str) -> bool:
    """Tell whether `url` is an article's page of Google News at exactly this `origin`."""
    return _id_at(url, origin) is not None


def service_at(origin: str) -> str:
    """Return the address that questions are posted to."""
    return f"{origin}{_SERVICE}"


def question_in(body: bytes, url: str, origin: str) -> Question | None:
    """Return the question that the page at `url` holds for its own article, or None.

    Pages show other articles beside it, each with a signature of its own: one that bears another id is
    never taken, and one without an id only where there is no second.
    """
    wanted = _id_at(url, origin)
    if wanted is None:
        return None
    nameless = list[Question]()
    for given in _marked(body):
        made_at, signature = given.get("ts", ""), given.get("sg", "")
        if not _TIMESTAMP.fullmatch(made_at) or not _SIGNATURE.fullmatch(signature):
            continue
        question = Question(wanted, int(made_at), signature)
        if given.get("id", "").rstrip("=") == wanted:
            return question
        if "id" not in given:
            nameless.append(question)
    return nameless[0] if len(nameless) == 1 else None


def form_of(question: Question) -> dict[str, str]:
    """Return the form that puts `question`."""
    # Where Google's script says which edition a reader sees, placeholders do: an article has one address.
    reader = ["X", "X", ["X", "X"], None, None, 1, 1, "US:en", None, 1, *[None] * 5, 0, 1]
    context = [reader, "X", "X", 1, [1, 1, 1], 1, 1, None, 0, 0, None, 0]
    asked = [_ASKS, context, question.id, question.made_at, question.signature]
    call = [_CALL, _compact(asked), None, "generic"]
    return {"f.req": _compact([[call]])}


def goal_in_answer(body: bytes) -> str | None:
    """Return the article's address that the service answered with, or None.

    It is an http(s) address of a page, neither Google's own nor at an address that is not public; where its
    name leads is for the fetch to check.
    """
    frames = _json(body.removeprefix(_GUARD)) if len(body) <= MOST_ANSWERED else None
    for frame in frames if isinstance(frames, list) else []:
        if not isinstance(frame, list) or len(frame) < 3 or frame[:2] != ["wrb.fr", _CALL]:
            continue
        told = _json(frame[2].encode("utf-8", "replace")) if isinstance(frame[2], str) else None
        if isinstance(told, list) and len(told) > 1 and told[0] == _ANSWERS:
            return told[1] if isinstance(told[1], str) and _is_elsewhere(told[1]) else None
    return None


def _id_at(url: str, origin: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    is_there = f"{parts.scheme}://{parts.netloc}".lower() == origin
    return id_of_google_news(parts.path) if is_there else None


def _marked(body: bytes) -> list[dict[str, str]]:
    """Return the attributes of the elements that bear a signature."""
    text = body.decode("utf-8", "replace")
    found, at = list[dict[str, str]](), 0
    for _ in range(_MOST_MARKS):
        at = text.find("data-n-a-sg", at)
        if at < 0:
            break
        start = text.rfind("<", max(0, at - _LONGEST_TAG), at)
        end = text.find(">", at, at + _LONGEST_TAG)
        at += 1
        if start < 0 or end < 0 or ">" in text[start:at]:
            continue
        at = end
        found.append(
            {
                one[1]: unescape(one[2] or one[3] or "")
                for one in _ATTRIBUTE.finditer(text, start, end)
            }
        )
    return found


def _is_elsewhere(goal: str) -> bool:
    if len(goal) > _LONGEST_GOAL or not goal.isprintable() or " " in goal or "\\" in goal:
        return False
    canonical = canonical_url(goal)
    if canonical is None or not leads_to_one_page(canonical):
        return False
    return all(_is_allowed(url) for url in (goal, canonical))


def _is_allowed(url: str) -> bool:
    if why_scheme_refused(url) or why_literal_refused(url, allow_private=False):
        return False
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    is_google = host == "google.com" or host.endswith(".google.com")
    return "." in host and "@" not in parts.netloc and not is_google


def _json(text: bytes) -> Any:
    """Return what the document says that `text` begins with, or None."""
    try:
        return json.JSONDecoder().raw_decode(text.decode("utf-8").lstrip())[0]
    except (ValueError, RecursionError):
        return None


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
