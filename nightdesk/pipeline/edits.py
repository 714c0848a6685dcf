"""Edits: what a report means for the article that it belongs to.

Comes in: a report made readable, and what is known under its keys.  Goes out: a `Judgement`.

    no key is known ───────────────────────────────────▶ new
    the words of the latest revision ──────────────────▶ duplicate
    another feed's version ────────────────────────────▶ duplicate
    the article went from these words to those a short while ago ▶ duplicate
    else ──────────────────────────────────────────────▶ revision

A publisher may take an edit back: text A, then B, then A again are three revisions.  A server that
hands out two cached versions by turns begins the same way and never ends.  So each passage from one
text to another counts once, and again only when it was not seen for `SETTLED_AFTER`.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from nightdesk.text.identity import words
from nightdesk.text.normalise import NormalisedReport, content_hash_of
from nightdesk.text.redirectors import is_redirector
from schemas import Report

SETTLED_AFTER = timedelta(days=1)
"""Caches go round within minutes or hours; a notice that is put up and taken down does so in days."""


@dataclass(slots=True)
class Passage:
    """An article went from one text to another: to `revision`, and was seen to do so at `seen_at` last."""

    revision: int
    seen_at: datetime


@dataclass(slots=True)
class Known:
    """What the archive, or an earlier message of the batch, knows of an article.

    `text` is the content hash of its latest revision; `passages` maps pairs of content hashes.
    `page` is its text where that was read from its page, `url` its address.
    """

    article: str
    feed: str
    revision: int
    text: str
    passages: dict[tuple[str, str], Passage] = field(default_factory=dict)
    title: str = ""
    description: str = ""
    page: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """`outcome` is `new`, `revision` or `duplicate`; `again` the passage that was seen once more."""

    outcome: str
    owner: Known
    reason: str
    again: Passage | None = None


def owner_of(normalised: NormalisedReport, known: Mapping[str, Known]) -> Known | None:
    """Return the article that has the strongest of the report's keys that are taken."""
    return next((known[key] for key in normalised.keys if key in known), None)


def with_page(
    report: Report, normalised: NormalisedReport, known: Mapping[str, Known]
) -> NormalisedReport:
    """Return an edited report with the text that its page had before, if its page was not read this time; and
    with the address that its link was found to lead to, if that was not found this time.

    Else a page that is away for a while would make of a whole text a teaser, and a removal of it.  What the
    feed itself says otherwise, title or teaser, is an edit as ever.
    """
    owner = owner_of(normalised, known)
    if owner is None or owner.feed != report.feed:
        return normalised
    if owner.url and is_redirector(normalised.url or "") and not is_redirector(owner.url):
        normalised = replace(normalised, url=owner.url)
    if owner.page is None or normalised.text_from == "page":
        return normalised
    title, teaser = normalised.title, normalised.description
    if words(teaser) != words(owner.description):
        content_hash = content_hash_of(title, f"{teaser}\n{owner.page}")
    elif words(title) != words(owner.title):
        content_hash = content_hash_of(title, owner.page)
    else:
        # The hash of a text is over all of its lines, and the archive may have it without some.
        content_hash = owner.text
    return replace(normalised, text=owner.page, content_hash=content_hash, text_from="page")


def judge(
    report: Report, normalised: NormalisedReport, known: MutableMapping[str, Known]
) -> Judgement:
    """Say what `report` is, and note it in `known`: identity key -> article."""
    found = _judge(report, normalised, owner_of(normalised, known))
    for key in normalised.keys:
        known.setdefault(key, found.owner)
    if found.outcome != "duplicate":
        found.owner.title, found.owner.description = normalised.title, normalised.description
        found.owner.page = normalised.text if normalised.text_from == "page" else None
        found.owner.url = normalised.url
    return found


def _judge(report: Report, normalised: NormalisedReport, owner: Known | None) -> Judgement:
    text = normalised.content_hash
    if owner is None:
        owner = Known(normalised.article_id, report.feed, 1, text)
        return Judgement("new", owner, "never seen before")
    if text == owner.text:
        return Judgement("duplicate", owner, f"says what {owner.article} says")
    if owner.feed != report.feed:
        return Judgement("duplicate", owner, f"another feed's version of {owner.article}")
    passage = owner.passages.get((owner.text, text))
    if passage is not None and report.seen_at - passage.seen_at < SETTLED_AFTER:
        passage.seen_at = max(passage.seen_at, report.seen_at)
        reason = f"goes back and forth: {owner.article} went so to revision {passage.revision}"
        return Judgement("duplicate", owner, reason, passage)
    owner.revision += 1
    owner.passages[owner.text, text] = Passage(owner.revision, report.seen_at)
    owner.text = text
    return Judgement("revision", owner, f"edits {owner.article}")
