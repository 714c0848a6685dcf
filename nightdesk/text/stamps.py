"""Stamps: lines of a text that only tell when it was put up or changed, by whom, and how often it was
looked at: "Updated at 14:05", "Posted 3 hours ago by Ann Miller | 12 comments".

Comes in: a text.  Goes out: which of its lines are stamps.  A line is one only if each of its words may
stand in a stamp, so that "Updated figures show 12 dead" is none.
"""

from __future__ import annotations

import re

from nightdesk.text.calendar import DAYS, MONTHS
from nightdesk.text.tokens import fold

LONGEST = 120
"""Characters of the longest stamp."""

_CLOCK = re.compile(
    r"\d[:.h]\d\d|\d\d?\s?[ap]\.?m\b|\d{4}-\d\d-\d\d|\d\d?/\d\d?/\d\d", re.IGNORECASE
)
_DIGIT = re.compile(r"\d")
_MARKS = """
updated update modified edited published posted revised ago actualizado actualizada actualización publicado
publicada hace actualisé modifié publié jour aktualisiert veröffentlicht geändert stand vor обновлено
опубликовано изменено назад aggiornato pubblicato atualizado
"""
_BESIDE = """
last first originally this the story article page report was has been at on in of by time am pm gmt utc est
edt cet cest bst ist pst pdt et hour hr minute min second day week month year el la a las los de del h hora
minuto día le il y mise mis à heure minute um uhr am der den stunde stunden minuten tag tagen zuletzt в час
часов часа минут минуты минуту день дней дня мск alle ore às z t may mar mai
comment comments share shares view views like likes comentarios commentaires kommentare комментариев
"""
_CAPITAL = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĽŁŃŅŇŐŒŔŘŚŞŠŢŤŪŮŰŲŸŹŻŽА-ЯЁЄІЇҐ"
_AUTHOR = re.compile(
    rf"(?:^|[\s,|–—-])(?:[Bb]y|[Pp]or|[Pp]ar|[Vv]on|[Dd]i|[Аа]втор:?)\s+"
    rf"[{_CAPITAL}][\w.'’-]*(?:\s+[{_CAPITAL}][\w.'’-]*){{0,3}}"
)
"""A name behind "by": of those that are written with a capital, at most four words."""


def _folded(text: str) -> frozenset[str]:
    return frozenset(word for part in text.split() for word in fold(part))


_TELLING = _folded(_MARKS)
_ALLOWED = _TELLING | _folded(_BESIDE) | DAYS | MONTHS


def is_stamp(line: str) -> bool:
    """Tell whether `line` says nothing but when something was written or changed."""
    if len(line) > LONGEST or not _DIGIT.search(line):
        return False
    words = fold(_AUTHOR.sub(" ", line))
    if not all(word in _ALLOWED or word[0].isdigit() for word in words):
        return False
    return any(word in _TELLING or word in MONTHS for word in words) or bool(_CLOCK.search(line))


def without_stamps(text: str) -> str:
    """Return `text` without its stamps; the very same where it has none."""
    lines = text.split("\n")
    kept = [line for line in lines if not is_stamp(line)]
    return text if len(kept) == len(lines) else "\n".join(kept)
