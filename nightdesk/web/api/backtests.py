"""`/backtests`: what a storyline would have caught in the archive, as a job.

One runs at a time, beside the event loop; a few wait.  Jobs live in the memory of this process and are lost
with it: ask the same process for them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, WithJsonSchema

from nightdesk.archive.definitions import Definitions
from nightdesk.backtest.data import Tested, as_data
from nightdesk.backtest.jobs import Job, JobState, NoRoom, Progress
from nightdesk.backtest.rivals import rivals_of
from nightdesk.backtest.sources import ArchiveSource
from nightdesk.backtest.trial import Trial
from nightdesk.pipeline.rarity import in_force
from nightdesk.web.api.checking import bundle_text, check, read_json
from nightdesk.web.api.operations import Answer, Call, Routes
from nightdesk.web.api.shapes import In, Out, Page
from nightdesk.web.later import PREFIX
from nightdesk.web.problems import Problem, invalid, not_found
from schemas import Storyline
from schemas.base import UtcDatetime

if TYPE_CHECKING:
    from nightdesk.archive import Archive
    from nightdesk.storylines.rarity import Rarity
    from nightdesk.web.dependencies import WebDependencies

routes = Routes("backtests")
_MOST_SHOWN = 1_000
_TOLD = {"type": "object", "description": "A storyline, as a bundle declares it, with its id."}


class BacktestOrder(In):
    """What to try, on what happened from `since` on and before `until`; `samples` bounds examples."""

    storyline: Annotated[dict[str, Any], WithJsonSchema(_TOLD)]
    since: UtcDatetime | None = None
    until: UtcDatetime | None = None
    samples: int = Field(default=5, ge=0, le=100)


class BacktestOf(Out):
    """A job: `read` of `total` reports are judged; `result` is that of `nightdesk backtest --json` once it is
    done, its longest lists cut to 1,000.  `trouble` says why it failed."""

    id: str
    storyline: str
    author: str
    state: JobState
    asked_at: UtcDatetime
    ended_at: UtcDatetime | None
    read: int
    total: int
    trouble: str
    result: dict[str, Any] | None


@routes.add(
    "POST",
    "/backtests",
    scope="write",
    body=BacktestOrder,
    takes=("application/json",),
    answers={202: BacktestOf},
    gives=("Location",),
    kind="backtest",
)
def start_backtest(call: Call) -> Answer:
    """Try a storyline on the archive, beside the version in force; nothing is written.

    The answer is the job: ask for it again to see how far it is.  It is lost where this process ends.
    """
    order, deps = call.given(BacktestOrder), call.api.deps
    if order.since and order.until and order.since >= order.until:
        raise invalid("`until` is not after `since`", hint="swap them")
    given = read_json(call.raw)["storyline"]
    now = deps.clock.now()
    with deps.archive.read() as connection:
        current = call.api.current(connection)
        loaded = check(connection, current, bundle_text("storylines", given), now=now)
        rarity = in_force(connection)
    assert loaded.bundle is not None
    [draft] = loaded.bundle.storylines
    work = _work(deps, draft, current, rarity, order)
    try:
        job = call.api.jobs.start(draft.id, call.caller.name, work)
    except NoRoom as full:
        raise Problem(
            503, "no-room", full.message, hint=full.hint, headers={"Retry-After": "30"}
        ) from None
    with deps.archive.begin() as connection:
        call.api.note(call, connection, "start", job.id, draft.id)
    return Answer(_shown(job), 202, {"Location": f"{PREFIX}/backtests/{job.id}"})


@routes.add("GET", "/backtests", scope="read", answers={200: Page[BacktestOf]})
def list_backtests(call: Call) -> Answer:
    """List the jobs that this process remembers, the one last asked for first, without results."""
    items = tuple(_shown(job, whole=False) for job in call.api.jobs.every())
    return Answer(Page[BacktestOf](items=items, next=None))


@routes.add("GET", "/backtests/{id}", scope="read", answers={200: BacktestOf}, refuses=(404,))
def show_backtest(call: Call) -> Answer:
    """Show how far a job is, and what came of it."""
    job = call.api.jobs.get(call.path("id"))
    if job is None:
        raise _gone(call)
    return Answer(_shown(job))


@routes.add(
    "DELETE",
    "/backtests/{id}",
    scope="write",
    answers={204: None},
    refuses=(404,),
    kind="backtest",
)
def cancel_backtest(call: Call) -> Answer:
    """Cancel a job, or forget one that is over."""
    name = call.path("id")
    if not call.api.jobs.cancel(name):
        raise _gone(call)
    with call.api.deps.archive.begin() as connection:
        call.api.note(call, connection, "cancel", name, "")
    return Answer(status=204)


def _gone(call: Call) -> Problem:
    return not_found(
        "back-test", call.path("id"), "they are lost with the process: it may have been restarted"
    )


def _work(
    deps: WebDependencies,
    draft: Storyline,
    current: Definitions,
    rarity: Rarity,
    order: BacktestOrder,
) -> Callable[[Progress], dict[str, Any]]:
    scratch = deps.scratch
    if scratch is None:
        raise Problem(503, "no-room", "no back-tests are made here", hint="ask another process")
    held = [stored.definition for stored in current.storylines.values()]
    in_force = current.storylines.get(draft.id)
    old = in_force.definition if in_force is not None and in_force.definition != draft else None

    def trial(storyline: Storyline, archive: Archive) -> Trial:
        return Trial(archive, storyline, rivals_of(storyline, held), rarity, deps.encoder)

    def work(progress: Progress) -> dict[str, Any]:
        with ExitStack() as stack:
            source = ArchiveSource(deps.archive, since=order.since, until=order.until)
            begun: datetime = deps.clock.now()
            new = trial(draft, scratch(stack))
            beside = trial(old, scratch(stack)) if old is not None else None
            read = 0
            for page in source.pages():
                progress(read, source.total)
                new.take(page)
                if beside is not None:
                    beside.take(page)
                read += page.read
            progress(read, source.total)
            tested = Tested(
                outcome=new.outcome(),
                version=in_force.version if in_force else None,
                in_force=beside.outcome() if beside else None,
                source=source,
                place=deps.archive.address,
                seconds=(deps.clock.now() - begun).total_seconds(),
            )
            found: dict[str, Any] = _bounded(as_data(tested, samples=order.samples))
            return found

    return work


def _bounded(data: Any) -> Any:
    """Return a result with its lists cut: it is kept in memory, and sent whole."""
    if isinstance(data, dict):
        return {name: _bounded(value) for name, value in data.items()}
    return [_bounded(item) for item in data[:_MOST_SHOWN]] if isinstance(data, list) else data


def _shown(job: Job, *, whole: bool = True) -> BacktestOf:
    return BacktestOf(
        id=job.id,
        storyline=job.storyline,
        author=job.author,
        state=job.state,
        asked_at=job.asked_at,
        ended_at=job.ended_at,
        read=job.read,
        total=job.total,
        trouble=job.trouble,
        result=job.result if whole else None,
    )
