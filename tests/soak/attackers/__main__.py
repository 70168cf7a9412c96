"""`python -m tests.soak.attackers TARGET`: attacks until it is ended. It writes what it does to standard output."""

import asyncio
import os
import resource
import sys

from tests.soak.attackers import answers, bodies, connections, sockets
from tests.soak.attackers.target import Target

NICE = 10  # attackers elsewhere would not take the server's processors from it; those here are to take little


async def attack(target: Target) -> None:
    kinds = (bodies, connections, sockets, answers)
    await asyncio.gather(*[task for kind in kinds for task in kind.attacks(target)])


if __name__ == "__main__":
    os.nice(NICE)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(attack(Target.read(sys.argv[1])))
