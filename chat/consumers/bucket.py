"""A rate limit: a bucket of tokens that fills again with time."""

import time


class Bucket:
    """Lets `burst` through at once, and `rate` a second in the long run."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._tokens, self._counted = burst, time.monotonic()

    def take(self, tokens: float = 1) -> bool:
        """Takes that many out; False, and an empty bucket, when there are not as many in it."""
        now = time.monotonic()
        left = min(self._burst, self._tokens + (now - self._counted) * self._rate) - tokens
        self._tokens, self._counted = max(left, 0), now
        return left >= 0
