"""Answers that are hostile to a renderer, each as long as an answer may be, under the prompts that ask for them."""

LENGTH = 200_000


def _filled(pattern: str) -> str:
    return (pattern * (LENGTH // len(pattern) + 1))[:LENGTH]


def _deep_list() -> str:
    lines, size, depth = [], 0, 0
    while size < LENGTH:
        lines.append(f"{'  ' * depth}- a")
        size, depth = size + len(lines[-1]) + 1, depth + 1
    return "\n".join(lines)[:LENGTH]


_KINDS = {
    "tildes": _filled("~"),
    "displayed formulas": _filled("\\["),
    "quotes": _filled("> "),
    "formulas": _filled("$a"),
    "deep lists": _deep_list(),
    "lists in lists": _filled("- "),
    "brackets": _filled("["),
    "emphasis": _filled("*a_ "),
    "table rows": "|a|\n|-|\n" + _filled("|a"),
    "addresses": _filled("a@b.c "),
}
_MANNERS = {"at once": "!pace=20 !chunk=2000", "growing": "!pace=10 !chunk=300"}

AT_ONCE, GROWING = (
    {f"Hostile: {kind}, {manner} {wishes}": text[:LENGTH] for kind, text in _KINDS.items()}
    for manner, wishes in _MANNERS.items()
)
TEXTS = AT_ONCE | GROWING
