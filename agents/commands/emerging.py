"""`nightdesk emerging`: what many outlets report and no storyline holds, with a drafted definition each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.commands.looking import existing_archive
from agents.commands.terminal import clean, console, plural, print_json

if TYPE_CHECKING:
    from nightdesk.archive import Archive
    from schemas.offer import Offer

app = typer.Typer(
    help="Candidate storylines, made of reports that no storyline holds: list, show, dismiss.",
    no_args_is_help=True,
)

_SOURCES = 12

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(metavar="ID", help="The offer's id, or its beginning.")]


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most so many.")] = 20,
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that were taken or dismissed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List what is on offer, what grew last first."""
    from nightdesk.archive import emerging
    from schemas.offer import OfferState

    states = [] if everything else [OfferState.OFFERED]
    with existing_archive() as archive, archive.read() as conn:
        offers = emerging.recent(conn, limit, states=states)
        standing = emerging.counts(conn).get(OfferState.OFFERED, 0)
    if as_json:
        print_json([_plain(offer) for offer in offers])
        return
    _table(offers, states_too=everything)
    if not offers:
        typer.echo("Nothing is on offer: no unmatched reports of several outlets belong together.")
    elif standing > limit:
        typer.echo(f"{plural(standing, 'offer')} in all; --limit shows more.")


@app.command("show")
def show(
    name: Name,
    as_yaml: Annotated[
        bool, typer.Option("--yaml", help="Print the drafted definition alone, for a file.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show one offer: who reports it, and a storyline drafted from its most central reports.

    `--yaml > FILE` writes the draft into a file, to mend and apply; applied under its id, it is taken.
    """
    with existing_archive() as archive:
        offer = _find(archive, name)
    if as_json:
        print_json(_plain(offer))
    elif as_yaml:
        typer.echo(clean(offer.draft), nl=False)
    else:
        _show(offer)


@app.command("dismiss")
def dismiss(name: Name, as_json: AsJson = False) -> None:
    """Put an offer away for good: it may grow, but is not offered again."""
    from nightdesk.archive import emerging
    from nightdesk.clock import SystemClock
    from schemas.offer import OfferState

    with existing_archive() as archive:
        offer = _find(archive, name)
        with archive.begin() as conn:
            emerging.set_state(conn, offer.id, OfferState.DISMISSED, SystemClock().now())
    if as_json:
        print_json(_plain(offer) | {"state": OfferState.DISMISSED.value})
    else:
        typer.echo(f"{offer.id} is dismissed.")


def _find(archive: Archive, name: str) -> Offer:
    """Return the offer of that id, or the only one whose id begins so, `emerging-` left out or not."""
    from nightdesk.archive import emerging
    from nightdesk.errors import NightdeskError

    with archive.read() as conn:
        found = emerging.find(conn, name) or emerging.find(conn, f"emerging-{name}")
    exact = [offer for offer in found if offer.id == name]
    if len(exact or found) == 1 and name:
        return (exact or found)[0]
    many = ", ".join(offer.id for offer in found) if name else ""
    raise NightdeskError(
        f"several offers begin with {name!r}" if many else f"there is no offer {name!r}",
        hint=many or "`nightdesk emerging list --all` shows those there are",
    )


def _plain(offer: Offer) -> dict[str, Any]:
    data: dict[str, Any] = offer.model_dump(mode="json", exclude={"schema_version"})
    return data


def _show(offer: Offer) -> None:
    out = console()
    sources = ", ".join(offer.sources[:_SOURCES])
    more = offer.outlets - _SOURCES
    for label, value in (
        ("id", offer.id),
        ("state", offer.state.value),
        ("title", offer.title),
        ("told by", f"{plural(offer.outlets, 'outlet')}, {plural(offer.articles, 'report')}"),
        ("outlets", sources + (f" and {more} more" if more > 0 else "")),
        ("from", f"{offer.first_at:%Y-%m-%d %H:%M} UTC"),
        ("to", f"{offer.latest_at:%Y-%m-%d %H:%M} UTC"),
        ("newest", ", ".join(offer.reports[-3:])),
    ):
        out.print(f"{label + ':':<9} {clean(value)}")
    out.print()
    out.print(clean(offer.draft) or "No definition could be drafted of it.")


def _table(offers: list[Offer], *, states_too: bool) -> None:
    from rich.table import Table
    from rich.text import Text

    if not offers:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    headings = ["id", "latest", "outlets", "reports", *(["state"] if states_too else []), "title"]
    for heading in headings:
        right = heading in {"outlets", "reports"}
        table.add_column(heading, no_wrap=heading != "title", justify="right" if right else "left")
    for offer in offers:
        table.add_row(
            offer.id,
            f"{offer.latest_at:%Y-%m-%d %H:%M}",
            str(offer.outlets),
            str(offer.articles),
            *([offer.state.value] if states_too else []),
            Text(clean(" ".join(offer.title.split()))),
        )
    console().print(table, soft_wrap=False)
