"""An explanation as it is shown: coloured on a terminal, with signed numbers where there is no colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from agents.commands.explain_data import fields_of
from agents.commands.terminal import clean, plural
from nightdesk.storylines.explain import Piece, pieces, thresholds
from schemas import Decision, Match

if TYPE_CHECKING:
    from rich.console import Console

    from nightdesk.explanation import Explanation
    from nightdesk.storylines.missing import Lack

COLOURS = {Decision.FITS: "green", Decision.POSSIBLE: "yellow", Decision.NOT: "red"}
_AROUND = 100
_SHORT = 700
_HEAVY = 0.5
_ALIASES = 6


def show(explanation: Explanation, out: Console, *, draft: Path | None, whole: bool) -> None:
    """Print the decision, the sum, the text with its quoted words, what was missing, the history."""
    _show_head(explanation, out, draft)
    _show_sum(explanation, out)
    _show_text(explanation.match, out, whole=whole)
    _show_missing(explanation, out)
    _show_history(explanation.history, out)


def _show_head(explanation: Explanation, out: Console, draft: Path | None) -> None:
    match = explanation.match
    article = match.article
    barred = explanation.barred
    out.print(
        Text.assemble(
            ("barred" if barred else f"{match.decision.value} ", f"bold {COLOURS[match.decision]}"),
            "  " if barred else f"{match.probability:.2f}  ",
            (match.storyline, "bold"),
            f"  {clean(explanation.definition.title)}",
        )
    )
    if barred:
        why = f"not taken, whatever its words are worth: {'; '.join(barred)}"
        out.print(Text(clean(why), "red"))
    facts = [
        article.source,
        f"{'' if article.published_at else 'undated, seen '}{article.event_time:%Y-%m-%d %H:%M}",
        article.language,
        f"{article.id}, revision {article.revision}",
        article.url or "",
    ]
    out.print(Text("  ".join(clean(" ".join(fact.split())) for fact in facts if fact), "dim"))
    if explanation.recorded:
        words = (
            f"recorded {match.decided_at:%Y-%m-%d %H:%M} by version {match.storyline_version}"
            f" of the storyline: {match.reason}"
        )
    else:
        by = clean(str(draft)) if draft else f"version {match.storyline_version}, in force"
        words = f"not recorded; judged now by {by}"
        if explanation.named:
            words += f", remembering {plural(explanation.remembered, 'report')}: {match.reason}"
        else:
            words += ": never named" if explanation.missing.barred else f": {match.reason}"
    out.print(clean(words))


def _show_sum(explanation: Explanation, out: Console) -> None:
    match = explanation.match
    table = _table()
    for part in match.contributions:
        number = Text(f"{part.value:+.2f}", _colour(part.value))
        table.add_row(number, part.name, Text(clean(" ".join(part.detail.split()))))
    total = f"{match.score:+.2f}"
    table.add_row(Text("─" * max(6, len(total)), "dim"))
    table.add_row(
        Text(total, f"bold {_colour(match.score)}"), Text("sum", "bold"), _distance(explanation)
    )
    _heading(out, "Score, in log-odds")
    out.print(table, soft_wrap=False)
    for rival in explanation.rivals:
        out.print(f"rival {rival.storyline}: {rival.cosine:.2f} like the article, by its words")


def _distance(explanation: Explanation) -> str:
    match, sensitivity = explanation.match, explanation.definition.sensitivity
    if explanation.barred:
        return f"probability {match.probability:.2f} by its words; it does not count: barred"
    bounds = thresholds(explanation.definition, match.bar, explanation.rarity)
    lacks, nearly = bounds.to_fit(match.score), bounds.to_be_possible(match.score)
    words = f"probability {match.probability:.2f}; "
    if lacks <= 0:
        words += f"{-lacks:.2f} to spare"
    else:
        words += f"would need {lacks:+.2f} to fit"
    words += f" at {bounds.fits:.2f} ({sensitivity.value})"
    if nearly > 0:
        words += f", {nearly:+.2f} to be possible at {bounds.possible:.2f}"
    if not explanation.named:
        words += f"; below {explanation.floor:+.2f} nothing is looked at"
    return words


def _show_text(match: Match, out: Console, *, whole: bool) -> None:
    _heading(out, "What it says")
    for field, text in fields_of(match.article).items():
        if not text:
            continue
        spans = [span for span in match.spans if span.field == field]
        found = pieces(text, spans)
        if not whole and len(text) > _SHORT:
            found = list(_around(found))
        out.print(Text.assemble((f"{field}: ", "dim"), *(_painted(piece) for piece in found)))


def _painted(piece: Piece) -> Text:
    words = clean(piece.text.replace("\r", "\n"))
    if piece.span is None:
        return Text(words)
    weight = piece.span.weight
    colour = _colour(weight)
    heavy = "bold " if abs(weight) >= _HEAVY else ""
    return Text.assemble((f"[{words}", f"{heavy}{colour}"), (f" {weight:+.2f}]", colour))


def _around(found: Sequence[Piece]) -> Iterator[Piece]:
    """Shorten what nobody quotes to its ends, which stand beside quoted words."""
    if len(found) == 1:
        yield Piece(_head(found[0].text, _SHORT))
        return
    for number, piece in enumerate(found):
        if piece.span is not None or len(piece.text) <= 2 * _AROUND + 20:
            yield piece
        elif number == 0:
            yield Piece(_tail(piece.text, _AROUND))
        elif number == len(found) - 1:
            yield Piece(_head(piece.text, _AROUND))
        else:
            yield Piece(_head(piece.text, _AROUND) + _tail(piece.text, _AROUND).removeprefix("…"))


def _head(text: str, length: int) -> str:
    """Return the beginning of `text`, up to the end of a word if one ends near."""
    if len(text) <= length:
        return text
    space = text.rfind(" ", length - 20, length)
    return text[: space if space > 0 else length].rstrip() + " …"


def _tail(text: str, length: int) -> str:
    """Return the end of `text`, from the beginning of a word if one begins near."""
    if len(text) <= length:
        return text
    start = len(text) - length
    space = text.find(" ", start, start + 20)
    return "… " + text[space if space > 0 else start :].lstrip()


def _show_missing(explanation: Explanation, out: Console) -> None:
    lacks = explanation.missing
    table = _table()
    for barrier in lacks.barred:
        table.add_row(Text("barred", "red"), clean(barrier))
    for phrase in lacks.excluded:
        table.add_row(Text("excluded", "red"), clean(f"it says “{phrase}”"))
    for phrase in lacks.opposed:
        table.add_row(Text("against", "red"), clean(f"it says “{phrase}”"))
    for lack in lacks.entities:
        what = "not named" + (" (optional)" if lack.optional else "")
        table.add_row(what, _naming(lack))
    if lacks.cue is not None:
        table.add_row("no cue", _naming(lacks.cue))
    if lacks.words and explanation.match.decision is not Decision.FITS:
        table.add_row("absent words", clean(", ".join(lacks.words)))
    if table.row_count:
        _heading(out, "What was missing, and what stood against it")
        out.print(table, soft_wrap=False)


def _naming(lack: Lack) -> str:
    listed = ", ".join(f"“{one}”" for one in lack.any_of[:_ALIASES])
    more = f" and {len(lack.any_of) - _ALIASES} more" if len(lack.any_of) > _ALIASES else ""
    name = "" if lack.name == "a supporting cue" else f"{lack.name}: "
    return clean(f"{name}one of {listed}{more} would add {lack.gain:+.2f}")


def _show_history(history: Sequence[Match], out: Console) -> None:
    if not history:
        return
    _heading(out, f"History: {plural(len(history), 'version')} of this match")
    table = _table()
    for one in history:
        table.add_row(
            f"{one.version}",
            f"{one.decided_at:%Y-%m-%d %H:%M}",
            Text(one.decision.value, COLOURS[one.decision]),
            f"{one.probability:.2f}",
            f"storyline version {one.storyline_version}, revision {one.article.revision}",
            clean(one.reason),
        )
    out.print(table, soft_wrap=False)


def _colour(value: float) -> str:
    return "green" if value > 0 else "red"


def _heading(out: Console, words: str) -> None:
    out.print()
    out.print(Text(words, "bold"))


def _table() -> Table:
    return Table.grid(padding=(0, 2))
