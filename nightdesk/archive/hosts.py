"""Hosts: until when each asked to be left alone, and which worker asks it just now.

A turn is taken by one conditional UPDATE, so that of two workers one has it.  `turn_until` is when a turn
that is held runs out, should its worker have died; once it is given back, until when the host rests.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, or_, select, update

from nightdesk.archive.statements import insert_new
from nightdesk.archive.tables import hosts
from nightdesk.archive.types import fold

_HERE = hosts.c.host == bindparam("of_host")
_IS_FREE = or_(hosts.c.turn_until.is_(None), hosts.c.turn_until <= bindparam("now"))
_OURS = hosts.c.turn_of == bindparam("worker")
_MAY_BE_ASKED = or_(hosts.c.rest_until.is_(None), hosts.c.rest_until <= bindparam("now"))
_TAKE = (
    update(hosts)
    .where(_HERE, or_(_IS_FREE, _OURS), _MAY_BE_ASKED)
    .values(turn_of=bindparam("worker"), turn_until=bindparam("until"))
)
_GIVE_BACK = update(hosts).where(_HERE, _OURS).values(turn_of=None, turn_until=bindparam("free_at"))
_REST = (
    update(hosts)
    .where(_HERE, or_(hosts.c.rest_until.is_(None), hosts.c.rest_until < bindparam("until")))
    .values(rest_until=bindparam("until"))
)
_ROW = select(hosts.c.turn_of, hosts.c.turn_until, hosts.c.rest_until).where(_HERE)
_RESTING = select(hosts.c.host, hosts.c.rest_until).where(hosts.c.rest_until > bindparam("now"))
_FIRST = insert_new(hosts)


def take(
    conn: Connection, host: str, worker: str, *, now: datetime, until: datetime
) -> tuple[datetime, bool] | None:
    """Take the turn at `host`, to be held until then at most; return None where it is ours, else when the
    host is free, and whether another worker holds its turn, which may be given back before.

    A worker that holds the turn already takes it anew: it knows its own requests.
    """
    name = fold(host)
    asked = {"of_host": name, "worker": worker, "now": now, "until": until}
    if conn.execute(_TAKE, asked).rowcount:
        return None
    first = {"host": name, "rest_until": None, "turn_of": worker, "turn_until": until}
    if _FIRST.run_one(conn, first):
        return None
    row = conn.execute(_ROW, {"of_host": name}).one()
    held = row.turn_of is not None and row.turn_until is not None and row.turn_until > now
    free_at = max((at for at in (row.turn_until, row.rest_until) if at is not None), default=now)
    rests = row.rest_until is not None and row.rest_until > now
    return free_at, held and not rests


def give_back(conn: Connection, host: str, worker: str, free_at: datetime) -> None:
    """Give a turn back; the host rests until `free_at`.  Nothing where it ran out and another took it."""
    conn.execute(_GIVE_BACK, {"of_host": fold(host), "worker": worker, "free_at": free_at})


def rest(conn: Connection, host: str, until: datetime) -> None:
    """Note that `host` asked to be left alone until then, unless it asked for longer before."""
    name = fold(host)
    if conn.execute(_REST, {"of_host": name, "until": until}).rowcount:
        return
    _FIRST.run_one(conn, {"host": name, "rest_until": until, "turn_of": None, "turn_until": None})


def resting(conn: Connection, now: datetime) -> dict[str, datetime]:
    """Return host -> until when, for those that asked to be left alone."""
    return {row.host: row.rest_until for row in conn.execute(_RESTING, {"now": now})}
