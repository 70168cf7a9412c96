"""Web processes of one site, started through manage.py like anybody's, and what they stand on."""

import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Self

import psycopg

from chat.practice import InThread, serve_in_thread
from magickpen_site import programs

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60.0
NAME, PASSWORD = "alice", "pen-and-ink-9"


class Web:
    """One web process. It can be started again after its end, and keeps its port."""

    def __init__(self, number: int, environment: dict[str, str], log: Path) -> None:
        self.number = number
        self.port = programs.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self.starts = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.environment = {**environment, "PORT": str(self.port), "SITE_URL": self.url}

    def launch(self) -> None:
        """Begin to start; `wait` returns when the process serves."""
        self.starts = self._welcomes() + 1
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*programs.tied("KILL"), sys.executable, "manage.py", "quickstart"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self._welcomes() < self.starts:
            assert self.process is not None
            assert self.process.poll() is None, f"the web process ended at its start:\n{self.said()}"
            assert time.monotonic() < deadline, f"the web process did not serve in time:\n{self.said()}"
            time.sleep(0.05)

    def start(self) -> None:
        self.launch()
        self.wait()

    def send(self, number: signal.Signals) -> None:
        """Send a signal; waits for the end of the process when the signal is a deadly one."""
        assert self.process is not None
        self.process.send_signal(number)
        if number in (signal.SIGKILL, signal.SIGTERM):
            self.process.wait(30)

    def kill(self) -> None:
        self.send(signal.SIGKILL)

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)  # a stopped process would not even die
            self.process.kill()
            self.process.wait()

    def said(self) -> str:
        """Everything that stands in its log."""
        return self.log.read_text(errors="replace")

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def memory(self) -> int:
        """Resident memory in bytes."""
        assert self.process is not None
        return _resident(self.process.pid)

    def family_memory(self) -> int:
        """Resident memory in bytes, that of the processes it has started included."""
        assert self.process is not None
        return sum(map(_resident, [self.process.pid, *_descendants(self.process.pid)]))

    def turns(self) -> tuple[float, float]:
        """For how many seconds the first thread has had a processor, and has waited for one; zeros after its end."""
        assert self.process is not None
        try:
            ran, waited, _times = (
                Path(f"/proc/{self.process.pid}/task/{self.process.pid}/schedstat").read_text().split()
            )
        except OSError:
            return 0.0, 0.0
        return int(ran) / 1e9, int(waited) / 1e9

    def open_files(self) -> int:
        assert self.process is not None
        return sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())

    def _welcomes(self) -> int:
        """How often it has said that it serves. Nothing connects to find out, as that alone might wake something up."""
        return self.said().count("MagickPen Chat is on ") if self.log.exists() else 0


def _resident(pid: int) -> int:
    """Resident memory in bytes; 0 once the process has ended."""
    try:
        fields = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in fields if line.startswith("VmRSS")), 0)


def _descendants(pid: int) -> list[int]:
    try:
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    children = [int(child) for text in lists for child in text.split()]
    return children + [each for child in children for each in _descendants(child)]


class Site:
    """One or more web processes on one database: on SQLite, or on a database of its own at a PostgreSQL server.

    Several processes get a Redis as well. The upstream lives in this process, so that it survives all of them.
    """

    def __init__(
        self,
        home: Path,
        *,
        webs: int = 1,
        postgresql: programs.PostgreSQL | None = None,
        pace: float = 4,
        **environment: str,
    ) -> None:
        self.home = home
        self.postgresql = postgresql
        self.redis = programs.Redis() if webs > 1 else None
        self.upstream: InThread = serve_in_thread(pace=pace, delay=0)
        self.database = f"site_{secrets.token_hex(6)}"
        values = self._environment() | environment
        self.webs = [Web(number, values, home / f"web-{number}.log") for number in range(webs)]

    def __enter__(self) -> Self:
        try:
            if self.postgresql:
                with psycopg.connect(self.postgresql.url, autocommit=True) as connection:
                    connection.execute(f"CREATE DATABASE {self.database}")  # type: ignore[arg-type]
            if self.redis:
                self.redis.start()
            self.webs[0].start()  # the first one prepares the database
            for web in self.webs[1:]:
                web.launch()
            for web in self.webs[1:]:
                web.wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        for web in self.webs:
            web.end()
        if self.redis:
            self.redis.stop()
        self.upstream.stop()

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database past the application; placeholders are %s."""
        if self.postgresql:
            with psycopg.connect(self.postgresql.address(self.database), autocommit=True) as connection:
                cursor = connection.execute(sql, values)  # type: ignore[arg-type]
                return cursor.fetchall() if cursor.description else []
        with closing(sqlite3.connect(self.home / "data" / "chat.sqlite3", timeout=30)) as connection, connection:
            return connection.execute(sql.replace("%s", "?"), values).fetchall()

    def identifier(self, value: Any) -> Any:
        """A UUID as this database holds it."""
        return value if self.postgresql else value.hex

    def _environment(self) -> dict[str, str]:
        values = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "ENV_FILE": os.devnull,
            "DATA_DIR": str(self.home / "data"),
            "SECRET_KEY": "the-key-of-a-test-that-opens-nothing-0123456789",
            "CHAT_ADMIN_USERNAME": NAME,
            "CHAT_ADMIN_PASSWORD": PASSWORD,
            "CHAT_CONCURRENT_REPLIES": "10000",
            "MAGICKPEN_URL": self.upstream.url,
            "MAGICKPEN_API_ENDPOINT": self.upstream.api_endpoint,
        }
        if self.postgresql:
            values["DATABASE_URL"] = self.postgresql.address(self.database)
        if self.redis:
            values["REDIS_URL"] = self.redis.url
        return values


def work(web: Web) -> float:
    """Seconds of processor time that the web process has used so far."""
    assert web.process is not None
    fields = Path(f"/proc/{web.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
