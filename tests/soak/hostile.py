"""Ten minutes of strangers, sockets and answers that mean no good, while 50 people chat.

The people chat undisturbed first, so that each is compared with themselves in the same run. Then, all at once, from
some 200 addresses, and each within a rate that two processors can send:

- strangers post a body of each of eight kinds every second, from 1 MB of semicolons to 500 MB of text; hold 1,200 idle
  connections (60 new ones a second at most), 60 whose head and 60 whose body comes by a byte every two seconds, and 20
  pages that nobody reads; and sign in 60 at a time every 15 seconds, with wrong passwords;
- one person's sockets send 200,000 fragments of one byte, and of none, 150,000 pings that they do not read, and frames
  and nonsense without a pause, each every five seconds, and are to become 2,000, 20 a second;
- an upstream answers that person in 200,000 characters of what is hard to render: one every five seconds in large
  pieces, and one every ten that grows.

The attackers are a process of their own with a low priority, as elsewhere they would take no time from the server's
processors. The server starts with the usual limit of 1,024 open files. Run it on a machine that does nothing else: the
report tells for how long the server waited for a processor, and times are worth nothing where that is long.
"""

import asyncio
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from magickpen_site import programs
from tests.soak import journal
from tests.soak.attackers.target import FORMS, MISUSES, Account, Target
from tests.soak.attackers.texts import TEXTS
from tests.soak.crowd import some
from tests.soak.figures import Figure, at_most, none, progress
from tests.soak.health import Health, percentile
from tests.soak.people import PATIENCE, PROMPT, Person, browser, sign_up
from tests.stand.answers import told
from tests.stand.site import ROOT, Site, Web
from tests.stand.visitor import Visitor, settled
from tests.stand.waiting import until

PEOPLE, ALONE_SECONDS, SECONDS, SHORTEST = 50, 120, 600, 30
USUAL_FILES = 1_024
MEGABYTE = 1024 * 1024
MOST_MEMORY, MEMORY_LEFT = 512, 64  # MiB more than before: meanwhile, renderers included, and in the end
FILES_LEFT = 80  # SQLite keeps a file of each thread that there was until nobody writes; 60 sign in at once
LONG = "A long one !pace=0 !chunk=2000 !size=190k"


class Phase(NamedTuple):
    """What a time was like: each person's p99 delay in seconds, what failed them, and how the server was."""

    delays: list[float]
    troubles: list[str]
    replies: int
    health: Health


async def drill(home: Path, share: float) -> list[Figure]:
    with _site(home) as site:
        (web,) = site.webs
        async with AsyncExitStack() as stack:
            people = [await stack.enter_async_context(Person.signed_up(n, web)) for n in range(some(1, PEOPLE))]
            target = await _target(web)
            alone = await _phase(web, people, max(SHORTEST, share * ALONE_SECONDS))
            _tell("alone", alone)
            memory, files = web.memory(), web.open_files()
            with _attackers(home / "attackers", target):
                attacked = await _phase(web, people, max(SHORTEST, share * SECONDS))
            _tell("attacked", attacked)
            _tell_attacks(journal.lines(home / "attackers"), attacked.health)
            await _calm(site, web, memory, files)
            _tell_errors(web)
        return _figures(site, web, alone, attacked, memory, files)


@contextmanager
def _site(home: Path) -> Iterator[Site]:
    """A site that is started as most are: by somebody who has changed no limit of the system."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(USUAL_FILES, soft), hard))
    try:
        with Site(home, SIGNUP="open", TRUSTED_PROXIES="1") as site:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            site.upstream.upstream.given |= TEXTS
            yield site
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def _target(web: Web) -> Target:
    """Makes the accounts that will be misused, each for one thing, so that one limit does not spare us the others."""
    return Target(web.port, {misuse: await _account(web, number, misuse) for number, misuse in enumerate(MISUSES)})


async def _account(web: Web, number: int, name: str) -> Account:
    """An account with a long page."""
    async with browser("127.0.1.250", f"198.18.255.{number + 1}") as http:
        visitor = Visitor(http)
        await sign_up(visitor, web, name)
        conversation = await visitor.begin(web, LONG)
        await settled(visitor, web, conversation, 60)
        token = await visitor.token(web)
        # Strangers fill in forms without being signed in.
        cookies = [cookie for cookie in http.cookie_jar if name != FORMS or "session" not in cookie.key]
        return Account("; ".join(f"{each.key}={each.value}" for each in cookies), token, str(conversation))


async def _phase(web: Web, people: list[Person], seconds: float) -> Phase:
    """Lets people chat for so long, or until the server's process ends; answers get a minute more."""
    async with Health.watched(web) as health:
        chats = [asyncio.create_task(person.chat(seconds)) for person in people]
        end = asyncio.create_task(_end(web, chats))
        await asyncio.wait([end], timeout=seconds + PATIENCE)
        for task in (*chats, end):
            task.cancel()
        await asyncio.wait([*chats, end])
    delays = [percentile(person.delays, 0.99) for person in people]
    return Phase(delays, [t for p in people for t in p.troubles], sum(p.replies for p in people), health)


async def _end(web: Web, chats: list[asyncio.Task[None]]) -> None:
    while web.is_alive and not all(chat.done() for chat in chats):
        await asyncio.sleep(0.1)


@contextmanager
def _attackers(log: Path, target: Target) -> Iterator[None]:
    command = [*programs.tied("KILL"), sys.executable, "-m", "tests.soak.attackers", target.written()]
    with log.open("wb") as output, subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output) as process:
        try:
            yield
            assert process.poll() is None, f"the attackers ended by themselves:\n{log.read_text()[-2000:]}"
        finally:
            programs.end(process)


async def _calm(site: Site, web: Web, memory: int, files: int) -> None:
    """Waits, but not for ever, until no reply is being written and the server has let go of what it held."""
    deadline = time.monotonic() + 90

    async def is_calm() -> bool:
        if not web.is_alive or time.monotonic() > deadline:
            return True
        live = site.query("SELECT count(*) FROM chat_message WHERE state IN ('queued', 'streaming')")[0][0]
        has_let_go = web.memory() - memory <= MEMORY_LEFT * MEGABYTE and web.open_files() - files <= FILES_LEFT
        return has_let_go and not live

    await until(is_calm, "the site is calm", 120)


def _figures(site: Site, web: Web, alone: Phase, attacked: Phase, memory: int, files: int) -> list[Figure]:
    growth = [after / max(before, 0.001) for before, after in zip(alone.delays, attacked.delays, strict=True)]
    health = attacked.health
    figures = [
        none("ends of the server's process", int(not web.is_alive)),
        at_most("worst p99 delay of a person, beside theirs alone", max(growth), 2, "×"),
        none("people whose p99 delay doubled", sum(ratio > 2 for ratio in growth)),
        none("times that something failed a person", len(attacked.troubles)),
        none("replies to people that are lost or wrong", _wrong(site, {PROMPT: told(PROMPT)}, alone, attacked)),
        none("hostile answers that are lost or wrong", _wrong(site, TEXTS)),
        none("times that /healthz was not answered", health.unanswered),
        at_most("longest wait for /healthz", health.longest, 2, "s"),
        at_most(
            "growth of memory at most, renderers included", (health.most_memory - memory) / MEGABYTE, MOST_MEMORY, "MiB"
        ),
        none("errors in the log", web.said().count(" ERROR ")),
    ]
    if web.is_alive:
        figures += [
            at_most("growth of memory in the end", (web.memory() - memory) / MEGABYTE, MEMORY_LEFT, "MiB"),
            at_most("open files more than before", web.open_files() - files, FILES_LEFT),
        ]
    return figures


def _wrong(site: Site, answers: dict[str, str], *phases: Phase) -> int:
    """How many prompts have no answer, several, or not the exact one; and how many that were read are not kept."""
    rows = site.query(
        "SELECT p.text, r.text, r.state FROM chat_message p LEFT JOIN chat_message r ON r.parent_id = p.id"
        " WHERE p.author = 'user'"
    )
    are_right = [state == "complete" and text == answers[prompt] for prompt, text, state in rows if prompt in answers]
    right = sum(are_right)
    return len(are_right) - right + max(0, sum(phase.replies for phase in phases) - right)


def _tell(name: str, phase: Phase) -> None:
    worst, health = max(phase.delays), phase.health
    progress(f"{name}: {phase.replies} replies, p99 delays {min(phase.delays):.2f} to {worst:.2f} s")
    progress(
        f"  /healthz within {health.longest:.2f} s, {health.most_memory // MEGABYTE} MiB, {health.most_files} files"
    )
    progress(f"  the event loop ran for {health.ran:.0f} s, and waited for a processor for {health.starved:.0f} s")
    for trouble in dict.fromkeys(phase.troubles):
        progress(f"  {phase.troubles.count(trouble)} × {trouble}")


def _tell_attacks(attacks: list[journal.Line], health: Health) -> None:
    for outcome in journal.outcomes(attacks):
        progress(f"  {outcome}")
    for begun, seconds in health.silences():
        progress(f"silent for {seconds:.1f} s after: {journal.preceding(attacks, begun)}")


def _tell_errors(web: Web) -> None:
    lines = [line.partition(" ERROR ")[2] for line in web.said().splitlines() if " ERROR " in line]
    for line in dict.fromkeys(lines):
        progress(f"  {lines.count(line)} × in the log: {line}")
