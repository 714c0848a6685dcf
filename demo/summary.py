"""The last word: every identity of account with both sides, every promise of the corpus, the receiver.

In come the final snapshot, the findings and the posts received; out come tables, and how to go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from demo.alert_view import alert_lines
from demo.bundle import ATOM_SUBSCRIPTION
from demo.palette import storyline_styles
from demo.receiver import Post
from demo.snapshot import Snapshot
from demo.verdict import KINDS, Finding
from nightdesk.accounting import IDENTITIES, Term, check


def told(snapshot: Snapshot, *, colour: bool = True) -> RenderableType:
    """Return the alerts of the evening, in the order raised."""
    styles = storyline_styles(snapshot)
    ordered = sorted(snapshot.alerts, key=lambda c: (c.alert.pages, c.alert.first_seen_at))
    parts: list[RenderableType] = [Text("What the desk was told", style="bold")]
    for card in ordered:
        style = styles.get(card.alert.storyline, "bold")
        name, paged = card.alert.storyline_title, card.alert.pages
        parts += [Text(), alert_lines(card, style, name, excerpt=paged, colour=colour)]
    return Group(*parts)


def accounts(snapshot: Snapshot) -> RenderableType:
    """Return every identity of account with both sides, and the terms of each that are not zero."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("stage", style="cyan", no_wrap=True)
    table.add_column("what came")
    table.add_column("", no_wrap=True)
    table.add_column("what became of it")
    before = ""
    for identity, balance in zip(IDENTITIES, check(snapshot.totals), strict=True):
        sign = Text("=", "bold green") if balance.holds else Text("≠", "bold red")
        left, right = (
            _sum(snapshot, identity.stage, terms) for terms in (identity.left, identity.right)
        )
        stage = identity.stage if identity.stage != before else ""
        table.add_row(stage, left, sign, right)
        before = identity.stage
    return Group(Text("Every message is accounted for", style="bold"), table)


def promises(findings: Sequence[Finding]) -> RenderableType:
    """Return how many promises of each kind were kept, and each that was not."""
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for kind, words in KINDS.items():
        its = [finding for finding in findings if finding.kind == kind]
        kept = sum(finding.fault is None for finding in its)
        if not its:
            continue
        mark = Text("✔", "bold green") if kept == len(its) else Text("✖", "bold red")
        table.add_row(f"{kept} of {len(its)}", mark, words)
    faults = [
        Text(f"  ✖ {finding.about} {finding.fault}", style="bold red")
        for finding in findings
        if finding.fault is not None
    ]
    return Group(Text("Every report met its fate", style="bold"), table, *faults)


def closing(
    snapshot: Snapshot, findings: Sequence[Finding], posts: Sequence[Post], seconds: float
) -> Text:
    """Return the two last lines: what was done, in how long, and whether all is well."""
    ids = {post.delivery for post in posts}
    signed = sum(post.signed for post in posts)
    faults = sum(finding.fault is not None for finding in findings)
    faults += sum(not balance.holds for balance in check(snapshot.totals))
    paged = sum(card.alert.pages for card in snapshot.alerts)
    text = Text(
        f"{len(snapshot.reports)} reports of {len(snapshot.feeds)} feeds, "
        f"{snapshot.count('normalise', 'new')} articles, {paged} alerts; the webhook got "
        f"{len(posts)} posts, {len(ids)} different ones, {signed} rightly signed.\n"
    )
    if faults:
        text.append(f"{faults} things are not as they should be", style="bold red")
    else:
        text.append("All accounts balance and all is as expected", style="bold green")
    text.append(f", after {seconds:.1f} s.")
    return text


def left_running(address: str, state: Path, bundle: Path, token: str) -> Text:
    """Return what can be opened while the service runs on, and how to end it; `token` opens the feed."""
    return Text.assemble(
        ("Still running:\n", "bold"),
        f"  page      {address}/\n",
        f"  metrics   {address}/metrics\n",
        f"  health    {address}/healthz   {address}/readyz\n",
        f"  alerts    {address}/subscriptions/{ATOM_SUBSCRIPTION}.atom?token={token}\n",
        f"  bundle    {bundle}\n",
        f"  state     {state}\n",
        "Links in alerts lead to the outlets' own pages.  ",
        ("Ctrl-C ends all of it.", "bold"),
    )


def how_to_keep() -> Text:
    """Return how to look at what the demo ran."""
    return Text.assemble(
        "To look around in it (page, metrics, Atom feed), let it run on: ",
        ("make demo KEEP=1", "bold"),
        "\nTo watch real feeds: ",
        ("nightdesk run --bundle examples/bundle.yaml", "bold"),
    )


def show(console: Console, *parts: RenderableType) -> None:
    """Print parts with an empty line after each."""
    for part in parts:
        console.print(part, highlight=False)
        console.print()


def _sum(snapshot: Snapshot, stage: str, terms: Sequence[Term]) -> Text:
    """Return one side of an identity, like `49 new + 1 revision`; other stages' terms name theirs."""
    counted = [(snapshot.count(*term), *term) for term in terms]
    text = Text()
    for number, owner, outcome in [term for term in counted if term[0]] or counted[:1]:
        words = outcome.replace("_", " ")
        text.append(" + " if text else "")
        text.append(str(number), "bold")
        text.append(f" {words}" if owner == stage else f" {words} ({owner})")
    return text
