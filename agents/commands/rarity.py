"""`nightdesk rarity`: how much words tell, as the archive's own articles teach it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.commands.looking import existing_archive
from agents.commands.moments import moment
from agents.commands.terminal import clean, console, plural, print_json, whoami

if TYPE_CHECKING:
    from nightdesk.archive.rarities import Learnt
    from nightdesk.storylines.own_counts import Counts, Moved

app = typer.Typer(
    help="How much words tell: learn it from the archive, show what is in force, reset it.",
    no_args_is_help=True,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("learn")
def learn(
    since: Annotated[
        str, typer.Option(help="Count the articles seen since: a date, or how long ago.")
    ] = "90d",
    as_json: AsJson = False,
) -> None:
    """Count in how many articles of the archive each word stands, and weigh words accordingly.

    Running workers take it over with their next transaction.  What was decided stays decided.
    """
    from nightdesk.clock import SystemClock
    from nightdesk.errors import ConfigurationError
    from nightdesk.pipeline.rarity import Learning, bring_into_force
    from nightdesk.storylines.own_counts import FEWEST_OF_A_LANGUAGE

    now = SystemClock().now()
    start = moment(since, "since", now=now)
    with existing_archive() as archive:
        learning = Learning(archive, start)
        while learning.step():
            pass
        counts = learning.counts()
        if not counts.telling:
            raise ConfigurationError(
                f"there are too few articles to learn from: {plural(counts.articles, 'article')}",
                hint=f"a language teaches from {FEWEST_OF_A_LANGUAGE} articles on; --since reaches "
                "further back",
            )
        with archive.begin() as conn:
            version = bring_into_force(conn, counts, author=whoami(), now=now, since=start)
    if as_json:
        print_json({"version": version, "languages": _languages(counts)})
        return
    _table(counts)
    typer.echo(f"Version {version} is in force; `nightdesk rarity show` tells what has moved.")


@app.command("show")
def show(
    words: Annotated[
        int, typer.Option(min=0, max=1_000, help="At most so many words a language.")
    ] = 10,
    as_json: AsJson = False,
) -> None:
    """Show what is in force: the articles counted of each language, the words whose weight moved most."""
    from nightdesk.archive import rarities
    from nightdesk.pipeline.rarity import counts_of
    from nightdesk.storylines.own_counts import moved
    from nightdesk.storylines.rarity import shipped_rarity

    with existing_archive() as archive, archive.read() as conn:
        learnt = rarities.in_force(conn)
    counts = counts_of(learnt)
    most = moved(shipped_rarity(), counts, words) if counts else {}
    if as_json:
        print_json(_plain(learnt, counts, most))
        return
    if learnt is None or counts is None:
        since = f" since {learnt.made_at:%Y-%m-%d %H:%M} UTC" if learnt else ""
        typer.echo(f"The shipped rarity is in force{since}; `nightdesk rarity learn` learns one.")
        return
    typer.echo(
        f"Version {learnt.version}, {learnt.made_at:%Y-%m-%d %H:%M} UTC, {clean(learnt.author)}"
    )
    _table(counts)
    _show_moved(most)


@app.command("reset")
def reset(as_json: AsJson = False) -> None:
    """Go back to the shipped rarity: a version like any other, which workers take over."""
    from nightdesk.clock import SystemClock
    from nightdesk.pipeline.rarity import bring_into_force

    with existing_archive() as archive, archive.begin() as conn:
        version = bring_into_force(conn, None, author=whoami(), now=SystemClock().now())
    if as_json:
        print_json({"version": version, "languages": {}})
    else:
        typer.echo("The shipped rarity is in force.")


def _languages(counts: Counts) -> dict[str, Any]:
    return {
        name: {
            "articles": one.articles,
            "words": len(one.words),
            "counts": name in counts.telling,
        }
        for name, one in counts.languages.items()
    }


def _plain(
    learnt: Learnt | None, counts: Counts | None, most: dict[str, list[Moved]]
) -> dict[str, Any]:
    return {
        "version": learnt.version if learnt else 0,
        "made_at": learnt.made_at.isoformat() if learnt else None,
        "author": learnt.author if learnt else None,
        "since": learnt.since.isoformat() if learnt and learnt.since else None,
        "shipped": counts is None,
        "languages": _languages(counts) if counts else {},
        "moved": {name: [one._asdict() for one in words] for name, words in most.items()},
    }


def _table(counts: Counts) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("language")
    table.add_column("articles", justify="right")
    table.add_column("words", justify="right")
    table.add_column("")
    for name, one in sorted(counts.languages.items(), key=lambda pair: -pair[1].articles):
        few = "" if name in counts.telling else "too few to teach anything"
        table.add_row(name, f"{one.articles:,}", f"{len(one.words):,}", few)
    console().print(table, soft_wrap=False)


def _show_moved(most: dict[str, list[Moved]]) -> None:
    for name, words in most.items():
        told = ", ".join(f"{one.word} {one.before:.1f}→{one.after:.1f}" for one in words)
        if told:
            console().print(f"{name}: {clean(told)}", highlight=False)
