"""Alerts on a terminal, and as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection

from agents.commands.deliveries import plain_attempt
from agents.commands.terminal import clean, console, plural
from nightdesk.archive import alerts, deliveries, handling
from schemas import Alert, Handling

_COLOURS = {"critical": "bold red", "warning": "yellow", "info": ""}


def plain(alert: Alert, handled: Handling) -> dict[str, Any]:
    """Return an alert and how it is handled as plain data."""
    return {"alert": alert.model_dump(mode="json"), "handling": handled.model_dump(mode="json")}


def table(found: Sequence[tuple[Alert, Handling]], now: datetime) -> None:
    """Print a list of alerts."""
    rows = Table(box=None, pad_edge=False)
    for title in ("raised (UTC)", "id", "about", "kind", "state", "sources", "handled", "title"):
        rows.add_column(title)
    for alert, handled in found:
        rows.add_row(
            f"{alert.raised_at:%Y-%m-%d %H:%M}",
            alert.id[:18],
            clean(alert.about),
            Text(alert.kind.value, _COLOURS[alert.severity.value]),
            alert.state.value,
            str(alert.sources) if alert.sources else "",
            clean(_handled(handled, now)),
            clean(" ".join(alert.title.split()))[:120],
        )
    console().print(rows)


def detail(conn: Connection, alert: str) -> dict[str, Any]:
    """Return all that is known of an alert, as plain data."""
    changes = alerts.history(conn, alert)
    told = deliveries.of_alert(conn, alert)
    tried = deliveries.attempts_of_each(conn, (one.id for one in told))
    return {
        "alert": changes[-1].model_dump(mode="json"),
        "handling": handling.of_alert(conn, alert).model_dump(mode="json"),
        "changes": [change.model_dump(mode="json") for change in changes],
        "deliveries": [
            one.model_dump(mode="json")
            | {"tries": [plain_attempt(attempt) for attempt in tried[one.id]]}
            for one in told
        ],
        "actions": [one.model_dump(mode="json") for one in handling.actions(conn, alert)],
    }


def show_detail(found: dict[str, Any]) -> None:
    """Print all that is known of an alert."""
    out, alert = console(), found["alert"]
    out.print(Text(clean(" ".join(alert["title"].split())), "bold"))
    about = alert["storyline"] or alert["feed"] or ""
    facts = (alert["id"], about, alert["state"], alert["severity"])
    out.print(Text(clean("  ".join(fact for fact in facts if fact)), "dim"))
    out.print()
    for change in found["changes"]:
        when, kind = change["raised_at"][:16].replace("T", " "), change["kind"]
        out.print(clean(f"  {when}  #{change['sequence']} {kind}: {change['reason']}"))
    for article in alert["articles"][:20]:
        out.print(clean(f"      {article['source']}: {' '.join(article['title'].split())}"))
    if found["deliveries"]:
        out.print()
        out.print(Text(plural(len(found["deliveries"]), "delivery record"), "bold"))
    for one in found["deliveries"]:
        tries = f", {plural(len(one['tries']), 'try')}" if one["tries"] else ""
        why = f": {one['reason']}" if one["reason"] else ""
        to = f"{one['subscription']}/{one['receiver']}"
        out.print(clean(f"  #{one['sequence']} {to} {one['state']}{tries}{why}"))
    if found["actions"]:
        out.print()
        out.print(Text("What people did", "bold"))
    for done in found["actions"]:
        when = done["at"][:16].replace("T", " ")
        said = " ".join(part for part in (done["what"], done["detail"], done["comment"]) if part)
        out.print(clean(f"  {when}  {done['by']}: {said}"))


def _handled(handled: Handling, now: datetime) -> str:
    parts = []
    if handled.acknowledged is not None:
        parts.append(f"seen by {handled.acknowledged.by}")
    if handled.assignee:
        parts.append(f"for {handled.assignee}")
    snoozed = handled.snoozed
    if snoozed is not None and (snoozed.until is None or snoozed.until > now):
        parts.append("snoozed")
    return ", ".join(parts)
