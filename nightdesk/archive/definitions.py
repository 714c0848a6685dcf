"""Definitions: every version of what users declared, who declared it, and when.

One counter, the epoch, moves with each change: a worker that holds a copy asks for it alone to learn
whether its copy is old.  An unchanged definition keeps its version and moves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

from sqlalchemy import Connection, Row, and_, bindparam, insert, select, update

from nightdesk.archive import documents
from nightdesk.archive.errors import DocumentUnreadable
from nightdesk.archive.tables import definition_epoch
from nightdesk.archive.tables import definitions as table
from schemas.alert import Alert
from schemas.base import Contract
from schemas.feed import Feed
from schemas.silence import Silence
from schemas.storyline import Storyline
from schemas.subscription import Subscription

Kind = Literal["feed", "storyline", "subscription", "silence"]
Definition = Feed | Storyline | Subscription | Silence
D_co = TypeVar("D_co", bound=Contract, covariant=True)
M = TypeVar("M", bound=Contract)

MODELS: Mapping[Kind, type[Definition]] = {
    "feed": Feed,
    "storyline": Storyline,
    "subscription": Subscription,
    "silence": Silence,
}
_KINDS: dict[type[Definition], Kind] = {model: kind for kind, model in MODELS.items()}

_later = table.alias("later")
_IS_LATEST = ~(
    select(_later.c.id)
    .where(
        _later.c.kind == table.c.kind,
        _later.c.id == table.c.id,
        _later.c.version > table.c.version,
    )
    .exists()
)
_EPOCH = select(definition_epoch.c.epoch).where(definition_epoch.c.id == 1)
_LOCK_EPOCH = _EPOCH.with_for_update()
_MOVE_EPOCH = update(definition_epoch).values(epoch=definition_epoch.c.epoch + 1)
_CURRENT = select(table).where(_IS_LATEST, table.c.retired.is_(False)).order_by(table.c.id)
_OF = and_(table.c.kind == bindparam("of_kind"), table.c.id == bindparam("of_id"))
_LATEST = select(table).where(_OF, _IS_LATEST)
_HISTORY = select(table).where(_OF).order_by(table.c.version)
_EVER = select(table.c.version).where(_OF).limit(1)
_INSERT = insert(table)


@dataclass(frozen=True, slots=True)
class Versioned(Generic[D_co]):
    """One version of a definition.  A retired one is the last word on it until it is put again."""

    definition: D_co
    version: int
    author: str
    created_at: datetime
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Definitions:
    """All definitions in force at one epoch, by kind and id, in the order of their ids."""

    epoch: int
    feeds: dict[str, Versioned[Feed]]
    storylines: dict[str, Versioned[Storyline]]
    subscriptions: dict[str, Versioned[Subscription]]
    silences: dict[str, Versioned[Silence]]

    def tags_of(self, alert: Alert) -> frozenset[str]:
        """Return the tags of the storyline or of the feeds that an alert is about; of what is gone, none."""
        if alert.trouble is not None:
            feeds = (self.feeds.get(name) for name in alert.trouble.feeds)
            return frozenset(tag for stored in feeds if stored for tag in stored.definition.tags)
        stored = self.storylines.get(alert.storyline or "")
        return frozenset(stored.definition.tags if stored else ())


def epoch(conn: Connection) -> int:
    """Return the counter that moves with every change; 0 before the first."""
    return int(conn.execute(_EPOCH).scalar_one())


def current(conn: Connection, *, before: Definitions | None = None) -> Definitions:
    """Return all definitions in force.  Raises DocumentUnreadable.

    The epoch is read first: should a definition change in between, the copy looks older than it is,
    and is fetched again.  What stands in `before`, an older copy of the same archive, in the same
    version is taken from there: reading 10,000 documents again takes a second.
    """
    old = before or Definitions(0, {}, {}, {}, {})
    found = Definitions(epoch(conn), {}, {}, {}, {})
    for row in conn.execute(_CURRENT):
        if row.kind == "feed":
            found.feeds[row.id] = _kept(old.feeds, row) or _versioned(Feed, row)
        elif row.kind == "storyline":
            found.storylines[row.id] = _kept(old.storylines, row) or _versioned(Storyline, row)
        elif row.kind == "subscription":
            found.subscriptions[row.id] = _kept(old.subscriptions, row) or _versioned(
                Subscription, row
            )
        else:
            found.silences[row.id] = _kept(old.silences, row) or _versioned(Silence, row)
    return found


def renewed(conn: Connection, before: Definitions | None) -> Definitions:
    """Return `before` itself where nothing has changed since, else what is in force now, as `current`
    does.
    """
    if before is not None and before.epoch == epoch(conn):
        return before
    return current(conn, before=before)


def ever_known(conn: Connection, kind: Kind, id_: str) -> bool:
    """Whether a definition of that name is in force, or ever was."""
    return conn.execute(_EVER, {"of_kind": kind, "of_id": id_}).scalar() is not None


def hold(conn: Connection) -> None:
    """Let nobody else change definitions until the transaction ends; wait for one who does.

    What is read from here on is what the transaction changes.  Raises ArchiveLocked.
    """
    conn.execute(_LOCK_EPOCH)


def move(conn: Connection) -> None:
    """Move the epoch for a change that is none of a definition, but of what workers compile with it."""
    conn.execute(_MOVE_EPOCH)


def put(conn: Connection, definition: Definition, *, author: str, now: datetime) -> int:
    """Store a definition; return its version.  One that says what is in force already keeps its version."""
    kind = _KINDS[type(definition)]
    latest = _latest_for_change(conn, kind, definition.id)
    if latest is None:
        version = 1
    elif not latest.retired and _says(latest, definition):
        return int(latest.version)
    else:
        version = latest.version + 1
    document = definition.model_dump_json()
    _add(conn, kind, definition.id, version, document, author=author, now=now)
    return version


def retire(conn: Connection, kind: Kind, id_: str, *, author: str, now: datetime) -> bool:
    """Take a definition out of force; its history stays.  False where none of that name is in force."""
    latest = _latest_for_change(conn, kind, id_)
    if latest is None or latest.retired:
        return False
    version, document = latest.version + 1, latest.document
    _add(conn, kind, id_, version, document, author=author, now=now, retired=True)
    return True


def tags_of(conn: Connection, current: Definitions, alert: Alert) -> frozenset[str]:
    """Return the tags of what an alert is about, as it was last declared: who was told by its tag that a feed
    broke hears of the end of one that is retired, too.  Raises DocumentUnreadable."""
    feeds = alert.trouble.feeds if alert.trouble is not None else ()
    gone: list[Versioned[Feed] | Versioned[Storyline] | None] = [
        _last(conn, "feed", Feed, name) for name in feeds if name not in current.feeds
    ]
    if alert.storyline is not None and alert.storyline not in current.storylines:
        gone.append(_last(conn, "storyline", Storyline, alert.storyline))
    tags = (one.definition.tags for one in gone if one is not None)
    return current.tags_of(alert).union(*tags)


def subscription_in_force(conn: Connection, id_: str) -> Versioned[Subscription] | None:
    """Return a subscription as it is in force, None where there is none.  Raises DocumentUnreadable."""
    found = _last(conn, "subscription", Subscription, id_)
    return None if found is None or found.retired else found


def history(conn: Connection, kind: Kind, id_: str) -> list[Versioned[Definition]]:
    """Return all versions of a definition, oldest first.  Raises DocumentUnreadable."""
    rows = conn.execute(_HISTORY, {"of_kind": kind, "of_id": id_})
    return [_versioned(MODELS[kind], row) for row in rows]


def _last(conn: Connection, kind: Kind, model: type[M], id_: str) -> Versioned[M] | None:
    """Return the last version of a definition, also where it is retired; None where it never was."""
    row = conn.execute(_LATEST, {"of_kind": kind, "of_id": id_}).one_or_none()
    return None if row is None else _versioned(model, row)


def _latest_for_change(conn: Connection, kind: Kind, id_: str) -> Row[tuple[object, ...]] | None:
    # Whoever changes definitions holds the epoch's row: changes come one after the other.
    hold(conn)
    return conn.execute(_LATEST, {"of_kind": kind, "of_id": id_}).one_or_none()


def _says(row: Row[tuple[object, ...]], definition: Definition) -> bool:
    """Compare as models: a field that a later version added, at its default, is no change."""
    try:
        return documents.load(type(definition), row.document) == definition
    except DocumentUnreadable:
        return False


def _add(
    conn: Connection,
    kind: Kind,
    id_: str,
    version: int,
    document: str,
    *,
    author: str,
    now: datetime,
    retired: bool = False,
) -> None:
    conn.execute(
        _INSERT,
        {
            "kind": kind,
            "id": id_,
            "version": version,
            "retired": retired,
            "author": author,
            "created_at": now,
            "document": document,
        },
    )
    conn.execute(_MOVE_EPOCH)


def _kept(known: Mapping[str, Versioned[M]], row: Row[tuple[object, ...]]) -> Versioned[M] | None:
    found = known.get(row.id)
    return found if found is not None and found.version == row.version else None


_FIELDS: dict[frozenset[str], set[str]] = {}


def _versioned(model: type[M], row: Row[tuple[object, ...]]) -> Versioned[M]:
    definition = documents.load(model, row.document)
    # Each model keeps a set of the fields that were given, which takes more than all that they hold: 22 MB of
    # 32 for 10,000 feeds.  They are frozen, and copies copy the set: one for all that are alike is enough.
    given = definition.model_fields_set
    alike = _FIELDS.setdefault(frozenset(given), given)
    object.__setattr__(definition, "__pydantic_fields_set__", alike)
    return Versioned(definition, row.version, row.author, row.created_at, row.retired)
