"""`nightdesk alerts`: which there are, all about one, and what people do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.commands.looking import alert_named, existing_archive
from agents.commands.moments import length, moment
from agents.commands.terminal import clean, print_json, whoami

if TYPE_CHECKING:
    from enum import StrEnum

    from nightdesk.pipeline.handling import What

app = typer.Typer(
    help="Alerts: list, show, acknowledge, assign, snooze, comment.", no_args_is_help=True
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(metavar="ID", help="The alert's id, or its beginning.")]
Comment = Annotated[str, typer.Option("--comment", "-m", help="What you have to say about it.")]
By = Annotated[str | None, typer.Option(help="Who does it.", show_default="you")]


@app.command("list")
def list_(
    storyline: Annotated[str | None, typer.Option(help="Only of this storyline.")] = None,
    tag: Annotated[str | None, typer.Option(help="Only of storylines or feeds so tagged.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only of this kind: grown, surge, …")] = None,
    severity: Annotated[str | None, typer.Option(help="Only info, warning or critical.")] = None,
    state: Annotated[
        str | None, typer.Option(help="Only new, developing, quiet or reopened.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only raised from 2026-03-01 on, or since 7d ago.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Only raised until then.")] = None,
    acknowledged: Annotated[
        bool | None,
        typer.Option("--acknowledged/--open", help="Only those somebody has seen, or nobody has."),
    ] = None,
    assignee: Annotated[str | None, typer.Option(help="Only those of this person.")] = None,
    text: Annotated[str | None, typer.Option(help="Only those with all of these words.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List alerts as they stand now, last raised first, and how each is handled."""
    from agents.commands.alerts_view import plain, table
    from nightdesk.alerts.filtering import AlertFilter
    from nightdesk.archive import alert_list, definitions
    from nightdesk.clock import SystemClock
    from schemas import AlertKind, AlertState
    from schemas.severity import Severity

    now = SystemClock().now()
    wanted = AlertFilter(
        storyline=storyline,
        tag=tag,
        kind=_one_of(AlertKind, kind, "kind"),
        severity=_one_of(Severity, severity, "severity"),
        state=_one_of(AlertState, state, "state"),
        since=moment(since, "since", now=now),
        until=moment(until, "until", now=now, end=True),
        acknowledged=acknowledged,
        assignee=assignee,
        text=text,
    )
    found: list[Any] = []
    with existing_archive() as archive, archive.read() as conn:
        current, before = definitions.current(conn), None
        while len(found) < limit:
            page = alert_list.page(conn, wanted, current, limit=limit - len(found), before=before)
            found += page.items
            before = page.next
            if before is None:
                break
    if as_json:
        print_json([plain(alert, handled) for alert, handled in found])
    elif found:
        table(found, now)
    else:
        typer.echo("No alerts like that.")


@app.command("show")
def show(name: Name, as_json: AsJson = False) -> None:
    """Show one alert: each change and why, what was delivered, how it is handled, what people did."""
    from agents.commands.alerts_view import detail, show_detail

    with existing_archive() as archive, archive.read() as conn:
        found = detail(conn, alert_named(conn, name))
    if as_json:
        print_json(found)
    else:
        show_detail(found)


@app.command("ack")
def ack(name: Name, comment: Comment = "", by: By = None, as_json: AsJson = False) -> None:
    """Acknowledge an alert: you have seen it, and more of the same is not sent."""
    _act(name, "acknowledge", by, as_json, comment=comment)


@app.command("unack")
def unack(name: Name, comment: Comment = "", by: By = None, as_json: AsJson = False) -> None:
    """Take an acknowledgement back."""
    _act(name, "unacknowledge", by, as_json, comment=comment)


@app.command("assign")
def assign(
    name: Name,
    to: Annotated[str, typer.Argument(help="Who is to see to it; '' for nobody.")],
    comment: Comment = "",
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Give an alert to somebody."""
    _act(name, "assign", by, as_json, comment=comment, to=to)


@app.command("snooze")
def snooze(
    name: Name,
    lasts: Annotated[str | None, typer.Option("--for", help="For so long: 2h, 3d.")] = None,
    until: Annotated[
        str | None, typer.Option(help="Until 2026-03-01T18:00 (UTC, or with a zone).")
    ] = None,
    more_sources: Annotated[
        int | None, typer.Option(min=1, help="Until so many further sources report it.")
    ] = None,
    new_fact: Annotated[
        bool, typer.Option("--new-fact", help="Until a report adds something new.")
    ] = False,
    comment: Comment = "",
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Send nothing of an alert for a while: until whichever of the ends comes first."""
    from nightdesk.clock import SystemClock

    now, given = SystemClock().now(), length(lasts, "for")
    after = now + given if given is not None else None
    ends = [end for end in (after, moment(until, "until", now=now)) if end]
    _act(
        name,
        "snooze",
        by,
        as_json,
        comment=comment,
        until=min(ends, default=None),
        more_sources=more_sources,
        until_new_fact=new_fact,
    )


@app.command("unsnooze")
def unsnooze(name: Name, comment: Comment = "", by: By = None, as_json: AsJson = False) -> None:
    """End a snooze."""
    _act(name, "unsnooze", by, as_json, comment=comment)


@app.command("comment")
def comment_(
    name: Name,
    comment: Annotated[str, typer.Argument(help="What you have to say.")],
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Say something about an alert, for the record."""
    _act(name, "comment", by, as_json, comment=comment)


def _act(name: str, what: What, by: str | None, as_json: bool, **wanted: Any) -> None:
    from nightdesk.clock import SystemClock
    from nightdesk.pipeline.handling import Wanted, act

    with existing_archive() as archive, archive.begin() as conn:
        asked = Wanted(what, by or whoami(), **wanted)
        done = act(conn, alert_named(conn, name), asked, SystemClock().now())
    if as_json:
        print_json(
            {
                "handling": done.after.model_dump(mode="json"),
                "action": done.action.model_dump(mode="json"),
            }
        )
        return
    detail = f" {done.action.detail}" if done.action.detail else ""
    typer.echo(clean(f"{_DONE[what]}{detail}: {done.alert.title} ({done.alert.id})"))


_DONE: dict[str, str] = {
    "acknowledge": "Acknowledged",
    "unacknowledge": "Not acknowledged any more",
    "assign": "Assigned",
    "snooze": "Snoozed",
    "unsnooze": "Not snoozed any more",
    "comment": "Noted",
}


def _one_of(kind: type[StrEnum], name: str | None, option: str) -> Any:
    if name is None:
        return None
    try:
        return kind(name)
    except ValueError:
        raise typer.BadParameter(
            f"{name!r} is none of {', '.join(kind)}", param_hint=f"--{option}"
        ) from None
