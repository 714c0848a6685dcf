"""`nightdesk tokens`: who may use the API, and addresses of feeds that cannot be guessed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.commands.looking import existing_archive
from agents.commands.moments import length
from agents.commands.terminal import clean, console, moment_words, plural, print_json, whoami

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from nightdesk.archive.tokens import Token
    from nightdesk.settings import Settings

app = typer.Typer(
    help="Tokens of the API and of feeds: create, list, revoke.", no_args_is_help=True
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("create")
def create(
    name: Annotated[
        str | None,
        typer.Argument(help="What it is for: it stands in the audit log.", show_default=False),
    ] = None,
    scope: Annotated[
        str | None, typer.Option(help="What it allows: read, write or admin.", show_default="read")
    ] = None,
    feed: Annotated[
        str | None,
        typer.Option(
            metavar="SUBSCRIPTION", help="Open the feeds of this subscription, and nothing else."
        ),
    ] = None,
    expires: Annotated[
        str | None, typer.Option(help="When it ends: after 30d, 12h, …  Unset, never.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create a token and show it, once: it is kept as a hash alone.

    With --feed, prints the addresses of the subscription's Atom feed and event stream, with the token in
    them.
    """
    from agents.runtime import open_worker_archive
    from nightdesk.clock import SystemClock
    from nightdesk.settings import load_settings

    settings, now = load_settings(), SystemClock().now()
    ends = _end(expires, now)
    label, scopes = _asked(name, scope, feed)
    archive = open_worker_archive(settings)
    try:
        with archive.begin() as conn:
            token, secret = _store(conn, label, scopes, feed, ends, now)
    finally:
        archive.close()
    told: dict[str, Any] = _plain(token, now) | {"token": secret}
    if feed is not None:
        told["addresses"] = _addresses(settings, feed, secret)
    if as_json:
        print_json(told)
        return
    until = f", until {moment_words(ends)}" if ends else ""
    typer.echo(f"{token.id} {clean(token.name)} ({' '.join(token.scopes)}){until}", err=True)
    for line in told.get("addresses", {}).values() if feed else [secret]:
        typer.echo(line)
    typer.echo("It is shown this once: put it where only its user reads it.", err=True)


@app.command("list")
def list_(
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that are revoked or have run out.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the tokens: what each allows, since when and until when, and when it was used last."""
    from nightdesk.archive import tokens
    from nightdesk.clock import SystemClock

    now = SystemClock().now()
    with existing_archive() as archive, archive.read() as conn:
        found = [one for one in tokens.every(conn) if everything or one.in_force(now)]
    if as_json:
        print_json([_plain(token, now) for token in found])
        return
    if not found:
        typer.echo("No tokens: `nightdesk tokens create NAME` makes one.")
        return
    _table(found, now)


@app.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME|ID", help="The token's name, or its id.")],
    as_json: AsJson = False,
) -> None:
    """Revoke a token: from the next request on it opens nothing.  There is no way back."""
    from nightdesk.archive import audit, tokens
    from nightdesk.clock import SystemClock

    now = SystemClock().now()
    with existing_archive() as archive, archive.begin() as conn:
        token = _named(tokens.every(conn), name, now)
        tokens.revoke(conn, token.id, now)
        audit.add(conn, audit.Entry(now, whoami(), "revoke", "token", token.id, token.name))
    if as_json:
        print_json({"id": token.id, "name": token.name, "revoked": True})
    else:
        typer.echo(f"Revoked {token.id} {clean(token.name)}.")


def _asked(name: str | None, scope: str | None, feed: str | None) -> tuple[str, tuple[str, ...]]:
    """Return what the token is called, and its scopes.  Raises typer.BadParameter."""
    from nightdesk.access.scopes import SCOPES, feed_scope

    if feed is not None:
        if scope is not None:
            raise typer.BadParameter("a feed's token opens that feed alone", param_hint="--scope")
        return _label(name or f"feed {feed}"), (feed_scope(feed),)
    if name is None:
        raise typer.BadParameter("say what the token is for", param_hint="NAME")
    if (scope or "read") not in SCOPES:
        raise typer.BadParameter(
            f"{scope!r} is no scope; there are {', '.join(SCOPES)}", param_hint="--scope"
        )
    return _label(name), (scope or "read",)


def _label(name: str) -> str:
    label = " ".join(clean(name).split())
    if not label or len(label) > 100 or label.startswith("("):
        raise typer.BadParameter("1 to 100 letters that begin with no bracket", param_hint="NAME")
    return label


def _end(expires: str | None, now: datetime) -> datetime | None:
    lasts = length(expires, "expires")
    if lasts is None:
        return None
    if lasts <= timedelta(0):
        raise typer.BadParameter("must be longer than 0s", param_hint="--expires")
    return now + lasts


def _store(
    conn: Connection,
    label: str,
    scopes: tuple[str, ...],
    feed: str | None,
    ends: datetime | None,
    now: datetime,
) -> tuple[Token, str]:
    """Put a fresh token into the archive.  Raises ConfigurationError."""
    import secrets

    from nightdesk.access.tokens import mint
    from nightdesk.archive import audit, definitions, tokens
    from nightdesk.errors import ConfigurationError

    if feed is not None:
        if definitions.subscription_in_force(conn, feed) is None:
            raise ConfigurationError(
                f"there is no subscription {feed!r}", hint="declare it, and apply it first"
            )
    elif any(one.name == label and one.in_force(now) for one in tokens.every(conn)):
        # The audit log names who did something: two who share a name could not be told apart.
        raise ConfigurationError(
            f"a token is called {label!r} already",
            hint="choose another name, or revoke that one first",
        )
    minted = mint(secrets.token_bytes)
    token = tokens.Token(minted.id, label, scopes, whoami(), now, ends)
    tokens.add(conn, minted, token)
    detail = f"{label}: {' '.join(scopes)}"
    audit.add(conn, audit.Entry(now, whoami(), "create", "token", token.id, detail))
    return token, minted.secret


def _addresses(settings: Settings, subscription: str, secret: str) -> dict[str, str]:
    """Return where the feeds of a subscription are read, as far as this machine can tell."""
    from nightdesk.web.server import Address

    try:
        base = (settings.state_dir / "web-address").read_text("utf-8").strip().rstrip("/")
    except OSError:
        base = Address(settings.web_host, settings.web_port).url.rstrip("/")
    path = f"{base}/subscriptions/{subscription}"
    return {"atom": f"{path}.atom?token={secret}", "events": f"{path}/events?token={secret}"}


def _named(known: list[Token], name: str, now: datetime) -> Token:
    from nightdesk.errors import ConfigurationError

    active = [one for one in known if one.in_force(now)]
    found = [one for one in active if name == one.id] or [one for one in active if one.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigurationError(
            f"{plural(len(found), 'token')} are called {name!r}",
            hint=f"revoke one by its id: {', '.join(one.id for one in found)}",
        )
    raise ConfigurationError(
        f"no token in force is called {name!r}", hint="`nightdesk tokens list` names them"
    )


def _plain(token: Token, now: datetime) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "scopes": list(token.scopes),
        "author": token.author,
        "created_at": token.created_at.isoformat(),
        "expires_at": token.expires_at.isoformat() if token.expires_at else None,
        "used_at": token.used_at.isoformat() if token.used_at else None,
        "revoked_at": token.revoked_at.isoformat() if token.revoked_at else None,
        "in_force": token.in_force(now),
    }


def _table(found: list[Token], now: datetime) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("id", "name", "scopes", "created", "expires", "last used", ""):
        table.add_column(title)
    for token in found:
        state = "" if token.in_force(now) else "revoked" if token.revoked_at else "run out"
        table.add_row(
            token.id,
            clean(token.name),
            " ".join(token.scopes),
            moment_words(token.created_at),
            moment_words(token.expires_at),
            moment_words(token.used_at),
            state,
        )
    console().print(table)
