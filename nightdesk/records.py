"""Records: reports in files of JSON lines, as replays, back-tests and explanations read them.

Comes in: a line (id, title, description, text, published, source, url, lang; any but id may be null or
missing).  Goes out: a `Record`, and the `Report` that it becomes; or a ValueError that says in one
sentence what is wrong with the line.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TypeVar, overload

from pydantic import BaseModel, ConfigDict, ValidationError

from nightdesk.ids import content_id
from schemas import Arrival, Report
from schemas.base import validation_hints

FEED = "replay"
"""The feed that reports from files are said to come from."""

BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)
"""When a report is seen that has no date, in a file with no date before it."""

LONGEST_LINE = 20_000_000


class Record(BaseModel):
    """One line of the file.  Fields that are not named here are ignored: labelled sets carry more."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    title: str | None = None
    description: str | None = None
    text: str | None = None
    published: str | None = None
    source: str | None = None
    url: str | None = None
    lang: str | None = None

    def published_at(self) -> datetime | None:
        """The moment that `published` (ISO 8601; without a zone, UTC) names; None if it names none."""
        try:
            moment = datetime.fromisoformat((self.published or "").strip())
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            return None

    def report(self, *, seen_at: datetime) -> Report:
        """Return the report that a feed would have given."""
        content = (self.title, self.description, self.text)
        return Report(
            id=content_id("report", FEED, self.id, *content),
            entry=self.id,
            feed=FEED,
            source=self.source or "unknown",
            url=self.url,
            guid=self.id,
            title=self.title,
            description=self.description,
            content=self.text,
            language=self.lang,
            published_at=self.published_at(),
            seen_at=seen_at,
            arrival=Arrival.REPLAY,
        )


R = TypeVar("R", bound=Record)


@overload
def read_record(line: str | bytes) -> Record: ...


@overload
def read_record(line: str | bytes, contract: type[R]) -> R: ...


def read_record(line: str | bytes, contract: type[Record] = Record) -> Record:
    """Read one line, as a `contract` that may take more fields.

    Raises ValueError that says in one sentence what is wrong with it.
    """
    if len(line) > LONGEST_LINE:
        raise ValueError(f"the line is longer than {LONGEST_LINE} bytes")
    try:
        loaded = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from None
    try:
        return contract.model_validate(loaded)
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, w)) or 'line'}: {m}" for w, m in validation_hints(error))
        raise ValueError("; ".join(problems)) from None
