"""`/audit`: who changed what, and who was refused."""

from __future__ import annotations

from nightdesk.archive import audit as log
from nightdesk.web.api import cursors
from nightdesk.web.api.operations import Answer, Call, Routes
from nightdesk.web.api.shapes import AuditEntry, AuditQuery, Page

routes = Routes("audit")


@routes.add("GET", "/audit", scope="admin", query=AuditQuery, answers={200: Page[AuditEntry]})
def list_audit(call: Call) -> Answer:
    """List the audit log, newest first.

    Each write, and each that was refused, but for those of callers who asked too often.
    """
    asked = call.asked(AuditQuery)
    with call.api.deps.archive.read() as connection:
        found = log.newest(
            connection,
            limit=asked.limit + 1,
            before=cursors.unpack_number(asked.cursor),
            since=asked.since,
            actor=asked.actor,
            kind=asked.kind,
            subject=asked.subject,
            refused=None if asked.refused is None else asked.refused == "true",
        )
    shown = found[: asked.limit]
    items = tuple(
        AuditEntry(
            n=entry.n,
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            kind=entry.kind,
            subject=entry.subject,
            detail=entry.detail,
        )
        for entry in shown
    )
    following = cursors.pack(shown[-1].n) if len(found) > asked.limit else None
    return Answer(Page[AuditEntry](items=items, next=following))
