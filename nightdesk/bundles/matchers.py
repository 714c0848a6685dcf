"""Matchers of silences and inhibitions: values that no alert can have.

Comes in: the parts of one file, the ids that are known.  Goes out: findings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from nightdesk.bundles.contract import Part
from nightdesk.bundles.names import Names, known_sources
from nightdesk.bundles.problems import Finding, Path
from schemas import AlertKind, AlertState, Matcher, Severity, Silence, Storyline, Subscription

_CLOSED: Mapping[str, Sequence[str]] = {
    "kind": tuple(AlertKind),
    "severity": tuple(Severity),
    "state": tuple(AlertState),
}
_CALLED = {"kind": "kind of alert", "severity": "severity", "state": "state of an alert"}
_DECLARED = {"storyline": "storylines", "feed": "feeds", "subscription": "subscriptions"}


def check_matchers(
    parts: Sequence[Part], ids: Mapping[str, set[str]], names: Names
) -> Iterator[Finding]:
    """Find matchers of values that nothing has."""
    sources = known_sources(parts)
    tags = {
        tag
        for part in parts
        if isinstance(part.readable, Storyline) or part.section == "feeds"
        for tag in getattr(part.readable, "tags", ())
    }
    for part in parts:
        for path, matcher in _matchers(part):
            yield from _check(path, matcher, ids, names, sources, tags)


def _matchers(part: Part) -> Iterator[tuple[Path, Matcher]]:
    definition = part.readable
    if isinstance(definition, Silence):
        for at, matcher in enumerate(definition.matchers):
            yield (*part.path, "matchers", at, "value"), matcher
    elif isinstance(definition, Subscription):
        for at, rule in enumerate(definition.inhibit):
            for side, matchers in (("by", rule.by), ("holds", rule.holds)):
                for index, matcher in enumerate(matchers):
                    yield (*part.path, "inhibit", at, side, index, "value"), matcher


def _check(
    path: Path,
    matcher: Matcher,
    ids: Mapping[str, set[str]],
    names: Names,
    sources: Collection[str] | None,
    tags: Collection[str],
) -> Iterator[Finding]:
    label, value = matcher.label, matcher.value
    if label in _DECLARED:
        known = ids[_DECLARED[label]]
        if value not in known:
            yield names.unknown(path, label, value, known)
    elif label in _CLOSED:
        if value not in list(_CLOSED[label]):
            yield Finding(
                path,
                f"there is no {_CALLED[label]} `{value}`",
                f"possible are {', '.join(_CLOSED[label])}",
            )
    elif label == "source" and sources is not None and value not in sources:
        yield names.unknown(path, "source", value, sources, warn=True)
    elif label == "tag" and tags and value not in tags:
        yield names.unknown(path, "tag", value, tags, warn=True)
