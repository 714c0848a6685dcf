"""A drafted storyline as YAML: what `nightdesk check` reads, with a comment for each proposal.

Comes in: a `Draft`.  Goes out: text.  Written by hand, for the comments; words of reports are quoted or
folded, so that nothing in them is taken for YAML.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from nightdesk.storylines.suggest import Chosen, Draft

LONGEST = 6_000
"""Characters of an exemplar that are written: a profile keeps some 160 words of it."""

_WIDTH = 92
_OTHER_TYPES = "true false null yes no on off y n nan inf"
_WORDS = frozenset(_OTHER_TYPES.split())
"""What some version of YAML reads as another type than text."""

_UNPRINTABLE = re.compile(
    r"[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def to_yaml(draft: Draft, *, source: str = "") -> str:
    """Return `draft` as a bundle of one storyline; `source` says what it was drafted from."""
    return "\n".join(_lines(draft, source)) + "\n"


def _lines(draft: Draft, source: str) -> Iterator[str]:
    yield from _comment(
        f"A draft{f' from {source}' if source else ''}: read it, mend it, then check it."
    )
    yield "storylines:"
    yield f"  - id: {_quoted(draft.id)}"
    yield from _comment(draft.reasons["title"], 4)
    yield f"    title: {_quoted(draft.title)}"
    yield from _comment(
        "description: say in a sentence or two what belongs here, and what does not", 4
    )
    yield from _comment(draft.reasons["kind"], 4)
    yield f"    kind: {draft.kind.value}"
    yield from _comment(draft.reasons["window"], 4)
    if draft.since is not None:
        yield f"    window: {{since: {_moment(draft.since)}}}"
    yield "    exemplars:"
    for chosen in draft.exemplars:
        yield from _exemplar(chosen)
    for left_out in draft.left_out:
        yield from _comment(f"left out: {left_out}", 6)
    yield from _actors(draft)
    yield from _cues(draft)


def _exemplar(chosen: Chosen) -> Iterator[str]:
    yield from _comment(chosen.reason, 6)
    example = chosen.example
    fields = [
        (name, text)
        for name in ("title", "description", "text")
        if _flat(text := getattr(example, name))
    ]
    for number, (name, text) in enumerate(fields):
        head = f"{'      - ' if number == 0 else '        '}{name}: "
        if name == "title":
            yield head + _quoted(text)
            continue
        cut = text if len(text) <= LONGEST else text[:LONGEST].rsplit(None, 1)[0]
        yield f"{head}>-"
        yield from _folded(cut)
        if cut != text:
            yield from _comment(f"the first {LONGEST:,} of {len(text):,} characters", 8)
    if example.published_at is not None:
        yield f"        published: {_moment(example.published_at)}"


def _actors(draft: Draft) -> Iterator[str]:
    if not draft.actors:
        yield from _comment("entities: the examples share no name; who takes part?", 4)
        return
    yield "    entities:"
    if any(actor.central for actor in draft.actors):
        yield from _comment("remove `optional` from those without which no report belongs here", 6)
    for actor in draft.actors:
        yield from _comment(actor.reason, 6)
        yield f"      - name: {_quoted(actor.name)}"
        if actor.country:
            yield f"        country: {_quoted(actor.country)}"
        if actor.aliases:
            yield f"        any_of: [{', '.join(map(_quoted, actor.aliases))}]"
        yield "        optional: true"


def _cues(draft: Draft) -> Iterator[str]:
    """Write sure cues as such and the others as comments, which an author turns into cues."""
    if not draft.cues:
        yield from _comment("cues: the examples share no telling phrase", 4)
        return
    width = max(len(_quoted(cue.text)) for cue in draft.cues)
    lines = [
        (cue.sure, f"- {_quoted(cue.text):<{width}}  # {_flat(cue.reason)}") for cue in draft.cues
    ]
    sure = [line for is_sure, line in lines if is_sure]
    offered = [line for is_sure, line in lines if not is_sure]
    if sure:
        yield "    cues:"
        yield "      supporting:"
        yield from (f"        {line}" for line in sure)
        if offered:
            yield from _comment("could be cues too, if no neighbour says them:", 8)
    else:
        yield from _comment("cues: take in what no neighbour says", 4)
        yield "    # cues:"
        yield "    #   supporting:"
    yield from (f"    {'    # ' if sure else '#     '}{line}" for line in offered)
    yield from _comment("opposing: phrases of the neighbour that it is easily taken for", 6)


def _comment(text: str, indent: int = 0) -> Iterable[str]:
    lead = f"{' ' * indent}# "
    return textwrap.wrap(
        _flat(text),
        _WIDTH,
        initial_indent=lead,
        subsequent_indent=lead,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _moment(when: datetime) -> str:
    # Not `strftime`: it writes the year 800 with three digits.
    return f"{when.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _flat(text: str) -> str:
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


def _quoted(text: str) -> str:
    flat = _flat(text)
    plain = re.fullmatch(r"[^\W\d_][\w’-]*(?: [\w’-]*[\w’])*", flat)
    if plain and flat.casefold() not in _WORDS:
        return flat
    return json.dumps(flat, ensure_ascii=False)


def _folded(text: str) -> Iterator[str]:
    """Yield the lines of a folded block: a blank line between paragraphs is one line break."""
    paragraphs = [_flat(part) for part in text.split("\n")]
    for number, paragraph in enumerate(part for part in paragraphs if part):
        if number:
            yield ""
        yield from textwrap.wrap(
            paragraph,
            _WIDTH,
            initial_indent=" " * 10,
            subsequent_indent=" " * 10,
            break_long_words=False,
            break_on_hyphens=False,
        )
