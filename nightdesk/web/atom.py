"""A subscription's alerts as an Atom feed (RFC 4287).

Pure.  In come the alerts as last delivered; out go bytes of XML that say the same for the same alerts.
One alert is one entry for good: as it grows its `updated` moves and its text changes, its `id` never.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from html import escape
from xml.etree import ElementTree

from nightdesk.delivery.wording import (
    added_in_words,
    hint_in_words,
    kind_in_words,
    one_line,
    safe_link,
    safe_links,
    standing_in_words,
    subject_in_words,
    timestamp,
)
from schemas.alert import Alert, AlertedArticle
from schemas.subscription import Subscription

_ATOM = "http://www.w3.org/2005/Atom"
_SHOWN_ARTICLES = 20

ElementTree.register_namespace("", _ATOM)


def atom_feed(
    subscription: Subscription, alerts: Sequence[Alert], *, address: str, since: datetime
) -> bytes:
    """Return the feed of `subscription`, as UTF-8 XML.

    `alerts` come newest first; `address` is the URL that the feed was asked for under; `since` is its
    `updated` while there is no alert.
    """
    feed = ElementTree.Element(_tag("feed"))
    _add(feed, "id", _urn("subscription", subscription.id))
    _add(feed, "title", one_line(subscription.title) or f"Nightdesk: {subscription.id}")
    _add(feed, "updated", timestamp(max((alert.raised_at for alert in alerts), default=since)))
    if link := safe_link(address):
        _add(feed, "link", rel="self", href=link, type="application/atom+xml")
    author = _add(feed, "author")
    _add(author, "name", "Nightdesk")
    _add(feed, "generator", "Nightdesk")
    for alert in alerts:
        _entry(feed, alert)
    body: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def _entry(feed: ElementTree.Element, alert: Alert) -> None:
    entry = _add(feed, "entry")
    _add(entry, "id", _urn("alert", alert.id))
    title = f"{subject_in_words(alert)}: {one_line(alert.title, 300)}"
    _add(entry, "title", title)
    _add(entry, "published", timestamp(min(alert.first_seen_at, alert.raised_at)))
    _add(entry, "updated", timestamp(alert.raised_at))
    for link in safe_links(alert):
        _add(entry, "link", rel="alternate", href=link)
        break
    for term in (alert.about, alert.kind.value):
        _add(entry, "category", term=term)
    _add(entry, "summary", f"{kind_in_words(alert.kind)}. {standing_in_words(alert)}.", type="text")
    _add(entry, "content", _content(alert), type="html")


def _content(alert: Alert) -> str:
    """Return HTML in which every word of the news is escaped."""
    rows = "".join(_article(article) for article in alert.articles[:_SHOWN_ARTICLES])
    listed = f"<ul>{rows}</ul>" if rows else ""
    hidden = len(alert.articles) - _SHOWN_ARTICLES
    more = f"<p>and {hidden} more reports</p>" if hidden > 0 else ""
    said = added_in_words(alert) or hint_in_words(alert)
    adds = f"<p>{escape(said)}</p>" if said else ""
    return f"<p>{escape(one_line(alert.reason))}</p>{adds}{listed}{more}"


def _article(article: AlertedArticle) -> str:
    title = escape(one_line(article.title, 300)) or "(no title)"
    if link := safe_link(article.url):
        title = f'<a href="{escape(link)}">{title}</a>'
    words = ", ".join(escape(one_line(word, 60)) for word in article.words[:20])
    told = f"<br/>words: <em>{words}</em>" if words else ""
    return f"<li><strong>{escape(one_line(article.source, 100))}</strong>: {title}{told}</li>"


def _add(
    parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str
) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, _tag(name), attributes)
    element.text = text
    return element


def _tag(name: str) -> str:
    return f"{{{_ATOM}}}{name}"


def _urn(kind: str, name: str) -> str:
    """Return an id that never changes: a version 5 UUID (RFC 9562) of our own name."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"nightdesk:{kind}:{name}").urn
