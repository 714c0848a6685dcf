"""Atom feeds, read as a feed reader reads them."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.archive import definitions
from nightdesk.delivery.fetched import FetchedChannel
from nightdesk.web.atom import atom_feed
from schemas import AlertKind, AtomReceiver
from tests.support.alerting import NOON, make_alert, make_article, make_subscription
from tests.support.tokens import make_token
from tests.support.waiting import until

PATH = "/subscriptions/desk.atom"
ATOM = "{http://www.w3.org/2005/Atom}"


def make_atom(**changes):
    return make_subscription(receivers=(AtomReceiver(**changes),), title="The night desk")


async def deliver(site, *alerts, subscription=None):
    subscription = subscription or make_atom()
    site.desk.declare(subscription)
    planned = [one for alert in alerts for one in site.desk.plan(alert, subscription)]
    dispatcher = site.desk.dispatcher({"atom": FetchedChannel()})
    await dispatcher.start()
    await until(lambda: not {site.desk.state(one) for one in planned} & {"pending", "retrying"})
    await dispatcher.stop()


async def read(site, **headers):
    answer = await site.get(PATH, **headers)
    assert answer.status_code == 200, answer.text
    return feedparser.parse(answer.content, response_headers=dict(answer.headers))


async def test_a_feed_reader_reads_it(site):
    alert = make_alert(sources=("Harbour Post", "Delta Wire"))
    await deliver(site, alert)
    answer = await site.get(PATH)
    assert answer.headers["content-type"] == "application/atom+xml"
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.feed.title == "The night desk"
    assert feed.feed.author == "Nightdesk"
    (entry,) = feed.entries
    assert entry.title == f"{alert.storyline_title}: {alert.title}"
    assert entry.link == "https://harbour.example/denial"
    assert entry.summary == "New. 2 independent sources: Harbour Post, Delta Wire."
    assert "shared patrols" in entry.content[0].value
    assert entry.updated == "2024-05-17T12:00:00Z"
    assert {tag.term for tag in entry.tags} == {"patrol-denial", "new_development"}


async def test_it_has_all_that_the_rfc_demands(site):
    await deliver(site, make_alert())
    root = ElementTree.fromstring((await site.get(PATH)).content)
    assert root.tag == f"{ATOM}feed"
    for parent in (root, root.find(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(parent.findall(ATOM + name)) == 1, name
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", parent.findtext(f"{ATOM}id"))
    assert root.find(f"{ATOM}link").get("rel") == "self"
    assert root.find(f"{ATOM}author/{ATOM}name") is not None


async def test_a_grown_alert_is_the_same_entry_moved(site):
    await deliver(site, make_alert())
    before = (await read(site)).entries
    grown = make_alert(
        sequence=2,
        kind=AlertKind.GROWN,
        sources=("A", "B"),
        raised_at=NOON + timedelta(minutes=9),
    )
    other = make_alert(identity="alert-2", raised_at=NOON + timedelta(minutes=5))
    await deliver(site, grown, other)
    after = (await read(site)).entries
    assert [entry.id == before[0].id for entry in after] == [True, False]
    assert after[0].updated == "2024-05-17T12:09:00Z"
    assert "2 independent sources" in after[0].summary


async def test_what_was_held_back_is_not_shown(site):
    await deliver(site, make_alert(), make_alert(identity="held", pages=False))
    assert len((await read(site)).entries) == 1


async def test_only_as_many_entries_as_asked_for_newest_first(site):
    alerts = [
        make_alert(identity=f"a{n}", title=f"t{n}", raised_at=NOON + timedelta(minutes=n))
        for n in range(5)
    ]
    await deliver(site, *alerts, subscription=make_atom(entries=3))
    titles = [entry.title[-2:] for entry in (await read(site)).entries]
    assert titles == ["t4", "t3", "t2"]


async def test_an_unchanged_feed_is_not_sent_again(site):
    await deliver(site, make_alert())
    tag = (await site.get(PATH)).headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = await site.get(PATH, if_none_match=known)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
    await deliver(site, make_alert(identity="more"))
    assert (await site.get(PATH, if_none_match=tag)).status_code == 200


async def test_no_feed_without_subscription_or_atom_receiver(site):
    site.desk.declare(make_subscription("hooks"), make_atom().model_copy(update={"id": "old"}))
    with site.deps.archive.begin() as connection:
        definitions.retire(connection, "subscription", "old", author="t", now=NOON)
    for path in ("none", "hooks", "old", "x" * 5_000, "%00", "..%2f..%2fetc"):
        answer = await site.get(f"/subscriptions/{path}.atom")
        assert answer.status_code == 404, path


async def test_a_feed_without_alerts_is_valid(site):
    site.desk.declare(make_atom())
    feed = await read(site)
    assert not feed.bozo
    assert feed.entries == []
    assert feed.feed.updated == "2024-05-17T12:00:00Z"


NASTY = (
    "]]></title><script>alert(1)</script>&lt;&amp;\x00\x01\x0b\x1b[31m\ufffe\uffff\ud800\u202e"
    "<!ENTITY x SYSTEM 'file:///etc/passwd'>"
)


async def test_hostile_text_stays_text(site):
    article = make_article(NASTY, title=NASTY, words=(NASTY,), url="javascript:alert(1)")
    alert = make_alert(title=NASTY, storyline_title=NASTY, reason=NASTY, articles=(article,))
    body = atom_feed(make_atom(), [alert], address="http://x/<y>", since=NOON)
    feed = feedparser.parse(body)
    assert not feed.bozo
    (entry,) = feed.entries
    assert "]]></title><script>alert(1)</script>&lt;&amp;" in ElementTree.fromstring(body).findtext(
        f"{ATOM}entry/{ATOM}title"
    )
    assert not entry.get("links")
    html = ElementTree.fromstring(body).findtext(f"{ATOM}entry/{ATOM}content")
    assert "<script" not in html
    assert "javascript" not in html


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.characters(), max_size=60), url=st.none() | st.text(max_size=60))
def test_any_text_makes_well_formed_xml(text, url):
    article = make_article(text or "x", title=text, words=(text,), url=url)
    alert = make_alert(title=text, storyline_title=text, reason=text, articles=(article,))
    body = atom_feed(make_atom(), [alert], address=f"http://h/{text}", since=NOON)
    ElementTree.fromstring(body)


@pytest.mark.parametrize("count", [21, 400])
def test_an_entry_stays_small_however_many_articles(count):
    articles = tuple(make_article(f"S{n}", title="x" * 10_000) for n in range(count))
    body = atom_feed(make_atom(), [make_alert(articles=articles)], address="http://h/", since=NOON)
    assert len(body) < 40_000


async def test_it_opens_to_its_own_token_and_to_who_may_read(site):
    await deliver(site, make_alert())
    archive = site.deps.archive
    own = make_token(archive, "feed:desk")
    other = make_token(archive, "feed:other")
    site.token = own
    assert (await site.get(PATH)).status_code == 200
    site.token = other
    assert (await site.get(PATH)).status_code == 403
    assert (await site.get("/subscriptions/none.atom")).status_code == 403
    site.token = "nightdesk_" + "x" * 43
    assert (await site.get(PATH)).status_code == 401


async def test_a_token_in_the_address_opens_it_and_stands_nowhere_in_the_feed(site):
    await deliver(site, make_alert())
    own, site.token = make_token(site.deps.archive, "feed:desk"), ""
    answer = await site.get(f"{PATH}?token={own}")
    assert answer.status_code == 200
    assert own not in answer.text
    assert 'href="http://127.0.0.1:8642/subscriptions/desk.atom"' in answer.text
    assert (await site.get(PATH)).status_code == 401
    assert (await site.get(f"{PATH}?token={own}&token={own}")).status_code == 400
    for wrong in ("", "x", own[:-1], own + "x", "%00", "x" * 9_000):
        assert (await site.get(f"{PATH}?token={wrong}")).status_code == 401
