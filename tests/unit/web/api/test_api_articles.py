"""Search in the archive by the API."""

from __future__ import annotations

import pytest

from nightdesk.archive import article_search, articles
from tests.support.apiclient import Caller, problem
from tests.support.archive_samples import article, at
from tests.unit.commands.newsroom import fill, reports


@pytest.fixture
def filled(api: Caller) -> Caller:
    fill(api.archive, reports(2))
    return api


async def found(api: Caller, **params) -> list[str]:
    answer = await api.get("/articles", scope="read", params=params)
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


async def test_words_are_found_wherever_they_stand(filled: Caller) -> None:
    assert len(await found(filled)) == 14
    assert len(await found(filled, q="PEAR frost")) == 2
    assert len(await found(filled, q="spokesman")) == 14
    assert len(await found(filled, q="harvest wire")) == 2
    assert await found(filled, q="pear dockers") == []
    assert len(await found(filled, source="Wire 3")) == 2
    assert len(await found(filled, since="2026-03-03T00:00:00Z")) == 7
    assert len(await found(filled, until="2026-03-03T00:00:00Z", q="pear")) == 1
    hits = await found(filled, storyline="port-strike")
    assert 0 < len(hits) < 14
    assert await found(filled, storyline="none") == []


async def test_one_article_tells_what_became_of_it(filled: Caller) -> None:
    params = {"storyline": "port-strike", "limit": 1}
    [line] = (await filled.get("/articles", params=params)).json()["items"]
    answer = await filled.get(f"/articles/{line['id']}", scope="read")
    assert answer.status_code == 200, answer.text
    whole = answer.json()
    assert whole["article"]["title"] == line["title"]
    assert [one["revision"] for one in whole["revisions"]] == [1]
    [match] = whole["matches"]
    assert match["storyline"] == "port-strike"
    assert match["decision"] in {"fits", "possible"}
    assert [one["outcome"] for one in whole["reports"]] == ["new"]
    told = [
        (await filled.get(f"/articles/{one['id']}")).json()
        for one in (await filled.get("/articles", params={"q": "dockers"})).json()["items"]
    ]
    raised = {m["alert"] for one in told for m in one["matches"] if m["alert"]}
    assert raised
    for alert in raised:
        assert (await filled.get(f"/alerts/{alert}")).status_code == 200


async def test_the_beginning_of_an_id_is_enough(filled: Caller) -> None:
    [line] = (await filled.get("/articles", params={"limit": 1})).json()["items"]
    assert (await filled.get(f"/articles/{line['id'][:20]}")).status_code == 200
    problem(await filled.get("/articles/article-%25%25%25%25"), 404)
    problem(await filled.get("/articles/art"), 404)


async def test_pages_follow_one_another(filled: Caller) -> None:
    seen, cursor = [], None
    while True:
        params = {"limit": 4, "q": "velmora"} | ({"cursor": cursor} if cursor else {})
        page = (await filled.get("/articles", params=params)).json()
        seen += [item["id"] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert len(seen) == len(set(seen)) >= 8


async def test_one_page_looks_at_so_many_and_no_more(api: Caller) -> None:
    most = article_search.MOST_LOOKED_AT
    with api.archive.begin() as conn:
        many = [article(f"article-{n:05d}", seen_at=at(n)) for n in range(most + 1)]
        articles.add_revisions(conn, many, {})
    page = (await api.get("/articles", params={"q": "nowhere"})).json()
    assert page["items"] == []
    page = (await api.get("/articles", params={"q": "nowhere", "cursor": page["next"]})).json()
    assert page == {"items": [], "next": None}
