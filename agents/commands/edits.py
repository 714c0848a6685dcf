"""`nightdesk edits`: what publishers changed in their reports after they had put them out."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.commands.looking import existing_archive
from agents.commands.terminal import clean, console, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from schemas import Article, Change, ChangeClass

_COLOURS = {
    "headline": "bold magenta",
    "figure": "bold yellow",
    "attribution": "bold cyan",
    "removal": "bold red",
    "addition": "bold green",
    "cosmetic": "dim",
}
_INDENT = 14


def edits(
    article: Annotated[
        str | None, typer.Argument(help="An article: its id, the beginning of it, or its URL.")
    ] = None,
    feed: Annotated[str | None, typer.Option(help="Only reports of this feed.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many edits.")] = 20,
    kind: Annotated[
        str | None,
        typer.Option(
            "--class",
            help="Only changes of this class: headline, figure, attribution, removal, addition, "
            "cosmetic.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List edits of articles, last seen first: when, which article, what was changed, before → after."""
    from agents.commands.explain_article import article_in_archive
    from nightdesk.archive.edits import newest

    wanted = _class(kind)
    with existing_archive() as archive:
        chosen = article_in_archive(archive, article).id if article else None
        with archive.read() as conn:
            told = (
                (revision, changes)
                for revision in newest(conn, article=chosen, feed=feed)
                if (changes := _changes(revision, wanted)) or wanted is None
            )
            found = list(islice(told, limit))
    if as_json:
        print_json([_plain(revision, changes) for revision, changes in found])
        return
    out = console()
    for revision, changes in found:
        _show(out, revision, changes, whole=wanted is None)
    if not found:
        typer.echo("No edits" + (" like that." if article or feed or kind else "."))


def _class(name: str | None) -> ChangeClass | None:
    from schemas import ChangeClass

    if name is None:
        return None
    try:
        return ChangeClass(name)
    except ValueError:
        known = ", ".join(ChangeClass)
        raise typer.BadParameter(
            f"no class is called {name!r}; there are {known}", param_hint="--class"
        ) from None


def _changes(revision: Article, wanted: ChangeClass | None) -> list[Change]:
    changes = revision.edit.changes if revision.edit else ()
    return [change for change in changes if wanted in (None, change.kind)]


def _plain(revision: Article, changes: list[Change]) -> dict[str, Any]:
    return {
        "article": revision.id,
        "revision": revision.revision,
        "feed": revision.feed,
        "source": revision.source,
        "title": revision.title,
        "url": revision.url,
        "seen_at": revision.seen_at.isoformat(),
        "changes": [
            {"class": c.kind.value, "field": c.field, "before": c.before, "after": c.after}
            for c in changes
        ],
        "left_out": revision.edit.left_out if revision.edit else 0,
    }


def _show(out: Console, revision: Article, changes: list[Change], *, whole: bool) -> None:
    from rich.text import Text

    name = clean(" ".join(revision.title.split())) or "(no title)"
    head = Text(f"{revision.seen_at:%Y-%m-%d %H:%M}  ")
    head.append(name, style="bold")
    out.print(head)
    about = f"{clean(revision.source)}, revision {revision.revision} of {revision.id}"
    out.print(Text(f"  {about}", style="dim"))
    for change in changes:
        out.print(_line(change))
    if whole and not changes:
        out.print(Text("  no word was changed", style="dim"))
    if whole and revision.edit is not None and revision.edit.left_out:
        out.print(Text(f"  and {revision.edit.left_out:,} more", style="dim"))
    out.print()


def _line(change: Change) -> Any:
    from rich.text import Text

    line = Text("  ")
    line.append(f"{change.kind.value:<{_INDENT - 2}}", style=_COLOURS[change.kind.value])
    before, after = clean(change.before), clean(change.after)
    if before == after:
        return line.append("moved: ", style="dim").append(before)
    # Without colour the arrow alone tells what went and what came.
    if before:
        line.append(before, style="red")
    line.append(" → " if before and after else ("→ " if after else " →"), style="dim")
    return line.append(after, style="green")
