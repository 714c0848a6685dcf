"""Exemplars that cannot do their work: no text, next to no text, twice the same, or far too much of it.

Comes in: the storylines of a file.  Goes out: findings.  Only so much of a field is looked at, so that a
field of megabytes takes no longer than a long report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nightdesk.bundles.contract import Part
from nightdesk.bundles.no_text import not_text
from nightdesk.bundles.problems import Finding, Path
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.text.copies import sketch
from nightdesk.text.html import is_html, to_text
from nightdesk.text.normalise import LONGEST_TEXT
from nightdesk.text.tokens import fold
from schemas import Exemplar, Sensitivity, Storyline

FEW_WORDS = 5
"""Telling words below which two reports are alike by chance; a headline holds about eight."""

BRIEF = 30
"""Words below which an exemplar is of a sentence.  Of 4,000 reports of news at large 15 to 29 fitted a
storyline of such a one at once that had nothing to do with it; with 35 words 2, with 40 none, and none where
somebody must take part or something must be said."""

MANY = 20
"""Exemplars beyond which a further one tells nothing new; measured gains end at about four."""

MOST = 200
"""Exemplars beyond which comparing them with each other would take a worker seconds."""

LONGEST_TITLE = 300

_LOOKED_AT = 20_000
_SAY = "say in a sentence or two what happens, in the words that reporters use"
_PASTE = "paste the report as a reader sees it: its title and its sentences"


def check_exemplars(parts: Iterable[Part]) -> Iterator[Finding]:
    """Find the exemplars, and descriptions, that cannot do their work."""
    seen: dict[tuple[str, ...], tuple[Path, str]] = {}
    for part in parts:
        if isinstance(part.readable, Storyline):
            storyline: Storyline = part.readable
            for number, exemplar in enumerate(storyline.exemplars):
                if exemplar.has_words:
                    yield from _one((*part.path, "exemplars", number), exemplar)
            yield from _brief(part.path, storyline)
            yield from _number(part.path, len(storyline.exemplars))
            yield from _copies(part.path, storyline)
            yield from _shared(part.path, storyline, seen)
            yield from _told(part.path, storyline, whole=part.definition is not None)


def _one(path: Path, exemplar: Exemplar) -> Iterator[Finding]:
    whole = f"{exemplar.title}\n{exemplar.description}\n{exemplar.text}"
    if why := not_text(_readable(exemplar)):
        yield Finding(path, f"this exemplar {why}", _PASTE)
        return
    for field in ("title", "description", "text"):
        text = getattr(exemplar, field)
        if len(text) > LONGEST_TEXT:
            yield Finding(
                (*path, field),
                f"{len(text):,} characters are no single report; only the first"
                f" {LONGEST_TEXT:,} are kept",
                "give each report an exemplar of its own",
                "warning",
            )
        elif is_html(text[:_LOOKED_AT]):
            yield Finding((*path, field), "this is HTML; its tags are left out", _PASTE, "warning")
    yield from _short(path, whole)


def _readable(exemplar: Exemplar) -> str:
    """Return the beginning of an exemplar without its tags."""
    fields = [field[:_LOOKED_AT] for field in (exemplar.title, exemplar.description, exemplar.text)]
    return "\n".join(to_text(field) if is_html(field) else field for field in fields)


def _short(path: Path, whole: str) -> Iterator[Finding]:
    if not _telling(fold(whole[:_LOOKED_AT])):
        yield Finding(
            path, "this exemplar holds no word that tells it from any other report", _PASTE
        )
    elif few := _few(whole):
        yield Finding(
            path,
            f"this exemplar holds only {few}: too little to compare reports with",
            f"{_PASTE}; a mere name belongs into `entities`",
            "warning",
        )


def _few(text: str) -> str:
    """Say how many telling words a text holds; nothing where they are enough."""
    count = len(_telling(fold(text[:_LOOKED_AT])))
    if count >= FEW_WORDS:
        return ""
    return "one telling word" if count == 1 else f"{count} telling words"


def _brief(path: Path, storyline: Storyline) -> Iterator[Finding]:
    """Find a storyline that tells no more than a sentence, or several, each an exemplar by itself."""
    exemplars = storyline.exemplars
    told_more = storyline.cues.supporting or any(not one.optional for one in storyline.entities)
    if not exemplars or told_more or storyline.sensitivity is Sensitivity.STRICT:
        return
    read = [_words(exemplar) for exemplar in exemplars]
    if all(len(words) < BRIEF and len(_telling(words)) >= FEW_WORDS for words in read):
        yield Finding(
            (*path, "exemplars"),
            "each example is a sentence, and nothing else is asked for: up to one in a hundred reports of"
            " other things would fit",
            "give a whole report, its title and three sentences at least; or say who must take part"
            " (`entities`) or what is said (`cues`)",
            "warning",
        )


def _number(path: Path, count: int) -> Iterator[Finding]:
    if count > MANY:
        yield Finding(
            (*path, "exemplars"),
            f"{count:,} exemplars: "
            + ("too many to compare" if count > MOST else "few tell as much"),
            f"keep the ten that differ most, {MOST} at most; `nightdesk storyline suggest` chooses six",
            "error" if count > MOST else "warning",
        )


def _copies(path: Path, storyline: Storyline) -> Iterator[Finding]:
    """Find exemplars that repeat an earlier one, word for word or lightly reworded."""
    if not 1 < len(storyline.exemplars) <= MOST:
        return
    read = [_words(exemplar) for exemplar in storyline.exemplars]
    sketches = [
        sketch(exemplar.title, exemplar.description, exemplar.text[:LONGEST_TEXT])
        for exemplar in storyline.exemplars
    ]
    for number, words in enumerate(read):
        for earlier in range(number):
            same = words == read[earlier]
            if words and (same or sketches[number].is_copy_of(sketches[earlier])):
                yield Finding(
                    (*path, "exemplars", number),
                    f"this exemplar {'repeats' if same else 'is a light rewrite of'}"
                    f" exemplars[{earlier}], and adds nothing to it",
                    "remove it; another report, in other words, would help more",
                    "warning",
                )
                break


def _shared(
    path: Path, storyline: Storyline, seen: dict[tuple[str, ...], tuple[Path, str]]
) -> Iterator[Finding]:
    for number, exemplar in enumerate(storyline.exemplars):
        words = _words(exemplar)
        if not words:
            continue
        before, name = seen.setdefault(words, (path, storyline.id))
        if before != path:
            yield Finding(
                (*path, "exemplars", number),
                f"the storyline `{name}` has this exemplar too: by it the two cannot be told apart",
                "keep it where it fits best",
                "warning",
            )


def _words(exemplar: Exemplar) -> tuple[str, ...]:
    return fold(f"{exemplar.title}\n{exemplar.description}\n{exemplar.text}"[:_LOOKED_AT])


def _telling(words: Iterable[str]) -> set[str]:
    weight = shipped_rarity().weight
    return {word for word in words if weight(word)}


def _told(path: Path, storyline: Storyline, *, whole: bool) -> Iterator[Finding]:
    if len(storyline.title) > LONGEST_TITLE:
        yield Finding(
            (*path, "title"),
            f"the title is {len(storyline.title):,} characters long",
            "it stands in every alert: say it in a line",
            "warning",
        )
    yield from _described(path, storyline, whole=whole)


def _described(path: Path, storyline: Storyline, *, whole: bool) -> Iterator[Finding]:
    """Find a description that tells nothing, next to nothing, or too much."""
    place, text = (*path, "description"), storyline.description
    if not text.strip():
        return
    if why := not_text(text):
        yield Finding(place, f"the description {why}", "say it in a sentence")
    elif not _telling(fold(text[:_LOOKED_AT])):
        beside = storyline.exemplars or storyline.entities or storyline.cues.supporting
        yield Finding(
            place,
            "the description holds no word that tells a report from any other",
            _SAY,
            "warning" if beside or not whole else "error",
        )
    elif not storyline.exemplars and (few := _few(f"{storyline.title}\n{text}")):
        yield Finding(
            place,
            f"title and description hold only {few}: too little to compare reports with",
            _SAY,
            "warning",
        )
    elif len(text) > LONGEST_TEXT // 20:
        yield Finding(
            place,
            f"the description is {len(text):,} characters long",
            "say what the storyline is about in a sentence or two; a report belongs into `exemplars`",
            "warning",
        )
