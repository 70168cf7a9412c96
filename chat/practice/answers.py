"""What the practice upstream says: Markdown from a small library, chosen by words in the message, always the same."""

import re
from functools import cache
from pathlib import Path

from chat.practice import almanac, wishes
from chat.practice.history import Question

_LIBRARY = Path(__file__).parent / "library"
_TOPICS = {
    "long": r"long|essay|book|длинн\w*|подробн\w*",
    "markdown": r"markdown|everything|formatting|разметк\w*",
    "mathematics": r"math\w*|maths|equations?|formulas?|algebra|математик\w*|уравнени\w*|формул\w*",
    "code": r"code|python|functions?|programs?|scripts?|код\w*|функци\w*|программ\w*|питон\w*",
    "table": r"tables?|compare|planets?|таблиц\w*|сравни\w*|планет\w*",
    "poem": r"poems?|poetry|verses?|стих\w*|поэм\w*",
    "story": r"story|stories|tale|рассказ\w*|истори\w*|сказк\w*",
    "list": r"lists?|steps|checklist|список|списк\w*|перечисл\w*",
    "hello": r"hello|hi|hey|good (?:morning|day|evening)|привет\w*|здравствуй\w*|добрый (?:день|вечер)|доброе утро",
}
_PATTERNS = {topic: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for topic, words in _TOPICS.items()}
_HELP = re.compile(r"(?<!\S)(?:!help|help|помощь|помоги)(?!\w)", re.IGNORECASE)
_NOTHING_LEFT = {"en": "\n\nThat was all I had to say.", "ru": "\n\nЭто было всё."}


def answer(question: Question) -> str:
    """Return the text that answers a question, or what is left of it after `question.so_far`."""
    text = _whole(question.about)
    return _rest(text, question.so_far) or _NOTHING_LEFT[_language(question.about)] if question.so_far else text


def _whole(message: str) -> str:
    wished = wishes.read(message)
    if "line" in wished.faults:
        return _repeated("All of this is one line. ", int(wished.value("line", 1_048_576)))
    text = _library(message)
    if "utf8" in wished.faults:
        text = "Zwölf Boxkämpfer · Привет, мир · 你好，世界 · 👩‍🚀🏳️‍🌈\n\n" + text
    size = wished.size or (wished.chunks or 0) * (wished.chunk or almanac.PIECE)
    return _repeated(text.rstrip() + "\n\n", size) if size else text


def _library(message: str) -> str:
    plain = wishes.without(message)
    language = _language(plain)
    if _HELP.search(plain):
        return _text(language, "help")
    topic = next((topic for topic, pattern in _PATTERNS.items() if pattern.search(plain)), "other")
    if topic == "long":
        return almanac.written(language)
    return _text(language, topic).replace("{topic}", _quoted(plain))


def _rest(text: str, so_far: str) -> str:
    """Return what follows `so_far`, which may have lost its beginning to a limited prompt length."""
    if text.startswith(so_far):
        return text[len(so_far) :]
    _, known, after = text.partition(so_far[-80:])
    return after if known else ""


def _repeated(text: str, size: int) -> str:
    return (text * (size // len(text) + 1))[:size]


def _language(message: str) -> str:
    letters = [letter for letter in message[:2000] if letter.isalpha()]
    cyrillic = sum("\u0400" <= letter <= "\u04ff" for letter in letters)
    return "ru" if 2 * cyrillic > len(letters) else "en"


def _quoted(message: str) -> str:
    words = " ".join(message.split())
    return (words[:200] + "…" if len(words) > 200 else words) or "…"


@cache
def _text(language: str, topic: str) -> str:
    return (_LIBRARY / language / f"{topic}.md").read_text(encoding="utf-8")
