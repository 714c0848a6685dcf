"""A connected socket to a checked address: for protocols that are not HTTP.

The check stands between DNS and the socket, as for webhooks: what a name says a moment later changes nothing.
"""

from __future__ import annotations

import asyncio
import socket
from ipaddress import IPv6Address

from nightdesk.feeds.addresses import why_refused
from nightdesk.feeds.errors import AddressRefused, ConnectionLost
from nightdesk.feeds.network import Resolver, permitted_addresses, resolve

_MOST_TRIED = 4


async def connect(
    host: str,
    port: int,
    *,
    allow_private: bool,
    only_private: bool = False,
    resolver: Resolver = resolve,
) -> socket.socket:
    """Resolve, check, connect; whoever is given the socket closes it.

    With `only_private` what is public is refused: for talk that nobody on the way may hear.  Raises DnsError,
    AddressRefused, ConnectionLost.
    """
    addresses = await permitted_addresses(
        host, port, allow_private=allow_private, resolver=resolver
    )
    if only_private:
        addresses = [address for address in addresses if why_refused(address) is not None]
        if not addresses:
            raise AddressRefused(repr(host), "it is public, and nothing is encrypted")
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
