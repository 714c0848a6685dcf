"""The file channel: lines and pages, crashes, traps and full disks."""

from __future__ import annotations

import asyncio
import json
import os
import time

import pytest

from nightdesk.delivery.errors import ReceiverUnreachable
from nightdesk.delivery.file import TAIL, FileChannel, page_name
from nightdesk.delivery.templates import Templates
from schemas import FileReceiver, Wording
from tests.support.alerting import make_alert, make_feed_alert, make_notice


@pytest.fixture
def channel():
    return FileChannel(templates=Templates(time.monotonic))


def named(number, **changes):
    alert = make_alert(identity=f"alert-{number}", **changes)
    return make_notice(alert)


def written(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


async def test_each_change_is_one_line_and_a_repeat_none(channel, tmp_path):
    path = tmp_path / "alerts.jsonl"
    receiver = FileReceiver(path=str(path))
    notices = [named(number, title="line\nbreak \u2028") for number in range(5)]
    for notice in [*notices, *reversed(notices)]:
        await channel.deliver(notice, receiver)
    lines = written(path)
    assert [line["id"] for line in lines] == [notice.delivery.id for notice in notices]
    assert lines[0]["type"] == "org.nightdesk.alert.new_development"
    assert lines[0]["data"]["alert"]["title"] == "line\nbreak \u2028"
    assert path.stat().st_mode & 0o007 == 0


async def test_many_at_once_never_mix(channel, tmp_path):
    path = tmp_path / "alerts.jsonl"
    receiver = FileReceiver(path=str(path))
    notices = [named(number) for number in range(60)]
    await asyncio.gather(*(channel.deliver(notice, receiver) for notice in notices * 2))
    assert sorted(line["id"] for line in written(path)) == sorted(
        notice.delivery.id for notice in notices
    )


async def test_an_id_within_a_title_is_not_taken_for_a_delivery(channel, tmp_path):
    path = tmp_path / "alerts.jsonl"
    second = named(2)
    first = named(1, title=f'"id":"{second.delivery.id}","source"')
    for notice in (first, second):
        await channel.deliver(notice, FileReceiver(path=str(path)))
    assert len(written(path)) == 2


async def test_only_the_tail_is_looked_at(channel, tmp_path):
    path = tmp_path / "alerts.jsonl"
    receiver = FileReceiver(path=str(path))
    await channel.deliver(named(1), receiver)
    with path.open("ab") as file:
        file.write(b'"' + b"x" * TAIL + b'"\n')
    await channel.deliver(named(1), receiver)
    assert len(path.read_bytes().splitlines()) == 3


async def test_a_line_that_a_crash_cut_short_spoils_no_other(channel, tmp_path):
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(b'{"specversion":"1.0","id":"cut')
    await channel.deliver(named(1), FileReceiver(path=str(path)))
    assert json.loads(path.read_bytes().splitlines()[1])["id"] == named(1).delivery.id


async def test_a_page_for_each_alert_is_edited_in_place(channel, tmp_path):
    folder = tmp_path / "pages"
    receiver = FileReceiver(path=str(folder), form="pages")
    await channel.deliver(make_notice(make_alert(), make_feed_alert()), receiver)
    await channel.deliver(make_notice(make_alert(sequence=2, title="Grown")), receiver)
    assert sorted(page.name for page in folder.iterdir()) == ["alert-1.txt", "alert-of-a-feed.txt"]
    page = (folder / "alert-1.txt").read_text("utf-8")
    assert "Grown" in page
    assert "change 2" in page
    assert "words: denies, shared patrols" in page
    assert "tell the publisher" in (folder / "alert-of-a-feed.txt").read_text("utf-8")


async def test_a_page_takes_an_own_template_and_tells_of_its_faults(channel, tmp_path):
    wording = Wording(subject="{{ alert.about }}", text="{{ oops }}")
    receiver = FileReceiver(path=str(tmp_path), form="pages", wording=wording)
    remark = await channel.deliver(make_notice(), receiver)
    assert "template of the text is faulty" in remark
    assert (tmp_path / "alert-1.txt").read_text("utf-8").startswith("Denials of joint patrols\n")


@pytest.mark.parametrize("name", ["../../etc/passwd", "/x", "..", "", "a\x00b", "ü" * 500])
def test_names_of_pages_lead_nowhere(name):
    made = page_name(name)
    assert "/" not in made
    assert not made.startswith(".")
    assert made.endswith(".txt")
    assert len(made.encode()) <= 130
    assert "\x00" not in made


async def test_symbolic_links_are_not_followed(channel, tmp_path):
    target = tmp_path / "precious"
    target.write_text("mine")
    link = tmp_path / "alerts.jsonl"
    link.symlink_to(target)
    with pytest.raises(ReceiverUnreachable, match="symbolic") as caught:
        await channel.deliver(named(1), FileReceiver(path=str(link)))
    assert "real path" in caught.value.hint
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "alert-1.txt").symlink_to(target)
    with pytest.raises(ReceiverUnreachable, match="symbolic"):
        await channel.deliver(named(1), FileReceiver(path=str(tmp_path / "pages"), form="pages"))
    assert target.read_text() == "mine"


@pytest.mark.parametrize("form", ["lines", "pages"])
async def test_what_cannot_be_written_may_be_mended(channel, tmp_path, form):
    (tmp_path / "file").write_text("")
    with pytest.raises(ReceiverUnreachable) as caught:
        await channel.deliver(
            named(1), FileReceiver(path=str(tmp_path / "file" / "below"), form=form)
        )
    assert caught.value.hint
    if form == "lines":
        os.mkfifo(tmp_path / "fifo")
        for name in ("fifo", "."):
            with pytest.raises(ReceiverUnreachable):
                await channel.deliver(named(1), FileReceiver(path=str(tmp_path / name)))


async def test_a_full_disk_leaves_no_half_line_and_no_half_page(channel, tmp_path):
    full = FileReceiver(path="/dev/full")
    with pytest.raises(ReceiverUnreachable):
        await channel.deliver(named(1), full)
