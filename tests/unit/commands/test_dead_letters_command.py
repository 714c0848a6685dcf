"""`nightdesk dead-letters`: looking at what died, and sending it again, counted."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from nightdesk import accounting
from nightdesk.archive import Archive, accounts, deadletters, deliveries, dispatch, outbox
from nightdesk.delivery.outcome import STAGE
from schemas import DeadLetter, DeadLetterReason, DeliveryState
from tests.support import archive_samples as samples
from tests.unit.commands.conftest import Run

DIED = datetime(2026, 3, 1, 5, tzinfo=UTC)


def letter(number: int, value: bytes, stage: str = "normalise", **fields: object) -> DeadLetter:
    base = {
        "id": f"dead-{number:04d}aabb",
        "stage": stage,
        "topic": {"normalise": "reports", "nominate": "articles"}[stage],
        "partition": 1,
        "offset": 40 + number,
        "key": "harbour-wire",
        "value": base64.b64encode(value).decode(),
        "reason": DeadLetterReason.BREAKS_CONTRACT,
        "detail": "id: should be text",
        "hint": "somebody else writes to reports",
        "died_at": DIED + timedelta(minutes=number),
    }
    return DeadLetter.model_validate(base | fields)


@pytest.fixture(autouse=True)
def letters(archive: Archive) -> list[DeadLetter]:
    found = [
        letter(1, b'{"id": 7, "title": "\\u001b[31mred"}'),
        letter(2, b"\xff\xfe\x1b[2Jbinary", reason=DeadLetterReason.NOT_JSON),
        letter(3, b"", stage="nominate", key=None, reason=DeadLetterReason.NOT_JSON),
    ]
    with archive.begin() as conn:
        deadletters.bury(conn, found)
    return found


def _outbox(archive: Archive) -> list[tuple[str, str, bytes]]:
    with archive.read() as conn:
        rows = outbox.pending(conn, before=datetime(2999, 1, 1, tzinfo=UTC), limit=100)
    return [(message.topic, message.key, message.value) for _, message in rows]


def test_list_shows_the_last_first_and_filters(nightdesk: Run) -> None:
    lines = nightdesk("dead-letters", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == [
        "id",
        "dead-0003aabb",
        "dead-0002aabb",
        "dead-0001aabb",
    ]
    one = nightdesk(
        "dead-letters", "list", "--stage", "normalise", "--reason", "not_json", "--json"
    )
    assert [found["id"] for found in json.loads(one.out)] == ["dead-0002aabb"]
    assert "3 letters in all" in nightdesk("dead-letters", "list", "--limit", "1").out
    assert "like that" in nightdesk("dead-letters", "list", "--stage", "decide").out


def test_show_decodes_json_and_survives_binary(nightdesk: Run) -> None:
    said = nightdesk("dead-letters", "show", "dead-0001aabb")
    assert "reports, partition 1, offset 41" in said.out
    assert '"id": 7' in said.out
    assert "\x1b" not in said.out
    assert "\\xff\\xfe" in nightdesk("dead-letters", "show", "dead-0002").out
    assert "(an empty message)" in nightdesk("dead-letters", "show", "dead-0003").out
    data = json.loads(nightdesk("dead-letters", "show", "dead-0001", "--json").out)
    assert data["message"] == {"id": 7, "title": "\x1b[31mred"}


def test_half_a_character_is_shown_as_an_escape(nightdesk: Run, archive: Archive) -> None:
    with archive.begin() as conn:
        deadletters.bury(
            conn,
            [
                letter(7, b'{"title": "x \\ud800 White House", "\\udfff": 1}'),
                letter(8, b'"only \\udc00 text"'),
            ],
        )
    said = nightdesk("dead-letters", "show", "dead-0007")
    assert said.code == 0
    assert r'"x \ud800 White House"' in said.out
    said = nightdesk("dead-letters", "show", "dead-0007", "--json")
    assert json.loads(said.out)["message"] == {"title": "x \ud800 White House", "\udfff": 1}
    assert "only \ufffd text" in nightdesk("dead-letters", "show", "dead-0008").out
    assert nightdesk("dead-letters", "show", "dead-0008", "--json").code == 0
    assert nightdesk("dead-letters", "list").code == 0
    assert nightdesk("dead-letters", "list", "--json").code == 0


def test_a_letter_is_sent_again_once(nightdesk: Run, archive: Archive) -> None:
    nightdesk("dead-letters", "retry", "dead-0001")
    said = nightdesk("dead-letters", "retry", "dead-0001")
    assert "0 letters on the way" in said.out
    assert "nothing left to send: sent again before" in said.out
    assert len(_outbox(archive)) == 1


def test_an_unknown_or_ambiguous_id_is_told(nightdesk: Run) -> None:
    assert "no dead letter 'dead-9'" in nightdesk("dead-letters", "show", "dead-9").err
    said = nightdesk("dead-letters", "show", "dead-")
    assert said.code == 1
    assert "several dead letters begin" in said.err
    assert "dead-0002aabb" in said.err


def test_retry_sends_the_very_bytes_again_and_counts(nightdesk: Run, archive: Archive) -> None:
    said = nightdesk("dead-letters", "retry", "dead-0002", "dead-0001aabb", "dead-0001")
    assert said.code == 0
    assert _outbox(archive) == [
        ("reports", "harbour-wire", b'{"id": 7, "title": "\\u001b[31mred"}'),
        ("reports", "harbour-wire", b"\xff\xfe\x1b[2Jbinary"),
    ]
    with archive.read() as conn:
        totals = accounts.totals(conn)
    assert totals["normalise"]["retried"] == 2
    # What was received once, died, and was sent again, is under way.
    balance = next(b for b in accounting.check(totals) if b.stage == "normalise" and b.between)
    assert balance.left - balance.right == 2
    assert "dead-0001aabb" not in nightdesk("dead-letters", "list").out
    assert "dead-0001aabb" in nightdesk("dead-letters", "list", "--include-retried").out


def test_retry_all_takes_what_is_left_and_filters(nightdesk: Run, archive: Archive) -> None:
    assert "1 letter on" in nightdesk("dead-letters", "retry", "--all", "--stage", "nominate").out
    assert _outbox(archive) == [("articles", "", b"")]
    assert "2 letters on" in nightdesk("dead-letters", "retry", "--all").out
    assert "0 letters on" in nightdesk("dead-letters", "retry", "--all").out
    assert len(_outbox(archive)) == 3


def test_one_unknown_id_retries_nothing(nightdesk: Run, archive: Archive) -> None:
    assert nightdesk("dead-letters", "retry", "dead-0001aabb", "dead-none").code == 1
    assert _outbox(archive) == []


@pytest.mark.parametrize(
    "arguments", [["--all", "dead-0001"], [], ["dead-0001", "--stage", "normalise"]]
)
def test_retry_must_be_told_what(nightdesk: Run, arguments: list[str]) -> None:
    assert nightdesk("dead-letters", "retry", *arguments).code == 2


def _fail(archive: Archive, failed: DeliveryState = DeliveryState.FAILED) -> DeadLetter:
    """Let a delivery end as `failed`, counted as the dispatcher counts it, and return its letter."""
    planned = samples.delivery(changed_at=DIED)
    with archive.begin() as conn:
        deliveries.plan(conn, [planned], DIED)
        accounts.count(conn, "0", "deliver", {"deliveries": 1})
    with archive.begin() as conn:
        dispatch.claim(conn, worker="w", now=DIED, lease=timedelta(minutes=1), limit=9)
    ended = planned.model_copy(update={"state": failed, "attempts": 9})
    undeliverable = samples.dead_letter(
        "dead-undelivered",
        stage=STAGE,
        topic="deliveries",
        reason=DeadLetterReason.UNDELIVERABLE,
        value=base64.b64encode(ended.to_bytes()).decode(),
    )
    with archive.begin() as conn:
        deliveries.finish(conn, ended, due_at=None, attempt=None, worker="w")
        accounts.count(conn, "0", STAGE, {failed.value: 1})
        deadletters.bury(conn, [undeliverable])
    return undeliverable


def _under_way(archive: Archive) -> int:
    with archive.read() as conn:
        balances = accounting.check(accounts.totals(conn))
    [of_deliveries] = [b for b in balances if b.left_words.startswith("deliver.deliveries")]
    return of_deliveries.left - of_deliveries.right


def test_a_failed_delivery_is_opened_again(nightdesk: Run, archive: Archive) -> None:
    undeliverable = _fail(archive)
    assert _under_way(archive) == 0
    assert "1 letter on the way" in nightdesk("dead-letters", "retry", undeliverable.id).out
    assert _under_way(archive) == 1
    [(topic, key, _)] = _outbox(archive)
    assert (topic, key) == ("deliveries", "desk")
    later = datetime(2999, 1, 1, tzinfo=UTC)
    with archive.begin() as conn:
        [again], _ = dispatch.claim(
            conn, worker="w", now=later, lease=timedelta(minutes=1), limit=9
        )
    assert again.id == "delivery-1"
    assert again.attempts == 0
    assert again.reason == "retried by hand"


def test_a_delivery_that_arrived_meanwhile_is_not_sent_again(
    nightdesk: Run, archive: Archive
) -> None:
    undeliverable = _fail(archive, DeliveryState.DELIVERED)
    said = nightdesk("dead-letters", "retry", undeliverable.id)
    assert "0 letters on the way" in said.out
    assert "nothing left to send" in said.out
    assert _outbox(archive) == []
    assert _under_way(archive) == 0
