"""Token buckets: how often one caller may ask.  Pure: the moment (seconds) is a parameter.

A bucket holds `burst` and is filled at `rate` a second.  Only so many callers are remembered; who has not
been seen for longest is forgotten, and begins with a full bucket: a crowd of new addresses costs memory
within that bound, and finds itself limited by what all of them share.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """`burst` at once, and `rate` a second in the long run."""

    rate: float
    burst: float

    @classmethod
    def per_minute(cls, number: int) -> Allowance:
        """Return the allowance of so many a minute, a quarter of them at once."""
        return cls(number / 60, max(1.0, number / 4))


class Limiter:
    """Counts by caller."""

    def __init__(self, allowance: Allowance, *, remembered: int = _REMEMBERED) -> None:
        self._allowance, self._remembered = allowance, remembered
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str, now: float, number: float = 1.0) -> float:
        """Take from a caller's bucket; return 0, or after how many seconds there is enough in it."""
        wait = self.wait(caller, now, number)
        # Also where nothing is taken: else a clock that was set back would starve a caller.
        self._set(caller, self._level(caller, now) - (0.0 if wait else number), now)
        return wait

    def wait(self, caller: str, now: float, number: float = 1.0) -> float:
        """Return 0 where so much could be taken, else after how many seconds; take nothing."""
        lacking = number - self._level(caller, now)
        return max(0.0, lacking / self._allowance.rate) if lacking > 1e-9 else 0.0

    def _level(self, caller: str, now: float) -> float:
        level, at = self._levels.get(caller, (self._allowance.burst, now))
        # A clock that jumps back gives nothing and takes nothing.
        return min(self._allowance.burst, level + max(0.0, now - at) * self._allowance.rate)

    def _set(self, caller: str, level: float, now: float) -> None:
        self._levels[caller] = (level, now)
        self._levels.move_to_end(caller)
        while len(self._levels) > self._remembered:
            self._levels.popitem(last=False)


def address_of(host: str) -> str:
    """Return what stands for a client in a limiter: an address, or the network of an IPv6 host, which has
    2^64 addresses to itself."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host[:100]
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return str(address)
