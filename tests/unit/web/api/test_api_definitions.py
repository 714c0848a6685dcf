"""Definitions by the API: conditions, dry runs, history, what they may reach, and who did it."""

from __future__ import annotations

import json

import pytest

from nightdesk.archive import definitions
from tests.support.apiclient import Caller, problem

FERRY = {
    "title": "A new ferry line to Quillhaven",
    "description": "A shipping company plans a ferry line from Velmora to Quillhaven.",
    "cues": {"supporting": ["ferry line"]},
}
PATH = "/storylines/ferry"
SUBSCRIPTION = {"receivers": [{"channel": "atom"}], "storylines": ["ferry"]}
SILENCE = {
    "matchers": [{"label": "storyline", "value": "ferry"}],
    "starts_at": "2024-05-17T12:00:00Z",
    "ends_at": "2024-05-18T12:00:00Z",
    "author": "Mara",
    "comment": "planned works",
}
FEED = {"url": "https://herald.example/feed.xml", "source": "Harbour Herald"}


async def put(api: Caller, path: str = PATH, body=FERRY, scope="write", **headers: str):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.call("PUT", path, json=body, scope=scope, headers=named)


async def test_a_life_of_a_storyline(api: Caller) -> None:
    made = await put(api, if_none_match="*")
    assert made.status_code == 201, made.text
    assert made.headers["etag"] == '"1"'
    assert made.json()["author"] == "write"
    assert made.json()["definition"]["title"] == FERRY["title"]
    same = await put(api, if_match='"1"')
    assert (same.status_code, same.headers["etag"]) == (200, '"1"')
    changed = await put(api, body=FERRY | {"title": "Ferries"}, if_match='"1"', scope="admin")
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    shown = await api.get(PATH, scope="read")
    assert shown.headers["etag"] == '"2"'
    assert shown.json()["definition"]["title"] == "Ferries"
    gone = await api.call("DELETE", PATH, scope="write", headers={"if-match": '"2"'})
    assert (gone.status_code, gone.content) == (204, b"")
    told = problem(await api.get(PATH, scope="read"), 404)
    assert "versions" in told["hint"]
    versions = (await api.get(f"{PATH}/versions", scope="read")).json()["items"]
    assert [(v["version"], v["author"], v["retired"]) for v in versions] == [
        (3, "write", True),
        (2, "admin", False),
        (1, "write", False),
    ]
    first = (await api.get(f"{PATH}/versions/1", scope="read")).json()
    assert first["definition"]["title"] == FERRY["title"]
    again = await put(api, if_none_match="*")
    assert (again.status_code, again.headers["etag"]) == (201, '"4"')
    assert api.audited() == [
        ("write", "create", "storyline", "ferry"),
        ("admin", "update", "storyline", "ferry"),
        ("write", "retire", "storyline", "ferry"),
        ("write", "create", "storyline", "ferry"),
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/subscriptions/desk", SUBSCRIPTION),
        ("/silences/works", SILENCE),
        ("/feeds/herald", FEED),
    ],
)
async def test_each_kind_is_put_listed_and_retired(api: Caller, path, body) -> None:
    await put(api)
    made = await put(api, path, body)
    assert made.status_code == 201, made.text
    listed = (await api.get(path.rsplit("/", 1)[0], scope="read")).json()
    assert [item["id"] for item in listed["items"]] == [path.rsplit("/", 1)[1]]
    assert listed["items"][0] == made.json()
    gone = await api.call("DELETE", path, headers={"if-match": "*"})
    assert gone.status_code == 204, gone.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 428),
        ({"if_match": '"2"'}, 412),
        ({"if_match": 'W/"1"'}, 412),
        ({"if_match": "1"}, 412),
        ({"if_match": "junk \t,,"}, 412),
        ({"if_none_match": "*"}, 412),
        ({"if_none_match": '"1"'}, 412),
        ({"if_match": '"9", "1"'}, 200),
        ({"if_match": "*"}, 200),
        ({"if_match": '"1"', "if_none_match": '"7"'}, 200),
    ],
)
async def test_a_write_says_which_version_it_means(api: Caller, headers, status) -> None:
    await put(api)
    answer = await put(api, body=FERRY | {"title": "Ferries"}, **headers)
    assert answer.status_code == status
    if status != 200:
        assert problem(answer, status)["hint"]
        assert answer.headers["etag"] == '"1"'
        assert (await api.get(PATH)).json()["version"] == 1
        assert api.audited()[-1] == ("write", "refused", "storyline", "ferry")


@pytest.mark.parametrize("headers", [{}, {"if_match": '"9"'}, {"if_none_match": "*"}])
async def test_a_body_that_is_refused_anyway_is_refused_before_conditions_are_looked_at(
    api: Caller, headers: dict[str, str]
) -> None:
    await put(api)
    problem(await put(api, body=FERRY | {"title": ""}, **headers), 422)
    assert (await api.get(PATH)).headers["etag"] == '"1"'


async def test_what_is_not_there_matches_nothing(api: Caller) -> None:
    problem(await put(api, if_match='"1"'), 412)
    problem(await api.call("DELETE", PATH, headers={"if-match": '"1"'}), 404)
    await put(api)
    problem(await api.call("DELETE", PATH), 428)
    problem(await api.call("DELETE", PATH, headers={"if-match": '"7"'}), 412)


async def test_a_dry_run_tells_the_plan_and_changes_nothing(api: Caller) -> None:
    params = {"dry_run": "true"}
    answer = await api.call("PUT", PATH, json=FERRY, params=params)
    assert answer.status_code == 200
    plan = answer.json()
    assert (plan["applied"], plan["counts"]) == (False, {"create": 1})
    assert any("ferry line" in line for line in plan["changes"][0]["diff"])
    problem(await api.get(PATH), 404)
    await put(api)
    headers = {"if-match": '"1"'}
    body = FERRY | {"title": "Ferries"}
    answer = await api.call("PUT", PATH, json=body, params=params, headers=headers)
    [change] = answer.json()["changes"]
    assert change["version"] == 1
    assert change["fields"] == [
        {"name": "title", "before": FERRY["title"], "after": "Ferries"},
    ]
    answer = await api.call("DELETE", PATH, params=params, headers=headers)
    assert answer.json()["counts"] == {"retire": 1}
    assert (await api.get(PATH)).json()["version"] == 1
    assert len(api.audited()) == 1


async def test_findings_are_those_of_check_with_place_and_hint(api: Caller) -> None:
    body = {"title": "x", "rivals": ["ferri"], "sensitivity": "hihg", "colour": "red"}
    told = problem(await put(api, body=body), 422)
    found = {one["where"]: one for one in told["problems"]}
    assert any("sensitivity" in where for where in found)
    assert all(one["hint"] for one in told["problems"])
    problem(await api.get(PATH), 404)
    warned = await api.call(
        "PUT", "/subscriptions/desk", json=SUBSCRIPTION, params={"dry_run": "true"}
    )
    told = problem(warned, 422)
    assert "no storyline `ferry`" in told["problems"][0]["message"]


async def test_what_others_name_is_not_retired(api: Caller) -> None:
    await put(api)
    await put(api, "/subscriptions/desk", SUBSCRIPTION)
    told = problem(await api.call("DELETE", PATH, headers={"if-match": "*"}), 409)
    assert "subscription desk (storylines)" in told["detail"]


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe{}", 400),
        (b'{"title": "\xe4"}', 400),
        (b'{"title": NaN}', 400),
        (b'{"title": "a", "title": "b"}', 400),
        (b"[" * 100_000 + b"]" * 100_000, 400),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 400),
        (b'{"title": ' + b"9" * 10_000 + b"}", 400),
        (b'{"title": 1e999}', 400),
        (b"[]", 422),
        (b"null", 422),
        (b'"text"', 422),
        (b'{"id": "other", "title": "x"}', 422),
        (b'{"id": 7, "title": "x"}', 422),
        (b'{"title": "\\ud800"}', 422),
        (b'{"title": "x"}], "feeds": [{}', 400),
        (b'{"x": ' + b"[" * 300 + b"]" * 300 + b"}", 422),
        (b'{"title": "' + b"x" * 1_000_000 + b'"}', 413),
    ],
)
async def test_hostile_bodies_are_problems(api: Caller, raw: bytes, status: int) -> None:
    headers = {"content-type": "application/json"}
    answer = await api.call("PUT", PATH, content=raw, headers=headers)
    problem(answer, status)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", "application/json, x/y"])
async def test_a_body_of_another_kind_is_not_read(api: Caller, kind: str) -> None:
    answer = await api.call("PUT", PATH, content=b"{}", headers={"content-type": kind})
    problem(answer, 415)


@pytest.mark.parametrize("name", ["Ferry", "-x", "a" * 101, "a%00", "%ff", "a%2fb", "a b"])
async def test_what_can_be_no_name_is_not_looked_up(api: Caller, name: str) -> None:
    assert (await api.get(f"/storylines/{name}")).status_code == 404
    answer = await api.call("PUT", f"/storylines/{name}", json=FERRY)
    assert answer.status_code in {404, 405}


REACHING = [
    ("/feeds/herald", FEED | {"allow_private": True}),
    ("/feeds/herald", FEED | {"access": {"bearer": {"file": "/etc/passwd"}}}),
    ("/subscriptions/desk", {"receivers": [{"channel": "file", "path": "/home/desk/.profile"}]}),
    (
        "/subscriptions/desk",
        {"receivers": [{"channel": "webhook", "url": "https://x.example/", "secret_env": "PATH"}]},
    ),
    (
        "/subscriptions/desk",
        {"receivers": [{"channel": "apprise", "address": {"file": "/etc/shadow"}}]},
    ),
]


@pytest.mark.parametrize(("path", "body"), REACHING)
async def test_what_reaches_the_machine_takes_an_admin(api: Caller, path, body) -> None:
    told = problem(await put(api, path, body), 403)
    assert "admin" in told["detail"]
    bundle = {path.split("/")[1]: [{"id": path.split("/")[2]} | body]}
    problem(await api.call("POST", "/bundle/apply", json=bundle, scope="write"), 403)
    assert (await put(api, path, body, scope="admin")).status_code == 201
    # What an admin let it reach may stay; the rest may be changed by others.
    title = body | {"title": "The same"}
    assert (await put(api, path, title, if_match='"1"')).status_code == 200


async def test_lists_come_in_pages(api: Caller) -> None:
    for name in ("cee", "ay", "bee"):
        await put(api, f"/storylines/{name}", FERRY)
    seen, cursor = [], None
    while True:
        params = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/storylines", params=params)).json()
        seen += [item["id"] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == ["ay", "bee", "cee"]


BUNDLE = """\
storylines:
  - id: ferry
    title: Ferries
    cues: {supporting: [ferry line]}
subscriptions:
  - id: desk
    storylines: [ferry]
    receivers: [{channel: atom}]
"""
YAML = {"content-type": "application/yaml"}


async def test_a_bundle_is_planned_and_applied_by_its_plan(api: Caller) -> None:
    planned = await api.call("POST", "/bundle/plan", content=BUNDLE, headers=YAML, scope="write")
    assert planned.json()["counts"] == {"create": 2}
    problem(await api.get(PATH), 404)
    stale = YAML | {"if-match": '"99"'}
    problem(await api.call("POST", "/bundle/apply", content=BUNDLE, headers=stale), 412)
    fresh = YAML | {"if-match": planned.headers["etag"]}
    applied = await api.call("POST", "/bundle/apply", content=BUNDLE, headers=fresh, scope="write")
    assert applied.status_code == 200, applied.text
    assert applied.json()["applied"] is True
    with api.archive.read() as connection:
        current = definitions.current(connection)
    assert applied.headers["etag"] == f'"{current.epoch}"'
    assert current.storylines["ferry"].author == "write"
    assert ("write", "create", "bundle", "subscriptions/desk") in api.audited()
    pruned = await api.call(
        "POST",
        "/bundle/plan",
        content=BUNDLE.split("subscriptions", maxsplit=1)[0],
        headers=YAML,
        params={"prune": "true"},
    )
    assert pruned.json()["counts"] == {"unchanged": 1, "retire": 1}


async def test_a_bundle_with_errors_changes_nothing_and_says_where(api: Caller) -> None:
    text = BUNDLE.replace("[ferry]", "[ferri]")
    answer = await api.call("POST", "/bundle/apply", content=text, headers=YAML)
    problems = problem(answer, 422)["problems"]
    [found] = [one for one in problems if one["severity"] == "error"]
    assert (found["line"], found["where"]) == (7, "subscriptions[0].storylines[0]")
    assert "did you mean `ferry`" in found["hint"]
    problem(await api.get(PATH), 404)


@pytest.mark.parametrize("raw", [b"\x00", b"\xff", b"a: &a [*a, *a]", b"[" * 50_000, b"- - -", b""])
async def test_hostile_bundles_are_problems(api: Caller, raw: bytes) -> None:
    answer = await api.call("POST", "/bundle/plan", content=raw, headers=YAML)
    problem(answer, 422)


async def test_nothing_of_what_was_sent_as_a_secret_is_repeated(api: Caller) -> None:
    body = {"url": "https://user:hunter2@herald.example/", "source": ["hunter2"], "hunter2": 1}
    answer = await put(
        api, "/feeds/herald", body | {"headers": [{"name": "cookie", "value": "hunter2"}]}
    )
    told = problem(answer, 422)
    told["problems"] = [one for one in told["problems"] if "unknown field" not in one["message"]]
    assert "hunter2" not in json.dumps(told).replace("`hunter2`", "")
