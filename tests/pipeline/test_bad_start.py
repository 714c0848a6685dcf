"""A start that cannot go well: exit code 1, what is wrong, a hint at the mend, and nothing changed.

All refused commands are started together, since starting Python is what takes the time.
"""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.broker.errors import BrokerUnreachable
from agents.runtime import Runtime
from agents.worker import run_worker
from nightdesk.settings import Settings
from tests.support.badworld import Command, Said, disk, fill
from tests.support.strangers import write

NOT_A_DATABASE = b"The lamps of Quillhaven.\n" * 400


class RecordingPolicy(asyncio.DefaultEventLoopPolicy):
    """Asyncio's own policy, which also keeps every loop that it makes."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[asyncio.AbstractEventLoop] = []

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        loop = super().new_event_loop()
        self.made.append(loop)
        return loop


class Refused:
    """Commands under way, by name; `said(name)` waits for one and checks what holds for all."""

    def __init__(self) -> None:
        self.commands: dict[str, Command] = {}

    def run(self, name: str, state: Path, *arguments: str, **settings: str) -> None:
        self.commands[name] = Command(state, "run", *arguments, **settings)

    def said(self, name: str) -> Said:
        said = self.commands[name].end()
        assert said.code == 1, said.all
        lines = said.err.splitlines()
        assert sum(line.startswith("error: ") for line in lines) == 1, said.all
        assert lines[-1].startswith(" hint: "), said.all
        assert "Traceback" not in said.all
        assert "fault of Nightdesk" not in said.all
        return said


def a_bundle(path: Path) -> Path:
    path.write_text(
        "schema_version: 1\n"
        "feeds:\n"
        "  - id: lantern-wire\n"
        "    url: ftp://wire.example/feed\n"
        "    source: The Lantern Wire\n"
        "    intervall: 5m\n"
        "subscriptions:\n"
        "  - id: desk\n"
        "    storylines: [lamps]\n"
        "    receivers: [{channel: console}]\n"
    )
    return path


def cut_short(path: Path) -> None:
    """Make a database at `path` of which only the beginning is left."""
    whole = path.with_name("whole")
    database = sqlite3.connect(whole)
    database.execute("CREATE TABLE alembic_version (version_num TEXT)")
    database.execute("CREATE TABLE lamps (light TEXT)")
    database.executemany("INSERT INTO lamps VALUES (?)", [("x" * 500,)] * 200)
    database.commit()
    database.close()
    path.write_bytes(whole.read_bytes()[:6_000])
    whole.unlink()


def damage_in_the_middle(path: Path) -> None:
    """Overwrite a broker's pages that hold messages which nobody has read."""
    write(path.parent, [("reports", None, b"{" + b"x" * 4_000) for _ in range(200)])
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xee" * 200_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("refused")


@pytest.fixture(scope="module")
def refused(folder: Path) -> Iterator[Refused]:
    refused = Refused()
    taken = socket.create_server(("127.0.0.1", 0))
    free = socket.create_server(("127.0.0.1", 0))
    nobody = free.getsockname()[1]
    free.close()
    for name in ("archive", "cut", "broker"):
        (folder / name).mkdir()
    (folder / "archive" / "archive.sqlite").write_bytes(NOT_A_DATABASE)
    (folder / "broker" / "broker.sqlite").write_bytes(NOT_A_DATABASE)
    cut_short(folder / "cut" / "archive.sqlite")
    (folder / "folders" / "archive.sqlite").mkdir(parents=True)
    (folder / "file").write_text("no folder")
    try:
        refused.run("kafka", folder / "kafka", BROKER_URL=f"kafka://127.0.0.1:{nobody}")
        refused.run("bundle", folder / "b", "--bundle", str(a_bundle(folder / "bundle.yaml")))
        refused.run("archive", folder / "archive")
        refused.run("cut", folder / "cut")
        refused.run("broker", folder / "broker")
        damage_in_the_middle(folder / "damaged" / "broker.sqlite")
        refused.run("damaged", folder / "damaged")
        refused.run("folders", folder / "folders")
        refused.run("file", folder / "file")
        refused.run("port", folder / "p", WEB_PORT=str(taken.getsockname()[1]))
        refused.run(
            "settings",
            folder / "s",
            WEB_PORT="99999",
            LOG_LEVEL="loud",
            BROKER_URL="ftp://quill:secret@haven",
            HEARTBEAT_INTERVAL="soon",
        )
        yield refused
    finally:
        taken.close()
        for command in refused.commands.values():
            command.kill()


def test_a_malformed_bundle_is_told_with_lines_and_hints_and_nothing_starts(
    refused: Refused, folder: Path
) -> None:
    err = refused.said("bundle").err
    for told in (
        "bundle.yaml:4:10: error: not a web address",
        "bundle.yaml:6:5: error: unknown field `intervall`",
        "hint: did you mean `interval`?",
        "bundle.yaml:9:18: error: there is no storyline `lamps`",
    ):
        assert told in err, err
    assert "nightdesk check" in err
    assert "listening" not in err
    assert not (folder / "b" / "web-address").exists()
    assert not (folder / "b" / "broker.sqlite").exists()


def test_a_missing_kafka_is_told_once(refused: Refused) -> None:
    said = refused.said("kafka")
    assert "no Kafka at 127.0.0.1:" in said.err
    assert "start it, or unset NIGHTDESK_BROKER_URL" in said.err
    assert said.out == ""


def test_a_file_that_is_no_archive_is_left_alone(refused: Refused, folder: Path) -> None:
    err = refused.said("archive").err
    assert "archive.sqlite is damaged, or is not a database" in err
    assert "restore a backup, or move the file away" in err
    assert (folder / "archive" / "archive.sqlite").read_bytes() == NOT_A_DATABASE


def test_an_archive_cut_short_is_left_alone(refused: Refused, folder: Path) -> None:
    err = refused.said("cut").err
    assert "archive.sqlite is damaged" in err
    assert (folder / "cut" / "archive.sqlite").stat().st_size == 6_000


def test_a_file_that_is_no_broker_is_left_alone(refused: Refused, folder: Path) -> None:
    err = refused.said("broker").err
    assert "broker.sqlite is not a SQLite file" in err
    assert "move that file away" in err
    assert (folder / "broker" / "broker.sqlite").read_bytes() == NOT_A_DATABASE


def test_a_broker_damaged_in_the_middle_ends_the_worker_with_a_hint(refused: Refused) -> None:
    err = refused.said("damaged").err
    assert "broker.sqlite is damaged: database disk image is malformed" in err
    assert ".recover" in err.splitlines()[-1]


def test_a_folder_in_place_of_the_archive_is_told(refused: Refused) -> None:
    assert "archive.sqlite is a folder" in refused.said("folders").err


def test_a_file_in_place_of_the_state_folder_is_told(refused: Refused) -> None:
    err = refused.said("file").err
    assert "cannot make the state folder" in err
    assert "NIGHTDESK_STATE_DIR" in err


def test_a_taken_port_is_told_with_the_setting_to_change(refused: Refused) -> None:
    err = refused.said("port").err
    assert "Address already in use" in err
    assert "NIGHTDESK_WEB_PORT" in err


def test_all_bad_settings_are_named_at_once_and_no_password_is_shown(
    refused: Refused, folder: Path
) -> None:
    err = refused.said("settings").err
    assert "4 settings are wrong" in err
    for name in ("WEB_PORT", "LOG_LEVEL", "BROKER_URL", "HEARTBEAT_INTERVAL"):
        assert f"NIGHTDESK_{name}: " in err
    assert "secret" not in err
    assert not (folder / "s").exists()


def test_a_read_only_disk_and_a_full_one_are_told(refused: Refused, tmp_path: Path) -> None:
    with disk(tmp_path / "ro", "ro") as read_only, disk(tmp_path / "full", "size=64k") as full:
        filler = fill(full)
        refused.run("read-only", read_only)
        refused.run("full", full)
        err = refused.said("read-only").err
        assert "archive.sqlite cannot be written to" in err
        assert "not mounted read-only" in err
        err = refused.said("full").err
        assert "archive.sqlite is full" in err
        assert "free some disk space" in err
        assert filler.exists()


def test_a_start_without_kafka_leaves_no_event_loop_open(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = free.getsockname()[1]
    settings = Settings(state_dir=tmp_path, broker_url=f"kafka://127.0.0.1:{nobody}", web_port=0)
    policy = asyncio.get_event_loop_policy()
    recording = RecordingPolicy()
    asyncio.set_event_loop_policy(recording)
    try:
        with pytest.raises(BrokerUnreachable):
            run_worker(Runtime(settings))
    finally:
        asyncio.set_event_loop_policy(policy)
    assert len(recording.made) > 1
    assert all(loop.is_closed() for loop in recording.made)
