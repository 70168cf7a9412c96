"""The languages that code is coloured in: an expression for the tokens of each, and its words from `languages.toml`.

Every expression reads a block once from left to right: repetitions are possessive, and what a look-ahead refuses is
taken by a later alternative. So no input makes one slow, where a library's lexers took half a minute for 20 kB of line
ends. A group is named by the class of its colour, with a digit where a class has two; `w` and `f` are words to look up.
"""

import re
import tomllib
from pathlib import Path
from typing import NamedTuple

_SLASHES = r"//[^\n]*+"
_STARS = r"/\*(?:[^*]|\*(?!/))*+(?:\*/)?"
_C_LIKE = f"{_SLASHES}|{_STARS}"
_HASH = r"(?<![^\s;])\#[^\n]*+"
_DASHES = r"--[^\n]*+"
_DOUBLE = r'"(?:[^"\\\n]|\\[\s\S])*+"?+'
_SINGLE = r"'(?:[^'\\\n]|\\[\s\S])*+'?"
_QUOTED = f"{_DOUBLE}|{_SINGLE}"
_CHARACTER = r"'(?:[^'\\\n]|\\[^'\n]{1,10}+)'"
_TICKS = r"`(?:[^`\\]|\\[\s\S])*+`?"
_TRIPLE = r'"""(?:[^"\\]|\\[\s\S]|"(?!""))*+(?:""")?|' r"'''(?:[^'\\]|\\[\s\S]|'(?!''))*+(?:''')?"
_DECORATOR = r"@[\w.]++"
_NUMBER = r"(?<![\w.])(?:0[xXbBoO][\da-fA-F_]++|\d[\d_]*+(?:\.\d[\d_]*+)?(?:[eE][+-]?\d++)?)[\w%]*+"
_WORD = r"[^\W\d]\w*+"


class Language(NamedTuple):
    """What a language's tokens look like, and the classes of its words."""

    tokens: re.Pattern[str]
    words: dict[str, str]

    def colour(self, word: str) -> str:
        """The class of a word, or an empty text."""
        return self.words.get(word.lower() if self.tokens.flags & re.IGNORECASE else word, "")


def named(name: str) -> Language | None:
    """The language of that name (in small letters), if it is known."""
    return _LANGUAGES.get(name)


def _tokens(c: str, s: str, word: str = _WORD, flags: re.RegexFlag = re.MULTILINE, **others: str) -> re.Pattern[str]:
    parts = {"c": c, "s": s, **others, "m": _NUMBER, "f": rf"{word}(?=\()", "w": word}
    return re.compile("|".join(f"(?P<{name}>{part})" for name, part in parts.items() if part), flags)


_TOKENS = {
    "javascript": _tokens(_C_LIKE, f"{_QUOTED}|{_TICKS}", d=_DECORATOR),
    "java": _tokens(_C_LIKE, f"{_TRIPLE}|{_QUOTED}", d=_DECORATOR),
    "c": _tokens(_C_LIKE, f"{_DOUBLE}|{_CHARACTER}", d=r"^[ \t]*+\#[ \t]*+\w++"),
    "go": _tokens(_C_LIKE, f"{_QUOTED}|{_TICKS}"),
    "rust": _tokens(
        _C_LIKE, f"{_DOUBLE}|{_CHARACTER}", d=r"\#!?\[[^\]\n]*+\]?", f2=r"[^\W\d]\w*+!(?=[(\[{])", v=r"'\w++"
    ),
    "python": _tokens(_HASH, f"(?<!\\w)[rbfuRBFU]{{0,2}}(?:{_TRIPLE}|{_QUOTED})", d=_DECORATOR),
    "ruby": _tokens(_HASH, _QUOTED, v=r"[@$:]\w++"),
    "php": _tokens(f"{_C_LIKE}|{_HASH}", _QUOTED, v=r"\$\w++", d=r"<\?(?:php|=)?|\?>"),
    "shell": _tokens(
        _HASH,
        r'"(?:[^"\\]|\\[\s\S])*+"?|' r"'[^']*+'?",
        r"[^\W\d][\w-]*+",
        v=r"\$(?:\w++|\{[^}\n]*+\}?|[?!@#*$])",
    ),
    "powershell": _tokens(
        rf"{_HASH}|<\#(?:[^#]|\#(?!>))*+(?:\#>)?",
        _QUOTED,
        r"[^\W\d][\w-]*+",
        re.MULTILINE | re.IGNORECASE,
        v=r"\$\w++",
    ),
    "sql": _tokens(f"{_DASHES}|{_STARS}", _QUOTED, flags=re.MULTILINE | re.IGNORECASE),
    "lua": _tokens(rf"--\[\[(?:[^\]]|\](?!\]))*+(?:\]\])?|{_DASHES}", _QUOTED),
    "haskell": _tokens(rf"{_DASHES}|\{{-(?:[^-]|-(?!\}}))*+(?:-\}})?", f"{_DOUBLE}|{_CHARACTER}", r"[^\W\d][\w']*+"),
    "lisp": _tokens(r";[^\n]*+", _DOUBLE, r"[^\W\d][\w!?*/<>=+-]*+", v=r":[\w-]++"),
    "css": _tokens(
        _C_LIKE,
        _QUOTED,
        r"[^\W\d][\w-]*+",
        m2=r"\#[\da-fA-F]{3,8}+(?![\w-])",
        d=r"@[\w-]++",
        v=r"--[\w-]++|\$[\w-]++",
        k=r"^[ \t]*+[a-z-]++(?=[ \t]*+:[^\n{]*+(?:;|$))",
    ),
    "xml": _tokens(
        r"<!--(?:[^-]|-(?!->))*+(?:-->)?|\{\#[^\n]*+",
        r'(?<==)"[^"<]*+"?|' r"(?<==)'[^'<]*+'?",
        r"[^\W\d][\w:.-]*+",
        k=r"</?[A-Za-z][\w:.-]*+|/?>|<[!?][A-Za-z]++",
        e=r"&\#?\w{1,32}+;",
        f2=r"[@:#*]?[A-Za-z][\w:.-]*+(?==)",
        v=r"\{[{%][^}\n]*+\}?\}?",
    ),
    "json": _tokens(_C_LIKE, rf"{_DOUBLE}(?![ \t]*+:)", k=_DOUBLE),
    "yaml": _tokens(
        _HASH,
        rf"(?<=[ \[{{,])(?:{_QUOTED})",
        r"[^\W\d][\w./-]*+",
        k=r"^[ \t-]*+[\w./-]++(?=[ \t]*+:(?:[ \t]|$))",
        v=r"(?<= )[&*]\w++",
    ),
    "ini": _tokens(
        rf"^[ \t]*+[;#][^\n]*+|{_HASH}",
        f"{_TRIPLE}|{_QUOTED}",
        r"[^\W\d][\w.-]*+",
        k=r"^[ \t]*+\[[^\]\n]*+\]*+",
        f2=r"^[ \t]*+[\w.-]++(?=[ \t]*+[=:])",
    ),
    "docker": _tokens(_HASH, _QUOTED, r"[^\W\d][\w.-]*+", k=r"^[A-Z]++(?= )", v=r"\$(?:\w++|\{[^}\n]*+\}?)"),
    "make": _tokens(
        _HASH,
        _QUOTED,
        f2=r"^[\w.%/-]++(?=[ \t]*+:)",
        v=r"\$(?:[@<^*$]|[({][^)}\n]*+[)}]?)|^\w++(?=[ \t]*+[:?+]?=)",
    ),
    "diff": _tokens(r"^(?:diff|index|---|\+\+\+) [^\n]*+", "", i=r"^\+[^\n]*+", x=r"^-[^\n]*+", k=r"^@@[^\n]*+"),
    "console": _tokens(r"^(?:[\w@:~/-]*+[$#%>]|>>>|\.\.\.) ", _QUOTED, v=r"\$\w++"),
    "latex": _tokens(r"%[^\n]*+", r"\$[^$\n]*+\$?", k=r"\\(?:[A-Za-z]++\*?|.)", v=r"\{[\w*:-]*+\}"),
}
_CLASSES = {"keywords": "k", "constants": "m", "types": "t", "builtins": "b"}


def _read(path: Path) -> dict[str, Language]:
    languages = {}
    for name, parts in tomllib.loads(path.read_text(encoding="utf-8")).items():
        words = {word: letter for part, letter in _CLASSES.items() for word in parts.get(part, "").split()}
        for alias in (name, *parts.get("aliases", "").split()):
            languages[alias] = Language(_TOKENS[parts["tokens"]], words)
    return languages


_LANGUAGES = _read(Path(__file__).with_name("languages.toml"))
