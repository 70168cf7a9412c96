"""Figures of a run → tables for people, with ratios and the goals beside them."""

from collections.abc import Callable, Iterator
from statistics import median
from typing import Any, NamedTuple

Found = dict[str, Any]
"""One measurement: `case`, `server`, `round`, `what`, and what the load client found."""

GOALS = {
    ("200x25", "/plain"): 0.9,
    ("200x25", "p50"): 80.0,
    ("200x25", "p99"): 250.0,
    ("500x25", "/plain"): 0.7,
    ("500x25", "p99"): 400.0,
    ("500x25", "behind"): 0.0,
    ("125x100", "/floor"): 1.25,
    ("first-text", "median"): 6.0,
    ("together", "median"): 30.0,
    ("memory", "KiB"): 45.0,
    ("wire", "code"): 6.0,
    ("wire", "paragraph"): 10.0,
}
CLUSTER_GOALS = {("200x25", "/chat"): 1.3}


class Group(NamedTuple):
    """All rounds of one case at one server, and everything that was found in the run."""

    case: str
    server: str
    items: list[Found]
    run: list[Found]

    def median(self, *path: str) -> float | None:
        """The median over the rounds of a figure that lies at this path."""
        values = [value for item in self.items if (value := _at(item, path)) is not None]
        return median(values) if values else None

    def total(self, name: str) -> float:
        return float(sum(item[name] for item in self.items))

    def goal(self, column: str) -> float | None:
        if not self.server.startswith("chat"):
            return None
        goals = CLUSTER_GOALS if "cluster" in self.server else GOALS
        return goals.get((self.case, column))


class Column(NamedTuple):
    head: str
    value: Callable[[Group], float | None]
    digits: int = 1
    unit: str = ""


class Table(NamedTuple):
    title: str
    what: tuple[str, ...]
    columns: list[Column]


def lines(found: list[Found]) -> Iterator[str]:
    """The tables, line by line. "≤" stands before a goal, and an exclamation mark behind a figure that misses it."""
    for table in TABLES:
        items = [item for item in found if item["what"] in table.what]
        if items:
            yield f"\n{table.title}\n{_row('case', 'server', [column.head for column in table.columns])}"
            for group in _groups(items):
                yield _row(group.case, group.server, [_cell(group, column) for column in table.columns])


def _groups(found: list[Found]) -> Iterator[Group]:
    for case, server in dict.fromkeys((item["case"], item["server"]) for item in found):
        yield Group(case, server, [i for i in found if (i["case"], i["server"]) == (case, server)], found)


def _cell(group: Group, column: Column) -> str:
    value = column.value(group)
    if value is None:
        return "–"
    goal = group.goal(column.head)
    shown = f"{value:.{column.digits}f}{column.unit}"
    if goal is None:
        return shown
    return f"{shown} ≤{goal:g}{'!' if value > goal else ' '}"


def _row(case: str, server: str, cells: list[str]) -> str:
    return f"{case:<11}{server:<15}" + "".join(f"{cell:>13}" for cell in cells)


def _at(item: Found, path: tuple[str, ...]) -> Any:
    value: Any = item
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _figure(*path: str, factor: float = 1.0) -> Callable[[Group], float | None]:
    def value(group: Group) -> float | None:
        found = group.median(*path)
        return None if found is None else factor * found

    return value


def _ratio(base: str) -> Callable[[Group], float | None]:
    """The median over rounds of the CPU as a multiple of what `base` used in the same round."""

    def value(group: Group) -> float | None:
        same = [item for item in group.run if (item["case"], item["server"]) == (group.case, base)]
        cpu = {item["round"]: item["cpu_ms_per_1000"] for item in same}
        ratios = [i["cpu_ms_per_1000"] / cpu[i["round"]] for i in group.items if i["round"] in cpu]
        return median(ratios) if ratios else None

    return value


def _total(name: str) -> Callable[[Group], float | None]:
    return lambda group: group.total(name)


TABLES = [
    Table(
        "Steady streams. CPU: the server's milliseconds per 1,000 chunks; other: its database's and Redis'.\n"
        "Delay of a chunk from the upstream to the reader: milliseconds. What the server used of its core, how long\n"
        "others kept it waiting there, and what the upstream and the readers used of theirs.",
        ("steady",),
        [
            Column("CPU", _figure("cpu_ms_per_1000")),
            *(Column(f"/{base}", _ratio(base), 2) for base in ("floor", "plain", "chat")),
            Column("other", _figure("other_cpu_ms_per_1000")),
            *(Column(name, _figure("delay_ms", name)) for name in ("p50", "p99", "max")),
            *(Column(name, _total(name), 0) for name in ("behind", "lost")),
            Column("used", _figure("cpu_share", factor=100), 0, "%"),
            Column("waited", _figure("starved_share", factor=100), 0, "%"),
            Column("load", _figure("load_share", factor=100), 0, "%"),
        ],
    ),
    Table(
        "Time that the server adds to the first text, and its CPU per prompt: milliseconds.",
        ("first text", "together"),
        [
            *(Column(head, _figure("first_text_ms", name)) for head, name in (("median", "p50"), ("p99", "p99"))),
            Column("CPU", _figure("cpu_ms_per_ask"), 2),
            Column("lost", _total("lost"), 0),
        ],
    ),
    Table(
        "Memory: KiB for one more idle socket; MiB of the server before.",
        ("idle",),
        [Column("KiB", _figure("kib_per_socket")), Column("MiB", _figure("resident_mib"), 0)],
    ),
    Table(
        "Bytes sent to a reader, as a multiple of the text: 10 KB of code, a paragraph of 6 KB.",
        ("wire",),
        [
            *(Column(name, _figure("wire", name, "ratio")) for name in ("code", "paragraph")),
            *(Column("frames", _figure("wire", name, "frames"), 0) for name in ("code", "paragraph")),
            Column("lost", _total("lost"), 0),
        ],
    ),
]
