"""Fetching what is compressed, and what is larger than it may be."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
import zstandard

from nightdesk.feeds.errors import TooLarge
from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.health import FeedHealth
from tests.support.feedserver import FeedServer, Reply, gzip_bomb
from tests.unit.feeds.support import DOCUMENT, get

PACKERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "gzip, br": lambda data: brotli.compress(gzip.compress(data)),
    "utf-8": bytes,
}


@pytest.mark.parametrize("encoding", PACKERS)
async def test_compressed_answers(server: FeedServer, fetcher: Fetcher, encoding: str) -> None:
    packed = PACKERS[encoding](DOCUMENT * 50)
    got = await get(server, fetcher, Reply(packed, headers=(("Content-Encoding", encoding),)))
    assert got.body == DOCUMENT * 50
    assert got.wire_bytes == len(packed)


async def test_deflate_without_its_header_and_gzip_of_two_members(
    server: FeedServer, fetcher: Fetcher
) -> None:
    raw = zlib.compressobj(wbits=-15)
    bare = raw.compress(DOCUMENT) + raw.flush()
    got = await get(server, fetcher, Reply(bare, headers=(("Content-Encoding", "deflate"),)))
    assert got.body == DOCUMENT
    two = gzip.compress(DOCUMENT) + gzip.compress(DOCUMENT)
    got = await get(server, fetcher, Reply(two, headers=(("Content-Encoding", "gzip"),)))
    assert got.body == DOCUMENT * 2


@pytest.mark.parametrize("announced", [(), (("Content-Encoding", "gzip"),)])
async def test_a_gzip_file_is_unpacked_though_nothing_announces_it(
    server: FeedServer, fetcher: Fetcher, announced: tuple[tuple[str, str], ...]
) -> None:
    packed = gzip.compress(DOCUMENT)
    body = gzip.compress(packed) if announced else packed
    got = await get(server, fetcher, Reply(body, headers=announced))
    assert got.body == DOCUMENT
    with pytest.raises(TooLarge):
        await get(server, fetcher, Reply(gzip.compress(bytes(5_000_000))))


def bomb(encoding: str) -> Reply:
    if encoding == "gzip":
        return gzip_bomb(200)
    packed = {
        "br": lambda: brotli.compress(bytes(200 << 20), quality=2),
        "zstd": lambda: zstandard.ZstdCompressor().compress(bytes(200 << 20)),
    }[encoding]()
    return Reply(packed, headers=(("Content-Encoding", encoding),))


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
async def test_a_bomb_is_stopped_early(server: FeedServer, fetcher: Fetcher, encoding: str) -> None:
    with pytest.raises(TooLarge) as caught:
        await get(server, fetcher, bomb(encoding), max_bytes=1_000_000)
    assert caught.value.health is FeedHealth.TOO_LARGE
    assert "max_bytes" in caught.value.hint


async def test_fifty_megabytes_are_refused_by_their_announcement(
    server: FeedServer, fetcher: Fetcher
) -> None:
    with pytest.raises(TooLarge):
        await get(server, fetcher, Reply(b"<rss>", length=50_000_000))


async def test_an_endless_body_is_cut_at_the_bound(server: FeedServer, fetcher: Fetcher) -> None:
    with pytest.raises(TooLarge):
        await get(server, fetcher, Reply(DOCUMENT * 100, length=None, endless=True))
