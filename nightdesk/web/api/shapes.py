"""What goes in and out of the API, as models; the document's schemas are theirs.

What users declare and what the stream carries keep their own contracts (`schemas`); these only lay them
beside one another.  Queries are text: each kind is read as strictly as its schema says.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from schemas import Feed, Silence, Storyline, Subscription
from schemas.base import UtcDatetime

T = TypeVar("T")
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,30})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


def _moment(text: object) -> object:
    """Read a moment as RFC 3339 writes it, and no other way."""
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise ValueError("not a moment: write 2026-03-01T18:00:00Z")
    try:
        # A leap second is the second after it.
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("there is no such moment") from None


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-01T18:00:00Z"]}),
]
Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Cursor = Annotated[str, Field(min_length=1, max_length=600, pattern=r"^[A-Za-z0-9_-]+$")]
YesNo = Literal["true", "false"]
Limit = Annotated[int, Field(ge=1, le=200)]


def of(shape: Any, model: Any) -> Any:
    """Return a shape of a model that is known only when it runs: `of(Page, Alert)` is `Page[Alert]`."""
    return shape[model]


class In(BaseModel):
    """What is asked: closed, and strict where it is JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Out(BaseModel):
    """What is answered."""

    model_config = ConfigDict(frozen=True)


class ProblemBody(BaseModel):
    """RFC 9457, with a hint at the mend; `problems` says where, if there are several."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    hint: str
    problems: list[dict[str, Any]] = []


class Page(Out, Generic[T]):
    """Some of a list; `next` is the cursor of what follows, null at the end.

    A page may hold fewer than were asked for and still have one that follows: one request looks through so
    much and no more.
    """

    items: tuple[T, ...]
    next: str | None


class ReceiverLeftAlone(Out):
    """A receiver that has failed again and again: how it failed last, and how many deliveries wait for it."""

    subscription: str
    receiver: str
    since: UtcDatetime
    next_try_at: UtcDatetime
    reason: str
    waiting: int


class Stored(Out, Generic[T]):
    """A definition in force.  `version` is its ETag, too."""

    id: str
    version: int
    author: str
    changed_at: UtcDatetime
    definition: T


class Version(Out, Generic[T]):
    """One version of a definition: who made it, and when.  With a retired one it goes out of force."""

    version: int
    author: str
    created_at: UtcDatetime
    retired: bool
    definition: T


class Found(Out):
    """One problem of a definition, as `nightdesk check` has it.  `line` counts from 1; 0: there is none."""

    severity: Literal["error", "warning"]
    where: str
    line: int
    column: int
    message: str
    hint: str


class FieldDiffers(Out):
    """A field that would change, or did."""

    name: str
    before: Any
    after: Any


class ChangeOf(Out):
    """What happens to one definition: `version` is the one that stands, null where there is none; `diff` is
    a unified diff of YAML."""

    section: str
    id: str
    action: Literal["create", "update", "retire", "unchanged", "kept"]
    version: int | None
    fields: tuple[FieldDiffers, ...]
    diff: tuple[str, ...]


class PlanOf(Out):
    """What would change (`applied` false) or did; `counts` counts also what is unchanged or kept; `problems`
    are warnings, for errors change nothing.

    `epoch` moves with every change of any definition: it is the ETag of the plan.
    """

    applied: bool
    epoch: int
    counts: dict[str, int]
    changes: tuple[ChangeOf, ...]
    problems: tuple[Found, ...]


class DryRun(In):
    """With `dry_run` nothing is changed: the plan is the answer."""

    dry_run: YesNo = "false"


class ListQuery(In):
    """Which part of a list."""

    limit: Limit = 100
    cursor: Cursor | None = None


class BundleBody(BaseModel):
    """A bundle, for the document: a section that is named and left empty keeps a place for later."""

    model_config = ConfigDict(extra="forbid", title="Bundle")

    schema_version: Literal[1] = 1
    feeds: tuple[Feed, ...] | None = None
    storylines: tuple[Storyline, ...] | None = None
    subscriptions: tuple[Subscription, ...] | None = None
    silences: tuple[Silence, ...] | None = None


class BundleQuery(In):
    """With `prune`, what the bundle lacks is retired."""

    prune: YesNo = "false"


class AuditQuery(ListQuery):
    """Which part of the audit log."""

    since: Moment | None = None
    actor: Words | None = None
    kind: Words | None = None
    subject: Words | None = None
    refused: YesNo | None = None


class AuditEntry(Out):
    """One thing that was done; with the action `refused`, one that was not."""

    n: int
    at: UtcDatetime
    actor: str
    action: str
    kind: str
    subject: str
    detail: str
