"""A real Apache Kafka for tests: one KRaft node on free ports of 127.0.0.1, without Docker.

In comes a folder for its data; out comes the address of a broker that answers, which can be stopped,
killed and started again on the same ports and data. The jars come through Maven (`dependency:
copy-dependencies`, some 50 MB, once) and are cached outside the checkout, under
`$XDG_CACHE_HOME/nightdesk/kafka-4.1.0`. By hand: `python -m tests.support.kafka start|stop`.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from tests.support.programs import end, end_by_pid, free_ports
from tests.support.waiting import first_true

VERSION = "4.1.0"
DEPENDENCIES = (f"org.apache.kafka:kafka_2.13:{VERSION}", "org.slf4j:slf4j-simple:1.7.36")
READY = "Kafka Server started"
START_SECONDS = 90.0
MAX_MESSAGE_BYTES = 16 * 1024 * 1024

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>nightdesk</groupId><artifactId>kafka-for-tests</artifactId><version>1</version>
  <dependencies>{}</dependencies>
</project>
"""

_PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
log.dirs={logs}
num.partitions=1
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
auto.create.topics.enable=false
message.max.bytes={max_bytes}
replica.fetch.max.bytes={max_bytes}
"""


class KafkaUnavailable(Exception):
    """No Java, no Maven, or no jars: the reason to skip, in words."""


def cache_folder() -> Path:
    """Where the jars are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "nightdesk" / f"kafka-{VERSION}"


def jars() -> Path:
    """The folder of jars, fetched the first time; `KafkaUnavailable` says what is missing."""
    if shutil.which("java") is None:
        raise KafkaUnavailable("no Java: install a JDK of version 17 or later")
    folder = cache_folder() / "jars"
    if not folder.is_dir():
        _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    if shutil.which("mvn") is None:
        raise KafkaUnavailable(f"no Kafka jars in {folder}, and no Maven to fetch them")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        pom = Path(scratch) / "pom.xml"
        tags = ("groupId", "artifactId", "version")
        pom.write_text(_POM.format("".join(_dependency(tags, name) for name in DEPENDENCIES)))
        fetched = Path(scratch) / "jars"
        command = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"]
        result = subprocess.run(
            [*command, f"-DoutputDirectory={fetched}"], capture_output=True, text=True, check=False
        )
        if result.returncode:
            raise KafkaUnavailable(f"Maven cannot fetch Kafka: {result.stdout.strip()[:300]}")
        # A rename is all or nothing: two test runs at once cannot see half a folder.
        if not folder.exists():
            fetched.rename(folder)


def _dependency(tags: tuple[str, ...], name: str) -> str:
    parts = zip(tags, name.split(":"), strict=True)
    return "<dependency>" + "".join(f"<{t}>{v}</{t}>" for t, v in parts) + "</dependency>"


def cluster_id(draw: Callable[[], bytes] = lambda: uuid.uuid4().bytes) -> str:
    """A fresh id for a cluster: sixteen bytes of `draw` in base64, as Kafka writes them.

    None that begins with `-`, one draw in 64, which the storage tool would take for an option.
    """
    while True:
        drawn = base64.urlsafe_b64encode(draw()).decode().rstrip("=")
        if not drawn.startswith("-"):
            return drawn


class Kafka:
    """One broker with its data in `folder`. `with Kafka(folder) as kafka: kafka.address`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pid: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._class_path = f"{jars()}/*"
        self._config = folder / "server.properties"
        self._output = folder / "kafka.out"
        if not self._config.exists():
            self._format()
        line = next(x for x in self._config.read_text().split() if x.startswith("advertised"))
        self.address = line.partition("://")[2]

    @property
    def url(self) -> str:
        """The address as Faust takes it."""
        return f"kafka://{self.address}"

    def start(self) -> None:
        """Start, on the same ports and data as before, and wait until it is ready."""
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                self._java("kafka.Kafka", str(self._config)),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._process.pid
        (self.folder / "pid").write_text(str(self.pid))
        if not first_true(self._is_ready, START_SECONDS, while_runs=self._process):
            raise RuntimeError(f"Kafka did not start:\n{self._output.read_text()[-3000:]}")

    def stop(self) -> None:
        """Ask it to stop, and wait."""
        self._end(signal.SIGTERM)

    def kill9(self) -> None:
        """Kill it without a warning, and wait until it is gone."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Start again after `stop` or `kill9`: same ports, same data."""
        self.start()

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            end(self._process, how, within=30)
            self._process = None

    def _is_ready(self) -> bool:
        return READY in self._output.read_text(errors="replace")

    def _format(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        broker, controller = free_ports(2)
        # The configuration takes its name last: where it stands, the data is formatted.
        unformatted = self._config.with_suffix(".unformatted")
        unformatted.write_text(
            _PROPERTIES.format(
                broker=broker,
                controller=controller,
                logs=self.folder / "logs",
                max_bytes=MAX_MESSAGE_BYTES,
            )
        )
        command = self._java("kafka.tools.StorageTool", "format", "-t", cluster_id())
        finished = subprocess.run(
            [*command, "-c", str(unformatted)], capture_output=True, text=True, check=False
        )
        if finished.returncode:
            raise RuntimeError(
                f"Kafka's storage was not formatted (exit code {finished.returncode}):\n"
                f"{finished.stdout}{finished.stderr}"
            )
        unformatted.rename(self._config)

    def _java(self, *arguments: str) -> list[str]:
        return ["java", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-cp", self._class_path, *arguments]

    def __enter__(self) -> Kafka:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def main() -> int:
    """`start` leaves a broker running and prints its URL; `stop` ends it and removes its data."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.kafka", description=__doc__)
    parser.add_argument("action", choices=["start", "stop"])
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "nightdesk-kafka"
    )
    chosen = parser.parse_args()
    if chosen.action == "start":
        try:
            kafka = Kafka(chosen.folder)
        except KafkaUnavailable as reason:
            print(reason, file=sys.stderr)
            return 1
        kafka.start()
        print(f"{kafka.url}  (pid {kafka.pid}, data in {chosen.folder})")
        return 0
    pid = chosen.folder / "pid"
    if pid.exists():
        stop_process(int(pid.read_text()))
        shutil.rmtree(chosen.folder)
    return 0


def stop_process(pid: int) -> None:
    """Ask a process that is not our child to stop, and wait until it is gone."""
    if not end_by_pid(pid, signal.SIGTERM, within=30):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
