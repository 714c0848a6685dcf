"""Back-tests by the API: jobs with progress, bounded, cancelled, lost with the process."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from nightdesk.backtest.jobs import Jobs, JobState, NoRoom
from nightdesk.bundles import parse
from nightdesk.clock import SettableClock
from nightdesk.errors import ConfigurationError
from tests.support.alerting import NOON
from tests.support.apiclient import Caller, problem
from tests.support.waiting import until
from tests.unit.commands.newsroom import STRIKE, bundle, fill, reports


def draft(**changes: Any) -> dict[str, Any]:
    loaded = parse(bundle(STRIKE))
    assert loaded.bundle is not None
    return loaded.bundle.storylines[0].model_dump(mode="json") | changes


async def done(api: Caller, name: str) -> dict[str, Any]:
    jobs = (await api.app.state.later.made()).jobs
    await until(lambda: jobs.get(name).state.over)
    return (await api.get(f"/backtests/{name}", scope="read")).json()


async def test_a_draft_is_tried_beside_the_version_in_force(api: Caller) -> None:
    fill(api.archive, reports(2))
    order = {"storyline": draft(sensitivity="wide"), "since": "2026-03-01T00:00:00Z"}
    answer = await api.call("POST", "/backtests", json=order, scope="write")
    assert answer.status_code == 202, answer.text
    name = answer.json()["id"]
    assert answer.headers["location"] == f"/api/v1/backtests/{name}"
    job = await done(api, name)
    assert job["state"] == "done", job
    assert job["read"] == job["total"] == 14
    assert job["result"]["storyline"] == "port-strike"
    assert job["result"]["decisions"]["fits"] > 0
    assert job["result"]["compared"]["definition"] == "differs"
    assert api.audited() == [("write", "start", "backtest", name)]
    [listed] = (await api.get("/backtests")).json()["items"]
    assert (listed["id"], listed["result"]) == (name, None)
    assert (await api.call("DELETE", f"/backtests/{name}")).status_code == 204
    told = problem(await api.get(f"/backtests/{name}"), 404)
    assert "lost with the process" in told["hint"]


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({}, 422),
        ({"storyline": "x"}, 422),
        ({"storyline": {"id": "x"}}, 422),
        ({"storyline": {"id": "x", "title": "y", "colour": 1}}, 422),
        ({"storyline": {}, "samples": 101}, 422),
        ({"storyline": {}, "since": "2026-03-02T00:00:00Z", "until": "2026-03-01T00:00:00Z"}, 422),
    ],
)
async def test_what_makes_no_sense_is_not_tried(api: Caller, order, status) -> None:
    problem(await api.call("POST", "/backtests", json=order), status)
    assert (await api.get("/backtests")).json()["items"] == []


async def test_more_than_a_few_do_not_wait(api: Caller) -> None:
    jobs = (await api.app.state.later.made()).jobs
    hold = threading.Event()
    for _ in range(5):
        jobs.start("x", "test", lambda progress: {"waited": hold.wait(30)})
    answer = await api.call("POST", "/backtests", json={"storyline": draft()})
    problem(answer, 503)
    assert answer.headers["retry-after"]
    hold.set()
    await until(lambda: all(job.state.over for job in jobs.every()))
    jobs.close()


def waiting_for(jobs: Jobs, name: str, state: JobState) -> None:
    pause = threading.Event()
    for _ in range(3_000):
        job = jobs.get(name)
        if job is not None and job.state is state:
            return
        pause.wait(0.01)
    raise AssertionError(f"never {state}: {jobs.get(name)}")


def test_a_job_is_cancelled_at_its_next_step() -> None:
    jobs, ended = Jobs(SettableClock(NOON)), threading.Event()

    def endless(progress) -> dict[str, Any]:
        try:
            while True:
                progress(1, 2)
        finally:
            ended.set()

    job = jobs.start("x", "test", endless)
    waiting_for(jobs, job.id, JobState.RUNNING)
    assert jobs.cancel(job.id)
    assert ended.wait(30)
    found = jobs.get(job.id)
    assert found is not None
    assert found.state is JobState.CANCELLED
    assert not jobs.cancel("none")
    jobs.close()


def test_a_fault_is_told_and_takes_nobody_with_it() -> None:
    jobs = Jobs(SettableClock(NOON))

    def refuses(progress) -> dict[str, Any]:
        raise ConfigurationError("no such thing", hint="")

    def breaks(progress) -> dict[str, Any]:
        raise RuntimeError("hunter2")

    names = [jobs.start("x", "test", work).id for work in (refuses, breaks, lambda _: {"a": 1})]
    waiting_for(jobs, names[2], JobState.DONE)
    told = [jobs.get(name) for name in names]
    assert [job.trouble for job in told if job] == ["no such thing", "a fault: RuntimeError", ""]
    jobs.close()


def test_only_the_last_are_remembered() -> None:
    jobs = Jobs(SettableClock(NOON))
    for _ in range(40):
        waiting_for(jobs, jobs.start("x", "test", lambda _: {}).id, JobState.DONE)
    assert len(jobs.every()) == 20
    hold = threading.Event()
    for _ in range(5):
        jobs.start("x", "test", lambda _: {"waited": hold.wait(30)})
    with pytest.raises(NoRoom):
        jobs.start("x", "test", lambda _: {})
    jobs.close()
    hold.set()
