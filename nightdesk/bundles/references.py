"""The definitions together: repeated ids, names that nothing carries, definitions without effect.

Comes in: the parts of one file, and the ids that the archive knows already (a desk may keep its
feeds in one file and its storylines in another).  Goes out: findings.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from nightdesk.bundles.contract import SECTIONS, Part
from nightdesk.bundles.matchers import check_matchers
from nightdesk.bundles.names import Names, known_sources
from nightdesk.bundles.problems import Finding, Path
from nightdesk.feeds.access import login_in
from schemas import AlertKind, Feed, Storyline, Subscription

Known = Mapping[str, Collection[str]]
"""Ids that stand in the archive already, by section."""

_AGGREGATORS = re.compile(
    r"https?://(?:news\.google\.com/|(?:www\.)?bing\.com/news/)", re.IGNORECASE
)


def check_references(
    parts: Iterable[Part], known: Known, logins: Collection[str] = ()
) -> Iterator[Finding]:
    """Find what is wrong between the definitions, and with what the archive holds.

    `logins` are the URLs of its feeds in which a login stands.  A definition that breaks its own contract
    still counts as there, under its id.
    """
    parts = list(parts)
    ids = {
        section: {part.id for part in parts if part.section == section and part.id}
        | set(known.get(section, ()))
        for section in SECTIONS
    }
    names = Names()
    yield from _repeated_ids(parts)
    yield from _feeds(parts, logins)
    yield from _storylines(parts, ids, names)
    yield from _subscriptions(parts, ids, names)
    yield from _feed_subscriptions(parts, ids, names)
    yield from check_matchers(parts, ids, names)
    yield from _nothing_enabled(parts)


def _repeated_ids(parts: list[Part]) -> Iterator[Finding]:
    first: dict[tuple[str, str], Path] = {}
    for part in parts:
        if part.id is None:
            continue
        before = first.setdefault((part.section, part.id), part.path)
        if before is not part.path:
            yield Finding(
                (*part.path, "id"),
                f"`{part.id}` is the id of {before[0]}[{before[1]}] already",
                "give each definition of a kind its own id",
            )


def _of(parts: list[Part], model: type) -> Iterator[Part]:
    return (part for part in parts if isinstance(part.readable, model))


def _address(url: str) -> tuple[str, int | None, str, str]:
    """What two spellings of one feed's URL share; an http and an https feed are one, too."""
    split = urlsplit(url)
    port = None if split.port in {80, 443} else split.port
    return (split.hostname or "").rstrip("."), port, split.path or "/", split.query


def _feeds(parts: list[Part], logins: Collection[str]) -> Iterator[Finding]:
    first: dict[object, Feed] = {}
    for part in _of(parts, Feed):
        feed: Feed = part.readable
        if login_in(feed.url):
            # One that is polled already has been written down: to refuse it would only end its polls.
            old = feed.url in logins
            yield Finding(
                (*part.path, "url"),
                "a login stands in this URL, and so in every version that the archive keeps"
                if old
                else "a login may not stand in a URL: every version that the archive keeps would hold it",
                "give it by `access: {basic: {env: NAME}}` or `{file: PATH}` as USER:PASSWORD, and take it "
                "out of the URL",
                "warning" if old else "error",
            )
        if not feed.enabled:
            continue
        if not feed.aggregator and _AGGREGATORS.match(feed.url):
            yield Finding(
                (*part.path, "url"),
                f"this feed brings reports of many publishers, and all would count as of `{feed.source}`",
                "say `aggregator: true`: each entry names its publisher",
                "warning",
            )
        before = first.setdefault(_address(feed.url), feed)
        if before is not feed and before.id != feed.id:
            yield Finding(
                (*part.path, "url"),
                f"the feed `{before.id}` polls this URL already",
                "remove one of the two, or set `enabled: false`",
            )


def _storylines(parts: list[Part], ids: Mapping[str, set[str]], names: Names) -> Iterator[Finding]:
    sources = known_sources(parts)
    for part in _of(parts, Storyline):
        storyline: Storyline = part.readable
        for index, rival in enumerate(storyline.rivals):
            if rival not in ids["storylines"]:
                yield names.unknown(
                    (*part.path, "rivals", index), "storyline", rival, ids["storylines"]
                )
        for index, source in enumerate(storyline.sources):
            if not source.strip():
                yield Finding(
                    (*part.path, "sources", index),
                    "must not be empty: no report comes from there",
                    "write the publisher as its feed's `source` does, or remove it",
                )
            elif sources is not None and source not in sources:
                yield names.unknown(
                    (*part.path, "sources", index), "source", source, sources, warn=True
                )


def _subscriptions(
    parts: list[Part], ids: Mapping[str, set[str]], names: Names
) -> Iterator[Finding]:
    storylines: dict[str, Storyline] = {
        part.definition.id: part.definition
        for part in _of(parts, Storyline)
        if part.definition is not None
    }
    # Of a storyline that is broken or stands in the archive, neither tags nor switch are known.
    opaque = ids["storylines"] - set(storylines)
    subscriptions = list(_of(parts, Subscription))
    by_tag: dict[str, set[str]] = {}
    for storyline in storylines.values():
        for tag in storyline.tags:
            by_tag.setdefault(tag, set()).add(storyline.id)
    enabled = {storyline.id for storyline in storylines.values() if storyline.enabled}
    heard: set[str] = set()
    for part in subscriptions:
        subscription: Subscription = part.readable
        named = set(subscription.storylines)
        for index, name in enumerate(subscription.storylines):
            if name not in ids["storylines"]:
                path = (*part.path, "storylines", index)
                yield names.unknown(path, "storyline", name, ids["storylines"])
        taken = (
            (named & storylines.keys()).union(*(by_tag.get(tag, ()) for tag in subscription.tags))
            if named or subscription.tags
            else set(storylines)
        )
        if not subscription.enabled or not subscription.takes_storylines:
            continue
        heard |= taken
        # What is opaque may carry the tag, or be enabled; an unknown name is told of already.
        if (opaque & named if named else opaque) or named - ids["storylines"]:
            continue
        if not taken and not subscription.takes_feeds:
            hint = _tags_hint(subscription, by_tag)
            yield Finding(part.path, "the subscription takes no storyline", hint, "warning")
        elif taken and not taken & enabled:
            yield Finding(
                part.path,
                "every storyline that the subscription takes is disabled",
                "enable one of them, or disable the subscription",
                "warning",
            )
    # A subscription that is broken or stands in the archive may take any of them.
    sound = {part.id for part in subscriptions if part.definition is not None}
    if not subscriptions or ids["subscriptions"] - sound:
        return
    unheard = enabled - heard
    for part in _of(parts, Storyline):
        if part.definition is not None and part.id in unheard:
            yield Finding(
                part.path,
                f"no subscription takes the storyline `{part.id}`",
                "its alerts will be shown on the page only; add it to a subscription",
                "warning",
            )


def _feed_subscriptions(
    parts: list[Part], ids: Mapping[str, set[str]], names: Names
) -> Iterator[Finding]:
    for part in _of(parts, Subscription):
        subscription: Subscription = part.readable
        for index, name in enumerate(subscription.feeds):
            if name not in ids["feeds"]:
                yield names.unknown((*part.path, "feeds", index), "feed", name, ids["feeds"])
        kinds = set(subscription.kinds)
        if subscription.feeds and not subscription.takes_feeds:
            yield Finding(
                (*part.path, "kinds"),
                "the subscription names feeds, but no kind of alert about them",
                f"add {AlertKind.FEED_BROKEN.value} and the like, or leave out `kinds` or `feeds`",
                "warning",
            )
        if subscription.takes_feeds and kinds and AlertKind.FEED_RECOVERED not in kinds:
            yield Finding(
                (*part.path, "kinds"),
                "nobody will be told when a feed is well again",
                f"add {AlertKind.FEED_RECOVERED.value}",
                "warning",
            )


def _tags_hint(subscription: Subscription, by_tag: Mapping[str, object]) -> str:
    if not subscription.tags:
        return "declare a storyline, or name one that exists"
    shown = ", ".join(sorted(by_tag)[:20])
    return f"no storyline carries its tags; known are {shown or 'none'}"


def _nothing_enabled(parts: list[Part]) -> Iterator[Finding]:
    for section in ("feeds", "storylines", "subscriptions"):
        definitions = [part.definition for part in parts if part.section == section]
        if definitions and all(d is not None and not d.enabled for d in definitions):
            yield Finding(
                (section,),
                f"all {section} are disabled",
                "enable one of them",
                "warning",
                on_key=True,
            )
