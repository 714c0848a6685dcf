"""`nightdesk topics`: each topic with its contract, and what stands on it if the broker answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.commands.terminal import clean, console, human_bytes, print_json

if TYPE_CHECKING:
    from agents.commands.broker_view import BrokerView
    from nightdesk.settings import Settings


def topics(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the topics: contract, key, retention; offsets, lag and size if the broker answers."""
    from agents.broker.errors import BrokerError
    from agents.commands.broker_view import look
    from nightdesk.settings import load_settings

    settings = load_settings()
    try:
        view, trouble = look(settings), None
    except BrokerError as error:
        view, trouble = None, error
    rows = _rows(settings, view)
    if as_json:
        print_json({"broker": view.address if view else None, "topics": rows})
    else:
        _show(rows, view)
    if trouble is not None:
        raise trouble


def _rows(settings: Settings, view: BrokerView | None) -> list[dict[str, Any]]:
    from nightdesk.settings import retention
    from schemas import TOPICS
    from schemas.base import format_duration

    rows = []
    for topic in TOPICS.values():
        age, size = retention(settings, topic)
        there = view.topics.get(topic.name) if view else None
        rows.append(
            {
                "topic": topic.name,
                "contract": topic.model.__name__,
                "key": topic.key,
                "partitions": len(there.offsets)
                if there
                else topic.partitions or settings.broker_partitions,
                "retention": format_duration(age),
                "retention_bytes": size,
                "exists": there is not None,
                "offsets": [
                    {"partition": number, "earliest": earliest, "end": end}
                    for number, (earliest, end) in enumerate(there.offsets if there else ())
                ],
                "messages": there.messages if there else None,
                "bytes": there.bytes if there else None,
                "lag": there.lags if there else {},
            }
        )
    return rows


def _show(rows: list[dict[str, Any]], view: BrokerView | None) -> None:
    from rich.table import Table

    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    right = {"partitions", "messages", "size"}
    for heading in (
        *("topic", "contract", "key", "partitions", "kept"),
        *("messages", "earliest–end", "size", "lag"),
    ):
        table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    for row in rows:
        kept = row["retention"]
        if row["retention_bytes"] is not None:
            kept += f", {human_bytes(row['retention_bytes'])}"
        offsets = row["offsets"]
        earliest, end = sum(o["earliest"] for o in offsets), sum(o["end"] for o in offsets)
        table.add_row(
            *(row["topic"], row["contract"], row["key"], str(row["partitions"]), kept),
            f"{row['messages']:,}" if row["exists"] else "–",
            f"{earliest:,}–{end:,}" if row["exists"] else "–",
            human_bytes(row["bytes"]) if row["bytes"] is not None else "–",
            ", ".join(f"{clean(group)} {lag:,}" for group, lag in row["lag"].items()) or "–",
        )
    out.print(table, soft_wrap=False)
    if view is None:
        return
    if not view.exists:
        out.print(
            f"\nThe broker {clean(view.address)} does not exist yet: `nightdesk run` makes it."
        )
    else:
        out.print(
            f"\nBroker {clean(view.address)}; offsets are summed over partitions (--json lists them)."
        )
