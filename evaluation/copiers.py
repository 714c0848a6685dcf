"""Copiers: the ways in which a report comes round again, as rules that make a copy of one.

Comes in: a report.  Goes out: the copy, the same in every run.  The words of page furniture are our own;
words that replace others are drawn from the whole file.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_FURNITURE = (
    "Good morning! Here is what our desk is reading today.",
    "Follow our channels and never miss a line.",
    "This page was put together by our night editors.\nRead next: what the tide tables tell.\n"
    "Write to us with corrections; we read every letter.\nShare this page with a friend.",
)
_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"(?<=[.!?。！？؟])\s+")


@dataclass(frozen=True)
class Told:
    """A report as a copier has it before him; titles alone have no `text`."""

    title: str
    text: str

    @property
    def words(self) -> list[str]:
        """The words of the text, of the title where there is none."""
        return _WORD.findall(self.text or self.title)


Copier = Callable[[Told, random.Random, Sequence[str], str], Told]
"""Copies a report, given chance, the words of its file, and the title of another report."""


def _same(told: Told, _chance: random.Random, _words: Sequence[str], _title: str) -> Told:
    return told


def _retitled(told: Told, _chance: random.Random, _words: Sequence[str], title: str) -> Told:
    return Told(title, told.text)


def _wrapped(told: Told, _chance: random.Random, _words: Sequence[str], _title: str) -> Told:
    above, line, below = _FURNITURE
    return Told(told.title, f"{above}\n{line}\n{told.text}\n{line}\n{below}")


def _cut(told: Told, _chance: random.Random, _words: Sequence[str], _title: str) -> Told:
    sentences = _SENTENCE.split(told.text)
    kept = [sentence for at, sentence in enumerate(sentences) if at % 3 != 2]
    return Told(told.title, " ".join(kept))


def _reworded(share: float) -> Copier:
    def reword(told: Told, chance: random.Random, words: Sequence[str], _title: str) -> Told:
        def other(found: re.Match[str]) -> str:
            return chance.choice(words) if chance.random() < share else found[0]

        return Told(_WORD.sub(other, told.title), _WORD.sub(other, told.text))

    return reword


@dataclass(frozen=True)
class Rule:
    """How a copy is made; `of_text` where it needs more than a title."""

    name: str
    copy: Copier
    of_text: bool = False


RULES = (
    Rule("same text", _same),
    Rule("another title", _retitled, of_text=True),
    Rule("page furniture around it", _wrapped, of_text=True),
    Rule("every third sentence cut", _cut, of_text=True),
    Rule("5 % of words replaced", _reworded(0.05)),
    Rule("15 % of words replaced", _reworded(0.15)),
    Rule("30 % of words replaced", _reworded(0.30)),
)
