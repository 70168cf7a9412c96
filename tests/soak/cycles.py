"""20,000 times connect, ask and disconnect: nothing may be left behind."""

import asyncio
import json
import signal
import uuid
from pathlib import Path

from tests.soak.crowd import CHANCE, some
from tests.soak.figures import Figure, at_most, none, progress, slope
from tests.stand.site import ROOT, Site, Web
from tests.stand.visitor import Visitor, settled
from tests.stand.waiting import until

CYCLES, AT_ONCE, CONVERSATIONS, WARM_UP = 20_000, 20, 1_000, 4_000
IDLE_SECONDS = 45.0  # a kept connection to the upstream lives for 15, and is looked at every 15
PROMPT = "Hello! !pace=0"


async def drill(home: Path, share: float) -> list[Figure]:
    cycles = some(share, CYCLES)
    # Conversations that grow would cost more and more by themselves, as each prompt takes them along.
    environment = {
        "CHAT_MAX_HISTORY_CHARS": "1000",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'tests/soak/probe'}",
        "PROBE_FILE": str(home / "tasks"),
    }
    with Site(home, **environment) as site:
        (web,) = site.webs
        async with Visitor.signed_in(web) as alice:
            conversations = [await alice.begin(web, PROMPT) for _ in range(some(share, CONVERSATIONS))]
            await settled(alice, web, conversations[-1])
            await _go_round(alice, web, conversations, some(share, WARM_UP))
            files, tasks = await _after_a_while(web, home)
            memory = await _go_round(alice, web, conversations, cycles)
            files_after, tasks_after = await _after_a_while(web, home)
        live = site.query("SELECT count(*) FROM chat_message WHERE state IN ('queued', 'streaming')")[0][0]
        errors = web.said().count(" ERROR ")
    return [
        at_most("memory per cycle", slope(memory), 1024, "bytes"),
        at_most("open files more than before", files_after - files, 0),
        at_most("tasks more than before", tasks_after - tasks, 0),
        none("replies that nobody ended", live),
        none("errors in the log", errors),
    ]


async def _go_round(alice: Visitor, web: Web, conversations: list[uuid.UUID], cycles: int) -> list[tuple[float, float]]:
    """Runs the cycles; returns how much memory was used after how many."""
    numbers = iter(range(1, cycles + 1))
    memory: list[tuple[float, float]] = []

    async def keep_on() -> None:
        for number in numbers:
            await _cycle(alice, web, CHANCE.choice(conversations))
            if number % max(1, cycles // 40) == 0:
                memory.append((number, web.memory()))
                progress(f"{number} cycles, {memory[-1][1] / 1024 / 1024:.1f} MiB")

    await asyncio.gather(*[keep_on() for _ in range(AT_ONCE)])
    return memory


async def _cycle(alice: Visitor, web: Web, conversation: uuid.UUID) -> None:
    """One visit: some leave at once, some when they have seen something."""
    socket = await alice.raw(web, conversation, after=2**40)
    await socket.send_str(json.dumps({"type": "ask", "key": str(uuid.uuid4()), "text": PROMPT}))
    if CHANCE.random() < 0.5:
        await socket.receive(timeout=30)
    await socket.close()


async def _after_a_while(web: Web, home: Path) -> tuple[int, int]:
    """Open files and asyncio tasks of a web process when idle connections to the upstream have been closed as well."""
    await asyncio.sleep(IDLE_SECONDS)
    (home / "tasks").unlink(missing_ok=True)
    web.send(signal.SIGUSR1)

    async def told() -> int:
        return int((home / "tasks").read_text()) if (home / "tasks").exists() else 0

    tasks = await until(told, "the web process tells")
    return web.open_files(), tasks
