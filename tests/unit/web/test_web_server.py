"""The server: a free port, a taken port, signals left alone, and a quick end."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from nightdesk.errors import ConfigurationError
from nightdesk.web.app import create_app
from nightdesk.web.server import Address, WebServer, own_hosts


async def hello(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


async def test_port_0_takes_a_free_one_and_says_which(site):
    server = WebServer(create_app(site.deps), host="127.0.0.1", port=0)
    address = await server.start()
    assert address.port > 0
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(address.url + "healthz")).status_code == 200
        answer = await client.get(address.url)
        assert answer.headers["content-type"].startswith("text/html")
        assert "server" not in answer.headers
    await server.stop()
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", address.port))


async def test_a_port_that_is_taken_is_named_with_a_hint():
    first = WebServer(hello, host="127.0.0.1", port=0)
    address = await first.start()
    second = WebServer(hello, host="127.0.0.1", port=address.port)
    with pytest.raises(ConfigurationError) as caught:
        await second.start()
    assert f"127.0.0.1 port {address.port}" in caught.value.message
    assert "NIGHTDESK_WEB_PORT" in caught.value.hint
    await second.stop()
    await first.stop()


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1", "a" * 300, ""])
async def test_an_address_that_this_machine_has_not_is_an_error_with_a_hint(host):
    server = WebServer(hello, host=host or "\x00", port=0)
    with pytest.raises(ConfigurationError, match="NIGHTDESK_WEB_HOST"):
        await server.start()


async def test_signal_handlers_stay_whose_they_are():
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    server = WebServer(hello, host="127.0.0.1", port=0)
    await server.start()
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
    await server.stop()
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


async def test_it_ends_in_under_a_second_whatever_is_open():
    entered = asyncio.Event()

    async def endless(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        entered.set()
        while True:
            await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})

    server = WebServer(endless, host="127.0.0.1", port=0)
    address = await server.start()
    _, idle = await asyncio.open_connection(address.host, address.port)
    _, busy = await asyncio.open_connection(address.host, address.port)
    busy.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await entered.wait()
    begun = time.monotonic()
    await server.stop()
    assert time.monotonic() - begun < 5.0
    for writer in (idle, busy):
        writer.transport.abort()


async def test_stopping_twice_or_before_the_start_is_harmless():
    server = WebServer(hello, host="127.0.0.1", port=0)
    await server.stop()
    await server.start()
    await server.stop()
    await server.stop()


def test_an_address_reads_as_a_browser_takes_it():
    assert Address("127.0.0.1", 80).url == "http://127.0.0.1:80/"
    assert Address("::1", 8642).url == "http://[::1]:8642/"


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("127.0.0.1", ("localhost", "127.0.0.1", "::1")),
        ("127.0.0.2", ("localhost", "127.0.0.1", "::1", "127.0.0.2")),
        ("localhost", ("localhost", "127.0.0.1", "::1")),
        ("0.0.0.0", ()),
        ("desk.example", ()),
    ],
)
def test_on_loopback_only_our_own_names_call_us(host, names):
    assert own_hosts(host) == names


def test_a_worker_whose_api_nobody_asks_is_spared_the_memory_of_it():
    code = "import sys, agents.web, nightdesk.web.app; print([m for m in sys.modules if '.web.api' in m])"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout.strip() == "[]"
