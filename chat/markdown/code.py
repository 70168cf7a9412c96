"""Code blocks: their frame, their language's name and their colours."""

import re
from functools import lru_cache
from html import escape, unescape

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token, _TokenType
from pygments.util import ClassNotFound

LONGEST = 20_000
"""Characters of code that are coloured at most: 1,000 lines take about 50 ms."""

_LANGUAGE = re.compile(r"[\w+#.-]{1,30}")

_CLASSES = {
    Token.Comment: "c",
    Token.Keyword: "k",
    Token.Keyword.Constant: "m",
    Token.Keyword.Type: "t",
    Token.Operator.Word: "k",
    Token.String: "s",
    Token.String.Escape: "e",
    Token.String.Interpol: "e",
    Token.Number: "m",
    Token.Name.Function: "f",
    Token.Name.Class: "t",
    Token.Name.Namespace: "t",
    Token.Name.Exception: "t",
    Token.Name.Builtin: "b",
    Token.Name.Decorator: "d",
    Token.Name.Tag: "k",
    Token.Name.Attribute: "f",
    Token.Name.Variable: "v",
    Token.Generic.Heading: "k",
    Token.Generic.Subheading: "k",
    Token.Generic.Inserted: "i",
    Token.Generic.Deleted: "x",
    Token.Generic.Prompt: "c",
}


def framed(info: str, content: str, *, colours: bool) -> str:
    """A code block with its frame; `info` and `content` are escaped HTML text."""
    found = _LANGUAGE.match(unescape(info))
    language = found[0] if found else ""
    inner = _coloured(language.lower(), content) if colours and language else content
    return f'<pre class="code" data-language="{language}"><code tabindex="0">{inner}</code></pre>'


def _coloured(language: str, content: str) -> str:
    lexer = _lexer(language) if len(content) <= LONGEST else None
    return _highlighted(language, content) if lexer else content


@lru_cache(maxsize=128)
def _highlighted(language: str, content: str) -> str:
    lexer = _lexer(language)
    text = unescape(content)
    if lexer is None:
        return content
    parts: list[str] = []
    length = 0
    for kind, value in lexer.get_tokens(text):
        name = _class(kind)
        length += len(value)
        shown = escape(value, quote=False)
        parts.append(f'<span class="{name}">{shown}</span>' if name and value.strip() else shown)
    return "".join(parts) if length == len(text) else content


@lru_cache(maxsize=256)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@lru_cache(maxsize=512)
def _class(kind: _TokenType) -> str:
    while kind is not Token:
        if kind in _CLASSES:
            return _CLASSES[kind]
        kind = kind.parent
    return ""
