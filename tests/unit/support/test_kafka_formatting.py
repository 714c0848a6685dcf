"""The Kafka of the tests: ids that its tools take for ids, and a format that failed leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.kafka import Kafka, cluster_id

FORMATS = "#!/bin/sh\nexit 0\n"
REFUSES = "#!/bin/sh\necho 'Cluster ID cannot be read' >&2\nexit 1\n"


def java(folder: Path, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "java").write_text(script)
    (folder / "java").chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose `java` is found first; jars are there, so that nothing is fetched."""
    (tmp_path / "cache" / "nightdesk" / "kafka-4.1.0" / "jars").mkdir(parents=True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    return tmp_path / "bin"


def test_no_cluster_id_begins_like_an_option() -> None:
    draws = iter([b"\xf8" + bytes(15), b"\xfb" + bytes(15), b"\x00" * 16])
    assert cluster_id(lambda: next(draws)) == "A" * 22
    assert len(cluster_id()) == 22


def test_a_format_that_fails_says_why_and_is_done_again_at_the_next_start(
    machine: Path, tmp_path: Path
) -> None:
    java(machine, REFUSES)
    with pytest.raises(RuntimeError, match="Cluster ID cannot be read"):
        Kafka(tmp_path / "kafka")
    assert not (tmp_path / "kafka" / "server.properties").exists()
    java(machine, FORMATS)
    address = Kafka(tmp_path / "kafka").address
    assert address.startswith("127.0.0.1:")
    java(machine, REFUSES)
    assert Kafka(tmp_path / "kafka").address == address
