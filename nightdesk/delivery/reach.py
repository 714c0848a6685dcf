"""Where deliveries may go: a connected socket to a checked address, for protocols that are not HTTP, and how
a refusal is told.

The check stands between DNS and the socket, as for webhooks: what a name says a moment later changes nothing.
"""

from __future__ import annotations

import asyncio
import socket
from ipaddress import IPv6Address

from nightdesk.delivery.errors import AddressRefused
from nightdesk.feeds.addresses import why_refused
from nightdesk.feeds.errors import AddressRefused as Refused
from nightdesk.feeds.errors import ConnectionLost, NeverFetched
from nightdesk.feeds.network import Resolver, permitted_addresses, resolve

_MOST_TRIED = 4


class Unencrypted(Refused):
    """A public address, for talk that nobody on the way may hear."""


def refused(error: Refused, who: str) -> AddressRefused:
    """Return what a refused address means for the delivery to `who`."""
    if isinstance(error, Unencrypted):
        return AddressRefused(
            f"{who} lives at a public address, and its `security` is `none`",
            hint="mail goes over the open net encrypted: `security: starttls` or `tls`",
        )
    return never_told(who) if isinstance(error, NeverFetched) else private(who)


def never_told(who: str) -> AddressRefused:
    """Return the refusal of an address that nothing is sent to, whatever is allowed."""
    return AddressRefused(
        f"{who} lives at a link-local address, or where clouds keep their metadata",
        hint="nothing is ever sent there, also with `allow_private`; see where the receiver's name leads",
    )


def private(who: str) -> AddressRefused:
    """Return the refusal of a private address that was not allowed."""
    return AddressRefused(
        f"{who} lives at a private address",
        hint="set `allow_private: true` on this receiver if that is meant",
    )


async def connect(
    host: str,
    port: int,
    *,
    allow_private: bool,
    only_private: bool = False,
    resolver: Resolver = resolve,
) -> socket.socket:
    """Resolve, check, connect; whoever is given the socket closes it.

    With `only_private` what is public is refused: for talk that nobody on the way may hear.  Raises the
    DnsError, AddressRefused and ConnectionLost of polls, and Unencrypted.
    """
    addresses = await permitted_addresses(
        host, port, allow_private=allow_private, resolver=resolver
    )
    if only_private:
        addresses = [address for address in addresses if why_refused(address) is not None]
        if not addresses:
            raise Unencrypted(repr(host), "it is public, and nothing is encrypted")
    said = ""
    for address in addresses[:_MOST_TRIED]:
        family = socket.AF_INET6 if isinstance(address, IPv6Address) else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            await asyncio.get_running_loop().sock_connect(sock, (str(address), port))
        except OSError as error:
            sock.close()
            said = error.strerror or str(error)
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise ConnectionLost(host, said or "nothing answers there")
