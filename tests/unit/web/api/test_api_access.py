"""Who may ask the API, how often, from where; and what of it stands in the audit log."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from nightdesk.access.tokens import digest
from nightdesk.archive import Archive, tokens
from nightdesk.web.dependencies import ApiOptions
from tests.support.alerting import NOON
from tests.support.apiclient import FREELY, Caller, problem
from tests.support.tokens import make_token


@pytest.mark.parametrize(
    ("scope", "status"), [(None, 401), ("read", 403), ("write", 403), ("admin", 200)]
)
async def test_each_operation_asks_for_its_scope(api: Caller, scope, status) -> None:
    assert (await api.get("/audit", scope=scope)).status_code == status


@pytest.mark.parametrize(
    "given",
    [
        "Bearer",
        "Bearer ",
        "Bearer nightdesk_short",
        "Bearer nightdesk_" + "a" * 43,
        "Basic bmlnaHRkZXNrOng=",
        "Bearer " + "x" * 60_000,
        "bearer \xff\xfe",
        "Bearer nightdesk_" + "a" * 43 + ", Bearer x",
    ],
)
async def test_what_is_no_token_opens_nothing(api: Caller, given: str) -> None:
    answer = await api.get("/audit", scope=None, headers={"authorization": given.encode("latin-1")})
    told = problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert "aaaa" not in answer.text
    assert "tokens" in told["hint"]


async def test_a_token_is_taken_in_any_case_of_the_scheme(api: Caller) -> None:
    for scheme in ("bearer", "BEARER", "Bearer  "):
        value = f"{scheme} {api.tokens['admin']}"
        answer = await api.get("/audit", scope=None, headers={"authorization": value})
        assert answer.status_code == 200


async def test_the_api_takes_no_token_from_its_address(api: Caller) -> None:
    answer = await api.get("/audit", scope=None, params={"token": api.tokens["admin"]})
    problem(answer, 401)


async def test_it_ends_with_its_time_and_with_its_revocation(api: Caller) -> None:
    brief = make_token(api.archive, "admin", name="brief", expires_at=NOON + timedelta(minutes=1))
    assert (await api.get("/audit", scope=brief)).status_code == 200
    api.wait(60)
    problem(await api.get("/audit", scope=brief), 401)
    with api.archive.begin() as conn:
        token = tokens.by_hash(conn, digest(api.tokens["admin"]))
        assert token is not None
        tokens.revoke(conn, token.id, api.clock.now())
    problem(await api.get("/audit"), 401)


async def test_its_last_use_is_noted_once_a_minute(api: Caller) -> None:
    def used():
        with api.archive.read() as conn:
            token = tokens.by_hash(conn, digest(api.tokens["admin"]))
        assert token is not None
        return token.used_at

    assert used() is None
    await api.get("/audit")
    assert used() == NOON
    api.wait(59)
    await api.get("/audit")
    assert used() == NOON
    api.wait(1)
    await api.get("/audit")
    assert used() == NOON + timedelta(seconds=60)


def limited(archive: Archive, **changes: int) -> Caller:
    return Caller(archive, api=replace(FREELY, **changes))


async def test_a_token_may_ask_so_often_and_no_more(sqlite_archive: Archive) -> None:
    api = limited(sqlite_archive, requests_per_minute=40)
    answers = [(await api.get("/audit")).status_code for _ in range(12)]
    assert answers == [200] * 10 + [429] * 2
    refused = await api.get("/audit")
    assert problem(refused, 429)["type"].endswith("too-many-requests")
    assert refused.headers["retry-after"] == "2"
    # Others are not held back by it, whatever their address.
    assert (await api.get("/audit", scope="write")).status_code == 403
    api.wait(1.5)
    assert (await api.get("/audit")).status_code == 200


async def test_an_address_without_a_token_may_ask_less(sqlite_archive: Archive) -> None:
    api = limited(sqlite_archive, strangers_per_minute=8)
    path = "/openapi.json"
    answers = [(await api.get(path, scope=None)).status_code for _ in range(4)]
    assert answers == [200, 200, 429, 429]
    assert (await api.get(path, scope=None, address="192.0.2.2")).status_code == 200
    assert (await api.get(path)).status_code == 200


async def test_who_tries_wrong_tokens_is_not_listened_to_for_a_while(
    sqlite_archive: Archive,
) -> None:
    api = limited(sqlite_archive, failures_per_minute=20)
    wrong = [f"nightdesk_{number:043d}" for number in range(8)]
    answers = [(await api.get("/audit", scope=one)).status_code for one in wrong]
    assert answers == [401] * 5 + [429] * 3
    # Neither is a right one, from there; from elsewhere it is.
    assert (await api.get("/audit")).status_code == 429
    assert (await api.get("/audit", address="192.0.2.2")).status_code == 200


async def test_ten_thousand_guesses_cost_a_few_looks_into_the_archive(
    sqlite_archive: Archive,
) -> None:
    looks = 0

    def counting(work):
        nonlocal looks
        looks += 1
        return asyncio.to_thread(work)

    options = replace(FREELY, failures_per_minute=20)
    api = Caller(sqlite_archive, api=options, in_thread=counting)
    guesses = (f"nightdesk_{number:043d}" for number in range(10_000))
    statuses = [(await api.get("/audit", scope=one)).status_code for one in guesses]
    assert set(statuses) == {401, 429}
    assert looks == statuses.count(401) == 5


async def test_every_refused_write_is_audited_unless_it_floods(sqlite_archive: Archive) -> None:
    api = limited(sqlite_archive, failures_per_minute=20, strangers_per_minute=20)
    for _ in range(10):
        await api.call("POST", "/audit", scope="nightdesk_" + "a" * 43)
    await api.call("DELETE", "/nothing", scope=None, address="192.0.2.9")
    refused = api.refusals()
    assert len(refused) == 6
    assert refused[0].startswith("401 POST of an unknown path")
    assert "192.0.2.9" in refused[-1]
    assert {actor for actor, *_ in api.audited()} == {"(no token)"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 405),
        ({"origin": "http://127.0.0.1:8642"}, 405),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"origin": "http://127.0.0.1:8642.evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-origin"}, 405),
    ],
)
async def test_a_write_that_a_foreign_page_asks_for_is_refused(
    api: Caller, headers, status
) -> None:
    answer = await api.call("POST", "/audit", headers=headers)
    problem(answer, status)
    assert "access-control-allow-origin" not in answer.headers


async def test_no_page_of_another_origin_may_ask_by_default(api: Caller) -> None:
    asked = {"origin": "https://desk.example", "access-control-request-method": "PUT"}
    problem(await api.call("OPTIONS", "/audit", scope=None, headers=asked), 403)
    answer = await api.get("/audit", headers={"origin": "https://desk.example"})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


async def test_pages_of_listed_origins_may_ask(sqlite_archive: Archive) -> None:
    api = Caller(sqlite_archive, api=replace(FREELY, origins=("https://desk.example",)))
    asked = {"origin": "https://desk.example", "access-control-request-method": "PUT"}
    answer = await api.call("OPTIONS", "/audit", scope=None, headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://desk.example"
    assert "If-Match" in answer.headers["access-control-allow-headers"]
    answer = await api.get("/audit", headers={"origin": "https://desk.example"})
    assert answer.headers["access-control-allow-origin"] == "https://desk.example"
    assert answer.headers["vary"] == "Origin"
    other = await api.get("/audit", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers
    assert "access-control-allow-credentials" not in answer.headers


async def test_it_is_called_by_our_own_names_alone(api: Caller) -> None:
    answer = await api.get("/audit", headers={"host": "evil.example"})
    assert answer.status_code == 421


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/audit/", 404),
        ("GET", "//audit", 404),
        ("GET", "/../../etc/passwd", 404),
        ("GET", "/%2e%2e/%2e%2e/etc/passwd", 404),
        ("GET", "/audit%00", 404),
        ("GET", "/" + "a" * 5_000, 404),
        ("TRACE", "/audit", 405),
        ("HEAD", "/audit", 405),
        ("PATCH", "/audit", 405),
    ],
)
async def test_other_paths_and_methods_are_problems(api: Caller, method, path, status) -> None:
    answer = await api.call(method, path)
    assert answer.status_code == status
    if status == 405:
        assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=",
        "limit=1&limit=2",
        "nothing=1",
        "since=yesterday",
        "since=1700000000",
        "since=2026-13-01T00:00:00Z",
        "since=0001-01-01T00:00:00%2B14:00",
        "refused=yes",
        "cursor=x",
        "cursor=%00",
        "cursor=" + "W" * 500,
        "actor=%00",
        "actor=" + "a" * 201,
    ],
)
async def test_parameters_are_read_strictly(api: Caller, query: str) -> None:
    told = problem(await api.get(f"/audit?{query}"), 422)
    assert told["detail"]


async def test_pages_of_the_audit_log_follow_one_another(api: Caller) -> None:
    for number in range(5):
        await api.call("POST", f"/nothing-{number}", scope="write")
    seen, cursor = [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/audit", params=params)).json()
        seen += [item["n"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == 5


async def test_the_document_says_what_is_checked(api: Caller) -> None:
    told = (await api.get("/openapi.json", scope=None)).json()
    assert told["openapi"] == "3.1.0"
    assert told["paths"]["/audit"]["get"]["security"] == [{"token": []}]
    assert "Scope: `admin`" in told["paths"]["/audit"]["get"]["description"]


async def test_requests_are_counted_by_how_they_end(api: Caller) -> None:
    await api.get("/audit")
    await api.get("/audit", scope=None)
    await api.get("/audit", scope="read")
    await api.get("/nothing")

    def count(outcome: str) -> float | None:
        return api.registry.get_sample_value("nightdesk_api_requests_total", {"outcome": outcome})

    assert [count(o) for o in ("done", "unauthenticated", "forbidden", "not_found")] == [1.0] * 4


def test_the_defaults_limit_failures_hardest() -> None:
    options = ApiOptions()
    assert options.failures_per_minute < options.strangers_per_minute < options.requests_per_minute
