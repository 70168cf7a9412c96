"""Real PostgreSQL and Redis servers of one's own, on free loopback ports: for `make run-cluster` and fault tests."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

START_SECONDS = 60.0


class Missing(Exception):  # noqa: N818 - it is a fact about the machine
    """A program is not installed; str() says in one sentence which, and how to get it."""


def find(program: str, package: str) -> str:
    """The path of a program. Debian keeps PostgreSQL's own ones out of PATH, so that place is searched as well."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"[0-9]*/bin/{program}"), key=lambda path: int(path.parts[4]))
    found = shutil.which(program) or (str(debian[-1]) if debian else None)
    if found is None:
        raise Missing(f"{program} is not installed. Install it (Debian: apt-get install {package}).")
    return found


@cache
def tied(signal_name: str) -> list[str]:
    """What to put before a command so that its program gets this signal when we die, where the system can do that."""
    prefix = ["setpriv", "--pdeathsig", signal_name]
    try:
        can = subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        can = False
    return prefix if can else []


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def end(process: subprocess.Popen[Any], seconds: float = 10.0) -> None:
    """Ends a program politely, then for certain; a second call does nothing."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Redis:
    """A Redis server that keeps nothing on disk: killed and started again, it is empty."""

    def __init__(self) -> None:
        self.program = find("redis-server", "redis-server")
        self.port = free_port()
        self.password = secrets.token_urlsafe(24)
        self.url = f"redis://:{self.password}@127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # By standard input, as other users of the machine can read a command line.
        config = f'bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\nsave ""\nappendonly no\n'
        self.process = subprocess.Popen(
            [*tied("TERM"), self.program, "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
        )
        assert self.process.stdin is not None
        self.process.stdin.write(config.encode())
        self.process.stdin.close()
        _wait_for(self.process, lambda: listens(self.port), "redis-server")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        if self.process is not None:
            end(self.process)


class PostgreSQL:
    """A PostgreSQL server with an empty database, in a directory that is removed at the end.

    PostgreSQL refuses to run as root: then it runs as the user `postgres`, or else `nobody`.
    """

    def __init__(self) -> None:
        self.initdb, self.program = (find(name, "postgresql") for name in ("initdb", "postgres"))
        self.port = free_port()
        self.password = secrets.token_urlsafe(24)
        self.url = self.address("postgres")
        self.home = Path(tempfile.mkdtemp(prefix="magickpen-postgresql-"))
        self.log = self.home / "log"
        self.process: subprocess.Popen[bytes] | None = None
        self._as_user = _unprivileged(self.home)
        self._make()

    def start(self) -> None:
        # Nothing is kept after the end, so nothing needs to reach the disk.
        settings = [f"--port={self.port}", "--listen_addresses=127.0.0.1", "--unix_socket_directories="]
        settings += ["--fsync=off", "--max_connections=200"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*tied("INT"), self.program, "-D", str(self.home / "data"), *settings],
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                **self._as_user,
            )
        _wait_for(self.process, self._takes_clients, "postgres")

    def address(self, database: str) -> str:
        """The URL of one of its databases."""
        return f"postgresql://chat:{self.password}@127.0.0.1:{self.port}/{database}"

    def kill(self) -> None:
        """Ends the server as a crash would, with all its processes."""
        if self.process is not None:
            self.process.send_signal(3)  # SIGQUIT: "immediate shutdown", recovery at the next start
            self.process.wait()

    def stop(self) -> None:
        """Ends the server and removes its data."""
        if self.process is not None:
            self.process.send_signal(2)  # SIGINT: "fast shutdown"
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def _takes_clients(self) -> bool:
        """After a crash it listens a while before it does."""
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _make(self) -> None:
        secret = self.home / "password"
        secret.write_text(self.password)
        if self._as_user:
            os.chown(secret, self._as_user["user"], -1)
        command = [self.initdb, "-D", str(self.home / "data"), "-U", "chat", "-A", "scram-sha-256", "--no-sync"]
        command += ["-E", "UTF8", "--locale=C", f"--pwfile={secret}"]
        made = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **self._as_user)
        secret.unlink()
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr.strip()}")


def _unprivileged(home: Path) -> dict[str, Any]:
    """How to start a program that may not be root, with `home` as its own; nothing special when we are not root."""
    if os.geteuid():
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(home, user.pw_uid, user.pw_gid)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise Missing("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody.")


def _wait_for(process: subprocess.Popen[bytes], serves: Callable[[], bool], name: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not serves():
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended at its start with status {process.returncode}.")
        if time.monotonic() > deadline:
            end(process)
            raise RuntimeError(f"{name} did not serve within {START_SECONDS:.0f} seconds.")
        time.sleep(0.02)
