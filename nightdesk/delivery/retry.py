"""When to try a delivery again, and when to give up.  Pure: moments and chance are parameters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with jitter, bounded by attempts and by age.

    The wait after attempt n is `first * 2**(n-1)`, at most `longest`, of which half is fixed and half
    chance ("equal jitter"): receivers that fail together are not called together again.  With the
    defaults a delivery is tried some 40 times over a day, so that an outage which somebody finds in
    the morning has lost nothing.  `longest_asked` bounds a Retry-After, since some receivers lie.  Age
    counts after `min_attempts` alone: a clock that jumps ahead, and a desk that was switched off, are no
    day of tries.
    """

    first: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(hours=1)
    longest_asked: timedelta = timedelta(hours=1)
    max_attempts: int = 60
    min_attempts: int = 10
    max_age: timedelta = timedelta(hours=24)

    def next_try(
        self,
        *,
        attempts: int,
        first_tried_at: datetime,
        now: datetime,
        chance: float,
        retry_after: timedelta | None = None,
    ) -> datetime | None:
        """Return when to try again after `attempts` failures, or None to give up.

        `chance` lies in [0, 1).  `retry_after` is what the receiver asked for: never tried sooner.
        None once `max_attempts` are made or, after `min_attempts`, where the next try would be more than
        `max_age` after the first.
        """
        if attempts >= self.max_attempts:
            return None
        # 2**40 of anything is beyond `longest`; a larger exponent would overflow a timedelta.
        wait = min(self.first * 2 ** min(max(attempts, 1) - 1, 40), self.longest)
        wait = wait / 2 + wait / 2 * chance
        if retry_after is not None:
            wait = max(wait, min(retry_after, self.longest_asked))
        due = now + wait
        too_old = attempts >= self.min_attempts and due - self.max_age > first_tried_at
        return None if too_old else due


def parse_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Read a `Retry-After` header (RFC 9110, 10.2.3: seconds, or an HTTP date).

    Returns how long to wait from `now`, never negative; None where it is absent or makes no sense.
    """
    text = (value or "").strip()[:64]
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text), 10**9))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return max(timedelta(0), moment - now)
    except OverflowError:
        return None
