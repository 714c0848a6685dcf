"""Revisions: what a publisher changed in a report that was told of, in words.

Comes in: what is kept of the report as it was told, and its new revision.  Goes out: what differs; nothing
where nobody need be told: the title, the figures and most of the text are the same.  Pure.
"""

from __future__ import annotations

from nightdesk.alerts import grouping
from nightdesk.alerts.grouping import Member
from nightdesk.alerts.reported import Reported
from nightdesk.storylines.novelty import ADDS
from nightdesk.text.tokens import fold
from schemas import Article, ChangeClass

_QUOTED = 8


def changes_of(before: Member, report: Reported) -> list[str]:
    """Return what is told of a revision; nothing where it is not."""
    article = report.match.article
    if _is_as_told(before, article):
        return []
    changes = _differences(before, report)
    if changes and before.told.revision + 1 == article.revision:
        changes += _edited(article)
    return changes


def _is_as_told(before: Member, article: Article) -> bool:
    """Tell whether its publisher edited nothing since: the article's page could be read at last, and what it
    holds beyond the teaser is no news."""
    follows, edit = before.told.revision + 1 == article.revision, article.edit
    return follows and edit is not None and not edit.changes and article.text_from == "page"


def _differences(before: Member, report: Reported) -> list[str]:
    """Name what differs between what was told and the new revision: title, figures, much of the text."""
    article = report.match.article
    changes = []
    if fold(before.told.title) != fold(article.title):
        changes.append(f"the title was “{before.told.title}”")
    figures = grouping.figures_of(article)
    gone = sorted(set(before.figures) - set(figures))
    new = sorted(set(figures) - set(before.figures))
    if new:
        changes.append(f"new figures: {', '.join(new[:_QUOTED])}")
    if gone:
        changes.append(f"figures no longer there: {', '.join(gone[:_QUOTED])}")
    if report.novelty is not None and report.novelty.share >= ADDS:
        changes.append(f"{report.novelty.share:.0%} of it is new")
    return changes


def _edited(article: Article) -> list[str]:
    """Say who is said to have said it now, and what is said no more: the first of each."""
    told = {
        change.kind: change for change in reversed(article.edit.changes if article.edit else ())
    }
    said = []
    if change := told.get(ChangeClass.ATTRIBUTION):
        said.append(f"attributed otherwise: “{change.before}” became “{change.after}”")
    if (change := told.get(ChangeClass.REMOVAL)) and not change.after:
        said.append(f"no longer said: “{change.before}”")
    return said
