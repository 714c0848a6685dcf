"""Names that nothing carries, and what was probably meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from nightdesk.bundles.contract import Part
from nightdesk.bundles.problems import Finding, Path, nearest

_MOST_SUGGESTIONS = 20
"""Unknown names that are compared with all known ones: some milliseconds each, and a file may be wrong
throughout."""


class Names:
    """Tells of names that nothing carries, with what was probably meant while that is affordable."""

    def __init__(self) -> None:
        self._left = _MOST_SUGGESTIONS

    def unknown(
        self, path: Path, what: str, name: str, known: Collection[str], *, warn: bool = False
    ) -> Finding:
        """Return the finding that there is no `what` called `name`."""
        self._left -= 1
        meant = nearest(name, known) if self._left >= 0 else None
        return Finding(
            path,
            f"there is no {what} `{name}`",
            f"did you mean `{meant}`?" if meant else f"correct the name, or declare the {what}",
            "warning" if warn else "error",
        )


def known_sources(parts: Iterable[Part]) -> set[str] | None:
    """Return the sources of the file's feeds; None where it cannot know of all.

    With a feed unreadable or kept elsewhere, or an aggregator, an unknown source proves nothing.
    """
    feeds = [part.definition for part in parts if part.section == "feeds"]
    known = feeds and all(feed and not feed.aggregator for feed in feeds)
    return {feed.source for feed in feeds} if known else None
