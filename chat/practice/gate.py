"""Who may ask the practice upstream: the headers, the signature, the time and the nonce that MagickPen demands."""

import math
import time
from collections import deque
from collections.abc import Mapping

from chat.practice.site import Site
from chat.providers.credentials import signature

WINDOW_SECONDS = 300
_REMEMBERED = 100_000


class Gate:
    """Checks requests, and remembers their nonces so that none comes twice."""

    def __init__(self, salt: str) -> None:
        self._salt = salt
        self._nonces: set[str] = set()
        self._order: deque[str] = deque()

    def objection(self, headers: Mapping[str, str], host: str, site: Site) -> str | None:
        """Return what is wrong with a request's headers, or None. `host` is the server's own, with its port."""
        origin = headers.get("Origin", "")
        if origin not in (f"http://{host}", f"https://{host}"):
            return "the origin is not this site"
        if not headers.get("Referer", "").startswith(f"{origin}/"):
            return "the referer is not this site"
        if "text/plain" not in headers.get("Accept", ""):
            return "the accept header does not name text/plain"
        if headers.get("X-API-Secret") != site.api_secret or headers.get("secret") != site.secret:
            return "the secrets are not those of the bundle"
        return self._objection_to_signature(headers)

    def _objection_to_signature(self, headers: Mapping[str, str]) -> str | None:
        timestamp, nonce = headers.get("timestamp", ""), headers.get("nonce", "")
        if headers.get("signature") != signature(self._salt, timestamp, nonce):
            return "the signature does not match"
        if not timestamp.isdigit() or abs(time.time() - int(timestamp) / 1000) > WINDOW_SECONDS:
            return "the timestamp is not of now, in milliseconds"
        if not 0 <= _number(nonce) < 1:
            return "the nonce is no number in [0, 1)"
        if nonce in self._nonces:
            return "the nonce was used before"
        self._remember(nonce)
        return None

    def _remember(self, nonce: str) -> None:
        self._nonces.add(nonce)
        self._order.append(nonce)
        if len(self._order) > _REMEMBERED:
            self._nonces.discard(self._order.popleft())


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
