"""Records: reports in files of JSON lines, as replays, back-tests and explanations read them.

Comes in: a line (id, title, description, text, published, source, url, lang; any but id may be null or
missing, or hold what `nightdesk.lenient` makes the best of).  Goes out: a `Record`, and the `Report` that it
becomes; or a ValueError that says in one sentence what is wrong with the line.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, TypeVar, overload

from pydantic import BaseModel, BeforeValidator, ConfigDict, PrivateAttr, ValidationError

from nightdesk.ids import content_id, succeeding
from nightdesk.lenient import Odd, as_text, moment_in_figures
from nightdesk.text.moments import read_moment
from nightdesk.text.surrogates import without_surrogates
from schemas import Arrival, Report
from schemas.base import validation_hints

FEED = "replay"
"""The feed that reports from files are said to come from."""

BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)
"""When a report is seen that has no date, in a file with no date before it."""

LONGEST_LINE = 20_000_000


def _bounded(value: object) -> object:
    """Take from text what no UTF-8 and no database holds, as `nightdesk.feeds.parsed` does for feeds."""
    return without_surrogates(value.replace("\x00", "")) if isinstance(value, str) else value


Words = Annotated[str, BeforeValidator(_bounded)]


class Record(BaseModel):
    """One line of the file.  Fields that are not named here are ignored: labelled sets carry more."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Words
    title: Words | None = None
    description: Words | None = None
    text: Words | None = None
    published: Words | None = None
    source: Words | None = None
    url: Words | None = None
    lang: Words | None = None

    _odd: tuple[Odd, ...] = PrivateAttr(())

    def published_at(self) -> datetime | None:
        """The moment that `published` names: ISO 8601 or RFC 2822, without a zone UTC, or seconds or
        milliseconds since 1970; None if none.
        """
        found = read_moment(self.published)
        return found if found is not None else moment_in_figures(self.published or "")

    @property
    def mended(self) -> frozenset[str]:
        """The fields that the line has in another form."""
        return frozenset(odd.field for odd in self._odd)

    def odd(self, *, dates: bool = True) -> list[str]:
        """Say in words what was taken in another way than it stands; of `published` only with `dates`."""
        found = [f"{field} {said}" for field, said in self._odd if dates or field != "published"]
        claim = (self.published or "").strip()
        if dates and claim and self.published_at() is None:
            claimed = f"published {claim[:60]!r} is neither ISO 8601 nor RFC 2822"
            found.append(f"{claimed}: taken as undated")
        return found

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


class Succession:
    """Gives the reports of a file the ids that polls would have given them, one after another."""

    def __init__(self) -> None:
        self._latest: dict[str, str] = {}

    def place(self, report: Report) -> tuple[Report, bool]:
        """Return `report` under its id, and whether it says anything else than its entry said last."""
        before = self._latest.get(report.entry)
        placed = succeeding(report.id, before)
        self._latest[report.entry] = placed
        if placed != report.id:
            report = report.model_copy(update={"id": placed})
        return report, placed != before


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
    if not isinstance(loaded, dict):
        raise ValueError("no JSON object")
    plain, odd = as_text(loaded)
    try:
        record = contract.model_validate(plain)
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, w)) or 'line'}: {m}" for w, m in validation_hints(error))
        raise ValueError("; ".join(problems)) from None
    record._odd = odd
    return record
