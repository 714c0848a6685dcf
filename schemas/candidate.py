"""A candidate: an article that might fit a storyline, named by `nominate` for `decide` to judge.

Topic `candidates`, key `storyline`, so that one worker owns all that one storyline remembers.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from schemas.article import Article
from schemas.base import Contract, Identifier, UtcDatetime
from schemas.match import Contribution, Span


class Rival(Contract):
    """A declared rival, and the cosine of the same article and its profile, 0 to 1."""

    storyline: Identifier
    cosine: float = Field(ge=0, le=1)


class Likeness(Contract):
    """What `decide` compares an article by, so that it need not read it again.

    `cosine` is that of the article and the storyline's profile, `words` the article's length, `terms` its
    heaviest words and `sketch` its runs of words, both as the engine packs them.  `dense` is its vector of
    meaning, base64 of bytes, empty where no encoder read it.
    """

    cosine: float = Field(ge=0, le=1)
    words: int = Field(ge=0)
    terms: str
    sketch: str
    dense: str = ""


class Candidate(Contract):
    """`id` is a function of storyline, its version, article and revision.

    `score` (log-odds) is static: it depends on the storyline and this article alone.
    `contributions` sum to it; `spans` are the words that earned it.  `rivals` are those
    storylines that this one names as rivals and that the article comes near to, nearest first.
    """

    schema_version: Literal[1] = 1
    id: str
    storyline: Identifier
    storyline_version: int = Field(ge=1)
    article: Article
    score: float
    contributions: tuple[Contribution, ...] = ()
    spans: tuple[Span, ...] = ()
    likeness: Likeness | None = None
    rivals: tuple[Rival, ...] = ()
    nominated_at: UtcDatetime
