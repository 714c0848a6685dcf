"""The settings: what the machine decides, where a bundle says what the desk follows.

Comes in: environment variables `NIGHTDESK_…`, and overrides from the command line.  Goes out: one
frozen `Settings`, or one `ConfigurationError` that names every variable at fault.  Nothing is read
at import.  Values are never repeated in an error, for a URL may hold a password.
Guide: docs/settings.md.
"""

from __future__ import annotations

import difflib
import os
import re
import socket
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from nightdesk import __version__
from nightdesk.errors import ConfigurationError
from schemas.base import Duration, validation_hints
from schemas.topics import TOPICS, TopicContract

PREFIX = "NIGHTDESK_"
_UNREADY = "default_factory_not_called"


def _is_folder(path: Path) -> Path:
    if set(str(path)) & set("?#%\0"):
        raise ValueError("the path holds one of ? # %, which cannot stand in a database's URL")
    return path.expanduser()


def _has_scheme(*schemes: str) -> AfterValidator:
    def check(url: str) -> str:
        # Faust takes several Kafka servers in one setting: kafka://a:9092;b:9092.
        several = url.split(";") if url.startswith("kafka:") else [url]
        for one in several:
            check_one(one if "://" in one else f"kafka://{one}")
        return url

    def check_one(url: str) -> None:
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError:
            raise ValueError("not a URL; quote special characters of a password") from None
        if parts.scheme not in schemes:
            known = ", ".join(f"{scheme}://" for scheme in schemes)
            raise ValueError(f"not a URL that starts with one of {known}")
        if parts.scheme == "sqlite" and (parts.netloc or len(parts.path) < 2):
            raise ValueError("an SQLite URL has three slashes and a path: sqlite:///var/x.sqlite")
        if parts.scheme != "sqlite" and not parts.hostname:
            raise ValueError("the URL names no host")

    return AfterValidator(check)


def _is_header(text: str) -> str:
    if not text.strip() or not text.isascii() or not text.isprintable():
        raise ValueError("must be printable ASCII on one line, for it travels in an HTTP header")
    return text


def _is_base(url: str) -> str:
    if set(url) & set("?#@") or not url.isprintable() or " " in url:
        raise ValueError("must be a plain address, without user, query or fragment")
    return url.rstrip("/")


def _are_origins(text: str) -> str:
    for origin in text.split(","):
        if not re.fullmatch(r"https?://[a-z0-9.:\[\]-]+", origin.strip()):
            raise ValueError("must be origins such as https://desk.example, with commas between")
    return ",".join(origin.strip() for origin in text.split(","))


def _is_positive(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError("must be longer than 0s")
    return value


def _outlives_topics(value: timedelta) -> timedelta:
    longest = max(topic.retention for topic in TOPICS.values())
    if value <= longest:
        raise ValueError(
            f"must be longer than topics keep messages ({longest.days}d): what is pruned would look new"
        )
    return value


BrokerUrl = Annotated[str, _has_scheme("sqlite", "kafka")]
PublicUrl = Annotated[str, _has_scheme("http", "https"), AfterValidator(_is_base)]
ArchiveUrl = Annotated[str, _has_scheme("sqlite", "postgresql", "postgresql+pg8000")]
PositiveDuration = Annotated[Duration, AfterValidator(_is_positive)]


class Settings(BaseSettings):
    """All settings.  `Settings()` reads the environment; `load_settings` also explains what is wrong."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    state_dir: Annotated[Path, AfterValidator(_is_folder)] = Field(
        default=Path("var"),
        description="Folder of everything that must outlive a restart: broker, archive, locks.",
    )
    broker_url: BrokerUrl = Field(
        default_factory=lambda data: f"sqlite:///{data['state_dir']}/broker.sqlite",
        description="Where the topics live: sqlite:///PATH (embedded) or kafka://HOST:PORT.",
        repr=False,
    )
    archive_url: ArchiveUrl = Field(
        default_factory=lambda data: f"sqlite:///{data['state_dir']}/archive.sqlite",
        description="The archive database: sqlite:///PATH or postgresql+pg8000://USER@HOST/NAME.",
        repr=False,
    )
    broker_partitions: int = Field(
        default=4,
        ge=1,
        le=1_000,
        description="Partitions of a new topic; the most workers that can share one stage.",
    )
    kafka_replication: int = Field(
        default=1, ge=1, le=10, description="Copies that Kafka keeps of each new topic."
    )
    kafka_session_timeout: PositiveDuration = Field(
        default=timedelta(seconds=10),
        ge=timedelta(seconds=1),
        le=timedelta(minutes=1),
        description="Silence of a worker after which Kafka gives its partitions to others.",
    )
    topic_retention: PositiveDuration | None = Field(
        default=None,
        description="Longest that any topic keeps a message; unset, each topic's own bound.",
    )
    topic_retention_bytes: int | None = Field(
        default=None,
        ge=1_000_000,
        description="Largest that any topic may grow, in bytes; unset, each topic's own bound.",
    )
    archive_retention: Annotated[Duration, AfterValidator(_outlives_topics)] = Field(
        default=timedelta(days=90),
        description="How long the archive keeps polls, entries seen, and what did not match.",
    )
    durability: Literal["process", "power"] = Field(
        default="process",
        description="What SQLite survives: the end of the process, or (slower) a power cut too.",
    )
    worker_name: str = Field(
        default_factory=lambda: f"{socket.gethostname()[:60]}-{os.getpid()}",
        pattern=r"^[A-Za-z0-9._-]{1,100}$",
        description="Name of this worker among its fellows; by default the host and process id.",
    )
    web_host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address that the page, /metrics and /healthz listen on.",
    )
    web_port: int = Field(
        default=8642, ge=0, le=65_535, description="Port of the same; 0 takes a free one."
    )
    api_requests_per_minute: int = Field(
        default=600,
        ge=1,
        le=1_000_000,
        description="Most requests of the API that one token may make in a minute.",
    )
    api_origins: Annotated[str, AfterValidator(_are_origins)] | None = Field(
        default=None,
        description="Origins, with commas between, whose web pages may ask the API; unset, none may.",
    )
    api_event_clients: int = Field(
        default=50,
        ge=0,
        le=150,
        description="Most readers of event streams at one time.",
    )
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto",
        description="Form of log lines; auto is console on a terminal and JSON elsewhere.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe level that is logged."
    )
    user_agent: Annotated[str, AfterValidator(_is_header)] = Field(
        default=f"Nightdesk/{__version__} (news feed reader)",
        max_length=500,
        description="How we name ourselves to the publishers whose feeds we poll.",
    )
    poll_concurrency: int = Field(
        default=16, ge=1, le=1_000, description="Most feeds that one worker fetches at one time."
    )
    host_spacing: Duration = Field(
        default=timedelta(seconds=1),
        description="Least time between two requests to one host.",
    )
    feed_broken_after: PositiveDuration = Field(
        default=timedelta(minutes=20),
        description="How long a feed must fail, three times at least, until an alert tells of it.",
    )
    retry_after_scope: Literal["feed", "host"] = Field(
        default="host",
        description="Whom a server's Retry-After holds back: the feed alone, or all feeds of its host.",
    )
    public_url: PublicUrl | None = Field(
        default=None,
        description="Address under which hubs reach this worker's web server; unset, no feed is pushed.",
    )
    batch_max_messages: int = Field(
        default=100,
        ge=1,
        le=10_000,
        description="Most messages that a stage commits in one transaction.",
    )
    definitions_refresh: PositiveDuration = Field(
        default=timedelta(seconds=5),
        description="How often a worker looks whether feeds, storylines or subscriptions changed.",
    )
    emerging_outlets: int = Field(
        default=4,
        ge=0,
        le=1_000,
        description="Independent outlets whose unmatched reports make a candidate storyline; 0 for none.",
    )
    emerging_window: PositiveDuration = Field(
        default=timedelta(hours=24),
        description="Within how much time (event time) those outlets must report.",
    )
    emerging_interval: PositiveDuration = Field(
        default=timedelta(minutes=15),
        description="How often one of the workers looks for candidate storylines.",
    )
    emerging_articles: int = Field(
        default=5_000,
        ge=1,
        le=100_000,
        description="Most unmatched articles that one look reads, the newest.",
    )
    rarity_interval: PositiveDuration | None = Field(
        default=None,
        description="How often one of the workers learns anew how rare words are; unset, never.",
    )
    rarity_window: PositiveDuration = Field(
        default=timedelta(days=90),
        description="Of how much time, up to then, it counts the articles.",
    )
    dense_model: str | None = Field(
        default=None,
        description="Folder or hub name of a sentence encoder; unset, reports are compared by words alone.",
    )
    heartbeat_interval: PositiveDuration = Field(
        default=timedelta(seconds=5),
        description="How often a worker sends itself a canary message through the broker.",
    )
    heartbeat_deadline: PositiveDuration = Field(
        default=timedelta(minutes=1),
        description="Silence of the canary after which /healthz says that the worker is deaf.",
    )

    @model_validator(mode="after")
    def _canary_has_time(self) -> Self:
        if self.heartbeat_deadline <= self.heartbeat_interval:
            raise ValueError(
                f"{PREFIX}HEARTBEAT_DEADLINE must be longer than {PREFIX}HEARTBEAT_INTERVAL"
            )
        return self


def load_settings(**overrides: Any) -> Settings:
    """Return the settings of this process: `overrides`, else the environment, else the defaults.

    An override of None counts as not given.  Raises ConfigurationError, all faults at once.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise _explain(error) from None


def variable(name: str) -> str:
    """Return the environment variable of the setting `name`."""
    return PREFIX + name.upper()


def misspelt(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return (variable, the setting it resembles) for each `NIGHTDESK_…` name that is none of ours.

    Names that resemble no setting are left alone: webhook secrets may well carry our prefix.
    """
    known = [variable(name) for name in Settings.model_fields]
    strangers = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    pairs = ((name, difflib.get_close_matches(name, known, 1, 0.85)) for name in strangers)
    return [(name, nearest[0]) for name, nearest in pairs if nearest]


def without_password(url: str) -> str:
    """Return `url` fit to be shown: user and password, and the query's values, are left out."""
    bare = re.sub(r"^([a-z0-9+.-]+://).*@", r"\1…@", url, flags=re.IGNORECASE)
    return re.sub(r"=[^&#]*", "=…", bare)


def sqlite_path(url: str) -> Path | None:
    """Return the file of an `sqlite:///path` URL, None for any other URL."""
    prefix = "sqlite:///"
    return Path(url.removeprefix(prefix).split("?")[0]) if url.startswith(prefix) else None


def retention(settings: Settings, topic: TopicContract) -> tuple[timedelta, int | None]:
    """Return how long (age, bytes; None for no bound) `topic` is kept: the tighter of topic and setting."""
    age = min(topic.retention, settings.topic_retention or topic.retention)
    sizes = [s for s in (topic.retention_bytes, settings.topic_retention_bytes) if s is not None]
    return age, min(sizes, default=None)


def _explain(error: ValidationError) -> ConfigurationError:
    unready = {tuple(item["loc"]) for item in error.errors() if item["type"] == _UNREADY}
    lines = []
    for where, message in validation_hints(error):
        if where in unready:
            continue
        name = str(where[0]) if where else ""
        field = Settings.model_fields.get(name)
        about = f"\n      {field.description}" if field else ""
        lines.append(f"  {variable(name)}: {message}{about}" if name else f"  {message}")
    count = "one setting is" if len(lines) == 1 else f"{len(lines)} settings are"
    return ConfigurationError(
        f"{count} wrong:\n" + "\n".join(lines),
        hint="correct or unset the variable; docs/settings.md explains each",
    )
