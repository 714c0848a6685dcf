"""`nightdesk feeds`: listing, trying, and lists from and for other readers."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nightdesk.archive import Archive, definitions
from nightdesk.bundles import load
from nightdesk.feeds.errors import HttpError
from nightdesk.feeds.websub.discovery import Hubs
from nightdesk.feeds.websub.subscription import HubState, wanted
from nightdesk.pipeline.feed_endings import close_untended
from nightdesk.pipeline.poll import Claim, claim, conclude_poll
from nightdesk.pipeline.push import save
from schemas import Feed
from tests.support.feedserver import FeedServer, Reply, rss
from tests.unit.commands.conftest import Run

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
DOCUMENT = rss(
    ("Dockers walk out", "http://post.example/1"), ("Ferry aground", "http://post.example/2")
)
BUNDLE = """\
feeds:
  - {id: post, url: "http://post.example/rss", source: Post, title: The Post, tags: [world]}
  - {id: quill, url: "http://quill.example/rss", source: Quill}
"""


def flat(text: str) -> str:
    """Return `text` on one line, however wide the terminal was."""
    return " ".join(text.split())


def test_a_file_is_tried(nightdesk: Run, desk: Path) -> None:
    (desk / "feed.xml").write_bytes(DOCUMENT)
    said = nightdesk("feeds", "try", "feed.xml")
    assert said.code == 0
    assert "feed.xml: ok (rss20, 2 entries" in said.out
    assert "Dockers walk out" in said.out


def test_json_has_a_line_for_each_input(nightdesk: Run, desk: Path) -> None:
    (desk / "a.xml").write_bytes(DOCUMENT)
    (desk / "b.html").write_bytes(
        b"<html><head><link rel=alternate type=application/rss+xml href=/rss></head></html>"
    )
    (desk / "c.xml").write_bytes(b"")
    said = nightdesk("feeds", "try", "a.xml", "b.html", "c.xml", "--json")
    one, two, three = map(json.loads, said.out.splitlines())
    assert said.code == 0
    assert {"input", "health", "reason", "format", "title", "entries", "seconds"} <= set(one)
    assert (one["input"], one["health"], one["format"], one["reason"]) == (
        "a.xml",
        "ok",
        "rss20",
        "",
    )
    assert {"id", "url", "title", "published", "text_chars"} <= set(one["entries"][0])
    assert one["entries"][0]["url"] == "http://post.example/1"
    assert (two["health"], two["entries"]) == ("not a feed", [])
    assert two["advertised"][0]["url"].endswith("/rss")
    assert three["health"] == "empty"
    assert nightdesk("feeds", "try", "a.xml", "b.html", "--strict").code == 1
    assert nightdesk("feeds", "try", "a.xml", "--strict").code == 0


def test_what_would_be_left_out_says_why(nightdesk: Run, desk: Path) -> None:
    (desk / "feed.xml").write_bytes(
        b"<rss version='2.0'><channel><item><title>A</title><guid>1</guid></item>"
        b"<item><guid>2</guid><title>&lt;img src=x&gt;</title></item>"
        b"<item><title>A</title><guid>1</guid></item></channel></rss>"
    )
    entries = json.loads(nightdesk("feeds", "try", "feed.xml", "--json").out)["entries"]
    assert [(one["id"], (one["rejected"] or "").split(":")[0]) for one in entries] == [
        ("1", ""),
        ("2", "nothing to read"),
        ("1", "another entry of this document is the same"),
    ]


def test_an_address_is_tried_over_http(nightdesk: Run) -> None:
    with FeedServer({"/feed": Reply(DOCUMENT), "/gone": Reply(b"", 404)}) as server:
        refused = json.loads(nightdesk("feeds", "try", server.url(), "--json").out)
        tried = json.loads(nightdesk("feeds", "try", server.url(), "--allow-private", "--json").out)
        missing = json.loads(
            nightdesk("feeds", "try", server.url("/gone"), "--allow-private", "--json").out
        )
    assert refused["health"] == "refused by policy"
    assert "loopback" in refused["reason"]
    assert "--allow-private" in refused["hint"]
    assert len(tried["entries"]) == 2
    assert missing["health"] == "HTTP 404"
    assert missing["hint"]


@pytest.mark.parametrize(
    "given", ["nowhere.xml", "http://", "ftp://post.example/rss", "", "http://[", "x" * 5_000]
)
def test_what_is_nothing_at_all_is_told_and_holds_up_no_other(
    nightdesk: Run, desk: Path, given: str
) -> None:
    (desk / "feed.xml").write_bytes(DOCUMENT)
    said = nightdesk("feeds", "try", given, "feed.xml", "--json")
    wrong, right = map(json.loads, said.out.splitlines())
    assert said.code == 1
    assert wrong["health"] == ("refused by policy" if "://" in given else "not found")
    assert wrong["hint"].startswith("give ")
    assert right["health"] == "ok"
    assert "Traceback" not in said.err


def test_what_is_piped_is_tried(desk: Path) -> None:
    command = [sys.executable, "-m", "agents.cli", "feeds", "try", "--json"]
    told = subprocess.run([*command, "-"], input=DOCUMENT, capture_output=True, check=True)
    assert len(json.loads(told.stdout)["entries"]) == 2
    pipe = desk / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen([*command, str(pipe)], stdout=subprocess.PIPE) as running:
        pipe.write_bytes(DOCUMENT)
        said, _ = running.communicate()
    assert len(json.loads(said)["entries"]) == 2


def test_a_folder_is_named_as_one(nightdesk: Run, desk: Path) -> None:
    said = nightdesk("feeds", "try", str(desk), "--json")
    assert said.code == 1
    assert json.loads(said.out)["reason"].endswith("is a folder.")


def test_what_is_no_web_address_is_not_shown_as_one(nightdesk: Run, desk: Path) -> None:
    links = ("javascript:alert(1)", "file:///etc/passwd", "http://post.example/1")
    items = "".join(f"<item><title>{one}</title><link>{one}</link></item>" for one in links)
    (desk / "feed.xml").write_text(f"<rss version='2.0'><channel>{items}</channel></rss>")
    entries = json.loads(nightdesk("feeds", "try", "feed.xml", "--json").out)["entries"]
    assert [one["url"] for one in entries] == [None, None, "http://post.example/1"]


def test_gzip_files_are_read(nightdesk: Run, desk: Path) -> None:
    (desk / "one.xml.gz").write_bytes(gzip.compress(DOCUMENT))
    (desk / "two.xml.gz").write_bytes(gzip.compress(gzip.compress(DOCUMENT)))
    (desk / "bomb.gz").write_bytes(gzip.compress(bytes(50_000_000)))
    (desk / "junk.gz").write_bytes(b"\x1f\x8b\x08 no more")
    said = nightdesk("feeds", "try", "one.xml.gz", "two.xml.gz", "bomb.gz", "junk.gz", "--json")
    one, two, bomb, junk = map(json.loads, said.out.splitlines())
    assert len(one["entries"]) == len(two["entries"]) == 2
    assert (bomb["health"], junk["health"]) == ("too large", "not a feed")
    assert "cannot be unpacked" in junk["reason"]


def test_a_file_that_is_too_large_is_not_read(nightdesk: Run, desk: Path) -> None:
    with (desk / "large.xml").open("wb") as file:
        file.truncate(50_000_000)
    assert json.loads(nightdesk("feeds", "try", "large.xml", "--json").out)["health"] == "too large"


def test_the_list_says_how_each_feed_does(nightdesk: Run, desk: Path, archive: Archive) -> None:
    (desk / "bundle.yaml").write_text(BUNDLE, encoding="utf-8")
    assert nightdesk("apply", "bundle.yaml", "--yes").code == 0
    feed = Feed(id="post", url="http://post.example/rss", source="Post")
    claimed = claim(archive, feed, "w", NOW)
    assert isinstance(claimed, Claim)
    error = HttpError("post.example", 404)
    conclude_poll(archive, claimed, error, now=NOW + timedelta(seconds=1), jitter=0.0)
    said = nightdesk("feeds")
    assert said.code == 0
    assert "2 feeds, 1 failing" in said.out
    assert "'post.example' answered HTTP 404." in said.out
    assert [one["health"] for one in json.loads(nightdesk("feeds", "list", "--json").out)] == [
        "HTTP 404",
        "never polled",
    ]
    assert "never polled" in said.out
    failing = json.loads(nightdesk("feeds", "list", "--failing", "--json").out)
    assert [one["feed"] for one in failing] == ["post"]
    shown = nightdesk("feeds", "show", "post")
    assert "http://post.example/rss" in shown.out
    assert json.loads(nightdesk("feeds", "show", "post", "--json").out)["polls"][0]["status"] == 404
    assert nightdesk("feeds", "show", "nobody").code == 1


def test_a_feeds_open_alert_is_shown_until_it_is_closed(
    nightdesk: Run, desk: Path, archive: Archive
) -> None:
    (desk / "bundle.yaml").write_text(BUNDLE, encoding="utf-8")
    assert nightdesk("apply", "bundle.yaml", "--yes").code == 0
    feed = Feed(id="post", url="http://post.example/rss", source="Post", title="The Post")
    for day in range(1, 4):
        now = NOW + timedelta(days=day)
        claimed = claim(archive, feed, "w", now)
        assert isinstance(claimed, Claim)
        conclude_poll(archive, claimed, HttpError("post.example", 404), now=now, jitter=0.0)
    said = flat(nightdesk("feeds", "show", "post").out)
    assert "open alert: The Post cannot be read, since 2026-03-03 06:00 UTC, told 1 time" in said
    shown = json.loads(nightdesk("feeds", "show", "post", "--json").out)["alert"]
    assert (shown["kind"], shown["about"], shown["sequence"]) == ("feed_broken", "feed:post", 1)
    close_untended(archive, {}, NOW + timedelta(days=9))
    assert "open alert" not in nightdesk("feeds", "show", "post").out
    assert json.loads(nightdesk("feeds", "show", "post", "--json").out)["alert"] is None


def test_the_list_says_how_hubs_do(nightdesk: Run, desk: Path, archive: Archive) -> None:
    found = Hubs(("https://hub.example/",), "http://post.example/rss")
    it = wanted(
        "post", found, base="https://d.example", token="t0ken", secret="s3cret", now=NOW, after=0
    )
    lost = {"last_push_at": NOW, "lost_at": NOW + timedelta(hours=1), "lost": 3}
    denied = {"state": HubState.DENIED, "reason": "the hub denies it: no"}
    (desk / "b.yaml").write_text(BUNDLE)
    assert nightdesk("apply", "b.yaml", "--yes").code == 0
    with archive.begin() as connection:
        save(connection, it.model_copy(update=lost | denied))
    said = nightdesk("feeds")
    assert "post: Its hub hub.example does not push it: the hub denies it: no." in flat(said.out)
    assert "post: Pushes were lost: 3 in all, the last found at 2026-03-02 07:00 UTC" in flat(
        said.out
    )
    shown = nightdesk("feeds", "show", "post")
    assert "push: denied at hub.example, last push 2026-03-02 06:00 UTC" in flat(shown.out)
    (post, quill) = json.loads(nightdesk("feeds", "list", "--json").out)
    assert (post["push"], post["pushes_lost"], quill["push"]) == ("denied", 3, None)
    told = said.out + shown.out + nightdesk("feeds", "show", "post", "--json").out
    assert "t0ken" not in told
    assert "s3cret" not in told


def test_lists_come_in_and_go_out(nightdesk: Run, desk: Path, archive: Archive) -> None:
    (desk / "bundle.yaml").write_text(BUNDLE, encoding="utf-8")
    nightdesk("apply", "bundle.yaml", "--yes")
    exported = nightdesk("feeds", "export")
    assert exported.code == 0
    (desk / "ours.opml").write_text(exported.out, encoding="utf-8")
    said = nightdesk("feeds", "import", "ours.opml", "-o", "imported.yaml")
    assert "2 feeds, 0 left out" in said.err
    loaded = load(desk / "imported.yaml")
    assert loaded.bundle is not None
    assert [(one.id, one.tags) for one in loaded.bundle.feeds] == [
        ("the-post", ("world",)),
        ("quill-2", ()),
    ]
    assert nightdesk("feeds", "import", "bundle.yaml").code == 1


def test_a_login_in_an_address_is_shown_nowhere(
    nightdesk: Run, desk: Path, archive: Archive
) -> None:
    url = "http://me:s3cret@post.example/rss"
    bundle = f"feeds:\n  - {{id: post, url: '{url}', source: Post}}\n"
    (desk / "bundle.yaml").write_text(bundle)
    for command in (["check", "bundle.yaml"], ["apply", "bundle.yaml", "--yes"]):
        refused = nightdesk(*command)
        assert refused.code == 1
        assert "access: {basic: {env: NAME}}" in flat(refused.out + refused.err)
        assert "s3cret" not in refused.out + refused.err
    feed = Feed(id="post", url=url, source="Post")
    with archive.begin() as connection:
        definitions.put(connection, feed, author="an older Nightdesk", now=NOW)
    claimed = claim(archive, feed, "w", NOW)
    assert isinstance(claimed, Claim)
    conclude_poll(archive, claimed, HttpError("post.example", 404), now=NOW, jitter=0.0)
    (desk / "new.yaml").write_text(bundle.replace("source: Post", "source: The Post"))
    (desk / "mended.yaml").write_text(bundle.replace("me:s3cret@", ""))
    for asked in (
        ["feeds"],
        ["feeds", "show", "post", "--json"],
        ["feeds", "export"],
        ["check", "--archive", "bundle.yaml"],
        ["apply", "--dry-run", "mended.yaml"],
        ["apply", "new.yaml", "--yes"],
        ["doctor"],
    ):
        said = nightdesk(*asked)
        assert said.code == 0 or asked == ["doctor"]
        assert "s3cret" not in said.out + said.err
        if asked == ["doctor"]:
            assert "post: a login stands in its URL" in flat(said.out)
    assert "http://post.example/rss" in nightdesk("feeds", "list", "--json").out


def test_a_list_of_another_reader_brings_no_login(nightdesk: Run, desk: Path) -> None:
    outline = '<outline type="rss" text="Post" xmlUrl="http://me:s3cret@post.example/rss"/>'
    (desk / "theirs.opml").write_text(f'<opml version="2.0"><body>{outline}</body></opml>')
    said = nightdesk("feeds", "import", "theirs.opml", "-o", "imported.yaml")
    assert "taken without a login: http://post.example/rss" in flat(said.err)
    assert "1 feed, 0 left out" in said.err
    assert "s3cret" not in (desk / "imported.yaml").read_text() + said.err
    assert nightdesk("check", "imported.yaml").code == 0
