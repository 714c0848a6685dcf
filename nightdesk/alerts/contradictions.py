"""Contradictions: independent sources of one development that count the same thing differently.

Comes in: what each source last stated (`Statement`), and what a further report counts.  Goes out: what is
stated then, and the `Contradiction`s in it.  Copies state nothing of their own.  A source's later report
takes back what its earlier one counted.  A later and higher figure is how tolls rise, and contradicts
nothing; a later report with the lower figure does, for so long as nobody can have missed the higher one for
want of time to read it.  People who are missing become more and fewer: there both must be told at once.
So the order in which reports come in matters nothing: their own times do.  Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations

from nightdesk.storylines.counted import TOLL, WAVERING, Counted
from schemas import Article, Claim, Contradiction
from schemas.base import Contract, UtcDatetime

AGAINST = timedelta(hours=6)
"""Reports further apart do not contradict each other: the later one tells of another state of things."""

AT_ONCE = timedelta(hours=1)
"""The same for people who are missing or trapped: their number rises, and falls as they are found."""

RECENT = timedelta(hours=24)
"""What was stated longer than this before the latest statement is dropped."""

MOST_STATEMENTS = 100
MOST_CONTRADICTIONS = 8
MOST_CLAIMS = 6
MOST_SOURCES = 20

_ALIKE = 0.6
_LEAST_SHARED = 3


class Statement(Contract):
    """What `source` last counted of one thing, in article `article`: `numbers` are (least, most), the most
    None where it is open.  Key, what, text and around are those of `Counted`; the text is that of its first
    number."""

    source: str
    article: str
    at: UtcDatetime
    key: str
    what: str
    text: str
    numbers: tuple[tuple[float, float | None], ...]
    around: tuple[int, ...] = ()

    def differs(self, other: Statement) -> bool:
        """Whether no number of one may be any number of the other."""
        return not any(
            low <= (most if most is not None else low)
            for one in self.numbers
            for two in other.numbers
            for low, most in [_common(one, two)]
        )

    def is_above(self, other: Statement) -> bool:
        """Whether all that it counts is more than what the other does."""
        highest = max(float("inf") if most is None else most for _, most in other.numbers)
        return min(low for low, _ in self.numbers) > highest


@dataclass(frozen=True)
class Dispute:
    """Statements of one `key` that differ, and those that agree with one of them, latest first."""

    key: str
    statements: tuple[Statement, ...]

    @property
    def numbers(self) -> frozenset[tuple[tuple[float, float | None], ...]]:
        """The numbers that stand against each other."""
        return frozenset(statement.numbers for statement in self.statements)

    def told(self) -> Contradiction:
        """Return it as an alert tells of it."""
        by_numbers: dict[tuple[tuple[float, float | None], ...], list[Statement]] = {}
        for statement in self.statements:
            by_numbers.setdefault(statement.numbers, []).append(statement)
        claims = (
            Claim(
                figure=said[0].text,
                sources=tuple(dict.fromkeys(s.source for s in said))[:MOST_SOURCES],
            )
            for said in by_numbers.values()
        )
        return Contradiction(what=self.statements[0].what, claims=tuple(claims)[:MOST_CLAIMS])


def stated(
    before: Sequence[Statement], article: Article, counts: Iterable[Counted]
) -> tuple[Statement, ...]:
    """Return what is stated once `article`, which copies none, has been read."""
    # A revision keeps its claimed time, and speaks when it is seen; what was seen was not written later.
    claimed = min(article.event_time, article.seen_at)
    at = claimed if article.revision == 1 else article.seen_at
    by_key: dict[str, list[Counted]] = {}
    for count in counts:
        by_key.setdefault(count.key, []).append(count)
    new = {
        (article.source, key): Statement(
            source=article.source,
            article=article.id,
            at=at,
            key=key,
            what=said[0].what,
            text=said[0].text,
            numbers=tuple(
                dict.fromkeys((c.low, None if c.high == float("inf") else c.high) for c in said)
            ),
            around=tuple(sorted(frozenset[int]().union(*(c.around for c in said)))),
        )
        for key, said in by_key.items()
    }
    kept: dict[tuple[str, str], Statement] = {}
    for statement in (*(s for s in before if s.article != article.id), *new.values()):
        place = (statement.source, statement.key)
        other = kept.get(place)
        if other is None or _order(other) < _order(statement):
            kept[place] = statement
    if not kept:
        return ()
    since = max(statement.at for statement in kept.values()) - RECENT
    recent = sorted((s for s in kept.values() if s.at >= since), key=_order)
    return tuple(recent[-MOST_STATEMENTS:])


def disputes(statements: Sequence[Statement]) -> tuple[Dispute, ...]:
    """Return what the statements contradict each other in, the latest first."""
    by_key: dict[str, list[Statement]] = {}
    for statement in sorted(statements, key=_order, reverse=True):
        by_key.setdefault(statement.key, []).append(statement)
    found = []
    for key, said in by_key.items():
        against = {
            numbers
            for later, earlier in combinations(said, 2)
            if _contradicts(later, earlier)
            for numbers in (later.numbers, earlier.numbers)
        }
        if against:
            found.append(Dispute(key, tuple(s for s in said if s.numbers in against)))
    found.sort(key=lambda dispute: _order(dispute.statements[0]), reverse=True)
    return tuple(found[:MOST_CONTRADICTIONS])


def fresh(before: Sequence[Dispute], after: Sequence[Dispute]) -> tuple[Dispute, ...]:
    """Return the disputes that are new, or in which a number stands that stood in none before."""
    known = {dispute.key: dispute.numbers for dispute in before}
    return tuple(d for d in after if not d.numbers <= known.get(d.key, frozenset()))


def say(contradiction: Contradiction) -> str:
    """Return it in words: "sources differ on killed: 12 killed (Gazette), at least 17 people (Herald)"."""
    claims = ", ".join(f"{claim.figure} ({claim.sources[0]})" for claim in contradiction.claims)
    return f"sources differ on {contradiction.what}: {claims}"


def _contradicts(later: Statement, earlier: Statement) -> bool:
    wavers = later.key.rpartition(" ")[2] in WAVERING
    if later.source == earlier.source or later.at - earlier.at > (AT_ONCE if wavers else AGAINST):
        return False
    if not later.differs(earlier) or not _same_thing(later, earlier):
        return False
    return wavers or later.at == earlier.at or not later.is_above(earlier)


def _same_thing(one: Statement, other: Statement) -> bool:
    """Whether the words around tell of the same: "3 rockets fired" and "2 rockets shot down" do not."""
    if one.key.startswith(TOLL):
        return True
    shared = len(set(one.around) & set(other.around))
    fewer = min(len(one.around), len(other.around))
    return shared >= max(_LEAST_SHARED, _ALIKE * fewer)


def _common(
    one: tuple[float, float | None], other: tuple[float, float | None]
) -> tuple[float, float | None]:
    most = [bound for bound in (one[1], other[1]) if bound is not None]
    return max(one[0], other[0]), min(most, default=None)


def _order(statement: Statement) -> tuple[UtcDatetime, str, str, str]:
    return statement.at, statement.source, statement.article, statement.key
