"""Messages that strangers wrote onto the topics: each becomes a dead letter with its reason, is shown,
sent again, and counted; what is sound beside it goes its way.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from nightdesk import accounting
from nightdesk.archive import deadletters
from schemas import DeadLetter, DeadLetterReason
from tests.support.badworld import Said, nightdesk, readyz, web
from tests.support.newswire import SECRET, SECRET_NAME, Newswire
from tests.support.service import Service
from tests.support.strangers import BAD, CONSUMED, HUGE, article, candidate, match, report, write

WAVE = 14
FAR = "9999-12-31T23:59:59Z"


Totals = dict[str, dict[str, int]]

SENDERS = {
    stage: tuple(identity.left)
    for identity in accounting.IDENTITIES
    if identity.between and identity.right == ((stage := identity.stage, "received"),)
}
LONG_AGO = "0001-01-01T00:00:00Z"


def odd() -> list[tuple[str, bytes | None, bytes]]:
    """Messages that keep their contract and are odd all the same, as (topic, key, value)."""
    long = "Brask and the lantern tax of Quillhaven. " * 20_000
    told: list[tuple[str, bytes | None, dict[str, Any]]] = [
        ("reports", None, report(published_at=FAR, title="x\x00\u202ey")),
        ("articles", b"a", article(id="long", text=long)),
        ("articles", b"b", article(id="first", published_at=LONG_AGO)),
        ("articles", b"c", article(id="last", published_at=FAR)),
        ("articles", b"d", article(id="huge", revision=10**30)),
        ("candidates", b"lantern", candidate("lantern", score=1e308)),
        ("candidates", b"\xff\xfe", candidate("candle")),
        ("matches", b"lantern", match("lantern", article(id="m"), id="m", version=10**30)),
        ("matches", b"lantern", match("lantern", article(id="n", published_at=LONG_AGO), id="n")),
        ("matches", b"lantern", match("lantern", article(id="o", published_at=FAR), id="o")),
        ("matches", None, match("candle")),
    ]
    return [(topic, key, json.dumps(document).encode()) for topic, key, document in told]


def letters(service: Service, *, retried: bool = False) -> list[DeadLetter]:
    with service.archive() as archive, archive.read() as connection:
        return deadletters.list_letters(connection, limit=10_000, include_retried=retried)


def ahead(totals: Totals) -> dict[str, int]:
    """How many more messages each stage received than Nightdesk sent it: those of strangers."""
    return {
        stage: totals[stage]["received"]
        - sum(totals.get(sender, {}).get(sent, 0) for sender, sent in senders)
        for stage, senders in SENDERS.items()
    }


def together(service: Service, *commands: tuple[str, ...]) -> list[Said]:
    """Run several commands beside the running service, at the same time."""
    with ThreadPoolExecutor(len(commands)) as pool:
        ends = [pool.submit(nightdesk, service.folder, *command) for command in commands]
        said = [end.result() for end in ends]
    assert all(one.code == 0 and "Traceback" not in one.all for one in said), said
    return said


def settled(service: Service, strangers: Counter[str], *, retried: Counter[str]) -> Totals:
    """Wait until all that was sent, by us, by strangers and again by hand, is received and accounted for."""

    def done(totals: Totals) -> bool:
        assert service.alive(), service.said()
        sent_again = {stage: totals.get(stage, {}).get("retried", 0) for stage in retried}
        return set(SENDERS) <= set(totals) and ahead(totals) == strangers and sent_again == retried

    service.settled_as(lambda totals: totals.get("normalise", {}).get("new", 0) > WAVE)
    totals = service.settled_as(done)
    assert accounting.broken(totals) == []
    return totals


def test_what_strangers_write_dies_with_a_reason_and_can_be_sent_again(
    service: Service, wire: Newswire
) -> None:
    garbage = [
        (topic, name.encode(), value)
        for topic in (*CONSUMED, "heartbeats", "deliveries", "dead-letters")
        for name, (value, _) in BAD.items()
    ]
    huge = [("reports", name.encode(), value) for name, (value, _) in HUGE.items()]
    messages = [*garbage, *huge, *odd()]
    strangers = Counter(CONSUMED[topic] for topic, _, _ in messages if topic in CONSUMED)
    write(service.folder, messages)
    wire.publish(WAVE)
    bundle = wire.write_bundle(service.folder.parent / "bundle.yaml")
    service.start("--bundle", str(bundle), extra={SECRET_NAME: SECRET})

    totals = settled(service, strangers, retried=Counter())
    assert totals["poll"]["new"] == WAVE
    assert totals["normalise"]["new"] == WAVE + 1, "what is sound goes its way"
    dead = letters(service)
    by_key = {(letter.stage, letter.key): letter for letter in dead}
    for stage in CONSUMED.values():
        of_stage = {**BAD, **HUGE} if stage == "normalise" else BAD
        for name, (value, reason) in of_stage.items():
            letter = by_key[stage, name]
            assert letter.reason is reason, letter
            assert letter.detail
            assert letter.hint
            assert base64.b64decode(letter.value) == (value or b""), "nothing of it is lost"
    unknown = [one for one in dead if one.reason is DeadLetterReason.UNKNOWN_STORYLINE]
    assert {one.stage for one in unknown} == {"decide", "alert"}
    beyond = [one for one in dead if "beyond all bounds" in one.detail]
    assert {one.stage for one in beyond} == {"nominate", "alert"}
    assert DeadLetterReason.INTERNAL_ERROR not in {one.reason for one in dead}
    address = service.web_address()
    assert readyz(address) == (200, "")
    assert (
        'nightdesk_dead_letters_waiting{reason="too_large",stage="normalise"} 1.0'
        in (web(address, "/metrics")[1])
    )
    assert "unknown_storyline at decide" in web(address, "/")[1]

    with_candle = add_storyline(bundle, "candle")
    evil, binary = by_key["alert", "control characters"], by_key["decide", "binary"]
    listed, table, shown, bytes_shown, _ = together(
        service,
        ("dead-letters", "list", "--json", "--limit", "1000"),
        ("dead-letters", "list", "--reason", "unknown_storyline"),
        ("dead-letters", "show", evil.id),
        ("dead-letters", "show", binary.id[:20]),
        ("apply", str(with_candle), "--yes"),
    )
    assert {one["id"] for one in json.loads(listed.out)} == {one.id for one in dead}
    assert "no storyline 'candle' was ever declared" in table.out
    assert evil.hint in shown.out
    assert "reason:    not_json" in bytes_shown.out
    for said in (table, shown, bytes_shown):
        assert not set(said.out) & set("\x00\x07\x1b\u202e"), "nothing steers the terminal"

    (again,) = together(service, ("dead-letters", "retry", "--all"))
    assert f"{len(dead)} letters on the way again" in again.out
    retried = Counter(letter.stage for letter in dead)
    totals = settled(service, strangers, retried=retried)
    assert totals["normalise"]["dead_letter"] == 2 * (len(BAD) + len(HUGE)), "garbage dies again"
    left = letters(service)
    assert len(left) == len(dead) - len(unknown), "what was mended lives"
    assert len(letters(service, retried=True)) == len(dead) + len(left)
    code, seconds = service.stop()
    assert code == 0, service.said()
    assert seconds < 5


def add_storyline(bundle: Path, name: str) -> Path:
    """Write a bundle beside `bundle` that also declares the storyline `name`."""
    data = json.loads(bundle.read_text())
    lantern = data["storylines"][0]
    data["storylines"].append(lantern | {"id": name, "title": f"The {name} of Quillhaven"})
    path = bundle.with_name("more.yaml")
    path.write_text(json.dumps(data))
    return path
