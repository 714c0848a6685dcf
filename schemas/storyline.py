"""A storyline: what a user follows, told by examples, entities and cues.

Guide: docs/storylines.md; every field: docs/bundles.md.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from schemas.base import Contract, Duration, Identifier, Text, UtcDatetime
from schemas.severity import Severity

CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""A country by its two capital letters of ISO 3166-1; EU and UN count as such."""


class StorylineKind(StrEnum):
    """An `event` is over in days; a `saga` goes on for months."""

    EVENT = "event"
    SAGA = "saga"


class Sensitivity(StrEnum):
    """Three points on one curve: fewer false alerts, or fewer missed reports."""

    STRICT = "strict"
    BALANCED = "balanced"
    WIDE = "wide"


class Exemplar(Contract):
    """A report that fits, as the user found it.  At least a title, a text or an article.

    `article` is the URL or id of an article of the archive.  With words beside it, it tells where they
    came from; alone, it stands for that article's words, which are put in when a bundle is applied.
    `published` tells when it was: reports near in time are likelier to be of the same happening.
    """

    title: str = ""
    description: str = ""
    text: str = ""
    article: str = ""
    published: UtcDatetime | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.has_words or self.article.strip()):
            raise ValueError(
                "an exemplar needs a title, a description, a text or an article; give one, or remove it"
            )
        return self

    @property
    def has_words(self) -> bool:
        """Whether there is anything to compare reports with, and not only the name of an article."""
        return bool(self.title.strip() or self.description.strip() or self.text.strip())


class Entity(Contract):
    """Somebody or something that takes part: any one of `any_of` counts as a mention.

    `country` adds all that the country is called in the storyline's languages, when a bundle is read;
    `capital` says whether that includes its capital and seats of government.  A report without a
    mention of an entity that is not `optional` needs much else to fit.
    """

    name: Text
    country: CountryCode | None = None
    capital: bool = True
    any_of: tuple[Text, ...] = Field(default=(), validate_default=True)
    weight: float = Field(default=1.0, gt=0, le=10)
    optional: bool = False

    @field_validator("any_of")
    @classmethod
    def _is_called_something(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        # A faulty country is told of by itself; `data` then lacks it.
        if not names and info.data.get("country", "faulty") is None:
            raise ValueError(
                "must not be empty; give at least one name, or `country:` and its two letters"
            )
        return names


class Cues(Contract):
    """Phrases that speak for (`supporting`) or against (`opposing`) this storyline."""

    supporting: tuple[Text, ...] = ()
    opposing: tuple[Text, ...] = ()


class Window(Contract):
    """Reports whose event time lies outside cannot fit.  Either end may be open."""

    since: UtcDatetime | None = None
    until: UtcDatetime | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.since >= self.until:
            raise ValueError("the window ends before it begins: `since` must be before `until`")
        return self


class Storyline(Contract):
    """What one storyline is.  `languages` and `sources` are empty for all.

    `development_gap` is the silence (event time) after which a further report is a new development.
    `settling_window` is how long (event time) a decision may still change; absent, it goes by the kind.
    `severity` is that of its alerts.
    """

    schema_version: Literal[1] = 1
    id: Identifier
    title: Text
    description: str = ""
    kind: StorylineKind | None = None
    exemplars: tuple[Exemplar, ...] = ()
    entities: tuple[Entity, ...] = ()
    cues: Cues = Cues()
    exclusions: tuple[Text, ...] = ()
    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    window: Window = Window()
    rivals: tuple[Identifier, ...] = ()
    sensitivity: Sensitivity = Sensitivity.BALANCED
    development_gap: Duration = timedelta(hours=48)
    settling_window: Duration | None = None
    severity: Severity = Severity.WARNING
    tags: tuple[Identifier, ...] = ()
    enabled: bool = True

    @field_validator("rivals")
    @classmethod
    def _are_others(cls, rivals: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if info.data.get("id") in rivals:
            raise ValueError("a storyline cannot be its own rival; give others, or remove it")
        return rivals

    @model_validator(mode="after")
    def _can_match(self) -> Self:
        if not (
            self.exemplars or self.entities or self.cues.supporting or self.description.strip()
        ):
            raise ValueError(
                "nothing to match by: give an exemplar, a description, entities or supporting cues"
            )
        return self
