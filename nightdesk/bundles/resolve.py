"""What a storyline leaves to be looked up, filled in: articles of the archive, names of countries.

Comes in: a storyline as its writer declared it, and somewhere to look for articles.  Goes out: the
storyline as the archive holds it, complete in itself: each exemplar has its words (and keeps where they
came from), each country all its names.  So what a version of a definition means never changes later, and
no worker needs a gazetteer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from nightdesk.bundles.languages import told_in
from nightdesk.bundles.problems import Finding, Path, shorten
from nightdesk.bundles.timing import outside_window
from nightdesk.text.html import is_html, to_text
from nightdesk.text.normalise import LONGEST_TEXT, cut
from nightdesk.text.repair import repair
from schemas import Entity, Exemplar, Storyline

_LOOKED_AT = 20_000


@dataclass(frozen=True)
class Copied:
    """An article's words as an exemplar; `event_time` is its article's where that is known."""

    exemplar: Exemplar
    event_time: datetime | None = None


@dataclass(frozen=True)
class Missing:
    """There is no such article (or no clear one): why, and what to do."""

    message: str
    hint: str


class Articles(Protocol):
    """Where articles can be looked up: the archive, or a stand-in of a test."""

    def find(self, storyline: str, name: str) -> Copied | Missing:
        """Return the article that `name` (URL or id) means, for an exemplar of `storyline`."""
        ...


class NoArticles:
    """Nowhere to look, where an exemplar without words is of no use."""

    def __init__(self, message: str) -> None:
        self._message = message

    def find(self, storyline: str, name: str) -> Copied | Missing:
        """Return that there is none."""
        del storyline, name
        return Missing(self._message, "paste the article's title and text instead of its name")


def resolve(
    storyline: Storyline, path: Path, articles: Articles | None
) -> tuple[Storyline, list[Finding]]:
    """Return `storyline` complete in itself, and what could not be found.

    Without `articles`, exemplars that only name one stay as they are, with a warning.
    """
    findings: list[Finding] = []
    exemplars = tuple(
        _exemplar(storyline, exemplar, (*path, "exemplars", number), articles, findings)
        for number, exemplar in enumerate(storyline.exemplars)
    )
    whole = storyline.model_copy(update={"exemplars": exemplars})
    if any(entity.country for entity in whole.entities):
        languages = told_in(whole)
        entities = tuple(with_country(entity, languages) for entity in whole.entities)
        whole = whole.model_copy(update={"entities": entities})
    return whole, findings


def with_country(entity: Entity, languages: tuple[str, ...]) -> Entity:
    """Return `entity` with all that its country is called in `languages` after its own names."""
    from nightdesk.text.gazetteer import country_names

    if entity.country is None:
        return entity
    more = country_names(entity.country, languages, capital=entity.capital)
    names = tuple(dict.fromkeys((*entity.any_of, *more))) or (entity.name,)
    return entity.model_copy(update={"any_of": names})


def _exemplar(
    storyline: Storyline,
    exemplar: Exemplar,
    path: Path,
    articles: Articles | None,
    findings: list[Finding],
) -> Exemplar:
    if exemplar.has_words:
        return _readable(exemplar)
    name = exemplar.article.strip()
    if articles is None:
        findings.append(
            Finding(
                path,
                f"no archive was looked at: whether it holds {shorten(name, 200)} is not known",
                "`nightdesk check --archive` looks; `nightdesk apply` copies the article's words",
                "warning",
            )
        )
        return exemplar
    found = articles.find(storyline.id, name)
    if isinstance(found, Missing):
        findings.append(Finding(path, found.message, found.hint))
        return exemplar
    if found.event_time is not None:
        findings.extend(outside_window(path, "article", found.event_time, storyline.window))
    return _readable(found.exemplar.model_copy(update={"article": name}))


def _readable(exemplar: Exemplar) -> Exemplar:
    """Return the exemplar as an article would be: without tags and signs that do not show, and no longer."""
    changed = {
        field: read
        for field in ("title", "description", "text")
        if (text := getattr(exemplar, field)) and (read := _as_read(text)) != text and read.strip()
    }
    return exemplar.model_copy(update=changed) if changed else exemplar


def _as_read(text: str) -> str:
    # What is cut off is not worth the work; tags and signs that do not show are bounded below it.
    text = text[: 10 * LONGEST_TEXT]
    return cut(to_text(text) if is_html(text[:_LOOKED_AT]) else repair(text), LONGEST_TEXT)
