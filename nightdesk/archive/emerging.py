"""Emerging storylines: the unmatched articles of late, and the offers that were made of them.

An article is unmatched once it was nominated and no storyline was decided to fit it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select, update

from nightdesk.archive.documents import load
from nightdesk.archive.errors import DocumentUnreadable
from nightdesk.archive.statements import Lookup, insert_or_update
from nightdesk.archive.tables import articles, emerging, matches, revisions
from schemas.article import Article
from schemas.match import Decision
from schemas.offer import Offer, OfferState

_later = matches.alias("later")
_FITS_ONE = (
    select(matches.c.id)
    .where(
        matches.c.article == articles.c.id,
        matches.c.decision == Decision.FITS.value,
        ~select(_later.c.id)
        .where(_later.c.id == matches.c.id, _later.c.version > matches.c.version)
        .exists(),
    )
    .exists()
)
_UNMATCHED = (
    select(articles.c.seen_at, articles.c.id, revisions.c.document)
    .join(
        revisions,
        and_(revisions.c.article == articles.c.id, revisions.c.revision == articles.c.revision),
    )
    .where(
        articles.c.seen_at >= bindparam("since"),
        articles.c.seen_at <= bindparam("until"),
        or_(articles.c.seen_at < bindparam("until"), articles.c.id < bindparam("before")),
        revisions.c.candidates.is_not(None),
        ~_FITS_ONE,
    )
    .order_by(articles.c.seen_at.desc(), articles.c.id.desc())
    .limit(bindparam("most"))
)
# Growing an offer never undoes what somebody said of it meanwhile.
_SAVE = insert_or_update(emerging, keeping=["state"])
_OFFERS = select(emerging.c.state, emerging.c.document)
_RECENT = _OFFERS.order_by(emerging.c.latest_at.desc(), emerging.c.id).limit(bindparam("most"))
_SET_STATE = (
    update(emerging)
    .where(emerging.c.id == bindparam("of"))
    .values(state=bindparam("to"), changed_at=bindparam("at"))
)
_DROP = Lookup(delete(emerging), emerging.c.id)
_COUNTS = select(emerging.c.state, func.count()).group_by(emerging.c.state)

Place = tuple[datetime, str]
"""(seen_at, id) of an article: where a page of them ended."""


def unmatched(
    conn: Connection, *, since: datetime, before: Place, limit: int
) -> tuple[list[Article], Place | None]:
    """Return articles seen since `since` that no storyline holds, last seen first, and their end.

    Those that stand before `before` only: the end of the page before.  The end is None on the last page.
    What cannot be read is passed over: one article must not hide all the others.
    """
    until, id_ = before
    values = {"since": since, "until": until, "before": id_, "most": limit}
    rows = conn.execute(_UNMATCHED, values).all()
    found = []
    for _, _, document in rows:
        with suppress(DocumentUnreadable):
            found.append(load(Article, document))
    return found, (rows[-1][0], rows[-1][1]) if len(rows) == limit else None


def save(conn: Connection, offers: Sequence[Offer]) -> None:
    """Store offers, or replace what is stored of them."""
    _SAVE.run(
        conn,
        [
            {
                "id": offer.id,
                "state": offer.state.value,
                "latest_at": offer.latest_at,
                "changed_at": offer.changed_at,
                "document": offer.model_dump_json(),
            }
            for offer in offers
        ],
    )


def recent(conn: Connection, limit: int, *, states: Iterable[OfferState] = ()) -> list[Offer]:
    """Return offers, those that grew last (event time) first; only those in `states`, if given."""
    wanted = sorted(state.value for state in states)
    statement = _RECENT.where(emerging.c.state.in_(wanted)) if wanted else _RECENT
    return [_offer(row) for row in conn.execute(statement, {"most": limit})]


def find(conn: Connection, name: str) -> list[Offer]:
    """Return the offers whose id is `name` or begins so, at most five."""
    statement = _OFFERS.where(emerging.c.id.startswith(name, autoescape=True))
    return [_offer(row) for row in conn.execute(statement.order_by(emerging.c.id).limit(5))]


def set_state(conn: Connection, id_: str, state: OfferState, now: datetime) -> bool:
    """Note what became of an offer; False where it is not known."""
    values = {"of": id_, "to": state.value, "at": now}
    return bool(conn.execute(_SET_STATE, values).rowcount)


def drop(conn: Connection, ids: Iterable[str]) -> None:
    """Forget offers."""
    _DROP.delete(conn, ids)


def prune(conn: Connection, *, before: datetime, most: int) -> int:
    """Forget offers whose last report is older than `before`, and all but the `most` newest; say how many."""
    gone = conn.execute(delete(emerging).where(emerging.c.latest_at < before)).rowcount
    newest = select(emerging.c.id).order_by(emerging.c.latest_at.desc(), emerging.c.id).limit(most)
    return gone + conn.execute(delete(emerging).where(emerging.c.id.not_in(newest))).rowcount


def counts(conn: Connection) -> dict[OfferState, int]:
    """Return how many offers are in each state."""
    return {OfferState(state): int(n) for state, n in conn.execute(_COUNTS)}


def _offer(row: Sequence[str]) -> Offer:
    state, document = row
    return load(Offer, document).model_copy(update={"state": OfferState(state)})
