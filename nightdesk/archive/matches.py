"""Matches: every decision that was made of an article for a storyline, `not` too, with its reasons.

A changed mind is a further version; earlier ones stay, so that an alert can be explained by what was
known when it was raised.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import ConfigDict
from sqlalchemy import ColumnElement, Connection, bindparam, select

from nightdesk.archive.documents import load
from nightdesk.archive.statements import Lookup, UpdateMany, insert_only
from nightdesk.archive.tables import matches
from schemas.base import Contract
from schemas.match import Bar, Decision, Match

_later = matches.alias("later")
_IS_LATEST: ColumnElement[bool] = ~(
    select(_later.c.id)
    .where(_later.c.id == matches.c.id, _later.c.version > matches.c.version)
    .exists()
)
_RECORD = insert_only(matches)
_BY_CANDIDATES = Lookup(
    select(matches.c.candidate, matches.c.id, matches.c.version).order_by(matches.c.version),
    matches.c.candidate,
)
_LATEST = Lookup(select(matches.c.id, matches.c.document).where(_IS_LATEST), matches.c.id)
_HISTORY = (
    select(matches.c.document)
    .where(matches.c.id == bindparam("of_match"))
    .order_by(matches.c.version)
)
_VERDICTS = (
    select(
        matches.c.article,
        matches.c.revision,
        matches.c.version,
        matches.c.decision,
        matches.c.probability,
        matches.c.document,
    )
    .where(matches.c.storyline == bindparam("of_storyline"))
    .order_by(matches.c.id, matches.c.version)
)
_OUTCOMES = Lookup(
    select(matches.c.id, matches.c.version, matches.c.outcome), matches.c.id, matches.c.version
)
_SET_OUTCOME = UpdateMany(matches, keys=["id", "version"], sets=["outcome", "development"])
_another = matches.alias("another")
_TOOK_PART = (
    select(_another.c.development)
    .where(_another.c.id == matches.c.id, _another.c.development.is_not(None))
    .order_by(_another.c.version.desc())
    .limit(1)
    .scalar_subquery()
)
_DECIDED = select(matches.c.document, matches.c.outcome, _TOOK_PART)
_OF_ARTICLE = _DECIDED.where(matches.c.article == bindparam("of_article"), _IS_LATEST).order_by(
    matches.c.probability.desc(), matches.c.id
)
_OF_STORYLINE = (
    _DECIDED.where(matches.c.storyline == bindparam("of_storyline"), _IS_LATEST)
    .order_by(matches.c.decided_at.desc(), matches.c.id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Decided:
    """A match, and what the alert stage did with it: `outcome` is None until it did.

    `development` is the last that any version of it took part in: one that is retracted was told before.
    """

    match: Match
    outcome: str | None
    development: str | None


class RecordedVerdict(NamedTuple):
    """One version of a match, without its article and its reasons.

    `bar` is None where it was decided before matches told what they were held against.
    """

    article: str
    revision: int
    version: int
    decision: Decision
    probability: float
    bar: Bar | None


class Held(Contract):
    """What is read of a document where its article, which is nearly all of it, is not wanted."""

    model_config = ConfigDict(extra="ignore")

    bar: Bar | None = None


def record(conn: Connection, rows: Sequence[tuple[Match, str]]) -> None:
    """Store matches, each with the id of the candidate it judges.

    Raises ArchiveConflict where another worker stored the same version meanwhile.
    """
    _RECORD.run(
        conn,
        [
            {
                "id": match.id,
                "version": match.version,
                "storyline": match.storyline,
                "storyline_version": match.storyline_version,
                "article": match.article.id,
                "revision": match.article.revision,
                "candidate": candidate,
                "decision": match.decision.value,
                "probability": match.probability,
                "decided_at": match.decided_at,
                "event_time": match.article.event_time,
                "outcome": None,
                "development": None,
                "document": match.model_dump_json(),
            }
            for match, candidate in rows
        ],
    )


def by_candidates(conn: Connection, candidate_ids: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Return candidate -> (match, highest version that judges this very candidate)."""
    rows = _BY_CANDIDATES.fetch(conn, candidate_ids)
    return {candidate: (id_, version) for candidate, id_, version in rows}


def latest(conn: Connection, match_ids: Iterable[str]) -> dict[str, Match]:
    """Return id -> latest version, for the matches that are known."""
    return {id_: load(Match, document) for id_, document in _LATEST.fetch(conn, match_ids)}


def history(conn: Connection, match_id: str) -> list[Match]:
    """Return all versions of a match, oldest first; empty where nothing was decided."""
    documents = conn.execute(_HISTORY, {"of_match": match_id}).scalars()
    return [load(Match, document) for document in documents]


def verdicts(conn: Connection, storyline: str) -> Iterator[RecordedVerdict]:
    """Yield all that was ever decided for a storyline: match by match, oldest version first."""
    rows = conn.execute(_VERDICTS, {"of_storyline": storyline})
    for article, revision, version, decision, probability, document in rows:
        bar = load(Held, document).bar
        yield RecordedVerdict(article, revision, version, Decision(decision), probability, bar)


def outcomes(
    conn: Connection, versions: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], str | None]:
    """Return (id, version) -> what the alert stage did with it, None where nothing yet."""
    rows = _OUTCOMES.fetch(conn, versions)
    return {(id_, version): outcome for id_, version, outcome in rows}


def set_outcome(conn: Connection, rows: Sequence[tuple[str, int, str, str | None]]) -> None:
    """Note (id, version, outcome, development): what the alert stage did."""
    _SET_OUTCOME.run(conn, rows)


def of_article(conn: Connection, article_id: str) -> list[Decided]:
    """Return how an article stands with each storyline it was named for, likeliest first."""
    return [_decided(row) for row in conn.execute(_OF_ARTICLE, {"of_article": article_id})]


def of_storyline(
    conn: Connection, storyline: str, limit: int, *, decisions: Collection[Decision] = ()
) -> list[Decided]:
    """Return how articles stand with a storyline, last decided first; of `decisions` only, if given."""
    statement = _OF_STORYLINE
    if decisions:
        statement = statement.where(matches.c.decision.in_(sorted(d.value for d in decisions)))
    rows = conn.execute(statement, {"of_storyline": storyline, "most": limit})
    return [_decided(row) for row in rows]


def _decided(row: Sequence[str]) -> Decided:
    document, outcome, development = row
    return Decided(load(Match, document), outcome, development)
