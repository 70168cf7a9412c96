"""What compose.yaml and the Dockerfile promise about rights, as far as it can be tried without an engine."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from magickpen_site import programs
from tests.stand.site import ROOT, Site

COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
PASSWORD = "aPasswordOfLettersAndDigits42"


def services() -> dict[str, str]:
    """The text of each service; without a reader for YAML, our own two spaces have to do."""
    inside = re.split(r"^(?:services|volumes):\n", COMPOSE, flags=re.MULTILINE)[1]
    parts = re.split(r"^  (\w+):\n", inside, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_service_is_confined() -> None:
    confined = re.search(r"^x-confined: &confined\n((?:  .*\n)+)", COMPOSE, re.MULTILINE)
    assert confined
    assert {"cap_drop: [ALL]", 'security_opt: ["no-new-privileges:true"]', "read_only: true"} <= {
        line.strip() for line in confined[1].splitlines()
    }
    assert all(name in confined[1] for name in ("mem_limit:", "pids_limit:"))
    assert set(services()) == {"web", "postgres", "redis"}
    for name, text in services().items():
        assert text.startswith("    <<: *confined\n"), name
        assert not re.search("privileged: true|network_mode|/var/run/docker", text), name
    added = {name: re.findall(r"cap_add: \[(.*)\]", text) for name, text in services().items()}
    assert added == {"web": [], "postgres": ["CHOWN, DAC_OVERRIDE, FOWNER, SETGID, SETUID"], "redis": []}


def test_only_the_web_service_has_a_port() -> None:
    assert [name for name, text in services().items() if "    ports:\n" in text] == ["web"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The Redis of compose.yaml, by its own command, on a port of this machine."""
    try:
        programs.find("redis-server", "redis-server")
    except programs.Missing as error:
        pytest.skip(str(error))
    script = re.search(r"- sh\n +- -c\n +- \|\n((?: {8}.*\n)+)", services()["redis"])
    assert script
    port = programs.free_port()
    text = re.sub(r"^ {8}", "", script[1], flags=re.MULTILINE).replace("$$", "$")
    text = text.replace("save", f"port {port}\nbind 127.0.0.1\nsave", 1)
    environment = {"PATH": os.environ["PATH"], "REDIS_PASSWORD": PASSWORD}
    process = subprocess.Popen(["sh", "-c", text], env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL)
    programs._wait_for(process, lambda: programs.listens(port), "redis-server")
    yield port, process
    programs.end(process)


def test_redis_wants_its_password_and_shows_it_to_nobody(server: tuple[int, subprocess.Popen[bytes]]) -> None:
    port, process = server
    with redis.Redis(port=port) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    with redis.Redis(port=port, password=PASSWORD) as ours:
        assert ours.ping()
    command = Path(f"/proc/{process.pid}/cmdline").read_bytes()
    assert command.startswith(b"redis-server")  # it has taken the shell's place, and so hears when it is to end
    assert PASSWORD.encode() not in command


def test_a_site_writes_nowhere_but_to_its_data(tmp_path: Path) -> None:
    """As it has to be where everything else is read-only; the first start has collected the static files."""
    for home in ("first", "second"):
        (tmp_path / home).mkdir()
    with Site(tmp_path / "first"):
        before = written()
    with Site(tmp_path / "second"):
        assert written() == before


def written() -> dict[Path, int]:
    """When which file of the project was written, but for what Python makes of its own and does without."""
    parts = ("chat", "deploy", "magickpen_site", "static", "staticfiles", "templates")
    paths = [path for part in parts for path in (ROOT / part).rglob("*") if "__pycache__" not in path.parts]
    return {path: path.stat().st_mtime_ns for path in paths if path.is_file()}
