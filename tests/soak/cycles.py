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

CYCLES, AT_ONCE, CONVERSATIONS, WARM_UP = 20_000, 20, 200, 0.2
PROMPT = "Hello! !pace=0"


async def drill(home: Path, share: float) -> list[Figure]:
    cycles = some(share, CYCLES)
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests/soak/probe'}", "PROBE_FILE": str(home / "tasks")}
    with Site(home, **environment) as site:
        (web,) = site.webs
        async with Visitor.signed_in(web) as alice:
            conversations = [await alice.begin(web, PROMPT) for _ in range(some(share, CONVERSATIONS))]
            await settled(alice, web, conversations[-1])
            files, tasks = await _quiet(site, web, home)
            memory = await _go_round(alice, web, conversations, cycles)
            files_after, tasks_after = await _quiet(site, web, home)
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
    """Runs the cycles; returns how much memory was used after how many, once everything is warm."""
    done = 0
    memory: list[tuple[float, float]] = []

    async def keep_on() -> None:
        nonlocal done
        while done < cycles:
            done += 1
            await _cycle(alice, web, CHANCE.choice(conversations))
            if done % max(1, cycles // 40) == 0:
                memory.append((done, web.memory()))
                progress(f"{done} cycles, {memory[-1][1] / 1024 / 1024:.1f} MiB")

    await asyncio.gather(*[keep_on() for _ in range(AT_ONCE)])
    return [(number, size) for number, size in memory if number > WARM_UP * cycles]


async def _cycle(alice: Visitor, web: Web, conversation: uuid.UUID) -> None:
    """One visit: some leave at once, some when they have seen something."""
    socket = await alice.raw(web, conversation, after=2**40)
    await socket.send_str(json.dumps({"type": "ask", "key": str(uuid.uuid4()), "text": PROMPT}))
    if CHANCE.random() < 0.5:
        await socket.receive(timeout=30)
    await socket.close()


async def _quiet(site: Site, web: Web, home: Path) -> tuple[int, int]:
    """Open files and asyncio tasks of a web process once nothing is going on, and kept-alive connections are closed."""
    await asyncio.sleep(20)
    (home / "tasks").unlink(missing_ok=True)
    web.send(signal.SIGUSR1)

    async def told() -> int:
        return int((home / "tasks").read_text()) if (home / "tasks").exists() else 0

    tasks = await until(told, "the web process tells")
    return web.open_files(), tasks
