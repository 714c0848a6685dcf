"""`nightdesk explain`: why an article fits a storyline or does not, word by word."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.commands.looking import (
    archive_to_read,
    definitions_in_force,
    encoder_in_use,
    read_drafts,
    storyline_named,
)
from agents.commands.terminal import console, print_json

if TYPE_CHECKING:
    from nightdesk.archive import Archive
    from nightdesk.archive.definitions import Definitions
    from nightdesk.explanation import Explanation
    from schemas import Article, Storyline


def explain(
    article: Annotated[
        str,
        typer.Argument(
            metavar="ARTICLE",
            help="An archived article's id, the beginning of it, or its URL; or a file: text, JSON, "
            "or JSON lines as FILE#ID or FILE:LINE.  - reads stdin.",
        ),
    ],
    storyline: Annotated[str, typer.Argument(metavar="STORYLINE", help="The storyline's id.")],
    bundle: Annotated[
        Path | None,
        typer.Option(
            "--bundle", "-b", help="Judge by this file's storyline, not by what is in force."
        ),
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Show the whole text, not only around quoted words.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Explain a decision: the score as a sum, the words that earned it, what was missing.

    Shows what was recorded when the article came, with every change of mind.  What was never recorded
    is judged now, and said to be.  Nothing is written.
    """
    from agents.commands.explain_article import article_in_archive, article_in_file
    from agents.commands.explain_data import as_data
    from agents.commands.explain_view import show

    with ExitStack() as stack:
        archive = stack.enter_context(archive_to_read(required=False))
        current = definitions_in_force(archive)
        read = article_in_file(article) or article_in_archive(archive, article)
        explanation = (
            _by_draft(archive, current, read, storyline, bundle)
            if bundle is not None
            else _in_force(archive, current, read, storyline)
        )
    if as_json:
        print_json(as_data(explanation, draft=bundle is not None))
    else:
        show(explanation, console(), draft=bundle, whole=whole)


def _in_force(
    archive: Archive | None, current: Definitions, article: Article, name: str
) -> Explanation:
    """Return what was recorded, else what the version in force makes of the article."""
    from nightdesk.archive import definitions
    from nightdesk.backtest.rivals import rivals_of
    from nightdesk.clock import SystemClock
    from nightdesk.errors import ConfigurationError
    from nightdesk.explanation import explain_anew, explain_recorded, memory_of
    from nightdesk.pipeline.rarity import in_force as rarity_in_force

    if archive is None:
        raise ConfigurationError(
            "there is no archive, so no storyline is in force",
            hint="name the file that declares the storyline with --bundle",
        )
    held = [stored.definition for stored in current.storylines.values()]
    with archive.read() as conn:
        retired = name not in current.storylines and definitions.ever_known(conn, "storyline", name)
        if not retired:
            found = storyline_named(name, held, archive.address)
            rivals = rivals_of(found, held)
        else:
            rivals = []
        recorded = explain_recorded(conn, article, name, rivals)
        if recorded is not None:
            return recorded
        if retired:
            raise ConfigurationError(
                f"storyline {name!r} was retired, and never decided about this article",
                hint="give the file that declares it with --bundle",
            )
        memory = memory_of(conn, name)
        rarity = rarity_in_force(conn)
    version = current.storylines[name].version
    now = SystemClock().now()
    return explain_anew(
        article,
        found,
        version,
        rivals=rivals,
        memory=memory,
        rarity=rarity,
        encoder=encoder_in_use(),
        now=now,
    )


def _by_draft(
    archive: Archive | None, current: Definitions, article: Article, name: str, bundle: Path
) -> Explanation:
    """Return what the storyline of a file makes of the article, remembering what it did in force."""
    from nightdesk.backtest.rivals import rivals_of
    from nightdesk.clock import SystemClock
    from nightdesk.explanation import explain_anew, memory_of
    from nightdesk.pipeline.rarity import in_force as rarity_in_force

    drafts: list[Storyline] = list(read_drafts(bundle, archive, current).storylines)
    draft = storyline_named(name, drafts, str(bundle))
    held = [stored.definition for stored in current.storylines.values()]
    memory = rarity = None
    if archive is not None:
        with archive.read() as conn:
            memory, rarity = memory_of(conn, name), rarity_in_force(conn)
    stored = current.storylines.get(name)
    return explain_anew(
        article,
        draft,
        stored.version + 1 if stored else 1,
        rivals=rivals_of(draft, drafts, held),
        memory=memory,
        rarity=rarity,
        encoder=encoder_in_use(),
        now=SystemClock().now(),
    )
