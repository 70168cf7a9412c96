"""Code blocks: their frame, their language's name and their colours."""

import re
from functools import lru_cache
from html import escape, unescape

from chat.markdown.languages import Language, named

_LONGEST = 20_000
"""Characters of code that are coloured at most: more than 10,000 coloured words make a page slow."""

_NAME = re.compile(r"[\w+#.-]{1,30}")
_TYPE = re.compile(r"[A-Z]\w*[a-z]\w*")


def framed(info: str, content: str, *, colours: bool) -> str:
    """A code block with its frame; `info` and `content` are escaped HTML text."""
    found = _NAME.match(unescape(info))
    name = found[0] if found else ""
    inner = _coloured(name.lower(), content) if colours and len(content) <= _LONGEST else content
    return f'<pre class="code" data-language="{name}"><code tabindex="0">{inner}</code></pre>'


@lru_cache(maxsize=64)
def _coloured(name: str, content: str) -> str:
    # With the shortest markup there is, as coloured code goes over the wire twice: spans would add half as much again.
    language = named(name)
    if language is None:
        return content
    code = unescape(content)
    parts: list[str] = []
    end = 0
    for token in language.tokens.finditer(code):
        colour = _colour(language, token)
        if colour:
            parts += (_escaped(code[end : token.start()]), f"<i class={colour}>", _escaped(token[0]), "</i>")
            end = token.end()
    return "".join((*parts, _escaped(code[end:])))


def _colour(language: Language, token: re.Match[str]) -> str:
    kind = (token.lastgroup or "w")[0]
    if kind not in "wf":
        return kind
    default = "f" if kind == "f" else "t" if language.words and _TYPE.fullmatch(token[0]) else ""
    return language.colour(token[0]) or default


def _escaped(text: str) -> str:
    return escape(text, quote=False)
