"""Articles of the archive as exemplars: an address or id in, the words of its latest revision out.

What a stored version of the storyline copied already is taken from there: applying an unchanged file
again changes nothing, even where the article was edited or pruned meanwhile.
"""

from __future__ import annotations

from sqlalchemy import Connection

from nightdesk.archive import articles
from nightdesk.archive.definitions import Definitions
from nightdesk.archive.finding import find, near
from nightdesk.bundles.problems import shorten
from nightdesk.bundles.resolve import Copied, Missing
from schemas import Exemplar

_SHOWN = 200


class ArchivedArticles:
    """Looks articles up through `conn`; `current` are the definitions in force."""

    def __init__(self, conn: Connection, current: Definitions) -> None:
        self._conn = conn
        self._current = current

    def find(self, storyline: str, name: str) -> Copied | Missing:
        """Return the article that `name` (URL, id or the beginning of an id) means."""
        stored = self._current.storylines.get(storyline)
        for exemplar in stored.definition.exemplars if stored else ():
            if exemplar.article == name and exemplar.has_words:
                return Copied(exemplar)
        ids = find(self._conn, name)
        article = articles.get(self._conn, ids[0]) if len(ids) == 1 else None
        if article is None:
            return self._missing(name, ids)
        exemplar = Exemplar(
            title=article.title,
            description=article.description,
            text=article.text,
            article=name,
            published=article.published_at,
        )
        return Copied(exemplar, article.event_time)

    def _missing(self, name: str, ids: list[str]) -> Missing:
        if len(ids) > 1:
            return Missing(
                f"{shorten(name, _SHOWN)} may be any of {len(ids)} articles of the archive",
                f"name one of them by its id: {', '.join(ids)}",
            )
        others = near(self._conn, name)
        return Missing(
            f"the archive holds no article {shorten(name, _SHOWN)}",
            f"did you mean {', '.join(others[:3])}?"
            if others
            else "paste the article's title and text; only what a feed brought is in the archive",
        )
