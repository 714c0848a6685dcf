"""The Faust app: one agent a stage, and the services beside them.

    poller ─▶ reports ─▶ normalise ─▶ nominate ─▶ decide ─▶ alert ─▶ deliver ─▶ notifier ─▶ dispatcher
    courier (outbox)   canary (heartbeats)   watch (lag)   housekeeper   lookout (emerging storylines)
    timekeeper (what goes quiet, silences that end)   subscriber (hubs that push feeds)
    web (page, /metrics, /healthz, callbacks of hubs)

`faust -A agents.app worker` finds `app` here; it is built when first asked for, from the settings,
so that importing this module touches nothing.  `nightdesk run` builds its own.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import faust
from faust.tables.manager import TableManager
from faust.types import AppT, StreamT
from mode import ServiceT

from agents.courier import Courier
from agents.delivery import DeliveryService
from agents.emerging import Lookout
from agents.heartbeat import TOPIC as HEARTBEATS
from agents.heartbeat import Canary
from agents.housekeeping import Housekeeper
from agents.learning import Learner
from agents.notifier import Notifier
from agents.poll import Poller
from agents.runtime import Runtime
from agents.stage_agent import StageAgent
from agents.timekeeper import Timekeeper
from agents.topics import prepare_topics
from agents.watch import Watch
from agents.web import WebService
from agents.websub import Subscriber
from nightdesk.pipeline.bare import build_stages
from nightdesk.pipeline.decoding import LARGEST_MESSAGE
from nightdesk.pipeline.definitions import CatalogueCache
from nightdesk.pipeline.rarity import RarityCache
from nightdesk.settings import Settings, load_settings


class NoTables(TableManager):
    """Faust gives an app's tables a second to be declared.  There are none."""

    async def on_start(self) -> None:
        await self._update_channels()
        await self.recovery.start()


class WebOff(faust.Worker):
    """The worker of `faust worker`, a command that turns Faust's own web server on whatever the app says:
    on all interfaces, telling of topics and tables.  It stays off; ours is `agents.web`."""

    def __init__(self, app: AppT, *services: ServiceT, **options: Any) -> None:
        app.conf.web_enabled = False
        super().__init__(app, *services, **options)


class NightdeskApp(faust.App):
    """A Faust app with its runtime; topics are made before the first agent starts."""

    def __init__(self, runtime: Runtime, **options: Any) -> None:
        settings = runtime.settings
        session = settings.kafka_session_timeout.total_seconds()
        super().__init__(
            "nightdesk",
            broker=broker_url(settings),
            store="memory://",
            datadir=str(settings.state_dir / "faust"),
            processing_guarantee="at_least_once",
            web_enabled=False,
            topic_disable_leader=True,
            topic_partitions=settings.broker_partitions,
            topic_replication_factor=settings.kafka_replication,
            broker_session_timeout=session,
            broker_heartbeat_interval=session / 3,
            broker_max_poll_records=settings.batch_max_messages,
            broker_commit_interval=1.0,
            stream_buffer_maxsize=settings.batch_max_messages,
            stream_wait_empty=False,
            consumer_auto_offset_reset="earliest",
            producer_acks=-1,
            producer_max_request_size=LARGEST_MESSAGE,
            consumer_max_fetch_size=LARGEST_MESSAGE,
            TableManager=NoTables,
            Worker=WebOff,
            **options,
        )
        self.runtime = runtime
        self.courier = Courier(self, runtime, alone=settings.broker_url.startswith("sqlite:"))
        self.canary = Canary(self, runtime)
        self.stages: list[StageAgent] = []
        self.poller = Poller(self, runtime, self.courier, self.canary)
        self.subscriber = Subscriber(runtime, self.poller)
        self.delivery = DeliveryService(runtime, self.courier)
        self.watch = Watch(self, runtime)
        self.web_service = WebService(self, runtime)
        self.housekeeper = Housekeeper(runtime)
        rarities = RarityCache()
        catalogues = CatalogueCache(rarities=rarities, known=runtime.definitions)
        self.notifier = Notifier(runtime, self.courier, catalogues, self.delivery.wake)
        self.lookout = Lookout(runtime, self.canary, rarities, self.courier)
        self.learner = Learner(runtime, self.canary)
        self.timekeeper = Timekeeper(runtime, self.canary, self.courier)
        for stage in build_stages(catalogues, runtime.encoder):
            planned = self._planned if stage.name == "deliver" else _nothing
            self._add_stage(StageAgent(runtime, self.courier, stage, on_committed=planned))
        self._add_heartbeats()
        for service in (
            self.courier,
            self.canary,
            self.poller,
            self.subscriber,
            self.delivery,
            self.notifier,
            self.watch,
            self.web_service,
            self.housekeeper,
            self.lookout,
            self.learner,
            self.timekeeper,
        ):
            # Typed for classes alone; an instance is started as well.
            self.service(service)  # type: ignore[arg-type]

    def _planned(self) -> None:
        """The stage `deliver` committed: something may be due, or wait in an inbox."""
        self.delivery.wake()
        self.notifier.wake()

    async def on_first_start(self) -> None:
        await super().on_first_start()
        states = await prepare_topics(self, self.runtime)
        self.poller.partitions = states[HEARTBEATS].partitions

    def _raw_topic(self, name: str) -> Any:
        """A topic whose values stay bytes: decoding is guarded by the runner, never by Faust, which
        acks and skips what does not decode."""
        return self.topic(
            name,
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
            allow_empty=True,
        )

    def _add_stage(self, consumer: StageAgent) -> None:
        self.stages.append(consumer)

        async def body(stream: StreamT[bytes]) -> None:
            await consumer.consume(stream)

        stage = consumer.stage
        self.agent(self._raw_topic(stage.topic), name=stage.name, concurrency=1)(body)

    def _add_heartbeats(self) -> None:
        async def body(stream: StreamT[bytes]) -> None:
            async for event in stream.events():
                self.canary.hear(event.message.value)

        self.agent(self._raw_topic(HEARTBEATS), name="canary", concurrency=1)(body)


def broker_url(settings: Settings) -> str:
    """Return the broker's URL as Faust takes it, with the durability asked for."""
    if settings.durability == "power" and settings.broker_url.startswith("sqlite:"):
        return f"{settings.broker_url}?synchronous=full"
    return settings.broker_url


def _nothing() -> None:
    """Nobody waits for this stage's commits."""


@cache
def _default_app() -> NightdeskApp:
    return NightdeskApp(Runtime(load_settings()))


def __getattr__(name: str) -> Any:
    if name == "app":
        return _default_app()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
