"""`nightdesk why`: the whole story of an article or an alert, above all why somebody was not told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agents.commands.looking import alert_named, existing_archive
from agents.commands.terminal import clean, console, print_json

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from nightdesk.archive import Archive
    from nightdesk.history.events import Happened

_STYLES = {"alert": "bold", "deliver": "cyan", "handling": "magenta", "decide": "yellow"}


def why(
    subject: Annotated[
        str,
        typer.Argument(
            help="An article (id, beginning of it, or URL), or an alert (id, or beginning)."
        ),
    ],
    subscription: Annotated[
        str | None, typer.Argument(help="Tell of this subscription alone.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell what became of an article or an alert: polled, decided, held, sent, and why."""
    with existing_archive() as archive:
        found = _story(archive, subject, subscription or "")
    if as_json:
        print_json([happened.plain() for happened in found])
        return
    from rich.text import Text

    out = console()
    for happened in found:
        moment = f"{happened.at:%Y-%m-%d %H:%M:%S}" if happened.at else " " * 19
        line = Text(f"{moment}  ", style="dim")
        line.append(f"{'  ' * happened.depth}{happened.stage:<10} ")
        line.append(clean(happened.said), style=_STYLES.get(happened.stage, ""))
        out.print(line)


def _story(archive: Archive, subject: str, subscription: str) -> list[Happened]:
    from agents.commands.explain_article import article_in_archive
    from nightdesk.archive import alert_list
    from nightdesk.history.alerts import of_alert
    from nightdesk.history.articles import of_article

    with archive.read() as conn:
        if subscription:
            _known(conn, subscription)
        if subject.startswith("alert-") or alert_list.named(conn, subject) == [subject]:
            return list(of_alert(conn, alert_named(conn, subject), subscription))
    article = article_in_archive(archive, subject)
    with archive.read() as conn:
        return list(of_article(conn, article.id, subscription))


def _known(conn: Connection, subscription: str) -> None:
    from nightdesk.archive import definitions
    from nightdesk.errors import ConfigurationError

    if definitions.ever_known(conn, "subscription", subscription):
        return
    ids = sorted(definitions.current(conn).subscriptions)
    raise ConfigurationError(
        f"there is no subscription {subscription!r}",
        hint=f"there are {', '.join(ids[:10])}" if ids else "declare one with `nightdesk apply`",
    )
