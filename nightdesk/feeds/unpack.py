"""Unpacking of compressed bodies in bounded pieces, so that a small bomb never becomes a large one.

httpx would unpack each network chunk whole (64 KB of brotli may hold gigabytes).  Here every step
gives out at most a few megabytes, and the caller counts and stops.  Comes in: the Content-Encoding
header and raw chunks.  Goes out: unpacked pieces.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli
import zstandard

_PIECE = 1 << 16
_ZSTD_SLICE = 256  # 4 bytes of zstd can stand for 128 KB: a slice stays below 8 MB
_ZSTD_WINDOW = 1 << 23  # RFC 8878's recommended bound for HTTP
_MOST_LAYERS = 2
_GZIP = b"\x1f\x8b\x08"


class UnpackError(ValueError):
    """The body is not what its Content-Encoding says, or was cut short."""


class Unpacker(Protocol):
    """Takes chunks in order; `end` raises UnpackError where the stream was cut short."""

    def feed(self, data: bytes) -> Iterator[bytes]: ...

    def end(self) -> None: ...


class Plain:
    """A body that is not compressed."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give the chunk back."""
        yield data

    def end(self) -> None:
        """Nothing can be missing."""


class Zlib:
    """gzip (also of several members) and deflate (with or without its zlib header)."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._inner = zlib.decompressobj(31 if gzip else 15)
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Unpack in pieces of at most 64 KB."""
        while data:
            if self._inner.eof:
                if not self._gzip or data[:1] != b"\x1f":
                    return  # padding after the end is common and harmless
                self._inner = zlib.decompressobj(31)
            try:
                piece = self._inner.decompress(data, _PIECE)
            except zlib.error as error:
                if self._gzip or self._started:
                    raise UnpackError(f"broken compression ({error})") from error
                self._started, self._inner = True, zlib.decompressobj(-15)
                continue
            self._started = True
            if piece:
                yield piece
            data = self._inner.unused_data if self._inner.eof else self._inner.unconsumed_tail

    def end(self) -> None:
        """Raise UnpackError where the end of the stream is missing."""
        if self._started and not self._inner.eof:
            raise UnpackError("the compressed body was cut short")


class Brotli:
    """Brotli, in bounded pieces."""

    def __init__(self) -> None:
        self._inner = brotli.Decompressor()
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Unpack in pieces of about 64 KB."""
        self._started = self._started or bool(data)
        try:
            piece = self._inner.process(data, output_buffer_limit=_PIECE)
            while True:
                if piece:
                    yield piece
                if self._inner.is_finished() or self._inner.can_accept_more_data():
                    return
                piece = self._inner.process(b"", output_buffer_limit=_PIECE)
        except brotli.error as error:
            raise UnpackError(f"broken compression ({error})") from error

    def end(self) -> None:
        """Raise UnpackError where the end of the stream is missing."""
        if self._started and not self._inner.is_finished():
            raise UnpackError("the compressed body was cut short")


class Zstd:
    """Zstandard, with the window that HTTP allows."""

    def __init__(self) -> None:
        self._inner = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Unpack slice by slice, each below 8 MB."""
        for start in range(0, len(data), _ZSTD_SLICE):
            if self._inner.eof:
                return
            self._started = True
            try:
                piece = self._inner.decompress(data[start : start + _ZSTD_SLICE])
            except zstandard.ZstdError as error:
                raise UnpackError(f"broken compression ({error})") from error
            if piece:
                yield piece

    def end(self) -> None:
        """Raise UnpackError where the end of the stream is missing."""
        if self._started and not self._inner.eof:
            raise UnpackError("the compressed body was cut short")


class Chain:
    """Several encodings, unpacked from the outermost to the innermost."""

    def __init__(self, outer: Unpacker, inner: Unpacker) -> None:
        self._outer, self._inner = outer, inner

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Unpack through both layers, lazily."""
        for piece in self._outer.feed(data):
            yield from self._inner.feed(piece)

    def end(self) -> None:
        """Raise UnpackError where either layer was cut short."""
        self._outer.end()
        self._inner.end()


def unpacker_for(encoding: str | None) -> Unpacker:
    """Return the unpacker for a Content-Encoding header.

    Raises UnpackError for more than two layers.  Names that nobody knows are taken as plain: servers
    put charsets and worse there.
    """
    names = [name.strip().lower() for name in (encoding or "").split(",")]
    layers = [maker for name in reversed(names) if (maker := _layer(name)) is not None]
    if len(layers) > _MOST_LAYERS:
        raise UnpackError(f"packed {len(layers)} times over")
    if not layers:
        return Plain()
    return layers[0] if len(layers) == 1 else Chain(layers[0], layers[1])


def without_gzip(body: bytes, most: int) -> bytes | None:
    """Return `body` unpacked where it is a gzip file by its own first bytes, as sitemaps often are; else as
    it is.  Of a broken one what comes before the fault, or it itself where nothing does.  None where more
    than `most` bytes come of it."""
    for _ in range(_MOST_LAYERS):
        if not body.startswith(_GZIP):
            break
        unpacker, whole = Zlib(gzip=True), bytearray()
        try:
            for piece in unpacker.feed(body):
                whole += piece
                if len(whole) > most:
                    return None
        except UnpackError:
            pass
        if not whole:
            break
        body = bytes(whole)
    return body


def unpacked(body: bytes, encoding: str | None, most: int) -> bytes:
    """Return `body` unpacked as a Content-Encoding header says, which costs no more than its bounds.

    Raises UnpackError, also where more than `most` bytes come of it.
    """
    unpacker, whole = unpacker_for(encoding), bytearray()
    for piece in unpacker.feed(body):
        whole += piece
        if len(whole) > most:
            raise UnpackError(f"more than {most:,} bytes come of it")
    unpacker.end()
    return bytes(whole)


def is_packed(encoding: str | None) -> bool:
    """Tell whether a Content-Encoding header names a compression that is known."""
    return any(_layer(name.strip().lower()) is not None for name in (encoding or "").split(","))


def _layer(name: str) -> Unpacker | None:
    match name:
        case "gzip" | "x-gzip":
            return Zlib(gzip=True)
        case "deflate":
            return Zlib(gzip=False)
        case "br":
            return Brotli()
        case "zstd":
            return Zstd()
        case _:
            return None
