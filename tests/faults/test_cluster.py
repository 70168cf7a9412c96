"""`make run-cluster`: several web processes behind one address, started, mended and stopped together."""

import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from magickpen_site import programs
from tests.stand.answers import told
from tests.stand.site import NAME, PASSWORD, ROOT, Web
from tests.stand.visitor import Visitor, settled
from tests.stand.waiting import until

START_SECONDS = 90.0
PROMPT = "Tell me a story !stall=150"


class Cluster(Web):
    """The command, seen as the one web process that it looks like from outside."""

    def launch(self) -> None:
        with self.log.open("ab") as log:
            command = [*programs.tied("TERM"), sys.executable, "manage.py", "cluster"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    @property
    def served_by(self) -> list[int]:
        """The process ids of the web processes that it has announced."""
        return [int(pid) for pid in re.findall(r"Web process (\d+) is one of", self.said())]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    for program, package in (("redis-server", "redis-server"), ("initdb", "postgresql")):
        try:
            programs.find(program, package)
        except programs.Missing as error:
            pytest.skip(str(error))
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(tmp_path / "data"),
        "CHAT_ADMIN_USERNAME": NAME,
        "CHAT_ADMIN_PASSWORD": PASSWORD,
    }
    cluster = Cluster(0, environment, tmp_path / "log")
    cluster.launch()
    try:
        yield cluster
    finally:
        cluster.end()
        print(cluster.said())  # noqa: T201 - pytest shows it when the test has failed


async def test_a_cluster_survives_the_loss_of_a_web_process(cluster: Cluster) -> None:
    async def serving(count: int) -> bool:
        assert cluster.process is not None
        assert cluster.process.poll() is None, cluster.said()
        return len(cluster.served_by) == count

    await until(lambda: serving(2), "two web processes serve", START_SECONDS)
    async with Visitor.signed_in(cluster) as alice:
        conversations = [await alice.begin(cluster, PROMPT) for _ in range(4)]  # by turns on both
        pks = []
        for conversation in conversations:
            async with alice.watching(cluster, conversation) as page:
                await page.until_chars(140)
                pks.append(page.pk)
        assert len(cluster.served_by) == 2, "a web process has ended by itself"
        os.kill(cluster.served_by[0], signal.SIGKILL)
        await until(lambda: serving(3), "another process has taken its place", START_SECONDS)
        for conversation, pk in zip(conversations, pks, strict=True):
            await go_to_the_end(alice, cluster, conversation, pk)
            assert await alice.source(cluster, conversation, pk) == told(PROMPT)
    cluster.send(signal.SIGTERM)
    assert cluster.process is not None
    assert cluster.process.returncode == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in cluster.served_by)


async def go_to_the_end(alice: Visitor, web: Web, conversation: uuid.UUID, pk: int) -> None:
    """Stops the reply if it is still stuck in a living process, and continues it."""
    async with alice.watching(web, conversation) as page:
        await page.send(type="stop")
        await settled(alice, web, conversation)
        await page.until_state("stopped", "interrupted")
        await page.send(type="continue", pk=pk)
        await page.until_state("complete")
