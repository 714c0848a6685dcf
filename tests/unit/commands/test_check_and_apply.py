"""`nightdesk check` and `apply`: what they show, ask, change and refuse."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from nightdesk.archive import Archive, definitions
from nightdesk.bundles.apply import apply
from nightdesk.bundles.plan import plan
from tests.support.pipes import PipedBundle
from tests.unit.bundles.support import GOOD, NOW, check
from tests.unit.commands.conftest import Run
from tests.unit.commands.test_command_line import ROOT

CURRENT = GOOD.replace("2026-03-02T10", "2999-03-02T10").replace("2026-03-01T10", "2999-03-01T10")


@pytest.fixture
def bundle(desk: Path) -> Path:
    path = desk / "desk.yaml"
    path.write_text(CURRENT)
    return path


def test_a_sound_bundle(nightdesk: Run, bundle: Path) -> None:
    said = nightdesk("check", bundle)
    assert said.code == 0
    assert "sound" in said.out
    assert "1 feed, 2 storylines" in said.out


def test_a_problem_has_place_snippet_caret_and_hint(nightdesk: Run, bundle: Path) -> None:
    bundle.write_text(CURRENT.replace("kind: saga", "kind: sage"))
    said = nightdesk("check", bundle)
    assert said.code == 1
    lines = said.out.splitlines()
    assert lines[0].startswith(f"{bundle}:10:11: error: 'sage' is not one of the choices")
    assert lines[1:4] == [
        "  10 │     kind: sage",
        "     │           ^",
        "  hint: did you mean saga? Possible are event, saga",
    ]
    assert "1 error, 0 warnings" in lines[-1]


def test_the_caret_stands_right_after_wide_letters_and_in_long_lines(
    nightdesk: Run, bundle: Path
) -> None:
    long = "x" * 300
    bundle.write_text(
        f"feeds:\n  - {{title: 漢字, colour: 1}}\n  - {{title: {long}, colour: 1, url: 3}}\n"
    )
    lines = nightdesk("check", bundle).out.splitlines()
    # A wide letter takes two cells and one place in the text: the caret's line is padded by cells.
    wide = lines.index("  2 │   - {title: 漢字, colour: 1}")
    under = [b.index("^") for a, b in pairwise(lines) if a == lines[wide]]
    assert lines[wide].index("colour") + 2 in under
    cut = [line for line in lines if "│ …x" in line]
    assert cut
    assert all(len(line) < 120 for line in cut)


def test_control_characters_never_reach_the_terminal(nightdesk: Run, bundle: Path) -> None:
    bundle.write_text('feeds:\n  - {"a\\e[31m\\u202eb": 1}\n')
    out = nightdesk("check", bundle).out
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_json(nightdesk: Run, bundle: Path) -> None:
    bundle.write_text(CURRENT.replace("kind: saga", "kind: sage"))
    said = nightdesk("check", bundle, "--json")
    assert said.code == 1
    data = json.loads(said.out)
    assert data["ok"] is False
    assert data["errors"] == 1
    assert data["problems"][0]["line"] == 10
    assert data["problems"][0]["where"] == "storylines[0].kind"


def test_a_bundle_from_stdin(desk: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "agents.cli", "check", "-"],
        input=CURRENT.replace("kind: saga", "kind: sage").encode(),
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 1
    assert done.stdout.startswith(b"<stdin>:10:11: error: ")


def test_apply_shows_the_plan_and_does_it(nightdesk: Run, bundle: Path, archive: Archive) -> None:
    said = nightdesk("apply", bundle, "--yes", "--author", "mara")
    assert said.code == 0
    assert "+ create feed harbour-wire" in said.out
    assert "+url: https://harbour.example/rss" in said.out
    assert "Applied: 5 created." in said.out
    with archive.read() as conn:
        assert definitions.current(conn).feeds["harbour-wire"].author == "mara"
    again = nightdesk("apply", bundle, "--yes")
    assert again.code == 0
    assert "Nothing to change." in again.out


def test_what_somebody_else_applied_meanwhile_is_no_conflict(
    nightdesk: Run, desk: Path, archive: Archive
) -> None:
    same = check(CURRENT).bundle
    assert same is not None
    with ThreadPoolExecutor(1) as pool, PipedBundle(desk / "piped.yaml") as piped:
        command = pool.submit(nightdesk, "apply", piped.path, "--yes", "--author", "tom")
        piped.await_reader()
        with archive.begin() as conn:
            planned = plan(definitions.current(conn), same)
            apply(conn, planned, author="mara", now=NOW)
        piped.write(CURRENT)
        said = command.result()
    assert said.code == 0
    assert "5 of these changes were made by somebody else meanwhile." in said.out
    with archive.read() as conn:
        assert definitions.current(conn).feeds["harbour-wire"].author == "mara"


def test_apply_shows_an_update_as_a_diff(nightdesk: Run, bundle: Path) -> None:
    nightdesk("apply", bundle, "--yes")
    bundle.write_text(CURRENT.replace("interval: 5m", "interval: 10m"))
    said = nightdesk("apply", bundle, "--yes")
    assert "~ update feed harbour-wire (version 1)" in said.out
    assert "    -interval: 5m\n    +interval: 10m\n" in said.out
    assert "1 updated, 4 unchanged" in said.out


def test_apply_refuses_where_nobody_can_be_asked(
    nightdesk: Run, bundle: Path, archive: Archive
) -> None:
    said = nightdesk("apply", bundle)
    assert said.code == 1
    assert "nobody is there to ask" in said.err
    assert "--yes" in said.err
    with archive.read() as conn:
        assert definitions.epoch(conn) == 0


def test_a_dry_run_changes_nothing(nightdesk: Run, bundle: Path, archive: Archive) -> None:
    said = nightdesk("apply", bundle, "--dry-run")
    assert said.code == 0
    assert "Plan: 5 created." in said.out
    with archive.read() as conn:
        assert definitions.epoch(conn) == 0


def test_a_faulty_bundle_changes_nothing(nightdesk: Run, bundle: Path, archive: Archive) -> None:
    bundle.write_text(CURRENT.replace("kind: saga", "kind: sage"))
    said = nightdesk("apply", bundle, "--yes")
    assert said.code == 1
    assert "'sage' is not one of the choices" in said.err
    assert "nothing was applied" in said.err
    with archive.read() as conn:
        assert definitions.epoch(conn) == 0


def test_prune_retires_and_without_it_the_rest_is_kept(
    nightdesk: Run, bundle: Path, archive: Archive
) -> None:
    nightdesk("apply", bundle, "--yes")
    bundle.write_text(CURRENT[: CURRENT.index("storylines:")])
    kept = nightdesk("apply", bundle, "--yes")
    assert "4 that only the archive holds are kept" in kept.out
    pruned = nightdesk("apply", bundle, "--yes", "--prune")
    assert "- retire storyline port-strike" in pruned.out
    with archive.read() as conn:
        assert definitions.current(conn).storylines == {}


def test_definitions_of_the_archive_may_be_referred_to(nightdesk: Run, bundle: Path) -> None:
    nightdesk("apply", bundle, "--yes")
    bundle.write_text(
        "subscriptions:\n  - {id: day, storylines: [port-strike], receivers: [{channel: atom}]}\n"
    )
    assert nightdesk("check", bundle).code == 1
    assert nightdesk("apply", bundle, "--yes").code == 0
    said = nightdesk("apply", bundle, "--yes", "--prune")
    assert said.code == 1
    assert "there is no storyline `port-strike`" in said.err


@pytest.mark.parametrize(("answer", "code", "epoch"), [("y", 0, 5), ("n", 1, 0), ("", 1, 0)])
def test_somebody_who_is_there_is_asked(
    bundle: Path, archive: Archive, answer: str, code: int, epoch: int
) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "agents.cli", "apply", str(bundle)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        close_fds=True,
    )
    os.close(theirs)
    shown = _read_until(ours, b"Apply these changes?")
    assert b"create feed" in shown
    os.write(ours, answer.encode() + b"\n")
    _read_until(ours, b"\0 the end")
    assert process.wait(30) == code
    os.close(ours)
    with archive.read() as conn:
        assert definitions.epoch(conn) == epoch


def _read_until(terminal: int, wanted: bytes) -> bytes:
    """Read from a terminal until `wanted` shows, or the other side has gone."""
    shown = b""
    while wanted not in shown:
        ready, _, _ = select.select([terminal], [], [], 30)
        assert ready, shown
        try:
            piece = os.read(terminal, 65_536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    return shown
