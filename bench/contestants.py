"""The servers that are measured side by side: the floor, a plain consumer, and the chat in several arrangements."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from bench import machines
from bench.clocks import family

FRESH_PAGES, READ_PAGES = 6_000, 400


@dataclass
class Contestant:
    """A running server. `fresh` gives pages of empty conversations, each once; `read` are pages to be idle on."""

    name: str
    url: str
    speech: str
    pids: list[int]
    ask_url: str = ""
    other_pid: int = 0
    fresh: Iterator[dict[str, Any]] = field(default_factory=lambda: iter(()))
    read: list[dict[str, Any]] = field(default_factory=list)

    def pages(self, count: int) -> list[dict[str, Any]]:
        return list(islice(self.fresh, count)) if self.speech == "page" else [{}] * count

    def idle_pages(self, count: int) -> list[dict[str, Any]]:
        return self.read[:count] if self.speech == "page" else [{}] * count

    @property
    def other_pids(self) -> list[int]:
        """The database's or Redis' processes as of now."""
        return family(self.other_pid) if self.other_pid else []


@dataclass
class Place:
    """Where contestants run, and the upstream they ask."""

    folder: Path
    upstream: str
    upstream_pid: int


@contextmanager
def floor(place: Place) -> Iterator[Contestant]:
    port = machines.free_port()
    command = machines.python("-m", "bench.floor", str(port), place.upstream)
    with machines.running(command, port, place.folder / "floor.log") as child:
        yield Contestant("floor", f"http://127.0.0.1:{port}", "plain", [child.pid])


@contextmanager
def plain(place: Place) -> Iterator[Contestant]:
    port = machines.free_port()
    command = machines.python("-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "bench.plain:application")
    env = {"BENCH_UPSTREAM": place.upstream}
    with machines.running(command, port, place.folder / "plain.log", env=env) as child:
        yield Contestant("plain", f"http://127.0.0.1:{port}", "plain", [child.pid])


@contextmanager
def chat(place: Place, name: str = "chat", tree: Path = machines.ROOT) -> Iterator[Contestant]:
    """The chat on SQLite, one process; of another checkout if one is named."""
    with Installation(place, name, tree) as site, site.served() as (url, pid):
        yield Contestant(name, url, "page", [pid], **site.pages())


@contextmanager
def chat_postgres(place: Place, name: str = "chat-postgres", tree: Path = machines.ROOT) -> Iterator[Contestant]:
    """The chat on PostgreSQL, one process."""
    with Installation(place, name, tree) as site:
        database = site.uses_postgres()
        with site.served() as (url, pid):
            yield Contestant(name, url, "page", [pid], other_pid=database, **site.pages())


@contextmanager
def chat_cluster(place: Place, name: str = "chat-cluster", tree: Path = machines.ROOT) -> Iterator[Contestant]:
    """Two processes of the chat with Redis and SQLite: one is asked and answers, the other has the readers."""
    with Installation(place, name, tree) as site:
        redis = site.uses_redis()
        with site.served() as (asked_url, asked), site.served() as (url, read):
            pages = site.pages()
            yield Contestant(name, url, "page", [asked, read], ask_url=asked_url, other_pid=redis, **pages)


ARRANGEMENTS: dict[str, Callable[..., Any]] = {
    "floor": floor,
    "plain": plain,
    "chat": chat,
    "chat-postgres": chat_postgres,
    "chat-cluster": chat_cluster,
}
NEEDED = {"chat-postgres": ["initdb", "postgres"], "chat-cluster": ["redis-server"]}


def beside(tree: Path) -> Callable[[Place], Any]:
    """The chat as it is in another checkout."""
    return partial(chat, name=f"chat@{tree.name}", tree=tree)


class Installation(ExitStack):
    """A place for one chat's data, and the environment of its processes."""

    def __init__(self, place: Place, name: str, tree: Path) -> None:
        super().__init__()
        self.place, self.name, self.tree = place, name, tree
        self.folder = place.folder / name.replace("/", "-")
        self.folder.mkdir()
        self.env = {
            "ENV_FILE": "/dev/null",
            "DATA_DIR": str(self.folder),
            "SECRET_KEY": "bench-only-0123456789-abcdefghijklmnop",
            "MAGICKPEN_URL": place.upstream,
            "MAGICKPEN_API_ENDPOINT": f"{place.upstream}/ask",
            "LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(tree),
        }
        self._processes = 0

    def uses_postgres(self) -> int:
        """Puts the data into a fresh PostgreSQL; returns its process."""
        self.env["DATABASE_URL"], pid = self.enter_context(machines.postgres(self.folder))
        return pid

    def uses_redis(self) -> int:
        self.env["REDIS_URL"], pid = self.enter_context(machines.redis(self.folder))
        return pid

    def pages(self) -> dict[str, Any]:
        """Fills the database; returns the pages for a contestant."""
        script = str(Path(__file__).parent / "accounts.py")
        command = machines.python(script, str(FRESH_PAGES), str(READ_PAGES))
        env = {**os.environ, **self.env}
        made = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=env, cwd=self.tree).stdout
        pages = json.loads(made)
        return {"fresh": iter(pages[:FRESH_PAGES]), "read": pages[FRESH_PAGES:]}

    @contextmanager
    def served(self) -> Iterator[tuple[str, int]]:
        """One more process of this chat: its address and process."""
        port = machines.free_port()
        self._processes += 1
        log = self.place.folder / f"{self.folder.name}-{self._processes}.log"
        command = machines.python("manage.py", "quickstart")
        env = {**self.env, "PORT": str(port), "HOST": "127.0.0.1"}
        with machines.running(command, port, log, env=env, cwd=self.tree) as child:
            yield f"http://127.0.0.1:{port}", child.pid
