"""What `nightdesk feeds` says of hubs: whether a feed is pushed, and what is wrong where it is not.

The token and the secret of a subscription stay out of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agents.commands.terminal import moment_words

if TYPE_CHECKING:
    from nightdesk.feeds.websub.subscription import HubSubscription

_IN_TROUBLE = {"denied", "given_up"}


def pushed_row(it: HubSubscription | None) -> dict[str, Any]:
    """Return what is told of a feed's subscription; all None where it has none."""
    from nightdesk.feeds.answers import host_in

    if it is None:
        return dict.fromkeys(
            ("push", "hub", "push_until", "push_reason", "last_push_at", "push_lost_at")
        ) | {"push_failures": 0, "pushes_lost": 0}
    return {
        "push": it.state.value,
        "hub": host_in(it.hub),
        "push_until": it.lease_until,
        "push_reason": it.reason or None,
        "push_failures": it.failures,
        "last_push_at": it.last_push_at,
        "push_lost_at": it.lost_at,
        "pushes_lost": it.lost,
    }


def pushed_words(row: dict[str, Any]) -> str:
    """Return how a feed's pushes stand, in words; empty where no hub was ever asked."""
    if row["push"] is None:
        return ""
    words = f"{row['push'].replace('_', ' ')} at {row['hub']}"
    if row["push_until"]:
        words += f" until {moment_words(row['push_until'])}"
    return f"{words}, last push {moment_words(row['last_push_at'])}"


def pushed_notes(row: dict[str, Any]) -> list[str]:
    """Return what is wrong with a feed's pushes."""
    notes = []
    if row["push"] in _IN_TROUBLE or row["push_failures"]:
        notes.append(f"Its hub {row['hub']} does not push it: {row['push_reason']}.")
    lost, pushed = row["push_lost_at"], row["last_push_at"]
    if lost is not None:
        later = "" if pushed is not None and pushed > lost else ", and until the next push"
        notes.append(
            f"Pushes were lost: {row['pushes_lost']:,} in all, the last found at {moment_words(lost)}; "
            f"polled as always for a day from then{later}."
        )
    return notes
