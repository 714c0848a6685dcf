"""What a feed asks of its readers: secrets go to its own origin, and are shown nowhere."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from agents.runtime import read_secret
from nightdesk.clock import SettableClock
from nightdesk.errors import ConfigurationError
from nightdesk.feeds.access import access_to
from nightdesk.feeds.errors import AccessMissing, AddressRefused
from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.fetched import Validators
from schemas import Feed, FeedAccess, Secret
from schemas.feed import Header, SecretHeader
from tests.support.feedserver import FeedServer, Reply, rss

DOCUMENT = rss(("Bridge reopened", "http://outlet.example/1"))
SECRETS = {
    "LOGIN": "desk:pass wörd",
    "TOKEN": "t-0k3n",
    "COOKIE": "a=1; b=2",
    "KEY": "k-secret",
    "LINES": "a\r\nX-Evil: 1",
}


def read(secret: Secret) -> str:
    if secret.env not in SECRETS:
        raise ConfigurationError(f"the environment variable {secret.env} is empty", hint="fill it")
    return SECRETS[secret.env]


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer({"/feed": Reply(DOCUMENT)}) as running:
        yield running


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(
        user_agent="Nightdesk/test",
        clock=SettableClock(datetime(2026, 3, 1, tzinfo=UTC)),
        ticks=time.monotonic,
        secrets=read,
    ) as one:
        yield one


def feed(url: str, **given: object) -> Feed:
    return Feed(id="f", url=url, source="Outlet", allow_private=True, **given)  # type: ignore[arg-type]


def access(**given: object) -> FeedAccess:
    return FeedAccess.model_validate({k: {"env": v} for k, v in given.items()})


async def test_headers_and_secrets_arrive(server: FeedServer, fetcher: Fetcher) -> None:
    asks = FeedAccess(
        basic=Secret(env="LOGIN"),
        cookies=Secret(env="COOKIE"),
        headers=(SecretHeader(name="X-Key", secret=Secret(env="KEY")),),
    )
    given = feed(
        server.url(),
        headers=(
            Header(name="Accept-Language", value="fr"),
            Header(name="user-agent", value="Reader"),
        ),
        access=asks,
    )
    await fetcher.fetch(given, Validators('"1"'))
    (asked,) = server.asked
    assert asked.headers["authorization"] == "Basic ZGVzazpwYXNzIHfDtnJk"
    assert asked.headers["cookie"] == "a=1; b=2"
    assert asked.headers["x-key"] == "k-secret"
    assert asked.headers["accept-language"] == "fr"
    assert asked.headers["user-agent"] == "Reader"
    assert asked.headers["if-none-match"] == '"1"'


async def test_a_login_in_the_address_is_sent_and_stands_in_nothing_that_is_kept(
    server: FeedServer, fetcher: Fetcher
) -> None:
    url = server.url().replace("://", "://me:s3%20cret@")
    with FeedServer({"/feed": Reply(DOCUMENT)}) as other:
        server.routes["/moved"] = Reply(DOCUMENT)
        server.routes["/feed"] = Reply(status=302, headers=(("Location", "/moved"),))
        got = await fetcher.fetch(feed(url), Validators())
        assert [asked.headers["authorization"] for asked in server.asked] == [
            "Basic bWU6czMgY3JldA=="
        ] * 2
        assert got.url == server.url("/moved")
        assert "cret" not in repr(got.redirects)
        server.routes["/feed"] = Reply(
            status=302, headers=(("Location", other.url().replace("://", "://a:b@")),)
        )
        await fetcher.fetch(feed(url), Validators())
        assert "authorization" not in other.asked[0].headers, "nor one that a redirect names"
    await fetcher.fetch(
        feed(url, access=access(bearer="TOKEN")), Validators(), at=server.url("/moved")
    )
    assert server.asked[-1].headers["authorization"] == "Bearer t-0k3n"


async def test_another_origin_gets_no_secret(server: FeedServer, fetcher: Fetcher) -> None:
    with FeedServer({"/feed": Reply(DOCUMENT)}) as other:
        server.routes["/feed"] = Reply(status=302, headers=(("Location", other.url()),))
        await fetcher.fetch(feed(server.url(), access=access(bearer="TOKEN")), Validators())
        assert server.asked[0].headers["authorization"] == "Bearer t-0k3n"
        assert "authorization" not in other.asked[0].headers


async def test_a_feed_that_moved_elsewhere_takes_no_secret_along(
    server: FeedServer, fetcher: Fetcher
) -> None:
    with FeedServer({"/feed": Reply(DOCUMENT)}) as other:
        given = feed(server.url(), access=access(bearer="TOKEN"))
        got = await fetcher.fetch(given, Validators(), at=other.url())
        assert got.url == other.url()
        assert "authorization" not in other.asked[0].headers
        await fetcher.fetch(given, Validators(), at=server.url())
        assert server.asked[0].headers["authorization"] == "Bearer t-0k3n"


async def test_a_proxy_is_used_and_asked_to_log_in(fetcher: Fetcher) -> None:
    target = "http://outlet.example/feed"
    with FeedServer({target: Reply(DOCUMENT)}) as proxy:
        SECRETS["PROXY"] = f"http://me:secret@127.0.0.1:{proxy.port}"
        got = await fetcher.fetch(feed(target, access=access(proxy="PROXY")), Validators())
    assert got.body == DOCUMENT
    assert proxy.asked[0].headers["proxy-authorization"].startswith("Basic ")


async def test_a_proxy_is_no_way_to_private_addresses(fetcher: Fetcher) -> None:
    SECRETS["PROXY"] = "http://127.0.0.1:1"
    public = feed("http://169.254.169.254/latest", access=access(proxy="PROXY"))
    with pytest.raises(AddressRefused):
        await fetcher.fetch(public.model_copy(update={"allow_private": False}), Validators())


@pytest.mark.parametrize(
    ("asks", "words"),
    [
        ({"basic": "TOKEN"}, "USER:PASSWORD"),
        ({"cookies": "LINES"}, "printable ASCII"),
        ({"bearer": "NOWHERE"}, "NOWHERE"),
        ({"proxy": "TOKEN"}, "http:// or https://"),
    ],
)
async def test_what_cannot_be_used_is_told_without_the_secret(
    server: FeedServer, fetcher: Fetcher, asks: dict[str, str], words: str
) -> None:
    with pytest.raises(AccessMissing) as caught:
        await fetcher.fetch(feed(server.url(), access=access(**asks)), Validators())
    said = f"{caught.value.message} {caught.value.hint}"
    assert words in said
    assert not any(secret in said for secret in SECRETS.values())
    assert server.asked == []


def test_an_access_does_not_show_its_secrets() -> None:
    shown = repr(access_to(feed("http://a.example/", access=access(bearer="TOKEN")), read))
    assert "t-0k3n" not in shown


LOGGED = """
import logging
import sys
import hpack
import structlog
from agents.logs import configure_logging
from nightdesk.settings import Settings
configure_logging(Settings(log_level="debug", log_format=sys.argv[1]))
def fails():
    headers = [(b"Authorization", b"Bearer t-" + b"0k3n")]
    raise RuntimeError("told")
try:
    fails()
except RuntimeError as error:
    structlog.get_logger("ours").error("poll_crashed", exc_info=error)
logging.getLogger("httpx").info("HTTP Request: GET http://outlet.example/?key=t-0k3n")
hpack.Encoder().encode([(b"authorization", b"Bearer t-0k3n")])
"""


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_log_shows_a_secret_at_any_level(form: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LOGGED, form], capture_output=True, text=True, check=True
    )
    assert "told" in ended.stderr
    assert "t-0k3n" not in ended.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        {"headers": ({"name": "Authorization", "value": "x"},)},
        {"headers": ({"name": "cookie", "value": "x"},)},
        {"headers": ({"name": "If-None-Match", "value": "x"},)},
        {"headers": ({"name": "Bad name", "value": "x"},)},
        {"headers": ({"name": "X-Fine", "value": "a\r\nb"},)},
        {"access": {"basic": {"env": "A"}, "bearer": {"env": "B"}}},
        {"access": {"basic": {"env": "A", "file": "b"}}},
        {"access": {"basic": {}}},
        {"access": {"headers": ({"name": "Host", "secret": {"env": "A"}},)}},
    ],
)
def test_what_no_feed_may_set_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        feed("http://a.example/", **wrong)


def test_secrets_are_read_from_environment_and_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    monkeypatch.setenv("HERE", " value\n")
    file.write_text("from a file\n")
    assert read_secret(Secret(env="HERE")) == "value"
    assert read_secret(Secret(file=str(file))) == "from a file"
    for missing in (Secret(env="NOT_HERE"), Secret(file=str(file) + "x")):
        with pytest.raises(ConfigurationError) as caught:
            read_secret(missing, "feed f")
        assert "feed f" in caught.value.message
        assert caught.value.hint
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        read_secret(Secret(file=str(file)))
