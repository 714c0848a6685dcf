"""Tokens and the audit log, on each kind of database."""

from __future__ import annotations

import secrets
from datetime import timedelta

from nightdesk.access.tokens import Minted, digest, mint
from nightdesk.archive import Archive, audit, tokens
from nightdesk.archive.audit import NOBODY, Entry
from nightdesk.archive.tables import api_tokens
from nightdesk.archive.tokens import Token
from tests.support.archive_samples import NOON, at


def make(
    name: str = "desk", scopes: tuple[str, ...] = ("read",), **changes
) -> tuple[Minted, Token]:
    minted = mint(secrets.token_bytes)
    return minted, Token(minted.id, name, scopes, "Mara", NOON, **changes)


def test_a_token_is_found_by_its_hash_and_never_kept(archive: Archive) -> None:
    minted, token = make(expires_at=at(60))
    with archive.begin() as conn:
        tokens.add(conn, minted, token)
    with archive.read() as conn:
        assert tokens.by_hash(conn, digest(minted.secret)) == token
        assert tokens.by_hash(conn, digest(minted.secret + "x")) is None
        kept = str(conn.execute(api_tokens.select()).all())
    assert minted.secret not in kept


def test_it_ends_when_it_runs_out_and_when_it_is_revoked(archive: Archive) -> None:
    minted, token = make(expires_at=at(60))
    assert token.in_force(at(59))
    assert not token.in_force(at(60))
    with archive.begin() as conn:
        tokens.add(conn, minted, token)
        assert tokens.any_in_force(conn, at(59))
        assert not tokens.any_in_force(conn, at(60))
        assert tokens.revoke(conn, token.id, at(5))
        assert not tokens.revoke(conn, token.id, at(6))
        assert not tokens.any_in_force(conn, at(7))
        found = tokens.by_hash(conn, minted.hash)
    assert found is not None
    assert found.revoked_at == at(5)
    assert not found.in_force(at(6))


def test_a_feeds_token_is_none_that_lets_us_bind_wider(archive: Archive) -> None:
    with archive.begin() as conn:
        tokens.add(conn, *make("feed", ("feed:desk",)))
        assert not tokens.any_in_force(conn, NOON)
        tokens.add(conn, *make("desk", ("feed:desk", "read")))
        assert tokens.any_in_force(conn, NOON)


def test_the_last_use_is_written_once_a_minute(archive: Archive) -> None:
    minted, token = make()
    with archive.begin() as conn:
        tokens.add(conn, minted, token)
        used = []
        for minutes in (1, 1.5, 1.99, 2, 2.5, 7):
            tokens.note_used(conn, token.id, at(minutes))
            found = tokens.by_hash(conn, minted.hash)
            assert found is not None
            used.append(found.used_at)
    assert used == [at(1), at(1), at(1), at(2), at(2), at(7)]
    assert found.used_lately(at(7.5))
    assert not found.used_lately(at(8))


def test_the_audit_log_is_read_newest_first_by_what_is_asked(archive: Archive) -> None:
    entries = [
        Entry(at(1), "desk", "put", "storyline", "ferry", "version 1"),
        Entry(at(2), "desk", "refused", "storyline", "ferry", "412"),
        Entry(at(3), NOBODY, "refused", "alert", "x" * 2_000 + "\x00", "\ud800" * 2_000),
    ]
    with archive.begin() as conn:
        for entry in entries:
            audit.add(conn, entry)
    with archive.read() as conn:
        found = audit.newest(conn, limit=10)
        assert [entry.at for entry in found] == [at(3), at(2), at(1)]
        assert len(found[0].subject) == len(found[0].detail) == 500
        assert audit.newest(conn, limit=1, before=found[0].n)[0].at == at(2)
        assert len(audit.newest(conn, limit=10, kind="storyline", subject="ferry")) == 2
        assert [e.at for e in audit.newest(conn, limit=10, actor="desk", refused=True)] == [at(2)]
        assert [e.at for e in audit.newest(conn, limit=10, refused=False)] == [at(1)]
        assert audit.newest(conn, limit=10, since=at(3) + timedelta(seconds=1)) == []
        assert audit.newest(conn, limit=10, actor="\x00") == []
