"""Searches for texts that cost too much or end the process: `make fuzz`, or `python -m tests.fuzz --minutes 60`."""

import argparse
import sys
import time
from collections.abc import Iterator
from random import Random

from tests.fuzz.subject import Cost, Subject
from tests.fuzz.texts import HARMLESS, text

SLOWER = 12
"""How many times the work of a harmless text of the same length is too much."""
LARGER = 128
"""MiB more than a harmless text takes are too much."""


def main() -> int:
    arguments = _arguments()
    until = time.monotonic() + 60 * arguments.minutes
    tried = found = 0
    with Subject() as subject:
        for seed, is_growing, cost, reason in _tries(subject, arguments.seed, until):
            tried += 1
            if reason:
                found += 1
                way = "growing" if is_growing else "whole"
                say(f"seed {seed}, {way}: {reason} {cost}: {text(Random(seed))[:80]!r}")
            if tried % 500 == 0:
                say(f"{tried} tries, {found} findings")
    say(f"{tried} tries in {arguments.minutes:g} minutes, {found} findings")
    return 1 if found else 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _tries(subject: Subject, seed: int, until: float) -> Iterator[tuple[int, bool, Cost, str]]:
    harmless = [subject.cost(HARMLESS, is_growing=way) for way in (False, True)]
    say(f"harmless: {harmless[False]} whole, {harmless[True]} growing")
    while time.monotonic() < until:
        for way in (False, True):
            cost = subject.cost(text(Random(seed)), is_growing=way)
            yield seed, way, cost, verdict(cost, harmless[way])
        seed += 1


def verdict(cost: Cost, harmless: Cost) -> str:
    """What is wrong with a text of this cost, beside a harmless one; empty when nothing is."""
    if cost.end:
        return "ends the process"
    if cost.seconds > SLOWER * harmless.seconds:
        return f"{cost.seconds / harmless.seconds:.0f} times the work"
    if cost.mebibytes > harmless.mebibytes + LARGER:
        return f"{cost.mebibytes:.0f} MiB"
    return ""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60, help="how long to search (60)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the first text; the next ones follow")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
