"""Attribution: whom a sentence names as having said it, "according to the ministry", "dijo la policía".

Comes in: the folded words of a sentence and what stands between them.  Goes out: which words tell of
saying, and the words of who says it.  By lists of words in English, Spanish, French, German and Russian;
other languages have no attribution.  It is rough on purpose: it compares two versions of one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from nightdesk.text.calendar import DAYS, MONTHS
from nightdesk.text.tokens import fold

_VERBS = """
said says told tells added claimed claims alleged announced confirmed denied insisted stated reported
reports testified warned acknowledged
dijo dice afirmó afirma señaló aseguró declaró informó anunció confirmó negó indicó explicó sostuvo denunció
declare déclaré affirmé affirme indiqué indique annoncé assuré confirmé démenti précisé estimé
sagte sagt erklärte erklärt teilte mitteilte berichtete berichtet bestätigte betonte behauptete bestritt
сказал сказала заявил заявила заявили сообщил сообщила сообщили сообщает рассказал рассказала отметил
подтвердил опроверг утверждает
"""
_BEFORE_THE_SOURCE = """
according to|citing|in the words of|según|de acuerdo con|en palabras de|selon|d'après|aux dires de
laut|nach angaben|gemäß|по словам|по данным|по информации|согласно|со ссылкой на
"""
_AFTER_THE_SOURCE = "zufolge"
_EMPTY = """
the a an of on in by and to for has have had was were also who which that this it its from as at with be
not el la los las un una unos unas de del que ha han en se su lo al por con y le les l d des du une ont qui
il a der die das den dem des ein eine einer hat habe haben im am auf mit von und в на и что по со об о это
этом этому его её как из за reporter journalist periodista
"""

MOST_WORDS = 4
"""Words before or after a verb of saying that may name who said it."""

_CLAUSE_END = re.compile(r"[^\w\s.\-‐‑'’]|\.\s")


def _folded(text: str) -> frozenset[str]:
    return frozenset(word for line in text.split() for word in fold(line))


_SAYING = _folded(_VERBS)
_LATER = _folded(_AFTER_THE_SOURCE)
_MARKS = tuple(
    words
    for line in _BEFORE_THE_SOURCE.splitlines()
    for phrase in line.split("|")
    if (words := fold(phrase))
)
_MARK_HEADS = frozenset(mark[0] for mark in _MARKS)
_IDLE = _folded(_EMPTY) | DAYS | MONTHS


class Attribution(NamedTuple):
    """`sayers` are the words that name who said it; `words` these and the words of saying themselves."""

    sayers: frozenset[str]
    words: frozenset[str]


NOBODY = Attribution(frozenset(), frozenset())


def attribution(text: str, words: Sequence[str], spans: Sequence[tuple[int, int]]) -> Attribution:
    """Return whom one sentence names as its source; `words` and `spans` are those of the sentence."""
    sayers: set[str] = set()
    telling: set[str] = set()
    at = 0
    while at < len(words):
        word = words[at]
        mark = _mark_at(words, at) if word in _MARK_HEADS else 0
        if mark:
            telling.update(words[at : at + mark])
            sayers.update(_named(_behind(text, words, spans, at + mark)))
            at += mark
            continue
        if word in _SAYING or word in _LATER:
            telling.add(word)
            before = _named(_ahead(text, words, spans, at))
            sayers.update(before or _named(_behind(text, words, spans, at + 1)))
        at += 1
    if not telling:
        return NOBODY
    return Attribution(frozenset(sayers), frozenset(sayers | telling))


def _mark_at(words: Sequence[str], at: int) -> int:
    """Return how many words a phrase such as "according to" has here; 0 where none stands."""
    return next(
        (len(mark) for mark in _MARKS if tuple(words[at : at + len(mark)]) == mark),
        0,
    )


def _named(words: list[str]) -> list[str]:
    """Return those of a few words that may name a source: no verb, no day, no number."""
    return [w for w in words if w not in _IDLE and w not in _SAYING and not w[0].isdigit()]


def _behind(
    text: str, words: Sequence[str], spans: Sequence[tuple[int, int]], start: int
) -> list[str]:
    end = start
    while end < min(len(words), start + MOST_WORDS):
        if end and _CLAUSE_END.search(text, spans[end - 1][1], spans[end][0]):
            break
        end += 1
    return list(words[start:end])


def _ahead(
    text: str, words: Sequence[str], spans: Sequence[tuple[int, int]], end: int
) -> list[str]:
    start = end
    while start > max(0, end - MOST_WORDS):
        if _CLAUSE_END.search(text, spans[start - 1][1], spans[start][0]):
            break
        start -= 1
    return list(words[start:end])
