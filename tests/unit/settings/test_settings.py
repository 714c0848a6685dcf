"""Settings: read from the environment when asked, wrong ones named all at once, secrets kept."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from nightdesk.errors import ConfigurationError
from nightdesk.settings import (
    Settings,
    load_settings,
    misspelt,
    retention,
    sqlite_path,
    variable,
    without_password,
)
from schemas import TOPICS


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("NIGHTDESK_"):
            monkeypatch.delenv(name)


def test_defaults_need_no_environment() -> None:
    settings = load_settings()
    assert settings.state_dir == Path("var")
    assert settings.broker_url == "sqlite:///var/broker.sqlite"
    assert settings.archive_url == "sqlite:///var/archive.sqlite"


def test_urls_follow_the_state_folder(tmp_path: Path) -> None:
    settings = load_settings(state_dir=tmp_path)
    assert settings.broker_url == f"sqlite:///{tmp_path}/broker.sqlite"
    assert sqlite_path(settings.archive_url) == tmp_path / "archive.sqlite"


def test_the_environment_counts_and_an_override_counts_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NIGHTDESK_WEB_PORT", "9000")
    monkeypatch.setenv("NIGHTDESK_HOST_SPACING", "1m30s")
    assert load_settings().web_port == 9000
    assert load_settings().host_spacing == timedelta(seconds=90)
    assert load_settings(web_port=1).web_port == 1
    assert load_settings(web_port=None).web_port == 9000


def test_several_kafka_servers_are_one_broker() -> None:
    url = "kafka://one:9092;two:9093;kafka://three"
    assert load_settings(broker_url=url).broker_url == url


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTDESK_BROKER_URL", "")
    assert load_settings().broker_url == "sqlite:///var/broker.sqlite"


def test_all_faults_are_named_at_once_and_no_value_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NIGHTDESK_WEB_PORT", "99999")
    monkeypatch.setenv("NIGHTDESK_LOG_LEVEL", "loud")
    monkeypatch.setenv("NIGHTDESK_ARCHIVE_URL", "mysql://desk:hunter2@db/x")
    monkeypatch.setenv("NIGHTDESK_STATE_DIR", "what?")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    text = str(caught.value)
    for name in ("web_port", "log_level", "archive_url", "state_dir"):
        assert variable(name) in text
    assert "4 settings are wrong" in text
    assert "NIGHTDESK_BROKER_URL" not in text, "only what the user can mend is named"
    assert "hunter2" not in text
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("broker_url", "kafka://"),
        ("broker_url", "redis://host"),
        ("broker_url", "sqlite://broker.sqlite"),
        ("broker_url", "sqlite:///"),
        ("broker_url", "kafka://host:port"),
        ("broker_url", "kafka://one:9092;two:port"),
        ("archive_url", "postgresql://u:p[w@host/x"),
        ("public_url", "desk.example"),
        ("public_url", "https://user:word@desk.example"),
        ("public_url", "https://desk.example/?a=b"),
        ("user_agent", "two\r\nlines"),
        ("user_agent", "  "),
        ("host_spacing", "soon"),
        ("definitions_refresh", "0s"),
        ("topic_retention", "0m"),
        ("broker_partitions", "0"),
        ("batch_max_messages", "many"),
        ("web_port", "-1"),
        ("worker_name", "a/b"),
        ("durability", "none"),
    ],
)
def test_a_wrong_value_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(variable(name), value)
    with pytest.raises(ConfigurationError, match=variable(name)):
        load_settings()


def test_the_canary_must_have_time_to_come_round() -> None:
    with pytest.raises(ConfigurationError, match="HEARTBEAT_DEADLINE must be longer"):
        load_settings(heartbeat_interval="2m")


def test_a_misspelt_variable_is_told_and_a_secret_of_ours_is_not() -> None:
    environ = {
        "NIGHTDESK_BROKER_ULR": "x",
        "NIGHTDESK_NEWSROOM_SECRET": "x",
        "NIGHTDESK_WEB_PORT": "1",
        "PATH": "x",
    }
    assert misspelt(environ) == [("NIGHTDESK_BROKER_ULR", "NIGHTDESK_BROKER_URL")]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///var/x.sqlite", "sqlite:///var/x.sqlite"),
        ("postgresql://u:p@host/x", "postgresql://…@host/x"),
        ("postgresql://u:p@w/d@host/x", "postgresql://…@host/x"),
        ("postgresql://host/x?password=p&a=b", "postgresql://host/x?password=…&a=…"),
    ],
)
def test_urls_are_shown_without_secrets(url: str, shown: str) -> None:
    assert without_password(url) == shown


def test_the_repr_of_settings_holds_no_url() -> None:
    assert "hunter2" not in repr(load_settings(archive_url="postgresql://u:hunter2@host/x"))


def test_retention_is_the_tighter_bound() -> None:
    topic = TOPICS["reports"]
    assert retention(load_settings(), topic) == (topic.retention, topic.retention_bytes)
    tight = load_settings(topic_retention="1h", topic_retention_bytes=1_000_000)
    assert retention(tight, topic) == (timedelta(hours=1), 1_000_000)
    loose = load_settings(topic_retention="999d", topic_retention_bytes=10**15)
    assert retention(loose, topic) == (topic.retention, topic.retention_bytes)


def test_every_setting_is_described() -> None:
    assert [n for n, field in Settings.model_fields.items() if not field.description] == []


def test_nothing_is_read_at_import() -> None:
    environ = {**os.environ, "NIGHTDESK_WEB_PORT": "nonsense"}
    done = subprocess.run(
        [sys.executable, "-c", "import nightdesk.settings"], env=environ, check=False
    )
    assert done.returncode == 0
