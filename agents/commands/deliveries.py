"""`nightdesk deliveries`: who was told what and when, each attempt, and sending it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.commands.looking import existing_archive
from agents.commands.terminal import clean, console, print_json

if TYPE_CHECKING:
    from nightdesk.archive import Archive
    from nightdesk.archive.deliveries import Attempt
    from nightdesk.archive.delivery_list import Standing
    from nightdesk.archive.notifications import Decided
    from schemas import Delivery, DeliveryState

app = typer.Typer(
    help="What was told to whom: list, show with each attempt, send again.", no_args_is_help=True
)

_MOST = 100_000
"""Deliveries sent again by one command: more go with the next."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Subscription = Annotated[str | None, typer.Option(help="Only of this subscription.")]
Receiver = Annotated[str | None, typer.Option(help="Only to the receiver of this name.")]
Alert = Annotated[str | None, typer.Option(help="Only of this alert.")]
Since = Annotated[
    str | None, typer.Option(help="Only what changed since: 2026-03-01T18:00, 36h, 7d.")
]


@app.command("list")
def list_(
    subscription: Subscription = None,
    receiver: Receiver = None,
    state: Annotated[
        list[str] | None, typer.Option(help="Only in this state, such as failed; may be repeated.")
    ] = None,
    alert: Alert = None,
    since: Since = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List deliveries, last changed first."""
    from nightdesk.archive import delivery_list

    wanted = delivery_list.Wanted(
        subscription, receiver, [_state(name) for name in state or ()], alert, _since(since)
    )
    with existing_archive() as archive, archive.read() as conn:
        found = delivery_list.find(conn, wanted, limit)
        whole = sum(delivery_list.count_by_state(conn, wanted).values())
    if as_json:
        print_json([_plain(one) for one in found])
        return
    _table(found)
    if not found:
        narrowed = any((subscription, receiver, state, alert, since))
        typer.echo("No deliveries" + (" like that." if narrowed else "."))
    elif whole > len(found):
        typer.echo(f"{whole:,} in all; --limit shows more.")


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="The delivery's id, or its beginning.")],
    as_json: AsJson = False,
) -> None:
    """Show one delivery whole: what was decided of it, and each attempt with its outcome."""
    from nightdesk.archive import deliveries, notifications

    with existing_archive() as archive:
        found = _find(archive, name)
        with archive.read() as conn:
            decisions = notifications.decisions_of(conn, found.delivery.id)
            attempts = deliveries.attempts_of(conn, found.delivery.id)
    if as_json:
        print_json(
            _plain(found.delivery)
            | {
                "planned_at": found.planned_at.isoformat(),
                "due_at": found.due_at.isoformat() if found.due_at else None,
                "decisions": [_decision(one) for one in decisions],
                "tries": [plain_attempt(one) for one in attempts],
            }
        )
        return
    _show(found, decisions, attempts)


@app.command("retry")
def retry(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Ids, or their beginnings.")
    ] = None,
    all_failed: Annotated[
        bool, typer.Option("--all-failed", help="All that failed, or all that the options name.")
    ] = False,
    subscription: Subscription = None,
    receiver: Receiver = None,
    since: Since = None,
) -> None:
    """Send deliveries again, whether they failed, fell back or arrived, under the same ids.

    A running worker sends them at once; without one they wait until one runs.  A receiver that keeps the
    ids it has seen is not told twice.
    """
    from agents.commands.retrying import deliver_again
    from nightdesk.archive import delivery_list
    from nightdesk.clock import SystemClock
    from nightdesk.errors import NightdeskError
    from schemas import DeliveryState

    if bool(names) == all_failed:
        raise typer.BadParameter("name deliveries, or give --all-failed, but not both")
    if names and (subscription or receiver or since):
        raise typer.BadParameter("--subscription, --receiver and --since narrow --all-failed")
    with existing_archive() as archive:
        chosen = [_find(archive, name).delivery.id for name in names or ()]
        wanted = delivery_list.Wanted(
            subscription, receiver, [DeliveryState.FAILED], None, _since(since)
        )
        with archive.begin() as conn:
            if all_failed:
                chosen = [one.id for one in delivery_list.find(conn, wanted, _MOST)]
            opened, moot = deliver_again(conn, chosen, SystemClock().now())
    noun = "delivery" if len(opened) == 1 else "deliveries"
    typer.echo(f"{len(opened):,} {noun} on the way again.")
    if moot and not opened:
        raise NightdeskError(
            f"{moot[0]} has not ended, or was never to be sent",
            hint="`nightdesk deliveries show` tells its state and why",
        )
    if moot:
        typer.echo(f"Not ended, or never to be sent: {', '.join(moot[:5])}")


def _state(name: str) -> DeliveryState:
    from schemas import DeliveryState

    try:
        return DeliveryState(name)
    except ValueError:
        known = ", ".join(state.value for state in DeliveryState)
        raise typer.BadParameter(f"no state is called {name!r}; there are {known}") from None


def _since(text: str | None) -> Any:
    from agents.commands.moments import moment
    from nightdesk.clock import SystemClock

    return moment(text, "since", now=SystemClock().now())


def _find(archive: Archive, name: str) -> Standing:
    """Return the delivery of that id, or the only one whose id begins so."""
    from nightdesk.archive import delivery_list
    from nightdesk.errors import NightdeskError

    with archive.read() as conn:
        if found := delivery_list.get(conn, name):
            return found
        alike = delivery_list.alike(conn, name) if len(name) >= 4 else []
        alike = alike or (delivery_list.alike(conn, f"delivery-{name}") if name else [])
        if len(alike) == 1 and (found := delivery_list.get(conn, alike[0])):
            return found
    raise NightdeskError(
        f"several deliveries begin with {name!r}" if alike else f"there is no delivery {name!r}",
        hint=", ".join(alike[:5]) or "`nightdesk deliveries list` shows those there are",
    )


def _plain(delivery: Delivery) -> dict[str, Any]:
    data: dict[str, Any] = delivery.model_dump(mode="json", exclude={"schema_version"})
    return data


def _decision(decision: Decided) -> dict[str, Any]:
    return {
        "decided_at": decision.decided_at.isoformat(),
        "state": decision.state.value,
        "reason": decision.reason,
    }


def plain_attempt(attempt: Attempt) -> dict[str, Any]:
    """Return one try as plain data."""
    return {
        "started_at": attempt.started_at.isoformat(),
        "seconds": attempt.seconds,
        "outcome": attempt.outcome,
        "detail": attempt.detail,
    }


def _show(found: Standing, decisions: list[Decided], attempts: list[Attempt]) -> None:
    from rich.table import Table
    from rich.text import Text

    out, delivery = console(), found.delivery
    also = ", ".join(f"{ref.alert} change {ref.sequence}" for ref in delivery.also[:20])
    more = len(delivery.also) - 20
    for label, value in (
        ("id", delivery.id),
        ("alert", f"{delivery.alert}, change {delivery.sequence}"),
        ("also", also + (f" and {more} more" if more > 0 else "")),
        ("subscription", delivery.subscription),
        ("receiver", f"{delivery.receiver} ({delivery.channel})"),
        ("occasion", delivery.occasion.value),
        ("note", delivery.note),
        ("state", delivery.state.value),
        ("reason", delivery.reason),
        ("planned at", f"{found.planned_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("changed at", f"{delivery.changed_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("due at", f"{found.due_at:%Y-%m-%d %H:%M:%S} UTC" if found.due_at else ""),
    ):
        if value:
            out.print(f"{label + ':':<14}{clean(value)}")
    for one in decisions:
        out.print(
            f"{'decided:':<14}{one.decided_at:%Y-%m-%d %H:%M:%S} "
            f"{one.state.value}: {clean(one.reason)}"
        )
    if not attempts:
        out.print("No attempt was made.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("attempt", "began at", "took", "outcome", "detail"):
        table.add_column(heading, no_wrap=heading != "detail", overflow="fold")
    for number, attempt in enumerate(attempts, 1):
        table.add_row(
            str(number),
            f"{attempt.started_at:%Y-%m-%d %H:%M:%S}",
            f"{attempt.seconds:.3f} s",
            attempt.outcome,
            Text(clean(" ".join(attempt.detail.split()))),
        )
    out.print()
    out.print(table, soft_wrap=False)


def _table(found: list[Delivery]) -> None:
    from rich.table import Table
    from rich.text import Text

    if not found:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    headings = ("id", "changed at", "to", "state", "tries", "took", "alert", "reason")
    for heading in headings:
        table.add_column(heading, no_wrap=heading != "reason", overflow="fold")
    for one in found:
        table.add_row(
            one.id,
            f"{one.changed_at:%Y-%m-%d %H:%M:%S}",
            f"{one.subscription}/{one.receiver}",
            one.state.value,
            str(one.attempts),
            f"{one.seconds:.3f} s" if one.seconds is not None else "",
            one.alert,
            Text(clean(" ".join(one.reason.split()))),
        )
    console().print(table, soft_wrap=False)
