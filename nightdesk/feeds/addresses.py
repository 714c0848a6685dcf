"""Which addresses may be fetched: public ones, and nothing that leads back into our own network.

Comes in: an IP address, or a URL.  Goes out: a yes, or the reason for a no; and the host of a URL.
Everything that carries an IPv4 address inside IPv6 (mapped, compatible, 6to4, Teredo, NAT64) is refused,
since what it leads to is decided by a machine that we do not know.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

IpAddress = IPv4Address | IPv6Address

# IANA special-purpose registries (RFC 6890 and its updates), beyond what `ipaddress` calls private.
_REFUSED_V4 = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "100.64.0.0/10",  # carriers' shared space; some clouds put metadata here
        "168.63.129.16/32",  # a cloud's host agent, public by number only
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",  # benchmarking
        "240.0.0.0/4",
    )
)
_CARRIES_V4: tuple[tuple[IPv6Network, str], ...] = (
    (IPv6Network("::ffff:0:0/96"), "an IPv4 address mapped into IPv6"),
    (IPv6Network("::ffff:0:0:0/96"), "an IPv4 address translated into IPv6"),
    (IPv6Network("::/96"), "an IPv4-compatible IPv6 address"),
    (IPv6Network("64:ff9b::/96"), "a NAT64 address"),
    (IPv6Network("64:ff9b:1::/48"), "a local NAT64 address"),
    (IPv6Network("2001::/32"), "a Teredo address"),
    (IPv6Network("2002::/16"), "a 6to4 address"),
)
_REFUSED_V6 = (
    IPv6Network("fec0::/10"),  # site-local, deprecated but still routed in places
    IPv6Network("3fff::/20"),  # documentation
    IPv6Network("5f00::/16"),  # segment routing
    IPv6Network("100::/64"),  # discard
)


_NAMED: tuple[tuple[Callable[[IpAddress], bool], str], ...] = (
    (lambda address: address.is_unspecified, "it is the unspecified address"),
    (lambda address: address.is_loopback, "it is a loopback address"),
    (lambda address: address.is_link_local, "it is link-local, where clouds keep their metadata"),
    (lambda address: address.is_multicast, "it is a multicast address"),
    (lambda address: address.is_private, "it is a private address"),
    (lambda address: address.is_reserved or not address.is_global, "it is in a reserved range"),
)


def why_refused(address: IpAddress) -> str | None:
    """Return in words why `address` is not to be fetched from, or None where it is public."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return "it is bound to one network interface"
        if not (address.is_loopback or address.is_unspecified):
            for network, words in _CARRIES_V4:
                if address in network:
                    return f"it is {words}"
        if any(address in network for network in _REFUSED_V6):
            return "it is in a reserved range"
    elif not address.is_unspecified and any(address in network for network in _REFUSED_V4):
        return "it is in a reserved range"
    return next((words for applies, words in _NAMED if applies(address)), None)


_NEVER = tuple(
    ip_network(block)
    for block in (
        "169.254.0.0/16",
        "168.63.129.16/32",
        "100.100.100.200/32",
        "fe80::/10",
        "fd00:ec2::254/128",
    )
)
"""Link-local addresses, and where clouds keep their metadata besides."""


def why_never(address: IpAddress) -> str | None:
    """Return in words why nothing is ever fetched from `address`, also for what is allowed private addresses;
    None where it may be."""
    inner: list[IpAddress] = [address]
    if isinstance(address, IPv6Address):
        inner += [one for one in (address.sixtofour, *(address.teredo or ())) if one is not None]
        if any(address in network for network, _ in _CARRIES_V4):
            inner.append(IPv4Address(int(address) & 0xFFFF_FFFF))
    if any(one in block for one in inner for block in _NEVER if one.version == block.version):
        return "it is link-local, or where clouds keep their metadata"
    return None


def is_public(address: IpAddress | str) -> bool:
    """Tell whether `address` is a public unicast address.  A string that is no address is not."""
    if isinstance(address, str):
        try:
            address = ip_address(address)
        except ValueError:
            return False
    return why_refused(address) is None


def why_scheme_refused(url: str) -> str | None:
    """Return in words why `url` cannot be fetched by its form alone, or None where it can."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return f"it is not a URL ({error})"
    if parts.scheme.lower() not in {"http", "https"}:
        return (
            f"only http and https are fetched, not {parts.scheme or 'an address without scheme'!r}"
        )
    if not host:
        return "it names no host"
    return None


def host_of(url: str) -> str:
    """Return the host (with its port) of `url`, in small letters: politeness is by host.  Empty for what is
    no URL."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
