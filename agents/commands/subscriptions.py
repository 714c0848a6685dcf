"""`nightdesk subscriptions`: who takes what, how their receivers do, and a test on the real way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.commands.looking import definitions_in_force, existing_archive
from agents.commands.terminal import clean, console, print_json

if TYPE_CHECKING:
    from nightdesk.archive import Archive
    from schemas import DeliveryState, Subscription
    from schemas.receivers import Receiver

app = typer.Typer(
    help="Subscriptions in force: list, show, and test whether alerts arrive.",
    no_args_is_help=True,
)

_PATIENCE = 60.0
"""Seconds that one test may take, whatever the receiver's `timeout`."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The subscription's id.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the subscriptions in force with their receivers."""
    with existing_archive() as archive:
        found = _in_force(archive)
    if as_json:
        print_json([one.model_dump(mode="json", exclude={"schema_version"}) for one in found])
        return
    if not found:
        typer.echo("No subscription is in force: declare one in a bundle, and apply it.")
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("id", "enabled", "takes", "receivers"):
        table.add_column(heading, no_wrap=heading == "id", overflow="fold")
    for one in found:
        table.add_row(
            one.id, "yes" if one.enabled else "no", Text(clean(_takes(one))), _receivers(one)
        )
    console().print(table, soft_wrap=False)


@app.command("show")
def show(name: Name, as_json: AsJson = False) -> None:
    """Show one subscription as it is declared, and how its deliveries stand."""
    from nightdesk.archive import delivery_list
    from nightdesk.bundles.render import as_yaml

    with existing_archive() as archive:
        found = _named(archive, name)
        with archive.read() as conn:
            standing = {
                receiver.name: delivery_list.count_by_state(
                    conn, delivery_list.Wanted(found.id, receiver.name)
                )
                for receiver in found.receivers
            }
    if as_json:
        counts = {
            receiver: {state.value: n for state, n in by_state.items()}
            for receiver, by_state in standing.items()
        }
        definition = found.model_dump(mode="json", exclude={"schema_version"})
        print_json({"definition": definition, "deliveries": counts})
        return
    out = console()
    out.print(clean(as_yaml(found).rstrip()))
    out.print()
    for receiver, by_state in standing.items():
        out.print(f"deliveries to {receiver}: {_counts(by_state)}")


@app.command("test")
def try_(
    name: Name,
    receiver: Annotated[
        str | None, typer.Option(help="Only this receiver; all of them without it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send a marked sample through the real way, and tell what each receiver said.

    The same channels, secrets, guards and templates as for alerts; nothing of it is kept.  Ends with 1
    where a receiver did not take it.
    """
    import asyncio

    with existing_archive() as archive:
        found = _named(archive, name)
    chosen = [one for one in found.receivers if receiver in (None, one.name)]
    if not chosen:
        names = ", ".join(one.name for one in found.receivers)
        raise typer.BadParameter(
            f"{name} has no receiver {receiver!r}; there are {names}", param_hint="--receiver"
        )
    results = asyncio.run(_try_all(found, chosen))
    if as_json:
        print_json(results)
    else:
        _report(results)
    if not all(result["delivered"] for result in results):
        raise typer.Exit(1)


async def _try_all(subscription: Subscription, chosen: list[Receiver]) -> list[dict[str, Any]]:
    import secrets
    import sys
    import time
    from datetime import timedelta

    from agents.runtime import read_secret
    from nightdesk.clock import SystemClock
    from nightdesk.delivery.channels import Channels
    from nightdesk.delivery.outcome import outcome_word
    from nightdesk.delivery.sample import sample_of
    from nightdesk.delivery.trying import attempt

    clock, nonce = SystemClock(), secrets.token_hex(8)
    # What the console receiver prints is no part of our report: it goes where a log goes.
    channels = Channels(secrets=read_secret, clock=clock, ticks=time.monotonic, stream=sys.stderr)
    results = []
    try:
        for one in chosen:
            notice = sample_of(subscription, one, clock.now(), nonce)
            begun = time.monotonic()
            remark, error = await attempt(
                channels.by_name, notice, one, timedelta(seconds=_PATIENCE)
            )
            results.append(
                {
                    "receiver": one.name,
                    "channel": one.channel,
                    "delivery": notice.delivery.id,
                    "delivered": error is None,
                    "outcome": "delivered" if error is None else outcome_word(error),
                    "seconds": round(time.monotonic() - begun, 3),
                    "said": getattr(error, "message", "") or remark,
                    "hint": getattr(error, "hint", ""),
                }
            )
    finally:
        await channels.close()
    return results


def _report(results: list[dict[str, Any]]) -> None:
    out = console()
    for result in results:
        where = f"{result['receiver']} ({result['channel']})"
        if result["channel"] in {"atom", "events"} and result["delivered"]:
            out.print(f"{where}: nothing is sent there; readers come for it")
            continue
        took = f"{result['seconds']:.2f} s"
        word = "has it" if result["delivered"] else result["outcome"].replace("_", " ")
        out.print(
            f"{where}: {word}, after {took}"
            + (f": {clean(result['said'])}" if result["said"] else "")
        )
        if result["hint"]:
            out.print(f"  hint: {clean(result['hint'])}")


def _in_force(archive: Archive) -> list[Subscription]:
    known = definitions_in_force(archive).subscriptions
    return [known[key].definition for key in sorted(known)]


def _named(archive: Archive, name: str) -> Subscription:
    import difflib

    from nightdesk.errors import ConfigurationError

    known = {one.id: one for one in _in_force(archive)}
    if name not in known:
        like = difflib.get_close_matches(name[:200], known, 3, 0.5)
        raise ConfigurationError(
            f"there is no subscription {name!r} in force",
            hint=f"did you mean {' or '.join(like)}?"
            if like
            else "`nightdesk subscriptions list` shows those there are",
        )
    return known[name]


def _takes(one: Subscription) -> str:
    parts = [
        *one.storylines,
        *(f"tag {tag}" for tag in one.tags),
        *(f"feed {f}" for f in one.feeds),
    ]
    kinds = [kind.value for kind in one.kinds]
    return ", ".join(parts or ["all"]) + (f"; {', '.join(kinds)}" if kinds else "")


def _receivers(one: Subscription) -> str:
    def said(receiver: Receiver) -> str:
        channel = "" if receiver.channel == receiver.name else f" ({receiver.channel})"
        return receiver.name + channel + (", on standby" if receiver.on_standby else "")

    return "; ".join(said(receiver) for receiver in one.receivers)


def _counts(by_state: dict[DeliveryState, int]) -> str:
    said = [f"{n:,} {state.value}" for state, n in sorted(by_state.items()) if n]
    return ", ".join(said) or "none yet"
