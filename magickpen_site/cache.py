"""The cache in Redis, from which only data comes back, and only what a process of this site has put there.

Django's own keeps pickles: whoever can write to Redis runs programs here. These entries are JSON behind a signature
with SECRET_KEY over key and value, so that what others write, or move from key to key, reads as nothing at all.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.utils.crypto import constant_time_compare, salted_hmac

SCALARS = (type(None), bool, int, float, str)
SIGNATURE_CHARS = 64
MISS = object()


class Serializer:
    """Turns a pair of key and value into an entry; values are scalars, and lists and dicts of them."""

    def dumps(self, entry: tuple[str, Any]) -> bytes:
        """Raises TypeError or ValueError for what JSON would not give back as it was."""
        key, value = entry
        _refuse_odd(value)
        text = json.dumps(value, allow_nan=False)
        return f"{_signature(key, text)}{text}".encode()

    def loads(self, key: str, entry: Any) -> Any:
        """Returns the value, or MISS for whatever is no entry of this key. Never raises."""
        try:
            words = entry.decode() if entry else ""
            signature, text = words[:SIGNATURE_CHARS], words[SIGNATURE_CHARS:]
            return json.loads(text) if constant_time_compare(signature, _signature(key, text)) else MISS
        except ValueError:
            return MISS


class Client(RedisCacheClient):
    """Django's client, which hands the key to the serializer and takes nonsense for nothing."""

    _serializer: Serializer

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        return bool(super().add(key, (key, value), timeout))

    def set(self, key: Any, value: Any, timeout: Any) -> None:
        super().set(key, (key, value), timeout)

    def set_many(self, data: Mapping[Any, Any], timeout: Any) -> None:
        super().set_many({key: (key, value) for key, value in data.items()}, timeout)

    def get(self, key: Any, default: Any) -> Any:
        return self.get_many([key]).get(key, default)

    def get_many(self, keys: Iterable[Any]) -> dict[Any, Any]:
        keys = list(keys)
        entries = self.get_client(None).mget(keys) if keys else []  # unlike GET, it passes over what is no text
        found = {key: self._serializer.loads(key, entry) for key, entry in zip(keys, entries, strict=True)}
        return {key: value for key, value in found.items() if value is not MISS}

    def incr(self, key: Any, delta: int) -> NoReturn:
        raise NotImplementedError("Redis cannot count inside a signed entry: add a key for each instead.")


class Cache(RedisCache):
    """What CACHES names as its backend."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = Client


def _refuse_odd(value: Any) -> None:
    if type(value) is list:
        for each in value:
            _refuse_odd(each)
    elif type(value) is dict and all(type(name) is str for name in value):
        _refuse_odd(list(value.values()))
    elif type(value) not in SCALARS:
        raise TypeError(f"The cache keeps no {type(value).__name__}, as JSON would give back something else.")


def _signature(key: str, text: str) -> str:
    return salted_hmac("magickpen_site.cache", f"{key}\0{text}", algorithm="sha256").hexdigest()
