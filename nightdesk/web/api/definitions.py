"""`/storylines`, `/subscriptions`, `/silences`, `/feeds`: what the desk declares, one definition at a time.

What is sent is checked as `nightdesk check` checks a bundle of it beside all that is in force; applied, it is
a new version by the token's name, and workers take it over within seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from nightdesk.archive import definitions
from nightdesk.archive.definitions import Definitions, Versioned
from nightdesk.bundles.apply import KINDS, apply
from nightdesk.bundles.contract import SECTIONS
from nightdesk.bundles.plan import Action, Change, Plan, plan
from nightdesk.bundles.referring import referring
from nightdesk.web.api import cursors
from nightdesk.web.api.checking import check, must_not_reach, one_definition, plan_of, told
from nightdesk.web.api.conditions import etag, must_match
from nightdesk.web.api.operations import Answer, Call, Routes
from nightdesk.web.api.shapes import DryRun, ListQuery, Page, PlanOf, Stored, Version, of
from nightdesk.web.problems import Problem, not_found

routes = Routes("definitions")
_JSON = ("application/json",)


class _Section:
    """The operations of one kind of definition."""

    def __init__(self, section: str) -> None:
        self.section, self.kind = section, KINDS[section]
        self.model: Any = SECTIONS[section]

    def list(self, call: Call) -> Answer:
        """List those in force, by id."""
        asked = call.asked(ListQuery)
        after = cursors.unpack_text(asked.cursor) or ""
        with call.api.deps.archive.read() as connection:
            held = self._held(call.api.current(connection))
        names = [name for name in sorted(held) if name > after]
        shown = names[: asked.limit]
        following = cursors.pack(shown[-1]) if len(names) > len(shown) else None
        page = of(Page, of(Stored, self.model))
        return Answer(page(items=tuple(self._stored(held[n]) for n in shown), next=following))

    def show(self, call: Call) -> Answer:
        """Show one, with its version as ETag."""
        with call.api.deps.archive.read() as connection:
            found = self._held(call.api.current(connection)).get(call.path("name"))
            if found is None:
                raise self._missing(connection, call.path("name"))
        return self._answer(found)

    def versions(self, call: Call) -> Answer:
        """List all versions of one, the newest first: what it said, who changed it, and when."""
        asked = call.asked(ListQuery)
        before = cursors.unpack_number(asked.cursor)
        with call.api.deps.archive.read() as connection:
            history = definitions.history(connection, self.kind, call.path("name"))
        if not history:
            raise not_found(self.kind, call.path("name"))
        newest = [one for one in reversed(history) if before is None or one.version < before]
        shown = newest[: asked.limit]
        following = cursors.pack(shown[-1].version) if len(newest) > len(shown) else None
        items = tuple(self._version(one) for one in shown)
        page = of(Page, of(Version, self.model))
        return Answer(page(items=items, next=following))

    def version(self, call: Call) -> Answer:
        """Show one version of one."""
        name, number = call.path("name"), int(call.path("version"))
        with call.api.deps.archive.read() as connection:
            history = definitions.history(connection, self.kind, name)
        for one in history:
            if one.version == number:
                return Answer(self._version(one))
        raise not_found(f"version {number} of {self.kind}", name)

    def put(self, call: Call) -> Answer:
        """Create or change one.

        `If-Match` names the version that is meant (412 where it is another by now, 428 where none is
        named); `If-None-Match: *` creates it where there is none.  With `dry_run=true` the plan and all
        findings are the answer, and nothing is changed.  What reaches files, secrets or private addresses of
        the machine takes the scope `admin`.
        """
        name, now, deps = call.path("name"), call.api.deps.clock.now(), call.api.deps
        text = one_definition(call.raw, self.section, name)
        with deps.archive.read() as connection:
            current = call.api.current(connection)
            # First the body: one that is refused anyway is refused for that (RFC 9110, 13.2.1).
            loaded = check(connection, current, text, now=now)
            self._must_match(call, current, name)
        assert loaded.bundle is not None
        planned = _only(plan(current, loaded.bundle), self.section, name)
        must_not_reach(call.caller, planned.changes)
        found = told(loaded.problems, f"{self.section}[0]")
        if call.asked(DryRun).dry_run == "true":
            return Answer(plan_of(planned, current.epoch, found))
        with deps.archive.begin() as connection:
            held = call.api.current_to_change(connection)
            self._must_match(call, held, name)
            planned = _only(plan(held, loaded.bundle), self.section, name)
            must_not_reach(call.caller, planned.changes)
            self._apply(call, connection, planned, now)
            stored = self._held(definitions.current(connection, before=held))[name]
        created = planned.count(Action.CREATE) > 0
        return self._answer(stored, 201 if created else 200)

    def delete(self, call: Call) -> Answer:
        """Retire one: it goes out of force, its versions stay.

        `If-Match` names the version that is meant.  What others name cannot be retired (409).  With
        `dry_run=true` the plan is the answer, and nothing is changed.
        """
        now, deps = call.api.deps.clock.now(), call.api.deps
        if call.asked(DryRun).dry_run == "true":
            with deps.archive.read() as connection:
                current = call.api.current(connection)
                planned = self._retirement(call, connection, current)
                return Answer(plan_of(planned, current.epoch))
        with deps.archive.begin() as connection:
            current = call.api.current_to_change(connection)
            self._apply(call, connection, self._retirement(call, connection, current), now)
        return Answer(status=204)

    def _retirement(self, call: Call, connection: Connection, current: Definitions) -> Plan:
        name = call.path("name")
        found = self._held(current).get(name)
        if found is None:
            raise self._missing(connection, name)
        self._must_match(call, current, name)
        if others := referring(current, self.section, name):
            raise Problem(
                409,
                "referred-to",
                f"{self.kind} {name} is named by {', '.join(others[:5])}",
                hint="change those first",
            )
        change = Change(self.section, name, Action.RETIRE, found.definition, None, found.version)
        return Plan((change,))

    def _apply(self, call: Call, connection: Connection, planned: Plan, now: datetime) -> None:
        done = apply(connection, planned, author=call.caller.name, now=now)
        for change in planned.effective:
            version = done.get((change.section, change.id))
            detail = f"version {version}" if version else ""
            call.api.note(call, connection, change.action.value, change.id, detail)

    def _must_match(self, call: Call, current: Definitions, name: str) -> None:
        found = self._held(current).get(name)
        must_match(
            call.header("if-match"),
            call.header("if-none-match"),
            found.version if found else None,
        )

    def _held(self, current: Definitions) -> Mapping[str, Versioned[Any]]:
        found: Mapping[str, Versioned[Any]] = getattr(current, self.section)
        return found

    def _missing(self, connection: Connection, name: str) -> Problem:
        if definitions.ever_known(connection, self.kind, name):
            return not_found(
                self.kind, name, f"it was retired: /{self.section}/{name}/versions tells by whom"
            )
        return not_found(self.kind, name)

    def _stored(self, found: Versioned[Any]) -> Any:
        shape = of(Stored, self.model)
        return shape(
            id=found.definition.id,
            version=found.version,
            author=found.author,
            changed_at=found.created_at,
            definition=found.definition,
        )

    def _version(self, found: Versioned[Any]) -> Any:
        shape = of(Version, self.model)
        return shape(
            version=found.version,
            author=found.author,
            created_at=found.created_at,
            retired=found.retired,
            definition=found.definition,
        )

    def _answer(self, found: Versioned[Any], status: int = 200) -> Answer:
        return Answer(self._stored(found), status, {"ETag": etag(found.version)})


def _only(planned: Plan, section: str, name: str) -> Plan:
    return Plan(tuple(c for c in planned.changes if (c.section, c.id) == (section, name)))


def _declare(section: str) -> None:
    its, model = _Section(section), SECTIONS[section]
    one = f"/{section}/{{name}}"
    stored, version = of(Stored, model), of(Version, model)
    changes = {"kind": its.kind, "query": DryRun, "scope": "write"}
    add = routes.add
    add(
        "GET",
        f"/{section}",
        scope="read",
        query=ListQuery,
        answers={200: of(Page, stored)},
        called=f"list_{section}",
    )(its.list)
    add(
        "GET",
        one,
        scope="read",
        answers={200: stored},
        gives=("ETag",),
        refuses=(404,),
        called=f"show_{its.kind}",
    )(its.show)
    add(
        "PUT",
        one,
        answers={200: (stored, PlanOf), 201: stored},
        takes=_JSON,
        schema=model,
        headers=("If-Match", "If-None-Match"),
        gives=("ETag",),
        refuses=(404, 409, 412, 428),
        called=f"put_{its.kind}",
        **changes,
    )(its.put)
    add(
        "DELETE",
        one,
        answers={200: PlanOf, 204: None},
        headers=("If-Match",),
        refuses=(404, 409, 412, 428),
        called=f"retire_{its.kind}",
        **changes,
    )(its.delete)
    add(
        "GET",
        f"{one}/versions",
        scope="read",
        query=ListQuery,
        answers={200: of(Page, version)},
        refuses=(404,),
        called=f"list_versions_of_{its.kind}",
    )(its.versions)
    add(
        "GET",
        f"{one}/versions/{{version}}",
        scope="read",
        answers={200: version},
        refuses=(404,),
        called=f"show_version_of_{its.kind}",
    )(its.version)


for _section in ("storylines", "subscriptions", "silences", "feeds"):
    _declare(_section)
