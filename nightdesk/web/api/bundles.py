"""`/bundle/plan` and `/bundle/apply`: whole bundles, as `nightdesk apply` takes them."""

from __future__ import annotations

from nightdesk.bundles import Loaded
from nightdesk.bundles.apply import apply
from nightdesk.bundles.plan import Plan, plan
from nightdesk.bundles.source import MAX_BYTES
from nightdesk.web.api.checking import check, must_not_reach, plan_of, told
from nightdesk.web.api.conditions import etag, must_match
from nightdesk.web.api.operations import Answer, Call, Routes
from nightdesk.web.api.shapes import BundleBody, BundleQuery, PlanOf

routes = Routes("bundles")
_TAKES = ("application/yaml", "application/json")


@routes.add(
    "POST",
    "/bundle/plan",
    scope="write",
    query=BundleQuery,
    schema=BundleBody,
    takes=_TAKES,
    largest=MAX_BYTES,
    answers={200: PlanOf},
    gives=("ETag",),
    kind="bundle",
)
def plan_bundle(call: Call) -> Answer:
    """Say what a bundle would change, and change nothing.

    The ETag is that of all definitions together: with it, `/bundle/apply` does this plan or none.
    """
    loaded, planned, epoch = _planned(call)
    body = plan_of(planned, epoch, told(loaded.problems))
    return Answer(body, headers={"ETag": etag(epoch)})


@routes.add(
    "POST",
    "/bundle/apply",
    scope="write",
    query=BundleQuery,
    schema=BundleBody,
    takes=_TAKES,
    largest=MAX_BYTES,
    headers=("If-Match",),
    answers={200: PlanOf},
    gives=("ETag",),
    refuses=(409, 412),
    kind="bundle",
)
def apply_bundle(call: Call) -> Answer:
    """Make what is in force that of a bundle: all of it, or nothing.

    With `If-Match` only if no definition has changed since the plan.  A bundle with errors changes nothing.
    What reaches files, secrets or private addresses of the machine takes the scope `admin`.
    """
    deps = call.api.deps
    loaded, planned, _ = _planned(call)
    must_not_reach(call.caller, planned.effective)
    assert loaded.bundle is not None
    with deps.archive.begin() as connection:
        held = call.api.current_to_change(connection)
        must_match(call.header("if-match"), "", held.epoch, asked=False)
        planned = plan(held, loaded.bundle, prune=_prunes(call))
        must_not_reach(call.caller, planned.effective)
        now = deps.clock.now()
        done = apply(connection, planned, author=call.caller.name, now=now)
        for change in planned.effective:
            version = done.get((change.section, change.id))
            subject = f"{change.section}/{change.id}"
            told_of = f"version {version}" if version else ""
            call.api.note(call, connection, change.action.value, subject, told_of)
        if not planned.effective:
            call.api.note(call, connection, "apply", "", "nothing to change")
        epoch = held.epoch + len(done)
    body = plan_of(planned, epoch, told(loaded.problems), applied=True)
    return Answer(body, headers={"ETag": etag(epoch)})


def _planned(call: Call) -> tuple[Loaded, Plan, int]:
    """Return the bundle that was sent and what it would change.  Raises Problem for its errors."""
    deps, prunes = call.api.deps, _prunes(call)
    with deps.archive.read() as connection:
        current = call.api.current(connection)
        loaded = check(connection, current, call.raw, now=deps.clock.now(), prune=prunes)
    assert loaded.bundle is not None
    return loaded, plan(current, loaded.bundle, prune=prunes), current.epoch


def _prunes(call: Call) -> bool:
    return call.asked(BundleQuery).prune == "true"
