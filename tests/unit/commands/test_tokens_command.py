"""`nightdesk tokens` and `nightdesk audit`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nightdesk.access.tokens import digest, looks_right
from nightdesk.archive import Archive, definitions, tokens
from tests.support.alerting import make_subscription
from tests.unit.commands.conftest import Run

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_token_is_shown_once_and_works(nightdesk: Run, archive: Archive) -> None:
    said = nightdesk("tokens", "create", "night desk", "--scope", "write", "--expires", "30d")
    assert said.code == 0, said.err
    secret = said.out.strip()
    assert looks_right(secret)
    assert secret not in said.err
    with archive.read() as conn:
        token = tokens.by_hash(conn, digest(secret))
    assert token is not None
    assert (token.name, token.scopes) == ("night desk", ("write",))
    assert token.expires_at is not None
    assert (token.expires_at - token.created_at).days == 30
    listed = nightdesk("tokens", "list")
    assert "night desk" in listed.out
    assert secret not in listed.out
    assert digest(secret) not in nightdesk("tokens", "list", "--json").out


def test_it_makes_the_archive_where_there_is_none(nightdesk: Run, desk: Path) -> None:
    assert nightdesk("tokens", "create", "desk").code == 0
    assert (desk / "var" / "archive.sqlite").exists()


def test_a_revoked_token_is_listed_only_when_asked_for(nightdesk: Run, archive: Archive) -> None:
    nightdesk("tokens", "create", "desk")
    assert nightdesk("tokens", "revoke", "desk").code == 0
    assert "No tokens" in nightdesk("tokens", "list").out
    assert "revoked" in nightdesk("tokens", "list", "--all").out
    again = nightdesk("tokens", "revoke", "desk")
    assert again.code == 1
    assert "no token in force" in again.err
    # Its name is free again.
    assert nightdesk("tokens", "create", "desk").code == 0


def test_two_in_force_never_share_a_name(nightdesk: Run, archive: Archive) -> None:
    nightdesk("tokens", "create", "desk")
    said = nightdesk("tokens", "create", "desk", "--scope", "admin")
    assert said.code == 1
    assert "already" in said.err


def test_a_feeds_token_prints_both_addresses(nightdesk: Run, archive: Archive) -> None:
    with archive.begin() as conn:
        definitions.put(conn, make_subscription(), author="test", now=NOW)
    said = nightdesk("tokens", "create", "--feed", "desk", "--json")
    assert said.code == 0, said.err
    told = json.loads(said.out)
    assert told["scopes"] == ["feed:desk"]
    assert told["addresses"]["atom"].endswith(f"/subscriptions/desk.atom?token={told['token']}")
    assert told["addresses"]["events"].endswith(f"/subscriptions/desk/events?token={told['token']}")
    plain = nightdesk("tokens", "create", "--feed", "desk").out.splitlines()
    assert len(plain) == 2
    assert "/subscriptions/desk.atom?token=nightdesk_" in plain[0]
    # Two tokens of one feed share its name, and are told apart by id.
    both = nightdesk("tokens", "revoke", "feed desk")
    assert both.code == 1
    assert told["id"] in both.err
    assert nightdesk("tokens", "revoke", told["id"]).code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["desk", "--scope", "root"], "no scope"),
        (["desk", "--expires", "soon"], "not a duration"),
        (["desk", "--expires", "0s"], "longer than 0s"),
        ([], "what the token is for"),
        (["(no token)"], "no bracket"),
        (["x" * 101], "1 to 100"),
        (["--feed", "desk", "--scope", "read"], "that feed alone"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(nightdesk: Run, arguments, words) -> None:
    said = nightdesk("tokens", "create", *arguments)
    assert said.code == 2
    assert words in " ".join(said.err.split())


def test_there_is_no_feed_of_a_subscription_that_is_none(nightdesk: Run, archive: Archive) -> None:
    said = nightdesk("tokens", "create", "--feed", "desk")
    assert said.code == 1
    assert "there is no subscription 'desk'" in said.err


def test_the_audit_log_tells_of_tokens(nightdesk: Run, archive: Archive) -> None:
    nightdesk("tokens", "create", "desk", "--scope", "admin")
    nightdesk("tokens", "revoke", "desk")
    entries = json.loads(nightdesk("audit", "--json").out)
    assert [entry["action"] for entry in entries] == ["revoke", "create"]
    assert "desk: admin" in nightdesk("audit", "--kind", "token").out
    assert "Nothing was done" in nightdesk("audit", "--refused").out
