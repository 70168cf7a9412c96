"""What the upstream says: paragraphs of some 80 words, lists and code, cut into chunks of five characters."""

import random
import re
from collections.abc import Iterator
from functools import cache

CHUNK = 5
CHUNKS_PER_STAMP = 5
"""Every fifth chunk or so carries a time; not where it would break the Markdown around it."""

WORDS = (
    "the a of and to in is that it was for on are as with his they at be this have from or one had by word but "
    "not what all were we when your can said there use an each which she do how their if will up other about out "
    "many then them these so some her would make like him into time has look two more write go see number no way "
    "could people my than first water been call who oil its now find long down day did get come made may part "
    "answer between light "
).split()
CODE = """\
def {a}_of_{b}(rows: list[str], width: int = 40) -> dict[str, int]:
    found: dict[str, int] = {{}}
    for row in rows:
        name, _, rest = row.partition(":")
        if len(rest) > width and name not in found:
            found[name] = len(rest) - width  # {a} before {b}
    return found
"""
PLAIN = re.compile(r"[a-z ]{5}")


@cache
def chunks(kind: str, seed: int, count: int) -> tuple[str | None, ...]:
    """A text of `count` chunks, None where a time goes; kind is mixed, code or paragraph."""
    maker = {"mixed": _mixed, "code": _code, "paragraph": _paragraph}[kind]
    parts = maker(random.Random(seed))
    text = ""
    while len(text) < count * CHUNK:
        text += next(parts)
    return tuple(_with_stamps([text[at : at + CHUNK] for at in range(0, count * CHUNK, CHUNK)])[:count])


def _with_stamps(pieces: list[str]) -> list[str | None]:
    marked: list[str | None] = []
    since = 0
    for before, after in zip(pieces, [*pieces[1:], ""], strict=True):
        marked.append(before)
        since += 1
        if since >= CHUNKS_PER_STAMP - 1 and PLAIN.fullmatch(before) and PLAIN.fullmatch(after):
            marked.append(None)
            since = 0
    return marked


def _mixed(rng: random.Random) -> Iterator[str]:
    yield f"{_sentence(rng, 8)}\n\n"
    while True:
        yield f"{_sentences(rng, rng.randint(60, 100))}\n\n"
        match rng.randrange(5):
            case 0:
                yield f"```python\n{CODE.format(a=rng.choice(WORDS), b=rng.choice(WORDS))}```\n\n"
            case 1:
                yield "".join(f"- **{rng.choice(WORDS)}**: {_sentence(rng, 9)}\n" for _ in range(4)) + "\n"
            case 2:
                yield f"## {rng.choice(WORDS).capitalize()} {rng.choice(WORDS)}\n\n"


def _code(rng: random.Random) -> Iterator[str]:
    yield "```python\n"
    while True:
        yield f"{CODE.format(a=rng.choice(WORDS), b=rng.choice(WORDS))}\n\n"


def _paragraph(rng: random.Random) -> Iterator[str]:
    while True:
        yield f"{_sentences(rng, 80)} "


def _sentences(rng: random.Random, words: int) -> str:
    said: list[str] = []
    while words > 0:
        length = min(rng.randint(6, 18), words)
        said.append(_sentence(rng, length))
        words -= length
    return " ".join(said)


def _sentence(rng: random.Random, words: int) -> str:
    said = rng.choices(WORDS, k=words)
    if words > 6 and rng.randrange(4) == 0:
        said[3] = f"`{said[3]}`"
    return " ".join(said).capitalize() + "."
