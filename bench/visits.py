"""How long the server takes for its pages, with a small database and with a crowded one.

    .venv/bin/python -m bench.visits                    # a minute to fill the databases, a minute to measure
    .venv/bin/python -m bench.visits --beside ../other  # another checkout in the same run

One visitor with 10,000 conversations opens one page after another, over one connection on loopback: the time from the
request to the last byte. "ask" is a prompt that begins a conversation, with all limits set, up to the redirect.
"""

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import tempfile
import time
import uuid
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench import machines
from bench.contestants import Installation, Place
from chat.practice import serve_in_thread

LIMITS = {
    "CHAT_DAILY_MESSAGES": "1000000",
    "CHAT_MINUTE_MESSAGES": "10000",
    "CHAT_CONCURRENT_REPLIES": "10000",
    "CHAT_MAX_CONVERSATION_MESSAGES": "100000",
    "MAGICKPEN_DAILY_MESSAGES": "1000000",
}


class Visitor:
    """A browser with one connection; `cookies` may be empty."""

    def __init__(self, url: str, **cookies: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self.cookies = cookies
        self.token = ""

    def get(self, path: str) -> None:
        page = self._send("GET", path, 200)
        if found := re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page):
            self.token = found[1]

    def ask(self) -> None:
        form = {"text": "Hello", "key": str(uuid.uuid4()), "csrfmiddlewaretoken": self.token}
        self._send("POST", "/", 303, urlencode(form))

    def _send(self, method: str, path: str, status: int, body: str | None = None) -> str:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        page = response.read().decode()
        if response.status != status:
            raise SystemExit(f"{method} {path} was answered with {response.status}:\n{page[:1000]}")
        for cookie in response.msg.get_all("Set-Cookie", []):
            name, _sign, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return page


class Chat:
    """A checkout that is served with a filled database, and the times of its pages in milliseconds."""

    def __init__(self, stack: ExitStack, place: Place, tree: Path, size: str, counts: list[int]) -> None:
        self.name, self.size = tree.name, size
        site = stack.enter_context(Installation(place, f"{size}-{tree.name}", tree))
        site.env |= LIMITS
        script = str(machines.ROOT / "bench" / "crowd.py")
        command = machines.python(script, *map(str, counts))
        env = {**os.environ, **site.env, "PYTHONPATH": f"{tree}:{machines.ROOT}"}
        made = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=env, cwd=tree).stdout)
        url, _pid = stack.enter_context(site.served())
        name, _sign, value = made["cookie"].partition("=")
        person, stranger = Visitor(url, **{name: value}), Visitor(url)
        self.visits: dict[str, Any] = {
            "/": partial(person.get, "/"),
            "/conversations/": partial(person.get, "/conversations/"),
            "/conversations/?q=, none found": partial(person.get, "/conversations/?q=nothing"),
            "/c/…/": partial(person.get, f"/c/{made['conversation']}/"),
            "/settings/": partial(person.get, "/settings/"),
            "/accounts/login/": partial(stranger.get, "/accounts/login/"),
            "ask": person.ask,
        }
        self.times: dict[str, list[float]] = {what: [] for what in self.visits}

    def visit(self) -> None:
        for what, go in self.visits.items():
            begun = time.perf_counter()
            go()
            self.times[what].append((time.perf_counter() - begun) * 1000)

    def report(self) -> None:
        for what, times in self.times.items():
            ranked = sorted(times)
            median, late = statistics.median(ranked), ranked[int(len(ranked) * 0.95)]
            print(f"{self.name:14} {self.size:8} {what:32} {ranked[0]:7.1f} {median:7.1f} {late:7.1f}")


def main() -> None:
    options = _options()
    os.sched_setaffinity(0, machines.OTHERS)
    crowded = [options.users, options.messages, options.conversations]
    upstream = serve_in_thread(pace=0, delay=0)
    with tempfile.TemporaryDirectory(prefix="magickpen-visits-") as folder, ExitStack() as stack:
        place = Place(Path(folder), upstream.url, 0)
        chats = [
            Chat(stack, place, tree.resolve(), size, counts)
            for size, counts in (("small", [0, 0, 10]), ("kept", [0, 0, options.conversations]), ("crowded", crowded))
            for tree in (machines.ROOT, *options.beside)
        ]
        for number in range(options.rounds + 5):
            for chat in chats:
                chat.visit()
                if number < 5:  # to get warm
                    chat.times = {what: [] for what in chat.times}
    upstream.stop()
    print(f"{'checkout':14} {'database':8} {'page':32} {'best':>7} {'median':>7} {'p95':>7}  ms")
    for chat in chats:
        chat.report()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.visits", description=__doc__)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--conversations", type=int, default=10_000, help="of the visitor")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--beside", type=Path, action="append", default=[], help="another checkout to measure")
    return parser.parse_args()


if __name__ == "__main__":
    main()
