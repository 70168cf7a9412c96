"""Runs the benchmark: starts everything on loopback, measures, prints tables, writes JSON, ends everything."""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from bench import contestants, machines, report
from bench.contestants import Contestant, Place
from bench.load import Job

RESULTS = Path(__file__).parent / "results"
EXTRA_SECONDS = 90


class Case(NamedTuple):
    """One line of the table: what is measured with how many readers."""

    what: str
    readers: int
    rate: int = 25
    rounds: int = 1
    warm: int = 0


CASES = {
    "memory": Case("idle", 350, warm=50),
    "1x25": Case("steady", 1),
    "50x25": Case("steady", 50),
    "200x25": Case("steady", 200),
    "500x25": Case("steady", 500),
    "125x100": Case("steady", 125, 100),
    "first-text": Case("first text", 30),
    "together": Case("together", 200, rounds=4),
    "wire": Case("wire", 2, 100),
}


def main() -> None:
    options = _options()
    _check(options.servers)
    os.sched_setaffinity(0, machines.OTHERS)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="magickpen-bench-")))
        found = _measured(options, _started(options, folder, stack))
    for line in report.lines(found):
        print(line)
    print(f"\n{_written(options, found)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--long", action="store_true", help="longer windows, three rounds, PostgreSQL and two processes"
    )
    parser.add_argument("--servers", type=_list, help=f"of {','.join(contestants.ARRANGEMENTS)}")
    parser.add_argument("--cases", type=_list, help=f"of {','.join(CASES)}")
    parser.add_argument("--rounds", type=int, help="how often each case is measured; the table shows medians")
    parser.add_argument("--seconds", type=float, help="length of a steady window")
    parser.add_argument(
        "--beside", type=Path, action="append", default=[], help="another checkout of the chat to measure"
    )
    options = parser.parse_args()
    everything = list(contestants.ARRANGEMENTS)
    options.servers = options.servers or (everything if options.long else everything[:3])
    options.cases = options.cases or list(CASES)
    options.rounds = options.rounds or (3 if options.long else 1)
    options.seconds = options.seconds or (10.0 if options.long else 5.0)
    unknown = {*options.servers} - {*everything} | {*options.cases} - {*CASES}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return options


def _list(text: str) -> list[str]:
    return text.split(",")


def _check(servers: list[str]) -> None:
    if not sys.platform.startswith("linux"):
        raise SystemExit("The benchmark reads /proc and pins processes to cores: it needs Linux.")
    missing = machines.missing(*(program for server in servers for program in contestants.NEEDED.get(server, [])))
    if missing:
        raise SystemExit(f"Not installed: {', '.join(missing)}. Install it, or choose other --servers.")


def _started(options: argparse.Namespace, folder: Path, stack: ExitStack) -> tuple[Place, list[Contestant]]:
    """The place with its upstream, and the servers in the order of the table."""
    port = machines.free_port()
    command = machines.python("-m", "bench.upstream", str(port))
    upstream = stack.enter_context(machines.running(command, port, folder / "upstream.log", core=machines.OTHERS))
    place = Place(folder, f"http://127.0.0.1:{port}", upstream.pid)
    starts = [contestants.ARRANGEMENTS[name] for name in options.servers]
    starts += [contestants.beside(tree.resolve()) for tree in options.beside]
    return place, [stack.enter_context(start(place)) for start in starts]


def _measured(options: argparse.Namespace, started: tuple[Place, list[Contestant]]) -> list[dict[str, Any]]:
    """Measures each case at every server in turn; each round begins with another one, as the machine's mood drifts."""
    place, servers = started
    found = []
    for number in range(options.rounds):
        for name in options.cases:
            for turn in range(len(servers)):
                server = servers[(turn + number) % len(servers)]
                if name == "wire" and server.speech == "plain":
                    continue  # what comes in goes out
                _say(f"{name} {server.name}")
                result = _run(_job(CASES[name], server, place, options.seconds))
                found.append({"case": name, "server": server.name, "round": number, "what": CASES[name].what, **result})
    order = {server.name: place for place, server in enumerate(servers)}
    return sorted(found, key=lambda item: (options.cases.index(item["case"]), order[item["server"]]))


def _job(case: Case, server: Contestant, place: Place, seconds: float) -> Job:
    pages = server.idle_pages(case.readers) if case.what == "idle" else server.pages(case.readers)
    return Job(
        what=case.what,
        url=server.url,
        speech=server.speech,
        upstream=place.upstream,
        upstream_pid=place.upstream_pid,
        pids=server.pids,
        pages=pages,
        ask_url=server.ask_url,
        other_pids=server.other_pids,
        rate=case.rate,
        seconds=seconds if case.what != "wire" else 30.0,
        rounds=case.rounds,
        warm=case.warm,
    )


def _run(job: Job) -> dict[str, Any]:
    """Lets the load client do the job in a process of its own."""
    command = machines.python("-m", "bench.load")
    done = subprocess.run(
        command,
        input=json.dumps(asdict(job)).encode(),
        stdout=subprocess.PIPE,
        cwd=machines.ROOT,
        timeout=job.seconds + EXTRA_SECONDS,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    for reason in result.get("why", []):
        _say(f"lost: {reason}\n")
    return result


def _written(options: argparse.Namespace, found: list[dict[str, Any]]) -> str:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{time.strftime('%Y-%m-%dT%H-%M-%S')}.json"
    about = {"python": platform.python_version(), "machine": platform.platform(), "cores": os.cpu_count()}
    path.write_text(json.dumps({"about": about, "seconds": options.seconds, "found": found}, indent=1))
    return f"All figures: {path}"


def _say(words: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{words} ", end="", file=sys.stderr, flush=True)
    else:
        print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
