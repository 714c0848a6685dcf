"""Example reports, read for drafting a storyline: words, sentences, names, countries.

Comes in: reports as somebody saved them, scraped noise included.  Goes out: `Example`s that were cleaned
as feeds' reports are, and `Read` ones that know where each word and name stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.reading import LEAD_WORDS
from nightdesk.text.clean import clean
from nightdesk.text.entities import Phrase, PhraseBook
from nightdesk.text.html import to_line, to_text
from nightdesk.text.language import detect
from nightdesk.text.names import names, share_of_capitals
from nightdesk.text.sentences import sentences
from nightdesk.text.tokens import Tokens

LONGEST = 20_000
"""Characters of an example that are read for a draft."""

_LONGEST_TITLE = 200
_SENTENCE_END = re.compile(r"[.!?…。！？؟][\"'”’»)]*$")
_BAR = re.compile(r"\s[|¦»]\s")
_LEAST_SHARED = 0.5
_LEAST_TITLE = 3


@dataclass(frozen=True)
class Example:
    """One report that belongs to the storyline.  `origin` says where it was found: a file, a line."""

    title: str
    text: str
    origin: str = ""
    description: str = ""
    language: str = "und"
    published_at: datetime | None = None


def example_of(
    text: str,
    *,
    title: str = "",
    description: str = "",
    origin: str = "",
    language: str | None = None,
    published_at: datetime | None = None,
) -> Example:
    """Return a report without markup and boilerplate.  Where there is no `title`, its text may begin
    with one."""
    head = to_line(title)
    body = clean(to_text(text), head)
    kept = body.text
    if not head:
        dropped = [line.line for line in body.dropped if line.rule == "masthead"]
        head, kept = _titled(kept, dropped)
        kept = clean(kept, head).text
    said = clean(to_text(description), head).text
    told = detect(f"{head}\n{said}\n{kept}", language)
    return Example(head, kept[:LONGEST], origin, said[:LONGEST], told, published_at)


def _titled(text: str, mastheads: list[str]) -> tuple[str, str]:
    """Return the title that a text begins with, or that its page's heading holds, and the rest."""
    first, _, rest = text.strip().partition("\n")
    first = first.strip()
    if rest.strip() and len(first) <= _LONGEST_TITLE and not _SENTENCE_END.search(first):
        return first, rest.strip()
    words = set(Tokens(text[:LONGEST]).words)
    best, found = _LEAST_SHARED, ""
    for part in (part.strip() for line in mastheads for part in _BAR.split(line)):
        told = Tokens(part).words
        share = sum(word in words for word in told) / len(told) if told else 0.0
        if len(told) >= _LEAST_TITLE and share > best:
            best, found = share, part
    return found, text


@dataclass(frozen=True)
class Read:
    """An example as one text: title, description, text, each from a line of its own."""

    example: Example
    rarity: Rarity = field(repr=False)

    @cached_property
    def tokens(self) -> Tokens:
        """Its words."""
        parts = (self.example.title, self.example.description, self.example.text)
        return Tokens("\n".join(part for part in parts if part))

    @cached_property
    def title_words(self) -> list[str]:
        """The words of the title, which are the first of all."""
        return Tokens(self.example.title).words

    @property
    def lead(self) -> int:
        """Words that count as title and lead."""
        return min(len(self.tokens), len(self.title_words) + LEAD_WORDS)

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Where each word stands."""
        return self.tokens.spans()

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """Ranges of words."""
        return sentences(self.tokens.text, self.spans)

    @cached_property
    def names(self) -> list[tuple[int, int]]:
        """Ranges of words that are names, whole even where they are long."""
        text, words, spans = self.tokens.text, self.tokens.words, self.spans
        share = share_of_capitals(text, words, spans, self.sentences)
        told = names(text, words, spans, self.sentences, self.rarity.weight, share=share)
        return [(self._start(name.start), self._end(name.end)) for name in told]

    def _start(self, start: int) -> int:
        """Take in the article of al-Qaeda."""
        before = start > 0 and self.tokens.words[start - 1] in {"al", "el"}
        return start - 1 if before else start

    def _end(self, end: int) -> int:
        """Go on to the name's last word: titles before it may be long."""
        text, spans = self.tokens.text, self.spans
        while (
            end < len(spans)
            and _tied(text, spans[end - 1], spans[end])
            and text[spans[end][0]].isupper()
        ):
            end += 1
        return end

    def is_within_name(self, start: int, end: int) -> bool:
        """Whether a word with a capital stands right beside words `start` to `end`: Betty Ford Center."""
        text, spans = self.tokens.text, self.spans
        before = start > 0 and _tied(text, spans[start - 1], spans[start])
        after = end < len(spans) and _tied(text, spans[end - 1], spans[end])
        return (before and text[spans[start - 1][0]].isupper()) or (
            after and text[spans[end][0]].isupper()
        )

    def find(self, book: PhraseBook) -> list[tuple[int, int, int]]:
        """Return (start, end, number) of the phrases of `book`."""
        return [(o.start, o.end, o.phrase) for o in book.find(self.tokens)]

    def said(self, start: int, end: int) -> str:
        """Return words `start` to `end` as they are written."""
        return " ".join(self.tokens.text[self.spans[start][0] : self.spans[end - 1][1]].split())

    def phrase(self, start: int, end: int) -> Phrase:
        """Return words `start` to `end`, folded."""
        return tuple(self.tokens.words[start:end])


def _tied(text: str, left: tuple[int, int], right: tuple[int, int]) -> bool:
    """Whether nothing but a space or a hyphen stands between two words."""
    return text[left[1] : right[0]] in {" ", "-"}
